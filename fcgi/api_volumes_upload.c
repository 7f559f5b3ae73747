/* SPDX-License-Identifier: ISC */
/*
 * api_volumes_upload: new content for a volume. Everything that can be known
 * is checked before the first byte goes to albatross, which erases the volume
 * first; what it holds afterwards is told however it ends.
 */
#include "fcgi/api.h"

#include <inttypes.h>
#include <string.h>

#include "fcgi/copies.h"
#include "fcgi/encoding.h"
#include "fcgi/volume_task.h"

struct upload {
	struct volume_task task;
	enum encoding encoding;
	int64_t size;		/* bytes, inflated */
	const char *digest;	/* or NULL */
	bool safe;
	int64_t create;		/* MB, 0: it is there */
	bool created;
	struct decoder *decoder;	/* owned; NULL: it comes as it is */
	uint64_t left;		/* bytes that are still to come */
	struct volume_outcome outcome;
};

/* ---- what is asked for ---- */

static int
size_read(struct upload *u, struct fault *f)
{
	const struct request *r = u->task.r;
	bool raw = u->encoding == ENCODING_NONE;

	u->size = -1;
	if (request_query_int(r, "size", 0, ALB_SIZE_MAX << 20, &u->size, f))
		return f->err;
	if (raw && u->size >= 0 && r->content_length >= 0 &&
	    u->size != r->content_length)
		return fault_field(f, "size", "is not the body's length, "
		    "which is %" PRId64, r->content_length);
	if (raw && u->size < 0)
		u->size = r->content_length;
	if (u->size >= 0)
		return 0;
	return fault_set(f, ERR_LENGTH, raw ? "Send a Content-Length, or say "
	    "with size how many bytes the body has." : "Say with size how "
	    "many bytes the body has once it is inflated.");
}

static int
form_read(struct upload *u, struct fault *f)
{
	const struct request *r = u->task.r;
	char folded[DIGEST_SIZE];
	int err = encoding_parse(request_param(r, "HTTP_CONTENT_ENCODING"),
		&u->encoding, f);

	if (err != 0)
		return err;
	u->digest = request_query(r, "digest");
	if (u->digest != NULL && digest_fold(u->digest, folded) < 0)
		fault_field(f, "digest", "must be a SHA-256 of 64 hex digits");
	(void)request_query_bool(r, "safe", &u->safe, f);
	(void)request_query_int(r, "create", 1, ALB_SIZE_MAX, &u->create, f);
	return f->err != 0 ? f->err : size_read(u, f);
}

/* ---- the volume ---- */

static int
volume_ready(struct upload *u, struct fault *f)
{
	struct volume_task *t = &u->task;
	struct upstream *up = t->r->app->upstream;
	int err = volume_find(up, &t->ask, &t->volume, f);

	if (u->create > 0 && err == 0)
		return fault_set(f, ERR_CONFLICT, "The volume %s is there "
		    "already: leave out create to write to it.",
		    t->volume.name);
	if (u->create > 0 && err == ERR_NOT_FOUND) {
		*f = (struct fault){ 0 };
		t->volume.size = u->create;
		return volume_fits(&t->volume, (uint64_t)u->size, f);
	}
	if (err == 0)
		err = volume_idle(up, &t->ask, &t->volume, "written", f);
	return err != 0 ? err : volume_fits(&t->volume, (uint64_t)u->size, f);
}

static int
volume_make(struct upload *u, struct fault *f)
{
	struct volume_task *t = &u->task;
	int err = u->create == 0 ? 0 : volume_create(t->r->app, &t->ask,
		u->create, t->r->grant.user_name, f);

	u->created = u->create > 0 && err == 0;
	if (err == ERR_ALB_UNKNOWN)
		volume_outcome_set(&u->outcome, VOLUME_UNKNOWN, "Whether the "
		    "volume was made is not known; nothing was sent to it.");
	return err;
}

/* What was made for this upload goes with it. */
static void
volume_unmake(struct upload *u)
{
	struct volume_task *t = &u->task;
	struct fault f = { 0 };

	if (!u->created)
		return;
	if (volume_remove(t->r->app, &t->ask, &f) == 0)
		volume_outcome_set(&u->outcome, VOLUME_UNKNOWN, "The volume, "
		    "which was made for this, was removed again.");
	else
		volume_outcome_set(&u->outcome, VOLUME_UNKNOWN, "The volume, "
		    "which was made for this, is still there and could not be "
		    "removed: %s", f.detail);
}

/* ---- safe ---- */

static int
before_save(struct upload *u, struct fault *f)
{
	struct volume_task *t = &u->task;
	struct copy before;

	if (!u->safe || u->create > 0)
		return 0;
	return copy_make(t->r->app, &t->ask, &t->volume, &t->o,
	    "before-upload", "local", NULL, &before, f);
}

static int
before_put(struct upload *u, struct volume_outcome *out, struct fault *f)
{
	struct volume_task *t = &u->task;
	struct copy before;
	int err = copy_get(t->r->app->ledger, t->o.copy, &before, f);

	if (err == 0)
		err = operation_step(t->r->app->operations, &t->o,
		    STEP_PUTTING_BACK, f);
	return err != 0 ? err : copy_put(t->r->app, &t->ask, &t->volume,
	    &before, &t->o, out, f);
}

/*
 * What it held before comes back once the upload has failed. When this service
 * ends, its next start does that (resume.h).
 */
static void
put_back(struct upload *u)
{
	struct volume_task *t = &u->task;
	struct volume_outcome out = { 0 };
	struct fault f = { 0 };
	char spoilt[sizeof(u->outcome.detail)];

	if (t->o.copy == 0 || u->outcome.state == VOLUME_UNTOUCHED)
		return;
	if (!t->r->app->stopping && before_put(u, &out, &f) == 0) {
		u->outcome = out;
		volume_outcome_set(&u->outcome, out.state, "What it held "
		    "before, saved as copy %" PRId64 ", was put back.",
		    t->o.copy);
		return;
	}
	t->left = t->r->app->stopping;
	/* The last word on what it holds; nothing when it was not touched. */
	if (out.detail[0] != '\0' && out.state != VOLUME_UNTOUCHED)
		u->outcome = out;
	memcpy(spoilt, u->outcome.detail, sizeof(spoilt));
	volume_outcome_set(&u->outcome, u->outcome.state, "%.250s What it "
	    "held before is saved as copy %" PRId64 "%s%.150s", spoilt,
	    t->o.copy, t->left ? ", and is put back by the next start." :
	    " and could not be put back: ", f.detail);
}

/* ---- the bytes ---- */

/* One who sends next to nothing can be stopped all the same. */
static int
raw_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct volume_task *t = arg;

	if (volume_stop_check(t->r->app, &t->o, f) != 0)
		return f->err;
	return request_read(t->r, data, size, got, f);
}

static int
some_read(struct upload *u, void *data, size_t size, size_t *got,
	struct fault *f)
{
	if (u->decoder != NULL)
		return decoder_read(u->decoder, data, size, got, f);
	return raw_read(&u->task, data, size, got, f);
}

static int
other_length(const struct upload *u, const char *how, struct fault *f)
{
	fault_set(f, ERR_INVALID, "The body %s the %" PRId64 " bytes that "
	    "were declared.", how, u->size);
	return fault_field(f, "body", "%s the declared %" PRId64 " bytes",
	    how, u->size);
}

/* The last bytes are given out once it is known that nothing follows. */
static int
body_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct upload *u = arg;
	uint8_t more;
	size_t n = 0;
	int err = 0;

	if (size > u->left)
		size = (size_t)u->left;
	*got = 0;
	if (size > 0)
		err = some_read(u, data, size, &n, f);
	if (err != 0)
		return err;
	if (size > 0 && n == 0)
		return other_length(u, "ends before", f);
	u->left -= n;
	*got = n;
	if (u->left > 0)
		return 0;
	err = some_read(u, &more, 1, &n, f);
	if (err == 0 && n > 0)
		err = other_length(u, "goes on behind", f);
	if (err != 0)
		*got = 0;
	return err;
}

static int
decoder_begin(struct upload *u, struct fault *f)
{
	uint8_t none;
	size_t got;

	u->left = (uint64_t)u->size;
	if (u->encoding != ENCODING_NONE) {
		u->decoder = decoder_new(u->encoding, raw_read, &u->task);
		if (u->decoder == NULL)
			return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	/* What has no bytes is never read, and looked at here. */
	return u->size > 0 ? 0 : body_read(u, &none, 1, &got, f);
}

static int
fill(struct upload *u, struct fault *f)
{
	struct volume_source source = { .read = body_read, .arg = u,
		.size = (uint64_t)u->size };
	struct volume_task *t = &u->task;

	return volume_fill(t->r->app, &t->ask, &t->volume, &source,
	    u->digest, &t->o, &u->outcome, f);
}

/* ---- the whole of it ---- */

static int
upload_run(struct upload *u, struct fault *f)
{
	struct volume_task *t = &u->task;
	int err = volume_task_claim(t, f);

	if (err == 0)
		err = volume_ready(u, f);
	t->o.total = u->size;
	if (err == 0)
		err = volume_task_begin(t, f);
	if (err == 0)
		err = volume_make(u, f);
	if (err == 0)
		err = before_save(u, f);
	if (err == 0)
		err = decoder_begin(u, f);
	if (err == 0)
		err = fill(u, f);
	if (err != 0) {
		put_back(u);
		volume_unmake(u);
	}
	return err;
}

static int
upload_answer(struct upload *u, const struct fault *f)
{
	struct volume_task *t = &u->task;

	if (f->err == 0)
		return reply_json(t->p, u->created ? 201 : 200,
		    volume_json(t->r->app, &t->volume,
		    json_object_new_array()));
	reply_problem_member(t->p, "content",
	    volume_outcome_json(&u->outcome));
	return f->err;
}

int
api_volumes_data_put(struct request *r, struct reply *p, struct fault *f)
{
	struct upload u = { 0 };
	struct volume_task *t = &u.task;
	bool claimed;
	int err;

	volume_task_init(t, r, p, OPERATION_UPLOAD);
	volume_outcome_set(&u.outcome, VOLUME_UNTOUCHED, "The volume was not "
	    "touched.");
	err = form_read(&u, f);
	if (err == 0)
		err = upload_run(&u, f);
	claimed = t->claimed;
	volume_task_end(t, f, u.outcome.detail,
	    volume_outcome_json(&u.outcome));
	if (claimed)
		err = upload_answer(&u, f);
	decoder_free(u.decoder);
	volume_task_free(t);
	return err;
}
