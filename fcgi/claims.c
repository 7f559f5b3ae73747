/* SPDX-License-Identifier: ISC */
/* claims: a short list of what is being changed; see claims.h. */
#include "fcgi/claims.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/name.h"
#include "fcgi/flight.h"
#include "fcgi/thread.h"

struct claim {
	struct claim *next;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
};

struct claims {
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct claim *first;
};

struct claims *
claims_new(void)
{
	struct claims *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	thread_cond_init(&c->given);
	return c;
}

void
claims_free(struct claims *c)
{
	struct claim *claim;

	if (c == NULL)
		return;
	/* Those of deployments that the next start takes up. */
	while ((claim = c->first) != NULL) {
		c->first = claim->next;
		free(claim);
	}
	pthread_cond_destroy(&c->given);
	free(c);
}

/* Where the claim is, or the list's end; with the lock held. */
static struct claim **
find(struct claims *c, const char *instance, const char *project,
	const char *name)
{
	struct claim **at = &c->first;

	while (*at != NULL && (strcmp((*at)->instance, instance) != 0 ||
	    strcmp((*at)->project, project) != 0 ||
	    strcmp((*at)->name, name) != 0))
		at = &(*at)->next;
	return at;
}

/* Where it is, once it is given back or CLAIM_WAIT_MS are over. */
static struct claim **
find_given(struct claims *c, const char *instance, const char *project,
	const char *name)
{
	int64_t end = flight_now() + CLAIM_WAIT_MS;
	struct timespec until = { .tv_sec = end / 1000,
		.tv_nsec = end % 1000 * 1000000 };
	struct claim **at;
	int rc = 0;

	while (*(at = find(c, instance, project, name)) != NULL && rc == 0)
		rc = pthread_cond_timedwait(&c->given, &c->lock, &until);
	return at;
}

int
claim_take(struct claims *c, const char *instance, const char *project,
	const char *name, struct fault *f)
{
	struct claim *claim = calloc(1, sizeof(*claim));
	struct claim **at;
	bool taken;

	if (claim == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	snprintf(claim->instance, sizeof(claim->instance), "%s", instance);
	snprintf(claim->project, sizeof(claim->project), "%s", project);
	snprintf(claim->name, sizeof(claim->name), "%s", name);
	pthread_mutex_lock(&c->lock);
	at = find_given(c, instance, project, name);
	taken = *at != NULL;
	if (!taken)
		*at = claim;
	pthread_mutex_unlock(&c->lock);
	if (!taken)
		return 0;
	free(claim);
	return fault_set(f, ERR_CONFLICT, "Another change of %s is under way "
	    "on %s; wait for its end.", name, instance);
}

void
claim_give(struct claims *c, const char *instance, const char *project,
	const char *name)
{
	struct claim **at, *claim;

	pthread_mutex_lock(&c->lock);
	at = find(c, instance, project, name);
	claim = *at;
	if (claim != NULL)
		*at = claim->next;
	pthread_cond_broadcast(&c->given);
	pthread_mutex_unlock(&c->lock);
	free(claim);
}

bool
claim_held(struct claims *c, const char *instance, const char *project,
	const char *name)
{
	bool held;

	pthread_mutex_lock(&c->lock);
	held = *find(c, instance, project, name) != NULL;
	pthread_mutex_unlock(&c->lock);
	return held;
}
