/* SPDX-License-Identifier: ISC */
/* keeper: see keeper.h. */
#include "fcgi/keeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/copy_rule.h"
#include "fcgi/copy_work.h"
#include "fcgi/thread.h"

struct job {
	struct job *next;
	int64_t id;
	bool again;	/* it was under way when the daemon ended */
	bool claimed;	/* the volume */
};

struct keeper {
	struct app *app;
	pthread_mutex_t lock;
	pthread_cond_t queued;
	pthread_cond_t woken;		/* of the one with the schedules */
	struct job *first, **last;
	bool ending, look;
	pthread_t threads[KEEPER_THREADS];
	int nthreads;
	pthread_t timer;
	bool timing;
};

/* ---- what there is to do ---- */

static struct job *
job_take(struct keeper *k)
{
	struct job *job;

	pthread_mutex_lock(&k->lock);
	while (k->first == NULL && !k->ending)
		pthread_cond_wait(&k->queued, &k->lock);
	job = k->ending ? NULL : k->first;
	if (job != NULL) {
		k->first = job->next;
		if (k->first == NULL)
			k->last = &k->first;
	}
	pthread_mutex_unlock(&k->lock);
	return job;
}

static int
job_add(struct keeper *k, int64_t id, bool again, bool claimed,
	struct fault *f)
{
	struct job *job = malloc(sizeof(*job));

	if (job == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	*job = (struct job){ .id = id, .again = again, .claimed = claimed };
	pthread_mutex_lock(&k->lock);
	*k->last = job;
	k->last = &job->next;
	pthread_cond_signal(&k->queued);
	pthread_mutex_unlock(&k->lock);
	return 0;
}

int
keeper_add(struct keeper *k, int64_t id, struct fault *f)
{
	return job_add(k, id, false, true, f);
}

static void *
keeper_main(void *arg)
{
	struct keeper *k = arg;
	struct auth_client *auth = auth_client_new(
		k->app->config->auth_socket);
	struct operation o;
	struct job *job;

	while (auth != NULL && (job = job_take(k)) != NULL) {
		if (operation_get(k->app->operations, job->id, &o) == 0) {
			copy_work_run(k->app, auth, &o, job->again,
			    job->claimed);
			operation_free(&o);
		} else {
			log_event(LOG_LEVEL_ERROR, "operation-lost", NULL);
		}
		free(job);
		auth_client_rest(auth);
	}
	auth_client_free(auth);
	return NULL;
}

/* ---- schedules ---- */

/* Until it is time to look again; false at the end. */
static bool
rest(struct keeper *k)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += KEEPER_ROUND_S;
	pthread_mutex_lock(&k->lock);
	while (!k->ending && !k->look && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&k->woken, &k->lock, &until);
	k->look = false;
	pthread_mutex_unlock(&k->lock);
	return !k->ending;
}

static void *
timer_main(void *arg)
{
	struct keeper *k = arg;
	struct auth_client *auth = auth_client_new(
		k->app->config->auth_socket);

	copies_sweep(k->app);
	do {
		if (auth != NULL) {
			copy_rules_run(k->app, auth);
			auth_client_rest(auth);
		}
	} while (rest(k));
	auth_client_free(auth);
	return NULL;
}

void
keeper_wake(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	k->look = true;
	pthread_cond_signal(&k->woken);
	pthread_mutex_unlock(&k->lock);
}

/* ---- beginning and end ---- */

static int
take_up(struct keeper *k, const struct operation *o, struct fault *f)
{
	if (o->kind != OPERATION_SAVE && o->kind != OPERATION_RESTORE)
		return 0;
	log_event(LOG_LEVEL_INFO, "operation-resumed", "kind",
	    operation_kind_text(o->kind), "instance", o->instance, "project",
	    o->project, "volume", o->name, NULL);
	if (operation_resume(k->app->operations, o, f) != 0)
		return f->err;
	return job_add(k, o->id, true, copy_work_claim(k->app, o), f);
}

static int
take_up_all(struct keeper *k, struct fault *f)
{
	struct operation o;
	int64_t after = 0;
	int err;

	while ((err = operation_open_after(k->app->operations, after,
	    &o)) == 0) {
		after = o.id;
		err = take_up(k, &o, f);
		operation_free(&o);
		if (err != 0)
			return err;
	}
	return err == ERR_NOT_FOUND ? 0 : fault_set(f, err,
	    "The operations under way can not be read.");
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
	k->last = &k->first;
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->queued, NULL);
	thread_cond_init(&k->woken);
	if (take_up_all(k, f) != 0)
		return f->err;
	while (k->nthreads < KEEPER_THREADS &&
	    thread_start(&k->threads[k->nthreads], keeper_main, k) == 0)
		k->nthreads++;
	k->timing = k->nthreads == KEEPER_THREADS &&
		thread_start(&k->timer, timer_main, k) == 0;
	return k->timing ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "A thread could not be made.");
}

void
keeper_free(struct keeper *k)
{
	struct job *job;

	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->ending = true;
	pthread_cond_broadcast(&k->queued);
	pthread_cond_signal(&k->woken);
	pthread_mutex_unlock(&k->lock);
	if (k->timing)
		pthread_join(k->timer, NULL);
	for (int i = 0; i < k->nthreads; i++)
		pthread_join(k->threads[i], NULL);
	while ((job = k->first) != NULL) {
		k->first = job->next;
		free(job);
	}
	pthread_cond_destroy(&k->queued);
	pthread_cond_destroy(&k->woken);
	pthread_mutex_destroy(&k->lock);
	free(k);
}
