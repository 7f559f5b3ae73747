/* SPDX-License-Identifier: ISC */
/* copies: see copies.h. */
#include "fcgi/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/copy_work.h"
#include "fcgi/state_dir.h"

#define PATH_SIZE (ALB_LABEL_MAX + 24)
#define PIECE 65536

struct copies {
	struct state_dirs dirs;
	struct ledger *ledger;
	atomic_ullong used;	/* bytes here: kept, and being written */
	int64_t left;		/* the newest unfinished one at the start */
};

/* ---- the directories ---- */

static void
local_clean(struct copies *s)
{
	struct fault f = { 0 };
	struct copy c;
	int64_t after = 0;

	while (copy_unfinished(s->ledger, after, &c) == 0) {
		after = s->left = c.id;
		if (c.place != COPY_LOCAL)
			continue;
		if (c.object[0] != '\0')
			unlinkat(s->dirs.root, c.object, 0);
		(void)copy_row_remove(s->ledger, c.id, &f);
	}
}

struct copies *
copies_new(const char *state_dir, struct ledger *l, struct fault *f)
{
	struct copies *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		return NULL;
	}
	s->ledger = l;
	if (state_dirs_open(&s->dirs, state_dir, "copies", "copy-", f) != 0) {
		free(s);
		return NULL;
	}
	local_clean(s);
	s->used = copies_local_bytes(l);
	return s;
}

void
copies_free(struct copies *s)
{
	if (s == NULL)
		return;
	state_dirs_close(&s->dirs);
	free(s);
}

/* ---- the S3 store ---- */

int
copy_store(struct app *app, const struct copy *c, struct copy_settings *out,
	const char **key, struct fault *f)
{
	size_t bucket = strcspn(c->object, "/");
	int err = copy_settings_get(app->ledger, out, f);

	if (err != 0)
		return err;
	*key = c->object + bucket + (c->object[bucket] == '/');
	if (strlen(out->s3.bucket) == bucket && out->s3.endpoint[0] != '\0' &&
	    memcmp(out->s3.bucket, c->object, bucket) == 0)
		return 0;
	copy_settings_wipe(out);
	return fault_set(f, ERR_CONFLICT, "Copy %" PRId64 " is in the bucket "
	    "%.*s of an S3 store, which is not the one that is set now.",
	    c->id, (int)bucket, c->object);
}

/* How far it is, and whether it is to go on. */
struct watched {
	struct app *app;
	const struct operation *o;	/* NULL: nobody looks on */
};

static bool
watched_stopped(void *arg)
{
	const struct watched *w = arg;

	if (w->app->stopping)
		return true;
	/* What puts things right again is not cut short. */
	return w->o != NULL && w->o->step < STEP_PUTTING_BACK &&
		operation_cancelled(w->app->operations, w->o->id);
}

static void
watched_moved(void *arg, uint64_t bytes)
{
	const struct watched *w = arg;

	if (w->o != NULL)
		operation_moved(w->app->operations, w->o->id, bytes);
}

#define WATCH(w) { .stopped = watched_stopped, .moved = watched_moved,	\
	.arg = (w) }

static int
object_remove(struct app *app, const struct copy *c, struct fault *f)
{
	struct watched w = { .app = app };
	const struct s3_watch watch = WATCH(&w);
	struct copy_settings settings;
	const char *key;
	int err = copy_store(app, c, &settings, &key, f);

	if (err != 0)
		return err;
	err = s3_delete(&settings.s3, key, &watch, f);
	copy_settings_wipe(&settings);
	return err;
}

void
copies_sweep(struct app *app)
{
	struct fault f = { 0 };
	struct copy c;
	int64_t after = 0;

	while (!app->stopping && copy_unfinished(app->ledger, after,
	    &c) == 0 && c.id <= app->copies->left) {
		after = c.id;
		if (c.object[0] == '\0' || object_remove(app, &c, &f) == 0)
			(void)copy_row_remove(app->ledger, c.id, &f);
		else
			log_event(LOG_LEVEL_WARNING, "copy-left", "object",
			    c.object, "why", f.detail, NULL);
		f = (struct fault){ 0 };
	}
}

/* ---- saving ---- */

/* A copy on its way. */
struct making {
	struct app *app;
	struct copies *s;
	struct operation *o;
	struct copy *c;
	struct copy_settings settings;
	char temporary[STATE_TEMPORARY_SIZE];	/* "": there is none */
	int fd;
	struct copy_writer *writer;
	uint64_t taken;		/* of the room here */
};

static int
room_take(void *arg, uint64_t bytes, struct fault *f)
{
	struct making *m = arg;
	uint64_t max = (uint64_t)m->settings.local_max * VOLUME_MB;

	if (m->c->place != COPY_LOCAL)
		return 0;
	if (atomic_fetch_add(&m->s->used, bytes) + bytes > max) {
		atomic_fetch_sub(&m->s->used, bytes);
		return fault_set(f, ERR_STORAGE_FULL, "All copies here may "
		    "take %" PRId64 " MB together, and this one would be "
		    "beyond that: delete some, or have an administrator allow "
		    "more.", m->settings.local_max);
	}
	m->taken += bytes;
	return 0;
}

static int
sink_begin(void *arg, struct fault *f)
{
	struct making *m = arg;

	m->fd = state_dirs_temporary(&m->s->dirs, m->temporary);
	if (m->fd < 0)
		return copy_file_fault(f, "The copy can not be stored");
	m->writer = copy_writer_new(m->fd, room_take, m);
	return m->writer != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

static int
sink_write(void *arg, const void *data, size_t len, struct fault *f)
{
	struct making *m = arg;

	return copy_writer_put(m->writer, data, len, f);
}

static void
text_set(char *out, size_t size, const char *value)
{
	snprintf(out, size, "%s", value == NULL ? "" : value);
}

static int
making_begin(struct making *m, const struct volume *v, const char *cause,
	const char *place, const char *note, struct fault *f)
{
	struct copy *c = m->c;
	int err = copy_settings_get(m->app->ledger, &m->settings, f);

	*c = (struct copy){ .size = v->size,
		.bytes = (uint64_t)v->size * VOLUME_MB,
		.place = (enum copy_place)copy_place_find(place),
		.operation = m->o->id };
	if (err != 0)
		return err;
	if (c->place == COPY_S3 && m->settings.s3.endpoint[0] == '\0')
		return fault_set(f, ERR_CONFLICT, "No S3 store is set: save "
		    "it here, or have an administrator set one.");
	memcpy(c->instance, v->instance, sizeof(c->instance));
	memcpy(c->project, v->project, sizeof(c->project));
	memcpy(c->name, v->name, sizeof(c->name));
	text_set(c->cause, sizeof(c->cause), cause);
	text_set(c->note, sizeof(c->note), note);
	memcpy(c->user, m->o->user, sizeof(c->user));
	memcpy(c->user_name, m->o->user_name, sizeof(c->user_name));
	return copy_row_add(m->app->ledger, c, f);
}

/* The bytes out of albatross into the temporary file, synced. */
static int
making_read(struct making *m, const struct ask *a, const struct volume *v,
	struct fault *f)
{
	const struct volume_sink sink = { .begin = sink_begin,
		.write = sink_write, .arg = m };
	bool before = strncmp(m->c->cause, "before-", 7) == 0;
	int err;

	/* With its first row the operation knows of the copy. */
	m->o->copy = m->c->id;
	m->o->step = before ? STEP_SAVING : STEP_READING;
	err = volume_dump(m->app, a, v, 0, &sink, m->o, m->c->sha256, f);
	return err != 0 ? err : copy_writer_end(m->writer, &m->c->stored,
	    m->c->stored_sha256, f);
}

static int
keep_here(struct making *m, struct fault *f)
{
	const struct state_dirs *dirs = &m->s->dirs;
	AUTO_FD int dir = state_dir_open(dirs->root, m->c->project);

	snprintf(m->c->object, sizeof(m->c->object), "%s/%" PRId64,
	    m->c->project, m->c->id);
	if (copy_row_place(m->app->ledger, m->c, f) != 0)
		return f->err;
	/* Synced before: a name here always means the whole content. */
	if (dir < 0 || renameat(dirs->incoming, m->temporary, dirs->root,
	    m->c->object) < 0)
		return copy_file_fault(f, "The copy can not be kept");
	m->temporary[0] = '\0';
	if (fsync(dir) < 0 || fsync(dirs->root) < 0)
		return copy_file_fault(f, "The copy can not be kept");
	return 0;
}

/* PREFIX/INSTANCE/PROJECT/VOLUME/TIME-MARK.gz: never the same again. */
static void
object_name(struct making *m)
{
	const struct s3_settings *s = &m->settings.s3;
	const struct copy *c = m->c;
	time_t now = (time_t)(c->created / 1000);
	char stamp[32], mark[9];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	random_base62(mark, sizeof(mark) - 1);
	snprintf(m->c->object, sizeof(m->c->object),
	    "%s/%s%s%s/%s/%s/%s-%s.gz", s->bucket, s->prefix,
	    s->prefix[0] == '\0' ? "" : "/", c->instance, c->project, c->name,
	    stamp, mark);
}

static int
keep_there(struct making *m, struct fault *f)
{
	struct watched w = { .app = m->app, .o = m->o };
	const struct s3_watch watch = WATCH(&w);
	int err;

	object_name(m);
	err = copy_row_place(m->app->ledger, m->c, f);
	m->o->bytes = 0;
	m->o->total = (int64_t)m->c->stored;
	if (err == 0)
		err = operation_step(m->app->operations, m->o, STEP_STORING,
			f);
	return err != 0 ? err : s3_put(&m->settings.s3, m->c->object +
	    strlen(m->settings.s3.bucket) + 1, m->fd, m->c->stored,
	    m->c->stored_sha256, &watch, f);
}

/* What was begun is taken away again; what can not be is at the next start. */
static void
making_drop(struct making *m)
{
	struct fault f = { 0 };
	struct copy *c = m->c;
	int err = 0;

	atomic_fetch_sub(&m->s->used, m->taken);
	m->o->copy = 0;
	if (c->object[0] != '\0' && c->place == COPY_S3)
		err = object_remove(m->app, c, &f);
	else if (c->object[0] != '\0')
		unlinkat(m->s->dirs.root, c->object, 0);
	if (err == 0 && c->id != 0)
		(void)copy_row_remove(m->app->ledger, c->id, &f);
	c->id = 0;
}

static void
making_free(struct making *m)
{
	copy_writer_free(m->writer);
	if (m->fd >= 0)
		close(m->fd);
	if (m->temporary[0] != '\0')
		unlinkat(m->s->dirs.incoming, m->temporary, 0);
	copy_settings_wipe(&m->settings);
}

int
copy_make(struct app *app, const struct ask *a, const struct volume *v,
	struct operation *o, const char *cause, const char *place,
	const char *note, struct copy *out, struct fault *f)
{
	struct making m = { .app = app, .s = app->copies, .o = o, .c = out,
		.fd = -1 };
	int err = making_begin(&m, v, cause, place, note, f);

	if (err == 0)
		err = making_read(&m, a, v, f);
	if (err == 0)
		err = out->place == COPY_S3 ? keep_there(&m, f) :
			keep_here(&m, f);
	if (err == 0)
		err = copy_row_keep(app->ledger, out, f);
	if (err != 0)
		making_drop(&m);
	making_free(&m);
	if (err == 0 && strncmp(cause, "before-", 7) == 0)
		copy_retain(app, v->instance, v->project, v->name, cause,
		    COPY_SAFE_KEPT);
	return err;
}

/* ---- putting back ---- */

int
copy_open(struct copies *s, const struct copy *c, struct fault *f)
{
	struct stat st;
	int fd = openat(s->dirs.root, c->object, O_RDONLY | O_CLOEXEC |
		O_NOFOLLOW);

	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    (uint64_t)st.st_size == c->stored)
		return fd;
	if (fd >= 0)
		close(fd);
	fault_set(f, ERR_DIGEST, "What is kept of copy %" PRId64 " is damaged: "
	    "its file is %s.", c->id, fd < 0 ? "not there" :
	    "shorter or longer than it was");
	return -1;
}

/* All that is stored, passing by. */
struct fetching {
	struct digest digest;
	int fd;			/* where it goes to; -1: nowhere */
	struct fault fault;
};

static int
piece_take(void *arg, const void *data, size_t len)
{
	struct fetching *t = arg;
	const uint8_t *at = data;

	digest_add(&t->digest, data, len);
	while (t->fd >= 0 && len > 0) {
		ssize_t n = write(t->fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return copy_file_fault(&t->fault,
			    "The copy can not be stored");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
file_pass(const struct watched *w, int fd, struct fetching *t)
{
	AUTO_FREE uint8_t *data = malloc(PIECE);
	uint64_t at = 0;
	ssize_t n;

	if (data == NULL)
		return fault_set(&t->fault, ERR_NO_MEMORY, "Out of memory.");
	while ((n = pread(fd, data, PIECE, (off_t)at)) > 0) {
		(void)piece_take(t, data, (size_t)n);
		at += (uint64_t)n;
		watched_moved((void *)w, at);
		if (watched_stopped((void *)w))
			return fault_set(&t->fault, ERR_CONFLICT,
			    "It was stopped.");
	}
	return n == 0 ? 0 : copy_file_fault(&t->fault,
	    "The copy can not be read");
}

/* Into a file without a name: it is gone with whoever reads it. */
static int
object_pass(const struct watched *w, const struct copy *c,
	struct fetching *t)
{
	const struct s3_watch watch = WATCH((void *)w);
	const struct s3_range all = { 0, c->stored, c->stored };
	struct copy_settings settings;
	const struct state_dirs *dirs = &w->app->copies->dirs;
	char name[STATE_TEMPORARY_SIZE];
	const char *key;
	int err = copy_store(w->app, c, &settings, &key, &t->fault);

	if (err != 0)
		return err;
	t->fd = state_dirs_temporary(dirs, name);
	if (t->fd >= 0)
		unlinkat(dirs->incoming, name, 0);
	err = t->fd < 0 ? copy_file_fault(&t->fault,
		"The copy can not be stored") : s3_get(&settings.s3, key,
		&all, piece_take, t, &watch, &t->fault);
	copy_settings_wipe(&settings);
	return err;
}

/* All of it, as it was stored: 0 with *fd to read it from. */
static int
stored_check(const struct watched *w, const struct copy *c, int *fd,
	struct fault *f)
{
	char sha256[DIGEST_SIZE];
	struct fetching t = { .fd = -1 };
	int err = 0;

	if (digest_begin(&t.digest) < 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (c->place == COPY_LOCAL) {
		*fd = copy_open(w->app->copies, c, &t.fault);
		err = *fd < 0 ? t.fault.err : file_pass(w, *fd, &t);
	} else {
		err = object_pass(w, c, &t);
		*fd = t.fd;
	}
	digest_text(&t.digest, sha256);
	digest_end(&t.digest);
	if (err != 0)
		*f = t.fault;
	else if (strcmp(sha256, c->stored_sha256) != 0)
		err = fault_set(f, ERR_DIGEST, "What is kept of copy %" PRId64
		    " is damaged: it has the SHA-256 %s.", c->id, sha256);
	return err;
}

int
copy_fetch(struct app *app, const struct copy *c, struct operation *o,
	int *fd, struct fault *f)
{
	const struct watched w = { .app = app, .o = o };
	int err = 0;

	*fd = -1;
	o->bytes = 0;
	o->total = (int64_t)c->stored;
	err = operation_step(app->operations, o, o->step == STEP_PUTTING_BACK ?
		STEP_PUTTING_BACK : STEP_CHECKING, f);
	if (err == 0)
		err = stored_check(&w, c, fd, f);
	if (err != 0 && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

int
copy_fill(struct app *app, const struct ask *a, const struct volume *v,
	const struct copy *c, int fd, struct operation *o,
	struct volume_outcome *out, struct fault *f)
{
	struct copy_reader *r = copy_reader_new(fd);
	const struct volume_source source = { .read = copy_reader_get,
		.arg = r, .size = c->bytes };
	int err = 0;

	*out = (struct volume_outcome){ .state = VOLUME_UNTOUCHED };
	if (r == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	o->bytes = 0;
	o->total = (int64_t)c->bytes;
	if (o->step == STEP_PUTTING_BACK)
		err = operation_step(app->operations, o, o->step, f);
	if (err == 0)
		err = volume_fill(app, a, v, &source, c->sha256, o, out, f);
	copy_reader_free(r);
	return err;
}

int
copy_fits(const struct copy *c, const struct volume *v, struct fault *f)
{
	if (c->bytes <= (uint64_t)v->size * VOLUME_MB)
		return 0;
	return fault_set(f, ERR_TOO_LARGE, "The copy has %" PRId64 " MB, and "
	    "the volume %s only %" PRId64 ".", c->size, v->name, v->size);
}

int
copy_put(struct app *app, const struct ask *a, const struct volume *v,
	const struct copy *c, struct operation *o,
	struct volume_outcome *out, struct fault *f)
{
	AUTO_FD int fd = -1;
	int err = copy_fits(c, v, f);

	*out = (struct volume_outcome){ .state = VOLUME_UNTOUCHED };
	if (err == 0)
		err = copy_fetch(app, c, o, &fd, f);
	return err != 0 ? err : copy_fill(app, a, v, c, fd, o, out, f);
}

/* ---- removing ---- */

int
copy_remove(struct app *app, const struct copy *c, struct fault *f)
{
	int err;

	/* What can not be removed there is not to be lost from sight. */
	err = c->place == COPY_S3 ? object_remove(app, c, f) :
		copy_row_removing(app->ledger, c, f);
	if (err != 0)
		return err;
	if (c->place == COPY_LOCAL) {
		unlinkat(app->copies->dirs.root, c->object, 0);
		atomic_fetch_sub(&app->copies->used, c->stored);
	}
	return copy_row_remove(app->ledger, c->id, f);
}

void
copy_retain(struct app *app, const char *instance, const char *project,
	const char *name, const char *cause, int64_t keep)
{
	struct fault f = { 0 };
	int64_t below = 0;
	struct copy c;

	while (copy_newest(app->ledger, instance, project, name, cause, below,
	    &c) == 0) {
		below = c.id;
		if (keep-- > 0 || copy_work_using(app, c.id) != 0)
			continue;
		if (copy_remove(app, &c, &f) != 0)
			log_event(LOG_LEVEL_WARNING, "copy-left", "object",
			    c.object, "why", f.detail, NULL);
		f = (struct fault){ 0 };
	}
}
