/* SPDX-License-Identifier: ISC */
/* transfer: bytes into a volume and out of it; see transfer.h. */
#include "fcgi/transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "albatross/inflate.h"
#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/thread.h"

/* An albatross that was restarted is waited for: 1, 2, 4 seconds. */
#define HEAL_ATTEMPTS 4
#define STEP_BYTES 65536	/* between looks at whether to stop */

static int
no_memory(struct fault *f)
{
	return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
}

/* What is being put back is not stopped by who stopped the rest. */
int
volume_stop_check(struct app *app, const struct operation *o,
	struct fault *f)
{
	bool back = o->step == STEP_PUTTING_BACK;

	if (!back && operation_cancelled(app->operations, o->id))
		return fault_set(f, ERR_CONFLICT, "Somebody asked for its end "
		    "before it was through.");
	if (app->stopping)
		return fault_set(f, ERR_BUSY, "This service ended before it "
		    "was through.");
	return 0;
}

/* ---- in ---- */

struct fill {
	struct app *app;
	const struct volume_source *source;
	struct operation *o;
	struct digest digest;
	uint64_t taken;		/* bytes out of the source */
	struct fault fault;	/* why there are no more */
};

/*
 * Of a whole chunk: what comes in small pieces goes out in large ones. When the
 * first one can not be had whole, nothing is sent, and the volume not erased.
 */
static int
fill_next(void *arg, uint8_t *data, size_t *len)
{
	struct fill *t = arg;
	bool first = t->taken == 0;
	size_t size = *len, got = 1;
	int err = t->fault.err;

	*len = 0;
	if (err == 0)
		err = volume_stop_check(t->app, t->o, &t->fault);
	if (size > t->source->size - t->taken)
		size = (size_t)(t->source->size - t->taken);
	while (err == 0 && *len < size && got > 0) {
		err = t->source->read(t->source->arg, data + *len,
		    size - *len, &got, &t->fault);
		*len += err == 0 ? got : 0;
	}
	if (err == 0 && *len < size)
		err = fault_set(&t->fault, ERR_BAD_REQUEST, "The data ended "
		    "after %" PRIu64 " of %" PRIu64 " bytes.",
		    t->taken + *len, t->source->size);
	digest_add(&t->digest, data, *len);
	t->taken += *len;
	operation_moved(t->app->operations, t->o->id, t->taken);
	/* What came before the end goes on its way too. */
	return err != 0 && (*len == 0 || first) ? -1 : 0;
}

/* How a volume that is made empty is made. */
static int
nothing_next(void *arg, uint8_t *data, size_t *len)
{
	(void)arg;
	(void)data;
	*len = 0;
	return 0;
}

/*
 * Whether it is there, and free; that it is not is the reason, and all that can
 * be said of it.
 */
static int
look(struct app *app, const struct ask *a, struct volume_outcome *out,
	struct fault *f)
{
	struct volume v;
	int err = volume_find(app->upstream, a, &v, f);

	if (err == ERR_NOT_FOUND)
		volume_outcome_set(out, VOLUME_UNKNOWN, "The volume is not "
		    "there any more.");
	else if (err == 0 && v.active)
		volume_outcome_set(out, VOLUME_UNKNOWN, "A unikernel uses the "
		    "volume by now. It may hold what it held before, or the "
		    "beginning of the new content with zeroes behind it.");
	return err == 0 && v.active ? ERR_CONFLICT : err;
}

/* One attempt to empty it; *later: another one may do better. */
static int
heal_once(struct app *app, const struct ask *a, struct volume_outcome *out,
	bool *later)
{
	struct fault f = { 0 };
	enum set_effect effect;
	uint64_t sent;
	int err = look(app, a, out, &f);

	*later = false;
	if (err == ERR_NOT_FOUND || err == ERR_CONFLICT)
		return err;
	if (err == 0)
		err = upstream_set(app->upstream, a, nothing_next, NULL,
		    &sent, &effect, &f);
	*later = err != 0;
	volume_outcome_set(out, err == 0 ? VOLUME_ZEROES : VOLUME_UNKNOWN,
	    err == 0 ? "What went wrong on the way had spoiled the volume: it "
	    "was emptied, and holds zeroes." : "Writing the volume went wrong, "
	    "and it could not be emptied: upload again when %s is well.",
	    a->instance);
	return err;
}

/*
 * albatross had begun, and can not have made a good end. What the volume's
 * absence or use tells of the reason goes into f.
 */
static void
heal(struct app *app, const struct ask *a, struct operation *o,
	struct volume_outcome *out, struct fault *f)
{
	struct fault unused = { 0 };
	bool later = true;
	int err = 0;

	if (o->step != STEP_PUTTING_BACK)
		(void)operation_step(app->operations, o, STEP_HEALING,
		    &unused);
	for (int i = 0; i < HEAL_ATTEMPTS && later; i++) {
		if (i > 0 && !thread_nap(&app->stopping, 1000 << (i - 1)))
			break;
		err = heal_once(app, a, out, &later);
	}
	log_event(LOG_LEVEL_WARNING, "volume-healed", "instance", a->instance,
	    "project", a->project, "volume", a->label, "code",
	    err == 0 ? NULL : err_code(err), NULL);
	if (err == ERR_NOT_FOUND || err == ERR_CONFLICT)
		fault_set(f, err, "%s", out->detail);
}

/*
 * No answer: albatross may not even have begun, and then what it held before is
 * still there. So nothing more is done to it. An albatrossd that dies while it
 * writes leaves a file that is no volume for the next one.
 */
static void
lose(struct app *app, const struct ask *a, struct volume_outcome *out,
	struct fault *f)
{
	struct fault unanswered = { 0 };
	int err = look(app, a, out, &unanswered);

	if (err == ERR_NOT_FOUND || err == ERR_CONFLICT)
		fault_set(f, err, "%s", out->detail);
	else
		volume_outcome_set(out, VOLUME_UNKNOWN, "The connection to %s "
		    "broke: the volume holds what it held before if albatross "
		    "had not begun, else the beginning of the new content, and "
		    "zeroes behind it.%s", a->instance, err == 0 ? "" : " It "
		    "is lost if albatross itself ended.");
}

/* albatross has all that was sent, and says so. */
static void
fill_outcome(struct fill *t, const char *digest, struct volume_outcome *out,
	struct fault *f)
{
	digest_text(&t->digest, out->sha256);
	out->bytes = t->taken;
	if (t->fault.err == 0 && digest != NULL &&
	    strcasecmp(digest, out->sha256) != 0)
		fault_set(&t->fault, ERR_DIGEST, "The data that arrived has "
		    "the SHA-256 %s.", out->sha256);
	if (t->fault.err == ERR_DIGEST)
		volume_outcome_set(out, VOLUME_PARTIAL, "It holds the %" PRIu64
		    " bytes that came, which have another SHA-256 than was "
		    "told, and zeroes behind them.", t->taken);
	else if (t->fault.err == 0)
		volume_outcome_set(out, VOLUME_WHOLE, "It held all %" PRIu64
		    " bytes, and zeroes up to its end, when it was written.",
		    t->taken);
	else
		volume_outcome_set(out, VOLUME_PARTIAL, "It holds the first %"
		    PRIu64 " of %" PRIu64 " bytes, and zeroes behind them.",
		    t->taken, t->source->size);
	*f = t->fault;
}

static int
fill_run(struct fill *t, const struct ask *a, const char *digest,
	struct volume_outcome *out, struct fault *f)
{
	enum set_effect effect;
	uint64_t sent;
	int err = upstream_set(t->app->upstream, a, fill_next, t, &sent,
		&effect, f);

	if (err == 0) {
		fill_outcome(t, digest, out, f);
		return f->err;
	}
	out->bytes = 0;
	if (effect == SET_NONE)
		volume_outcome_set(out, VOLUME_UNTOUCHED, "The volume was not "
		    "touched.");
	else if (effect == SET_FAILED)
		heal(t->app, a, t->o, out, f);
	else
		lose(t->app, a, out, f);
	/* That the source broke was before. */
	if (t->fault.err != 0)
		*f = t->fault;
	return f->err;
}

/* A ledger that can not be written is no reason to say something else. */
static void
content_keep(struct app *app, const struct volume *v, struct operation *o,
	const struct volume_outcome *out)
{
	struct fault f = { 0 };

	if (volume_content_put(app->ledger, v->instance, v->project, v->name,
	    out, o->user_name, o->id, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "volume-content-not-kept",
		    "instance", v->instance, "project", v->project,
		    "volume", v->name, "detail", f.detail, NULL);
}

int
volume_fits(const struct volume *v, uint64_t size, struct fault *f)
{
	uint64_t room = (uint64_t)v->size * VOLUME_MB;

	return size <= room ? 0 : fault_set(f, ERR_TOO_LARGE, "%" PRIu64
	    " bytes do not fit into %s, which has %" PRId64 " MB (%" PRIu64
	    " bytes).", size, v->name, v->size, room);
}

int
volume_fill(struct app *app, const struct ask *a, const struct volume *v,
	const struct volume_source *s, const char *digest,
	struct operation *o, struct volume_outcome *out, struct fault *f)
{
	struct fill t = { .app = app, .source = s, .o = o };
	int err = 0;

	*out = (struct volume_outcome){ 0 };
	volume_outcome_set(out, VOLUME_UNTOUCHED, "The volume was not "
	    "touched.");
	if (volume_fits(v, s->size, f) != 0)
		return f->err;
	if (o->step != STEP_PUTTING_BACK) {
		o->bytes = 0;
		o->total = (int64_t)s->size;
		err = operation_step(app->operations, o, STEP_SENDING, f);
	}
	if (err == 0 && digest_begin(&t.digest) < 0)
		err = no_memory(f);
	if (err != 0)
		return err;
	err = fill_run(&t, a, digest, out, f);
	digest_end(&t.digest);
	o->bytes = t.taken;
	content_keep(app, v, o, out);
	volume_changed(app->upstream, a);
	return err;
}

/* ---- out ---- */

struct drain {
	struct app *app;
	const struct volume *v;
	const struct volume_sink *sink;
	struct operation *o;
	struct digest digest;
	struct alb_inflate *inflate;	/* owned; NULL: it comes raw */
	uint64_t bytes, looked;
	struct fault fault;		/* why we take no more */
};

static int
drain_begin(void *arg)
{
	struct drain *t = arg;

	return t->sink->begin(t->sink->arg, &t->fault);
}

static bool
drain_stopped(void *arg)
{
	struct drain *t = arg;

	if (t->sink->gone != NULL && t->sink->gone(t->sink->arg))
		fault_set(&t->fault, ERR_BAD_REQUEST, "Who asked for it went "
		    "away.");
	else
		volume_stop_check(t->app, t->o, &t->fault);
	return t->fault.err != 0;
}

static int
drain_raw(void *arg, const uint8_t *data, size_t len)
{
	struct drain *t = arg;
	uint64_t size = (uint64_t)t->v->size * VOLUME_MB;

	if (len > size - t->bytes)
		return fault_set(&t->fault, ERR_ALB_INCOMPATIBLE, "%s sends "
		    "more than the %" PRIu64 " bytes of the volume.",
		    t->v->instance, size);
	digest_add(&t->digest, data, len);
	t->bytes += len;
	if (t->bytes - t->looked >= STEP_BYTES || t->bytes == size) {
		t->looked = t->bytes;
		operation_moved(t->app->operations, t->o->id, t->bytes);
		if (volume_stop_check(t->app, t->o, &t->fault) != 0)
			return t->fault.err;
	}
	return t->sink->write(t->sink->arg, data, len, &t->fault);
}

static int
damaged(struct drain *t)
{
	return fault_set(&t->fault, ERR_ALB_INCOMPATIBLE, "The compressed "
	    "content that %s sent is damaged.", t->v->instance);
}

static int
drain_take(void *arg, const uint8_t *data, size_t len)
{
	struct drain *t = arg;
	int rc;

	if (t->inflate == NULL)
		return drain_raw(t, data, len);
	rc = alb_inflate_write(t->inflate, data, len, drain_raw, t);
	if (rc == ALB_DECODE)
		damaged(t);
	else if (rc == ALB_NO_MEMORY)
		no_memory(&t->fault);
	return t->fault.err;
}

/* All that albatross had to say was said: was it all there is? */
static int
drain_end(struct drain *t)
{
	uint64_t size = (uint64_t)t->v->size * VOLUME_MB;

	if (t->inflate != NULL && alb_inflate_end(t->inflate) != ALB_OK)
		return damaged(t);
	if (t->bytes == size)
		return 0;
	return fault_set(&t->fault, ERR_ALB_INCOMPATIBLE, "%s sent %" PRIu64
	    " of the %" PRIu64 " bytes of the volume.", t->v->instance,
	    t->bytes, size);
}

static int
drain_run(struct drain *t, const struct ask *a, int level,
	char sha256[DIGEST_SIZE], struct fault *f)
{
	struct dump_taker taker = { .begin = drain_begin,
		.take = drain_take, .stopped = drain_stopped, .arg = t };
	int err = upstream_dump(t->app->upstream, a, level, &taker, f);

	if (err == 0)
		err = drain_end(t);
	if (t->fault.err != 0)
		*f = t->fault;
	if (err == 0)
		digest_text(&t->digest, sha256);
	t->o->bytes = t->bytes;
	return err == 0 ? 0 : f->err;
}

int
volume_dump(struct app *app, const struct ask *a, const struct volume *v,
	int level, const struct volume_sink *s, struct operation *o,
	char sha256[DIGEST_SIZE], struct fault *f)
{
	struct drain t = { .app = app, .v = v, .sink = s, .o = o };
	int err;

	sha256[0] = '\0';
	o->bytes = 0;
	o->total = v->size * (int64_t)VOLUME_MB;
	err = operation_step(app->operations, o, o->kind == OPERATION_DOWNLOAD ?
		STEP_READING : o->step, f);
	if (err == 0 && level > 0 && (t.inflate = alb_inflate_new()) == NULL)
		err = no_memory(f);
	if (err == 0 && digest_begin(&t.digest) < 0)
		err = no_memory(f);
	if (err == 0)
		err = drain_run(&t, a, level, sha256, f);
	digest_end(&t.digest);
	alb_inflate_free(t.inflate);
	return err;
}
