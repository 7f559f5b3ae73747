/* SPDX-License-Identifier: ISC */
/* copy_work: see copy_work.h. */
#include "fcgi/copy_work.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/copy_rule.h"
#include "fcgi/deploy_alone.h"
#include "fcgi/flight.h"
#include "fcgi/halt.h"
#include "fcgi/keeper.h"
#include "fcgi/machine_look.h"
#include "fcgi/problem.h"
#include "fcgi/thread.h"

#define NAMES_SIZE 256
#define AWAIT_NAP_MS 2000
#define HOLDS_BEGINNING " The volume holds what came of it before "	\
	"this service was restarted, and zeroes behind that."

/* One operation being carried out. */
struct work {
	struct app *app;
	struct auth_client *auth;
	struct operation *o;
	struct auth_who who;		/* its grant */
	struct ask ask;
	struct halt halt;
	struct json_object *body;	/* owned */
	struct copy_wish wish;		/* out of body */
	struct copy copy;		/* that was made, or is restored */
	struct volume v;
	struct volume_outcome out;	/* of a restore */
	struct fault why;		/* what went wrong */
	bool missed;			/* only as the daemon ended */
	bool claimed;			/* the volume, by it */
};

/* ---- what is wanted, as it is kept ---- */

struct form {
	const char *place, *note, *cause, *failed;
	bool stop, safe, create, done;
	int64_t copy;
};

static const struct json_field form_fields[] = {
	{ "place", JSON_STRING, .max = 16,
	  .offset = offsetof(struct form, place) },
	{ "note", JSON_STRING, .max = COPY_NOTE_MAX,
	  .offset = offsetof(struct form, note) },
	{ "cause", JSON_STRING, .max = 16,
	  .offset = offsetof(struct form, cause) },
	{ "stop", JSON_BOOL, .offset = offsetof(struct form, stop) },
	{ "copy", JSON_INT, .max = INT64_MAX,
	  .offset = offsetof(struct form, copy) },
	{ "safe", JSON_BOOL, .offset = offsetof(struct form, safe) },
	{ "create", JSON_BOOL, .offset = offsetof(struct form, create) },
	/* All is done but to start what was stopped, and what went wrong. */
	{ "done", JSON_BOOL, .offset = offsetof(struct form, done) },
	{ "failed", JSON_STRING, .max = INT32_MAX,
	  .offset = offsetof(struct form, failed) },
	{ .name = NULL }
};

static struct json_object *
wish_json(const struct copy_wish *w)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "place", w->place);
	json_add_str(o, "note", w->note);
	json_add_str(o, "cause", w->cause);
	json_add_bool(o, "stop", w->stop);
	json_add_int(o, "copy", w->copy);
	json_add_bool(o, "safe", w->safe);
	json_add_bool(o, "create", w->create);
	return o;
}

static int
body_read(struct work *w, struct form *in, struct fault *f)
{
	int err;

	w->body = w->o->body == NULL ? NULL : json_tokener_parse(w->o->body);
	err = w->body == NULL ? fault_set(f, ERR_INTERNAL, "What was wanted "
		"can not be read.") : json_read(w->body, form_fields, in, "",
		f);
	w->wish = (struct copy_wish){ .kind = w->o->kind,
		.instance = w->o->instance, .project = w->o->project,
		.name = w->o->name, .stop = in->stop, .place = in->place,
		.note = in->note, .cause = in->cause, .copy = in->copy,
		.safe = in->safe, .create = in->create };
	return err;
}

/* ---- the beginning ---- */

/* What uses the volume may be stopped, or it is in the way. */
static int
users_plan(struct app *app, const struct ask *a, const struct auth_who *who,
	const struct copy_wish *wish, const struct volume *v,
	struct operation *o, struct fault *f)
{
	AUTO_JSON struct json_object *users = NULL;
	int err;

	if (!v->active)
		return 0;
	if (!wish->stop) {
		err = volume_idle(app->upstream, a, v, wish->kind ==
			OPERATION_SAVE ? "saved" : "restored", f);
		if (err == ERR_CONFLICT)
			fault_add(f, " With stop, what uses it is stopped for "
			    "as long as that takes, and started again as it "
			    "was.");
		return err;
	}
	err = volume_users(app->upstream, a, &users, f);
	if (err == 0 && json_object_array_length(users) == 0)
		err = fault_set(f, ERR_CONFLICT, "The volume %s is in use, "
		    "and by what is not known.", v->name);
	return err != 0 ? err : halt_plan(o, a->auth, who, users, f);
}

static int
place_check(struct app *app, const struct copy_wish *wish, struct fault *f)
{
	struct copy_settings s;
	bool there;
	int err;

	if (wish->kind != OPERATION_SAVE || strcmp(wish->place, "s3") != 0)
		return 0;
	err = copy_settings_get(app->ledger, &s, f);
	there = s.s3.endpoint[0] != '\0';
	copy_settings_wipe(&s);
	if (err != 0 || there)
		return err;
	/* A schedule keeps the sentence alone. */
	fault_set(f, ERR_INVALID, "No S3 store is set.");
	return fault_field(f, "place", "no S3 store is set");
}

/* With the volume claimed: nothing comes in between any more. */
static int
begin_check(struct app *app, const struct ask *a, const struct auth_who *who,
	const struct copy_wish *wish, struct operation *o, struct fault *f)
{
	struct volume v = { .size = 0 };
	struct copy c;
	int err = place_check(app, wish, f);

	if (err == 0 && wish->kind == OPERATION_RESTORE)
		err = copy_get(app->ledger, wish->copy, &c, f);
	if (err != 0)
		return err;
	err = volume_find(app->upstream, a, &v, f);
	if (err == ERR_NOT_FOUND && wish->create) {
		*f = (struct fault){ 0 };
		return 0;
	}
	if (err == 0 && wish->kind == OPERATION_RESTORE)
		err = copy_fits(&c, &v, f);
	return err != 0 ? err : users_plan(app, a, who, wish, &v, o, f);
}

static int
begin(struct app *app, const struct ask *a, const struct auth_who *who,
	const struct copy_wish *wish, struct operation *o, struct fault *f)
{
	int err = upstream_volume_claim(app->upstream, a, f);

	if (err != 0)
		return err;
	err = begin_check(app, a, who, wish, o, f);
	if (err == 0)
		err = operation_begin(app->operations, o, f);
	if (err == 0) {
		err = keeper_add(app->keeper, o->id, f);
		if (err != 0)
			(void)operation_end(app->operations, o,
			    OPERATION_FAILED, f, NULL, NULL);
	}
	if (err == 0)
		return 0;
	halt_forget(o, a->auth);
	upstream_volume_release(app->upstream, a);
	return err;
}

int
copy_work_begin(struct app *app, struct auth_client *auth,
	const struct auth_who *who, const struct auth_grant *grant,
	const struct copy_wish *wish, int64_t *id, struct fault *f)
{
	AUTO_JSON struct json_object *body = wish_json(wish);
	struct fault unused = { 0 };
	struct auth_grant giver = { .admin = false };
	char secret[AUTH_GRANT_SIZE] = "";
	struct operation o;
	struct auth_who by = { .bearer = secret,
		.request_id = who->request_id };
	const struct ask a = { .auth = auth, .who = &by,
		.instance = wish->instance, .project = wish->project,
		.label = wish->name };
	int err = auth_volume_grant_make(auth, who, wish->instance,
		wish->project, wish->name, secret, f);

	if (err == 0 && grant == NULL)
		err = auth_authorize(auth, &by, "volume:read", wish->instance,
			wish->project, wish->name, &giver, f);
	operation_init(&o, wish->kind, wish->instance, wish->project,
	    wish->name, grant == NULL ? &giver : grant);
	memcpy(o.grant, secret, sizeof(o.grant));
	o.body = json_text(body);
	if (err == 0 && o.body == NULL)
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (err == 0)
		err = begin(app, &a, who, wish, &o, f);
	if (err != 0 && secret[0] != '\0')
		(void)auth_grant_end(auth, secret, &unused);
	explicit_bzero(secret, sizeof(secret));
	*id = o.id;
	operation_free(&o);
	return err;
}

/* ---- saving ---- */

static int
volume_free_find(struct work *w, const char *what)
{
	int err = volume_find(w->app->upstream, &w->ask, &w->v, &w->why);

	return err != 0 ? err : volume_idle(w->app->upstream, &w->ask, &w->v,
	    what, &w->why);
}

static void
save(struct work *w)
{
	int err = halt_stop(&w->halt, &w->why);

	if (err == 0)
		err = volume_free_find(w, "saved");
	if (err == 0)
		(void)copy_make(w->app, &w->ask, &w->v, w->o, w->wish.cause,
		    w->wish.place, w->wish.note, &w->copy, &w->why);
}

/* ---- restoring ---- */

static int
volume_make(struct work *w, bool *made)
{
	int err = volume_find(w->app->upstream, &w->ask, &w->v, &w->why);

	*made = false;
	if (err != ERR_NOT_FOUND || !w->wish.create)
		return err;
	w->why = (struct fault){ 0 };
	err = volume_create(w->app, &w->ask, w->copy.size, w->o->user_name,
	    &w->why);
	*made = err == 0;
	return err != 0 ? err : volume_find(w->app->upstream, &w->ask, &w->v,
	    &w->why);
}

/* What it held before, after the restore of it failed. */
static void
put_back(struct work *w)
{
	struct volume_outcome out;
	struct fault f = { 0 };
	struct copy before;
	int err = copy_get(w->app->ledger, w->o->copy, &before, &f);

	w->o->step = STEP_PUTTING_BACK;
	if (err == 0)
		err = copy_put(w->app, &w->ask, &w->v, &before, w->o, &out, &f);
	if (err != 0) {
		fault_add(&w->why, " Putting back what it held before (copy %"
		    PRId64 ") failed too: %s", w->o->copy, f.detail);
		return;
	}
	w->out = out;
	fault_add(&w->why, " What it held before was put back.");
}

/* The volume is free, and fd is the checked copy. */
static void
fill(struct work *w, int fd)
{
	int err = copy_fill(w->app, &w->ask, &w->v, &w->copy, fd, w->o,
		&w->out, &w->why);

	if (err == 0 || w->out.state == VOLUME_UNTOUCHED || w->app->stopping)
		return;
	if (w->o->copy != 0)
		put_back(w);
	else
		fault_add(&w->why, " %s", w->out.detail);
}

static int
safe_save(struct work *w)
{
	struct copy before;

	return !w->wish.safe ? 0 : copy_make(w->app, &w->ask, &w->v, w->o,
	    "before-restore", "local", NULL, &before, &w->why);
}

static void
restore(struct work *w)
{
	struct fault f = { 0 };
	AUTO_FD int fd = -1;
	bool made = false;
	int err = copy_get(w->app->ledger, w->wish.copy, &w->copy, &w->why);

	if (err == 0)
		err = copy_fetch(w->app, &w->copy, w->o, &fd, &w->why);
	if (err == 0)
		err = halt_stop(&w->halt, &w->why);
	if (err == 0)
		err = volume_make(w, &made);
	if (err == 0)
		err = copy_fits(&w->copy, &w->v, &w->why);
	if (err == 0)
		err = volume_idle(w->app->upstream, &w->ask, &w->v,
			"restored", &w->why);
	if (err == 0 && !made)
		err = safe_save(w);
	if (err == 0)
		fill(w, fd);
	/* What was made for it is not to stay without it. */
	if (made && w->why.err != 0 && !w->app->stopping &&
	    volume_remove(w->app, &w->ask, &f) == 0) {
		w->out = (struct volume_outcome){ .state = VOLUME_UNTOUCHED };
		fault_add(&w->why, " The volume that was made for it was "
		    "removed again.");
	}
}

/* A deployment that was under way with it may have been in the way. */
static bool
claim_again(struct work *w)
{
	if (!w->claimed)
		w->claimed = copy_work_claim(w->app, w->o);
	return w->claimed;
}

/* The instance may be away as well: it is waited for. */
static int
volume_await(struct work *w)
{
	int64_t until = flight_now() + MACHINE_PATIENCE_MS;
	int err;

	for (;;) {
		w->why = (struct fault){ 0 };
		err = claim_again(w) ? volume_free_find(w, "restored") :
			fault_set(&w->why, ERR_BUSY, "Something else is done "
			"with the volume.");
		if (err == 0 || err == ERR_CONFLICT ||
		    !deploy_alone_passing(err) || flight_now() > until ||
		    !thread_nap(&w->app->stopping, AWAIT_NAP_MS))
			return err;
	}
}

/* The daemon ended while it was written: all of it is put in anew. */
static void
restore_again(struct work *w)
{
	struct fault lost = { 0 };
	AUTO_FD int fd = -1;
	int err = copy_get(w->app->ledger, w->wish.copy, &w->copy, &lost);

	/* If it ends once more, this is known of it. */
	w->o->step = STEP_PUTTING_BACK;
	if (err == 0)
		err = copy_fetch(w->app, &w->copy, w->o, &fd, &lost);
	if (volume_await(w) != 0) {
		fault_add(&w->why, "%s", HOLDS_BEGINNING);
	} else if (w->app->stopping) {
		fault_set(&w->why, ERR_BUSY, "The service is ending.");
	} else if (err == 0) {
		fill(w, fd);
	} else {
		w->why = lost;
		if (w->o->copy != 0)
			put_back(w);
		else
			fault_add(&w->why, "%s", HOLDS_BEGINNING);
	}
}

/* ---- after a kill ---- */

static void
resume_save(struct work *w)
{
	struct fault f = { 0 };

	if (w->o->copy != 0 && copy_get(w->app->ledger, w->o->copy, &w->copy,
	    &f) == 0)
		return;
	w->o->copy = 0;
	w->missed = true;
	fault_set(&w->why, ERR_CONFLICT, "This service was restarted before "
	    "all of it was saved; nothing of it is kept.");
}

static void
resume(struct work *w, const struct form *in)
{
	struct fault f = { 0 };

	if (in->done) {
		problem_fault(in->failed, &w->why);
		(void)copy_get(w->app->ledger, w->o->kind == OPERATION_SAVE ?
		    w->o->copy : w->wish.copy, &w->copy, &f);
	} else if (w->o->kind == OPERATION_SAVE) {
		resume_save(w);
	} else if (w->o->step == STEP_SENDING || w->o->step == STEP_HEALING ||
	    w->o->step == STEP_PUTTING_BACK) {
		restore_again(w);
	} else {
		fault_set(&w->why, ERR_CONFLICT, "This service was restarted "
		    "before the volume was touched; try again.");
	}
}

/* ---- the end ---- */

/* That only the start is left is in the row before it is begun. */
static void
start_enter(struct work *w)
{
	AUTO_FREE char *failed = w->why.err == 0 ? NULL :
		problem_text(&w->why);
	struct fault unused = { 0 };
	char *text;

	json_add_bool(w->body, "done", true);
	json_add_str(w->body, "failed", failed);
	text = json_text(w->body);
	if (text != NULL) {
		free(w->o->body);
		w->o->body = text;
	}
	(void)operation_step(w->app->operations, w->o, STEP_STARTING,
	    &unused);
}

static struct json_object *
result_json(const struct work *w)
{
	struct json_object *o = json_object_new_object();

	json_add_nonzero(o, "copy", w->copy.id);
	if (w->copy.id != 0) {
		json_add_int(o, "bytes", (int64_t)w->copy.bytes);
		json_add_str(o, "sha256", w->copy.sha256);
	}
	if (w->o->kind == OPERATION_SAVE)
		return o;
	json_add_nonzero(o, "before", w->o->copy);
	json_object_object_add(o, "content", w->out.state ==
	    VOLUME_UNTOUCHED ? NULL : volume_outcome_json(&w->out));
	return o;
}

/* A sentence of what came of it; what went wrong is the problem's. */
static void
end_tell(struct work *w)
{
	char names[NAMES_SIZE], again[NAMES_SIZE + 64] = "";

	halt_names(&w->halt, names, sizeof(names));
	if (names[0] != '\0')
		snprintf(again, sizeof(again), " For it, %s was stopped, and "
		    "runs again.", names);
	if (w->why.err != 0)
		operation_tell(w->o, "%s%s", w->why.detail, again);
	else if (w->o->kind == OPERATION_SAVE)
		operation_tell(w->o, "Saved as copy %" PRId64 ".%s",
		    w->copy.id, again);
	else
		operation_tell(w->o, "It holds copy %" PRId64 " now.%s",
		    w->copy.id, again);
}

/* What can not run again is what matters most. */
static void
start_failed(struct work *w, const struct fault *start)
{
	struct fault both = *start;

	if (w->why.err != 0)
		fault_add(&both, " Before that: %s", w->why.detail);
	else
		fault_add(&both, " The volume was %s.", w->o->kind ==
		    OPERATION_SAVE ? "saved" : "restored");
	w->why = both;
}

static void
finish(struct work *w)
{
	struct fault start = { 0 }, unused = { 0 };
	bool cancelled = w->why.err != 0 && operation_cancelled(
		w->app->operations, w->o->id);
	char grant[AUTH_GRANT_SIZE];
	enum operation_state state;
	struct json_object *result;
	int err;

	if (halt_any(&w->halt))
		start_enter(w);
	err = halt_start(&w->halt, &start);
	if (err == ERR_BUSY && w->app->stopping)
		return;
	if (err != 0)
		start_failed(w, &start);
	state = w->why.err == 0 ? OPERATION_SUCCEEDED : cancelled && err == 0 ?
		OPERATION_CANCELLED : OPERATION_FAILED;
	end_tell(w);
	result = result_json(w);
	log_event(LOG_LEVEL_INFO, operation_kind_text(w->o->kind), "instance",
	    w->o->instance, "project", w->o->project, "volume", w->o->name,
	    "state", operation_state_text(state), "code", w->why.err == 0 ?
	    NULL : err_code(w->why.err), NULL);
	memcpy(grant, w->o->grant, sizeof(grant));
	if (w->claimed)
		upstream_volume_release(w->app->upstream, &w->ask);
	if (w->wish.cause != NULL && strcmp(w->wish.cause, "scheduled") == 0)
		copy_rule_ended(w->app, w->o, w->copy.id, &w->why, w->missed);
	(void)operation_end(w->app->operations, w->o, state, &w->why, NULL,
	    result);
	(void)auth_grant_end(w->auth, grant, &unused);
	explicit_bzero(grant, sizeof(grant));
}

static void
work_init(struct work *w, struct app *app, struct auth_client *auth,
	struct operation *o)
{
	*w = (struct work){ .app = app, .auth = auth, .o = o,
		.who = { .bearer = o->grant } };
	w->ask = (struct ask){ .auth = auth, .who = &w->who,
		.instance = o->instance, .project = o->project,
		.label = o->name };
}

void
copy_work_run(struct app *app, struct auth_client *auth, struct operation *o,
	bool again, bool claimed)
{
	AUTO_FREE struct work *w = malloc(sizeof(*w));
	struct form in = { .place = NULL };
	int err;

	if (w == NULL)
		return;		/* the next start takes it up again */
	work_init(w, app, auth, o);
	w->claimed = claimed;
	err = halt_init(&w->halt, app, auth, o, &w->why);
	if (err == 0)
		err = body_read(w, &in, &w->why);
	if (err == 0 && again) {
		halt_claim(&w->halt);
		resume(w, &in);
	} else if (err == 0) {
		(o->kind == OPERATION_SAVE ? save : restore)(w);
	}
	/* What is cut short by the end goes on at the next start. */
	if (w->why.err == 0 || !app->stopping)
		finish(w);
	halt_free(&w->halt);
	json_object_put(w->body);
}

bool
copy_work_claim(struct app *app, const struct operation *o)
{
	const struct ask a = { .instance = o->instance,
		.project = o->project, .label = o->name };
	struct fault unused = { 0 };

	return upstream_volume_claim(app->upstream, &a, &unused) == 0;
}

/* Whether o is to put that copy in, or may have to. */
static bool
uses(struct operation *o, int64_t copy)
{
	struct work w = { .o = o };
	struct form in = { .place = NULL };
	struct fault unused = { 0 };
	bool found = o->copy == copy;

	if (o->kind == OPERATION_RESTORE && body_read(&w, &in, &unused) == 0)
		found |= in.copy == copy;
	json_object_put(w.body);
	return found;
}

int64_t
copy_work_using(struct app *app, int64_t copy)
{
	int64_t after = 0, found = 0;
	struct operation o;

	while (found == 0 && operation_open_after(app->operations, after,
	    &o) == 0) {
		after = o.id;
		if (uses(&o, copy))
			found = o.id;
		operation_free(&o);
	}
	return found;
}
