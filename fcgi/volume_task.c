/* SPDX-License-Identifier: ISC */
/* volume_task: see volume_task.h. */
#include "fcgi/volume_task.h"

#include <inttypes.h>
#include <string.h>

#include "fcgi/app.h"

void
volume_task_init(struct volume_task *t, struct request *r, struct reply *p,
	enum operation_kind kind)
{
	*t = (struct volume_task){ .r = r, .p = p };
	t->ask = (struct ask){ .auth = r->auth, .who = &r->who,
		.instance = r->instance, .project = r->project,
		.label = r->name };
	operation_init(&t->o, kind, r->instance, r->project, r->name,
	    &r->grant);
	t->o.step = STEP_CHECKING;
}

static void
operation_show(struct volume_task *t, int64_t id)
{
	struct operation o;

	if (id == 0 || operation_get(t->r->app->operations, id, &o) != 0)
		return;
	reply_problem_member(t->p, "operation", operation_json(&o));
	operation_free(&o);
}

int
volume_task_claim(struct volume_task *t, struct fault *f)
{
	struct app *app = t->r->app;
	int err = upstream_volume_claim(app->upstream, &t->ask, f);

	t->claimed = err == 0;
	if (err == ERR_CONFLICT)
		operation_show(t, operation_at(app->operations,
		    t->ask.instance, t->ask.project, t->ask.label));
	return err;
}

int
volume_task_begin(struct volume_task *t, struct fault *f)
{
	int err = auth_volume_grant_make(t->r->auth, &t->r->who,
		t->ask.instance, t->ask.project, t->ask.label, t->grant, f);

	if (err != 0)
		return err;
	memcpy(t->o.grant, t->grant, sizeof(t->o.grant));
	t->who = (struct auth_who){ .bearer = t->grant,
		.address = t->r->who.address,
		.user_agent = t->r->who.user_agent,
		.request_id = t->r->who.request_id };
	t->ask.who = &t->who;
	err = operation_begin(t->r->app->operations, &t->o, f);
	if (err != 0)
		return err;
	reply_header(t->p, "X-Mollymawk-Operation", "%" PRId64, t->o.id);
	volume_changed(t->r->app->upstream, &t->ask);
	return 0;
}

void
volume_task_release(struct volume_task *t)
{
	if (t->claimed)
		upstream_volume_release(t->r->app->upstream, &t->ask);
	t->claimed = false;
}

void
volume_task_end(struct volume_task *t, const struct fault *f,
	const char *detail, struct json_object *result)
{
	struct operations *s = t->r->app->operations;
	enum operation_state state = f->err == 0 ? OPERATION_SUCCEEDED :
		operation_cancelled(s, t->o.id) ? OPERATION_CANCELLED :
		OPERATION_FAILED;

	if (t->o.id == 0 || t->left) {
		json_object_put(result);
		return;
	}
	/* Who sees its end may go on with the volume at once. */
	volume_task_release(t);
	(void)operation_end(s, &t->o, state, f, detail, result);
	volume_changed(t->r->app->upstream, &t->ask);
	if (f->err != 0)
		operation_show(t, t->o.id);
}

void
volume_task_free(struct volume_task *t)
{
	struct fault unused = { 0 };

	if (t->grant[0] != '\0' && !t->left)
		(void)auth_grant_end(t->r->auth, t->grant, &unused);
	explicit_bzero(t->grant, sizeof(t->grant));
	volume_task_release(t);
	operation_free(&t->o);
}
