/* SPDX-License-Identifier: ISC */
/* crew: see crew.h. */
#include "fcgi/crew.h"

#include <stdbool.h>
#include <stdlib.h>

#include "fcgi/thread.h"

struct job {
	struct job *next;
	int64_t id;
	unsigned flags;
};

struct crew {
	const char *auth_socket;
	crew_do *run;
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t queued;
	struct job *first, **last;
	int length;		/* of these, and of those being done */
	bool ending;
	struct threads threads;
};

struct crew *
crew_new(const char *auth_socket, crew_do *run, void *arg)
{
	struct crew *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->auth_socket = auth_socket;
	c->run = run;
	c->arg = arg;
	c->last = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->queued, NULL);
	return c;
}

int
crew_add(struct crew *c, int64_t id, unsigned flags)
{
	struct job *job = malloc(sizeof(*job));

	if (job == NULL)
		return ERR_NO_MEMORY;
	*job = (struct job){ .id = id, .flags = flags };
	pthread_mutex_lock(&c->lock);
	*c->last = job;
	c->last = &job->next;
	c->length++;
	pthread_cond_signal(&c->queued);
	pthread_mutex_unlock(&c->lock);
	return 0;
}

/* NULL at the end. */
static struct job *
job_take(struct crew *c)
{
	struct job *job;

	pthread_mutex_lock(&c->lock);
	while (c->first == NULL && !c->ending)
		pthread_cond_wait(&c->queued, &c->lock);
	job = c->ending ? NULL : c->first;
	if (job != NULL) {
		c->first = job->next;
		if (c->first == NULL)
			c->last = &c->first;
	}
	pthread_mutex_unlock(&c->lock);
	return job;
}

static void
job_done(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->length--;
	pthread_mutex_unlock(&c->lock);
}

int
crew_length(struct crew *c)
{
	int n;

	pthread_mutex_lock(&c->lock);
	n = c->length;
	pthread_mutex_unlock(&c->lock);
	return n;
}

static void *
crew_main(void *arg)
{
	struct crew *c = arg;
	struct auth_client *auth = auth_client_new(c->auth_socket);
	struct job *job;

	while (auth != NULL && (job = job_take(c)) != NULL) {
		c->run(c->arg, auth, job->id, job->flags);
		free(job);
		job_done(c);
		auth_client_rest(auth);
	}
	auth_client_free(auth);
	return NULL;
}

int
crew_start(struct crew *c, int n)
{
	return threads_start(&c->threads, n, crew_main, c) == 0 ? 0 :
		ERR_NO_MEMORY;
}

void
crew_free(struct crew *c)
{
	struct job *job;

	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->ending = true;
	pthread_cond_broadcast(&c->queued);
	pthread_mutex_unlock(&c->lock);
	threads_join(&c->threads);
	while ((job = c->first) != NULL) {
		c->first = job->next;
		free(job);
	}
	pthread_cond_destroy(&c->queued);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
