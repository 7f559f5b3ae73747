/* SPDX-License-Identifier: ISC */
/* runner: the threads that carry deployments out; see runner.h. */
#include "fcgi/runner.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/machine.h"
#include "fcgi/thread.h"
#include "fcgi/upstream.h"

struct job {
	struct job *next;
	int64_t id;
};

struct runner {
	struct app *app;
	pthread_mutex_t lock;
	pthread_cond_t queued;
	struct job *first, **last;
	bool ending;
	pthread_t threads[RUNNER_THREADS];
	int nthreads;
};

static struct job *
job_take(struct runner *r)
{
	struct job *job;

	pthread_mutex_lock(&r->lock);
	while (r->first == NULL && !r->ending)
		pthread_cond_wait(&r->queued, &r->lock);
	job = r->ending ? NULL : r->first;
	if (job != NULL) {
		r->first = job->next;
		if (r->first == NULL)
			r->last = &r->first;
	}
	pthread_mutex_unlock(&r->lock);
	return job;
}

static void
job_do(struct runner *r, struct auth_client *auth, int64_t id)
{
	struct deployment d;
	struct ask claim;

	if (deployment_get(r->app->ledger, id, &d) != 0) {
		log_event(LOG_LEVEL_ERROR, "deployment-lost", NULL);
		return;
	}
	machine_run(r->app, auth, &d);
	claim = (struct ask){ .instance = d.instance, .project = d.project,
		.label = d.name };
	if (d.ended != 0)
		upstream_release(r->app->upstream, &claim);
	deployment_free(&d);
}

static void *
runner_main(void *arg)
{
	struct runner *r = arg;
	struct auth_client *auth;
	struct job *job;

	auth = auth_client_new(r->app->config->auth_socket);
	if (auth == NULL)
		return NULL;
	while ((job = job_take(r)) != NULL) {
		job_do(r, auth, job->id);
		free(job);
	}
	auth_client_free(auth);
	return NULL;
}

void
runner_add(struct runner *r, int64_t id)
{
	struct job *job = calloc(1, sizeof(*job));

	/* It is in the ledger: the next start takes it up. */
	if (job == NULL)
		return;
	job->id = id;
	pthread_mutex_lock(&r->lock);
	*r->last = job;
	r->last = &job->next;
	pthread_cond_signal(&r->queued);
	pthread_mutex_unlock(&r->lock);
}

/* An automatic roll-back is taken up by the one that made it. */
static bool
has_parent(struct runner *r, const struct deployment *d)
{
	struct deployment parent;
	bool open;

	if (d->because == 0 || deployment_by_number(r->app->ledger,
	    d->instance, d->project, d->name, d->because, &parent) != 0)
		return false;
	open = parent.ended == 0;
	deployment_free(&parent);
	return open;
}

static int
take_up(struct runner *r, const struct deployment *d, struct fault *f)
{
	const struct ask claim = { .instance = d->instance,
		.project = d->project, .label = d->name };

	if (has_parent(r, d))
		return 0;
	if (upstream_claim(r->app->upstream, &claim, f) != 0)
		return f->err;
	log_event(LOG_LEVEL_INFO, "deployment-resumed", "instance",
	    d->instance, "project", d->project, "name", d->name, "state",
	    deployment_state_text(d->state), NULL);
	runner_add(r, d->id);
	return 0;
}

static int
take_up_all(struct runner *r, struct fault *f)
{
	struct deployment d;
	int64_t after = 0;
	int err;

	while ((err = deployment_open_after(r->app->ledger, after, &d)) == 0) {
		after = d.id;
		err = take_up(r, &d, f);
		deployment_free(&d);
		if (err != 0)
			return err;
	}
	return err == ERR_NOT_FOUND ? 0 : fault_set(f, err,
	    "The deployments under way can not be read.");
}

int
runner_new(struct app *app, struct runner **out, struct fault *f)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	r->app = app;
	r->last = &r->first;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->queued, NULL);
	if (take_up_all(r, f) == 0)
		while (r->nthreads < RUNNER_THREADS &&
		    thread_start(&r->threads[r->nthreads], runner_main,
		    r) == 0)
			r->nthreads++;
	if (f->err == 0 && r->nthreads < RUNNER_THREADS)
		fault_set(f, ERR_NO_MEMORY, "A thread could not be made.");
	if (f->err != 0) {
		runner_free(r);
		return f->err;
	}
	*out = r;
	return 0;
}

void
runner_free(struct runner *r)
{
	struct job *job;

	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->ending = true;
	pthread_cond_broadcast(&r->queued);
	pthread_mutex_unlock(&r->lock);
	for (int i = 0; i < r->nthreads; i++)
		pthread_join(r->threads[i], NULL);
	while ((job = r->first) != NULL) {
		r->first = job->next;
		free(job);
	}
	pthread_cond_destroy(&r->queued);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
