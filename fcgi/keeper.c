/* SPDX-License-Identifier: ISC */
/* keeper: see keeper.h. */
#include "fcgi/keeper.h"

#include <stdlib.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/copy_rule.h"
#include "fcgi/copy_work.h"
#include "fcgi/crew.h"
#include "fcgi/rounds.h"

/* Of what there is to do. */
enum {
	AGAIN = 1,	/* it was under way when the daemon ended */
	CLAIMED = 2,	/* the volume */
};

struct keeper {
	struct app *app;
	struct crew *crew;
	struct rounds *rounds;		/* of the schedules */
	struct auth_client *auth;	/* theirs */
	bool swept;
};

/* ---- what there is to do ---- */

static void
job_do(void *arg, struct auth_client *auth, int64_t id, unsigned flags)
{
	struct app *app = arg;
	struct operation o;

	if (operation_get(app->operations, id, &o) != 0) {
		log_event(LOG_LEVEL_ERROR, "operation-lost", NULL);
		return;
	}
	copy_work_run(app, auth, &o, (flags & AGAIN) != 0,
	    (flags & CLAIMED) != 0);
	operation_free(&o);
}

static int
job_add(struct keeper *k, int64_t id, unsigned flags, struct fault *f)
{
	int err = crew_add(k->crew, id, flags);

	return err == 0 ? 0 : fault_set(f, err, "Out of memory.");
}

int
keeper_add(struct keeper *k, int64_t id, struct fault *f)
{
	return job_add(k, id, CLAIMED, f);
}

/* ---- schedules ---- */

static void
schedules_look(void *arg)
{
	struct keeper *k = arg;

	if (!k->swept)
		copies_sweep(k->app);
	k->swept = true;
	copy_rules_run(k->app, k->auth);
	auth_client_rest(k->auth);
}

void
keeper_wake(struct keeper *k)
{
	rounds_wake(k->rounds);
}

/* ---- beginning and end ---- */

static int
take_up(void *arg, struct operation *o, struct fault *f)
{
	struct keeper *k = arg;

	if (o->kind != OPERATION_SAVE && o->kind != OPERATION_RESTORE)
		return 0;
	log_event(LOG_LEVEL_INFO, "operation-resumed", "kind",
	    operation_kind_text(o->kind), "instance", o->instance, "project",
	    o->project, "volume", o->name, NULL);
	if (operation_resume(k->app->operations, o, f) != 0)
		return f->err;
	return job_add(k, o->id, AGAIN |
	    (copy_work_claim(k->app, o) ? CLAIMED : 0), f);
}

int
keeper_new(struct app *app, struct keeper **out, struct fault *f)
{
	struct keeper *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	k->app = app;
	/* What is taken up may already be looked for. */
	*out = k;
	k->auth = auth_client_new(app->config->auth_socket);
	k->crew = crew_new(app->config->auth_socket, job_do, app);
	if (k->auth == NULL || k->crew == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (operation_take_up(app->operations, take_up, k, f) != 0)
		return f->err;
	if (crew_start(k->crew, KEEPER_THREADS) == 0)
		k->rounds = rounds_new(schedules_look, k, KEEPER_ROUND_S);
	return k->rounds != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "A thread could not be made.");
}

int
keeper_length(struct keeper *k)
{
	return crew_length(k->crew);
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	/* They add to what there is to do. */
	rounds_free(k->rounds);
	crew_free(k->crew);
	auth_client_free(k->auth);
	free(k);
}
