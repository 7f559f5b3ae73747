/* SPDX-License-Identifier: ISC */
/* resume: what is left of uploads and downloads; see resume.h. */
#include "fcgi/resume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/copies.h"
#include "fcgi/operation.h"
#include "fcgi/thread.h"
#include "fcgi/upstream_fault.h"
#include "fcgi/volume_content.h"

#define RETRY_MS 10000

/* An upload whose volume gets back what was saved before it. */
struct job {
	struct job *next;
	struct operation o;
	bool done;
};

struct resume {
	struct app *app;
	struct auth_client *auth;	/* at the start, then the thread's */
	struct job *first, **last;
	pthread_t thread;
	bool started;
};

static void
ended_fault(const struct operation *o, struct fault *f)
{
	fault_set(f, ERR_CONFLICT, "mollymawk ended during the %s.",
	    o->kind == OPERATION_DOWNLOAD ? "download" : "upload");
}

/* out NULL: it is not about what the volume holds. */
static int
end_write(struct app *app, struct operation *o,
	const struct volume_outcome *out)
{
	struct fault why = { 0 };

	ended_fault(o, &why);
	return operation_end(app->operations, o, OPERATION_FAILED, &why,
	    out == NULL ? NULL : out->detail,
	    out == NULL ? NULL : volume_outcome_json(out));
}

static int
content_write(struct app *app, const struct operation *o,
	const struct volume_outcome *out)
{
	struct fault f = { 0 };

	return out == NULL ? 0 : volume_content_put(app->ledger, o->instance,
	    o->project, o->name, out, o->user_name, o->id, &f);
}

/*
 * Keeps what the volume holds now, and ends the operation. If that can not be
 * written down, the next start does it.
 */
static void
end_with(struct app *app, struct auth_client *auth, struct operation *o,
	const struct volume_outcome *out)
{
	char grant[AUTH_GRANT_SIZE];
	struct fault unused = { 0 };
	int err = content_write(app, o, out);

	memcpy(grant, o->grant, sizeof(grant));
	if (err == 0)
		err = end_write(app, o, out);
	log_event(err == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
	    "operation-resumed", "instance", o->instance, "project",
	    o->project, "name", o->name, "kind", operation_kind_text(o->kind),
	    "code", err == 0 ? NULL : err_code(err), NULL);
	if (err == 0 && grant[0] != '\0')
		(void)auth_grant_end(auth, grant, &unused);
	explicit_bzero(grant, sizeof(grant));
}

/* Whether albatross had begun when the connection broke, nobody knows. */
static void
outcome_unknown(const char *more, struct volume_outcome *out)
{
	*out = (struct volume_outcome){ 0 };
	volume_outcome_set(out, VOLUME_UNKNOWN, "mollymawk ended during the "
	    "upload: the volume holds the beginning of what was sent and "
	    "zeroes behind it, or, if nothing had arrived yet, what it held "
	    "before.%s%s", *more == '\0' ? "" : " ", more);
}

static void
outcome_untouched(struct volume_outcome *out)
{
	*out = (struct volume_outcome){ 0 };
	volume_outcome_set(out, VOLUME_UNTOUCHED, "Nothing was sent: the "
	    "volume holds what it held before.");
}

/* ---- putting back ---- */

static int
put_back(struct app *app, const struct ask *a, struct operation *o,
	struct volume_outcome *out, struct fault *f)
{
	struct volume v;
	struct copy c;
	int err = copy_get(app->ledger, o->copy, &c, f);

	if (err == 0)
		err = volume_find(app->upstream, a, &v, f);
	if (err == 0)
		err = volume_idle(app->upstream, a, &v, "written", f);
	if (err == 0)
		err = operation_step(app->operations, o, STEP_PUTTING_BACK,
		    f);
	return err != 0 ? err : copy_put(app, a, &v, &c, o, out, f);
}

/* False: it may pass, and is tried again; or the daemon ends. */
static bool
job_try(struct app *app, const struct ask *a, struct operation *o,
	struct volume_outcome *out)
{
	struct fault f = { 0 };
	int err;

	outcome_unknown("", out);
	err = put_back(app, a, o, out, &f);
	if (err != 0 && (app->stopping || (upstream_passing(err) &&
	    !operation_cancelled(app->operations, o->id))))
		return false;
	if (err == 0)
		volume_outcome_set(out, VOLUME_WHOLE, "mollymawk ended during "
		    "the upload: what was saved before it (copy %" PRId64 ") "
		    "was put back.", o->copy);
	else if (out->state == VOLUME_UNKNOWN ||
	    out->state == VOLUME_UNTOUCHED)
		outcome_unknown(f.detail, out);
	return true;
}

static void
job_do(struct app *app, struct auth_client *auth, struct job *job)
{
	const struct auth_who who = { .bearer = job->o.grant };
	const struct ask a = { .auth = auth, .who = &who,
		.instance = job->o.instance, .project = job->o.project,
		.label = job->o.name };
	struct volume_outcome out;

	if (!job_try(app, &a, &job->o, &out))
		return;
	job->done = true;
	end_with(app, auth, &job->o, &out);
	upstream_volume_release(app->upstream, &a);
}

/* Each is tried once: whether all are done. */
static bool
round_do(struct resume *r)
{
	bool all = true;

	for (struct job *job = r->first; job != NULL; job = job->next) {
		if (!job->done && !r->app->stopping)
			job_do(r->app, r->auth, job);
		all = all && job->done;
	}
	return all;
}

static void *
resume_main(void *arg)
{
	struct resume *r = arg;

	while (!round_do(r)) {
		auth_client_rest(r->auth);
		if (!thread_nap(&r->app->stopping, RETRY_MS))
			break;
	}
	auth_client_rest(r->auth);
	return NULL;
}

/* ---- the start ---- */

/* Takes o over: 0, or an err with o as it was. */
static int
job_add(struct resume *r, struct operation *o, struct fault *f)
{
	const struct ask a = { .instance = o->instance,
		.project = o->project, .label = o->name };
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (upstream_volume_claim(r->app->upstream, &a, f) != 0) {
		free(job);
		return f->err;
	}
	/* That was the end of the upload; this is to go on. */
	o->cancel = false;
	if (operation_resume(r->app->operations, o, f) != 0) {
		upstream_volume_release(r->app->upstream, &a);
		free(job);
		return f->err;
	}
	job->o = *o;
	*o = (struct operation){ 0 };
	*r->last = job;
	r->last = &job->next;
	return 0;
}

static void
write_take_up(struct resume *r, struct operation *o)
{
	struct volume_outcome out;
	struct fault f = { 0 };

	if (o->kind == OPERATION_DOWNLOAD) {
		end_with(r->app, r->auth, o, NULL);
	} else if (o->step < STEP_SENDING) {
		outcome_untouched(&out);
		end_with(r->app, r->auth, o, &out);
	} else if (o->copy == 0 || o->grant[0] == '\0' ||
	    job_add(r, o, &f) != 0) {
		outcome_unknown(f.detail, &out);
		end_with(r->app, r->auth, o, &out);
	}
}

/* The keeper goes on with it; until then, what is said of it must be true. */
static void
leave(struct app *app, const struct operation *o)
{
	struct volume_outcome out = { 0 };

	if (o->kind != OPERATION_RESTORE || o->step < STEP_SENDING ||
	    o->step == STEP_STARTING)
		return;
	volume_outcome_set(&out, VOLUME_UNKNOWN, "mollymawk ended while the "
	    "volume was restored: it holds the beginning of a copy and zeroes "
	    "behind it, or, if nothing had arrived yet, what it held before. "
	    "The restore goes on.");
	if (content_write(app, o, &out) != 0)
		log_event(LOG_LEVEL_ERROR, "volume-content-not-kept",
		    "instance", o->instance, "project", o->project, "volume",
		    o->name, NULL);
}

static int
take_up(void *arg, struct operation *o, struct fault *f)
{
	struct resume *r = arg;

	(void)f;
	if (o->kind == OPERATION_UPLOAD || o->kind == OPERATION_DOWNLOAD)
		write_take_up(r, o);
	else
		leave(r->app, o);
	return 0;
}

int
resume_new(struct app *app, struct resume **out, struct fault *f)
{
	struct resume *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->auth = auth_client_new(app->config->auth_socket);
	if (r == NULL || r->auth == NULL) {
		free(r);
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	r->app = app;
	r->last = &r->first;
	(void)operation_take_up(app->operations, take_up, r, f);
	auth_client_rest(r->auth);
	if (f->err == 0 && r->first != NULL) {
		r->started = thread_start(&r->thread, resume_main, r) == 0;
		if (!r->started)
			fault_set(f, ERR_NO_MEMORY,
			    "A thread could not be made.");
	}
	if (f->err != 0) {
		resume_free(r);
		return f->err;
	}
	*out = r;
	return 0;
}

void
resume_free(struct resume *r)
{
	struct job *job;

	if (r == NULL)
		return;
	if (r->started)
		pthread_join(r->thread, NULL);
	while ((job = r->first) != NULL) {
		r->first = job->next;
		operation_free(&job->o);
		free(job);
	}
	auth_client_free(r->auth);
	free(r);
}
