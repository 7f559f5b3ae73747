/* SPDX-License-Identifier: ISC */
/*
 * api_copy_data: a saved copy as it is kept, all of it or a part (RFC 9110,
 * sections 13.1.5 and 14). One that is in the S3 store passes through here,
 * with no more than a piece of it in memory.
 */
#include "fcgi/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/copies.h"

#define PIECE 65536
#define RANGE_UNIT "bytes="

/* ---- which part ---- */

static bool
number_read(const char **s, uint64_t *out)
{
	const char *begin = *s;

	*out = 0;
	for (; **s >= '0' && **s <= '9'; (*s)++)
		if (__builtin_mul_overflow(*out, 10, out) ||
		    __builtin_add_overflow(*out, (uint64_t)(**s - '0'), out))
			return false;
	return *s > begin;
}

/*
 * "bytes=0-99", "bytes=100-" or "bytes=-100". What is none, or several, is as
 * if nothing was said: false. An empty part (len 0) can not be had.
 */
static bool
range_read(const char *s, uint64_t size, struct s3_range *out)
{
	uint64_t from, to = 0;
	bool has_from, has_to;

	if (strncmp(s, RANGE_UNIT, strlen(RANGE_UNIT)) != 0)
		return false;
	s += strlen(RANGE_UNIT);
	has_from = number_read(&s, &from);
	if (*s++ != '-')
		return false;
	has_to = number_read(&s, &to);
	if (*s != '\0' || (!has_from && !has_to) ||
	    (has_from && has_to && to < from))
		return false;
	if (!has_from) {
		from = to < size ? size - to : 0;
		to = to == 0 ? 0 : size - 1;
		*out = (struct s3_range){ from, size - from, size };
		return true;
	}
	if (!has_to || to >= size)
		to = size - 1;
	*out = (struct s3_range){ from, from < size ? to - from + 1 : 0,
		size };
	return true;
}

/* All of it, unless a part of just this content is wanted. */
static bool
range_wanted(const struct request *r, const struct copy *c, const char *etag,
	struct s3_range *out)
{
	const char *range = request_param(r, "HTTP_RANGE");
	const char *when = request_param(r, "HTTP_IF_RANGE");

	*out = (struct s3_range){ 0, c->stored, c->stored };
	/* To GET alone a part means anything. */
	return !r->head && range != NULL &&
	    (when == NULL || strcmp(when, etag) == 0) && range_read(range,
	    c->stored, out);
}

/* ---- the answer ---- */

/* One answer: its head is sent once the first bytes are there. */
struct sending {
	struct request *r;
	struct reply *p;
	const struct copy *c;
	const char *etag;
	struct s3_range range;
	bool part, begun;
};

static int
head_send(struct sending *t)
{
	const struct copy *c = t->c;
	struct reply *p = t->p;

	t->begun = true;
	reply_header(p, "ETag", "%s", t->etag);
	reply_header(p, "Accept-Ranges", "bytes");
	reply_header(p, "X-Content-SHA256", "%s", c->sha256);
	reply_header(p, "Content-Disposition", "attachment; "
	    "filename=\"%s-%s-%s-%" PRId64 ".gz\"", c->instance, c->project,
	    c->name, c->id);
	if (t->part)
		reply_header(p, "Content-Range", "bytes %" PRIu64 "-%" PRIu64
		    "/%" PRIu64, t->range.from, t->range.from + t->range.len -
		    1, t->range.size);
	return reply_begin_sized(p, t->part ? 206 : 200, "application/gzip",
	    t->range.len);
}

/* For s3_get: not 0 ends it. */
static int
piece_send(void *arg, const void *data, size_t len)
{
	struct sending *t = arg;

	if (!t->begun && head_send(t) < 0)
		return ERR_BAD_REQUEST;
	return reply_write(t->p, data, len) < 0 ? ERR_BAD_REQUEST : 0;
}

static int
file_send(struct sending *t, struct fault *f)
{
	AUTO_FREE uint8_t *data = malloc(PIECE);
	uint64_t at = t->range.from, end = at + t->range.len;
	AUTO_FD int fd = copy_open(t->r->app->copies, t->c, f);
	ssize_t n = 1;
	int err = 0;

	if (fd < 0 || data == NULL)
		return fd < 0 ? f->err : fault_set(f, ERR_NO_MEMORY,
		    "Out of memory.");
	for (; err == 0 && at < end; at += (uint64_t)n) {
		n = pread(fd, data, end - at < PIECE ? (size_t)(end - at) :
		    PIECE, (off_t)at);
		if (n <= 0)
			return fault_set(f, ERR_INTERNAL, "The copy can not be "
			    "read.");
		err = piece_send(t, data, (size_t)n);
	}
	return err;
}

static bool
stopping(void *arg)
{
	const struct app *app = arg;

	return app->stopping;
}

static int
object_send(struct sending *t, struct fault *f)
{
	const struct s3_watch watch = { .stopped = stopping,
		.arg = t->r->app };
	struct copy_settings settings;
	const char *key;
	int err = copy_store(t->r->app, t->c, &settings, &key, f);

	if (err != 0)
		return err;
	err = s3_get(&settings.s3, key, &t->range, piece_send, t, &watch, f);
	copy_settings_wipe(&settings);
	return err;
}

int
api_copies_data(struct request *r, struct reply *p, struct fault *f)
{
	char etag[DIGEST_SIZE + 2];
	struct copy c;
	struct sending t = { .r = r, .p = p, .c = &c, .etag = etag };
	int err = api_copy_of(r, "volume:read", &c, f);

	if (err != 0)
		return err;
	snprintf(etag, sizeof(etag), "\"%s\"", c.stored_sha256);
	t.part = range_wanted(r, &c, etag, &t.range);
	if (t.range.len == 0) {
		reply_header(p, "Content-Range", "bytes */%" PRIu64, c.stored);
		return fault_set(f, ERR_RANGE, "The copy has %" PRIu64
		    " bytes.", c.stored);
	}
	if (r->head) {
		(void)head_send(&t);
		return 0;
	}
	err = c.place == COPY_LOCAL ? file_send(&t, f) : object_send(&t, f);
	/* Once begun, only a broken end tells that something is missing. */
	if (err != 0 && t.begun)
		reply_break(p);
	return t.begun ? 0 : err;
}
