/* SPDX-License-Identifier: ISC */
/* watching: what the service itself asks; see watching.h. */
#include "auth/watching.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum reach { NEVER, OF_INSTANCE, OF_UNIKERNEL };

static const enum reach kinds[ALB_COMMAND_KINDS] = {
	[ALB_UNIKERNEL_INFO] = OF_INSTANCE,
	[ALB_STATS_SUBSCRIBE] = OF_INSTANCE,
	[ALB_POLICY_INFO] = OF_INSTANCE,
	[ALB_BLOCK_INFO] = OF_INSTANCE,
	[ALB_CONSOLE_SUBSCRIBE] = OF_UNIKERNEL,
};

struct watched {
	struct watched *next;
	char instance[37];
	time_t written[ALB_COMMAND_KINDS];	/* 0: never */
};

void
watching_init(struct watching *w)
{
	*w = (struct watching){ 0 };
	pthread_mutex_init(&w->lock, NULL);
}

void
watching_free(struct watching *w)
{
	struct watched *next;

	for (struct watched *i = w->first; i != NULL; i = next) {
		next = i->next;
		free(i);
	}
	pthread_mutex_destroy(&w->lock);
}

bool
watching_allows(enum alb_command_kind kind, bool root)
{
	return kind < ALB_COMMAND_KINDS &&
	    kinds[kind] == (root ? OF_INSTANCE : OF_UNIKERNEL);
}

/* With the lock held; NULL when there is none. */
static struct watched *
watched_find(struct watching *w, const char *instance)
{
	struct watched *i = w->first;

	while (i != NULL && strcmp(i->instance, instance) != 0)
		i = i->next;
	return i;
}

static struct watched *
watched_get(struct watching *w, const char *instance)
{
	struct watched *i = watched_find(w, instance);

	if (i != NULL)
		return i;
	i = calloc(1, sizeof(*i));
	if (i == NULL)
		return NULL;
	snprintf(i->instance, sizeof(i->instance), "%s", instance);
	i->next = w->first;
	w->first = i;
	return i;
}

bool
watching_due(struct watching *w, const char *instance,
	enum alb_command_kind kind, time_t now)
{
	struct watched *i;
	bool due = true;

	pthread_mutex_lock(&w->lock);
	i = watched_get(w, instance);
	if (i != NULL) {
		/* A clock that was set back must not silence it. */
		due = i->written[kind] == 0 || now < i->written[kind] ||
		    now - i->written[kind] >= WATCHING_INTERVAL;
		if (due)
			i->written[kind] = now;
	}
	pthread_mutex_unlock(&w->lock);
	return due;
}

void
watching_undo(struct watching *w, const char *instance,
	enum alb_command_kind kind)
{
	struct watched *i;

	pthread_mutex_lock(&w->lock);
	i = watched_find(w, instance);
	if (i != NULL)
		i->written[kind] = 0;
	pthread_mutex_unlock(&w->lock);
}

void
watching_drop(struct watching *w, const char *instance)
{
	struct watched **at = &w->first, *i;

	pthread_mutex_lock(&w->lock);
	while (*at != NULL && strcmp((*at)->instance, instance) != 0)
		at = &(*at)->next;
	i = *at;
	if (i != NULL)
		*at = i->next;
	pthread_mutex_unlock(&w->lock);
	free(i);
}
