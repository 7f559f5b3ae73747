/* SPDX-License-Identifier: ISC */
/*
 * api_volumes_download: the content of a volume. The head is sent once
 * albatross has said that it has something to send; what goes wrong later
 * breaks the answer off, so that nobody takes a part for the whole.
 */
#include "fcgi/api.h"

#include <string.h>

#include <zlib.h>

#include "base/text.h"
#include "fcgi/handover.h"
#include "fcgi/volume_task.h"

#define LOOK_MS 500		/* between looks whether it is to end */
#define PACKED_STEP 65536
#define PACKED_LEVEL 4		/* of 9: about as fast as a network */
#define GZIP_ONLY (MAX_WBITS + 16)	/* of deflateInit2 */

enum format { FORMAT_RAW, FORMAT_GZIP, FORMAT_ZLIB, FORMATS };

static const char *const formats[FORMATS] = { "raw", "gzip", "zlib" };
static const struct { const char *type, *end; } shown[FORMATS] = {
	{ "application/octet-stream", "img" },
	{ "application/gzip", "img.gz" },
	{ "application/zlib", "img.zz" },
};

struct download {
	struct volume_task task;
	enum format format;
	int64_t level;		/* of what albatross sends */
	bool packing;		/* z is there */
	z_stream z;
	uint8_t *packed;	/* PACKED_STEP bytes; owned */
	char sha256[DIGEST_SIZE];
};

static int
form_read(struct download *d, struct fault *f)
{
	const char *format = request_query(d->task.r, "format");
	int found = format == NULL ? FORMAT_RAW :
		word_find(formats, FORMATS, format);

	if (found < 0)
		fault_field(f, "format", "must be raw, gzip or zlib");
	else
		d->format = (enum format)found;
	(void)request_query_int(d->task.r, "compression", 0,
	    ALB_COMPRESSION_MAX, &d->level, f);
	return f->err;
}

/* ---- the answer ---- */

static int
went_away(struct fault *f)
{
	return fault_set(f, ERR_BAD_REQUEST, "Who asked for it went away.");
}

static int
head(struct download *d, struct fault *f)
{
	struct volume_task *t = &d->task;
	int rc;

	reply_header(t->p, "Content-Disposition",
	    "attachment; filename=\"%s.%s\"", t->volume.name,
	    shown[d->format].end);
	if (d->format == FORMAT_RAW)
		rc = reply_begin_sized(t->p, 200, shown[d->format].type,
		    (uint64_t)t->volume.size * VOLUME_MB);
	else
		rc = reply_begin(t->p, 200, shown[d->format].type);
	/* So that what breaks later is seen as broken, not as no answer. */
	if (rc == 0 && !t->r->head)
		rc = reply_flush(t->p);
	return rc == 0 ? 0 : went_away(f);
}

static int
answer_begin(void *arg, struct fault *f)
{
	struct download *d = arg;

	if (d->format != FORMAT_RAW) {
		d->packed = malloc(PACKED_STEP);
		d->packing = d->packed != NULL && deflateInit2(&d->z,
		    PACKED_LEVEL, Z_DEFLATED, d->format == FORMAT_GZIP ?
		    GZIP_ONLY : MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK;
		if (!d->packing)
			return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	return head(d, f);
}

/* One who takes next to nothing holds the volume, but not for ever. */
static int
some_write(struct download *d, const void *data, size_t len, struct fault *f)
{
	const struct volume_task *t = &d->task;

	while (!handover_takes(t->r->fcgi, LOOK_MS))
		if (volume_stop_check(t->r->app, &t->o, f) != 0)
			return f->err;
	return reply_write(t->p, data, len) == 0 ? 0 : went_away(f);
}

static int
packed_write(struct download *d, const void *data, size_t len, int flush,
	struct fault *f)
{
	size_t got;

	d->z.next_in = (Bytef *)(uintptr_t)data;
	d->z.avail_in = (uInt)len;
	do {
		d->z.next_out = d->packed;
		d->z.avail_out = PACKED_STEP;
		if (deflate(&d->z, flush) == Z_STREAM_ERROR)
			return fault_set(f, ERR_INTERNAL, "zlib can not go "
			    "on.");
		got = PACKED_STEP - d->z.avail_out;
		if (got > 0 && some_write(d, d->packed, got, f) != 0)
			return f->err;
	} while (d->z.avail_out == 0);
	return 0;
}

static int
answer_write(void *arg, const void *data, size_t len, struct fault *f)
{
	struct download *d = arg;

	if (d->packing)
		return packed_write(d, data, len, Z_NO_FLUSH, f);
	return some_write(d, data, len, f);
}

static bool
answer_gone(void *arg)
{
	const struct download *d = arg;

	return handover_gone(d->task.r->fcgi);
}

/* ---- the whole of it ---- */

static int
dump(struct download *d, struct fault *f)
{
	struct volume_sink sink = { .begin = answer_begin,
		.write = answer_write, .gone = answer_gone, .arg = d };
	struct volume_task *t = &d->task;
	int err = volume_dump(t->r->app, &t->ask, &t->volume, (int)d->level,
		&sink, &t->o, d->sha256, f);

	/* With this, the end of it is still to be sent. */
	volume_task_release(t);
	if (err == 0 && d->packing)
		err = packed_write(d, NULL, 0, Z_FINISH, f);
	return err;
}

static int
download_run(struct download *d, struct fault *f)
{
	struct volume_task *t = &d->task;
	struct upstream *up = t->r->app->upstream;
	int err = t->r->head ? 0 : volume_task_claim(t, f);

	if (err == 0)
		err = volume_find(up, &t->ask, &t->volume, f);
	if (err == 0)
		err = volume_idle(up, &t->ask, &t->volume, "read", f);
	if (err == 0 && t->r->head)
		return head(d, f);
	t->o.total = t->volume.size * (int64_t)VOLUME_MB;
	if (err == 0)
		err = volume_task_begin(t, f);
	return err != 0 ? err : dump(d, f);
}

static struct json_object *
result(const struct download *d)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "bytes", d->task.o.total);
	json_add_str(o, "sha256", d->sha256);
	return o;
}

int
api_volumes_data_get(struct request *r, struct reply *p, struct fault *f)
{
	struct download d = { 0 };
	int err;

	volume_task_init(&d.task, r, p, OPERATION_DOWNLOAD);
	err = form_read(&d, f);
	if (err == 0)
		err = download_run(&d, f);
	volume_task_end(&d.task, f, NULL, err == 0 ? result(&d) : NULL);
	volume_task_free(&d.task);
	/* Who sees the end of the answer finds the volume free again. */
	if (err != 0 && p->status != 0)
		reply_break(p);
	if (d.packing)
		deflateEnd(&d.z);
	free(d.packed);
	return err;
}
