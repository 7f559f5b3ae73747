/* SPDX-License-Identifier: ISC */
/* instances: what is remembered of each server; see instances.h. */
#include "fcgi/instances.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/flight.h"
#include "fcgi/skew.h"
#include "fcgi/thread.h"

/*
 * A server of an older level may have been updated: then the old form of info
 * can be dangerous (protocol section 6.3), so it is not trusted for long.
 */
#define LEVEL_TRUST_MS 60000

static const int slot_most[SLOTS] = {
	[SLOT_COMMAND] = UPSTREAM_COMMANDS,
	[SLOT_UPLOAD] = UPSTREAM_UPLOADS,
	[SLOT_OPENING] = UPSTREAM_OPENING,
	[SLOT_VOLUME] = UPSTREAM_VOLUMES,
	[SLOT_WATCH] = 1,
	[SLOT_LOOK] = 2,
};

struct instance {
	struct instances *table;
	struct instance *next;
	char name[ALB_LABEL_MAX + 1];
	int used[SLOTS];
	pthread_cond_t freed;
	int64_t level_since;
	int64_t broken_since;	/* flight_now, when down */
	struct upstream_health health;
	struct skew skew;
};

struct instances {
	pthread_mutex_t lock;
	struct instance *first;
};

struct instances *
instances_new(void)
{
	struct instances *t = calloc(1, sizeof(*t));

	if (t != NULL)
		pthread_mutex_init(&t->lock, NULL);
	return t;
}

void
instances_free(struct instances *t)
{
	struct instance *i;

	while (t != NULL && (i = t->first) != NULL) {
		t->first = i->next;
		pthread_cond_destroy(&i->freed);
		free(i);
	}
	free(t);
}

static struct instance *
instance_new(struct instances *t, const char *name)
{
	struct instance *i = calloc(1, sizeof(*i));

	if (i == NULL)
		return NULL;
	i->table = t;
	snprintf(i->name, sizeof(i->name), "%s", name);
	i->health.level = -1;
	thread_cond_init(&i->freed);
	i->next = t->first;
	t->first = i;
	return i;
}

struct instance *
instance_get(struct instances *t, const char *name)
{
	struct instance *i;

	pthread_mutex_lock(&t->lock);
	for (i = t->first; i != NULL; i = i->next)
		if (strcmp(i->name, name) == 0)
			break;
	if (i == NULL)
		i = instance_new(t, name);
	pthread_mutex_unlock(&t->lock);
	return i;
}

int
instance_take(struct instance *i, enum slot slot, struct fault *f)
{
	int64_t end = flight_now() + UPSTREAM_LINE_MS;
	struct timespec until = { .tv_sec = end / 1000,
		.tv_nsec = end % 1000 * 1000000 };
	int rc = 0;
	bool taken;

	pthread_mutex_lock(&i->table->lock);
	while (i->used[slot] >= slot_most[slot] && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&i->freed, &i->table->lock,
		    &until);
	taken = i->used[slot] < slot_most[slot];
	i->used[slot] += taken;
	pthread_mutex_unlock(&i->table->lock);
	return taken ? 0 : fault_set(f, ERR_BUSY, "The instance %s is busy "
	    "with %d other requests; try again.", i->name, slot_most[slot]);
}

void
instance_give(struct instance *i, enum slot slot)
{
	pthread_mutex_lock(&i->table->lock);
	i->used[slot]--;
	/* All kinds of slots share the condition. */
	pthread_cond_broadcast(&i->freed);
	pthread_mutex_unlock(&i->table->lock);
}

enum alb_level
instance_level(struct instance *i, bool *sure)
{
	enum alb_level level = ALB_LEVEL_NEWEST;

	pthread_mutex_lock(&i->table->lock);
	*sure = i->health.level == ALB_LEVEL_NEWEST;
	if (i->health.level >= 0 &&
	    flight_now() - i->level_since < LEVEL_TRUST_MS)
		level = (enum alb_level)i->health.level;
	pthread_mutex_unlock(&i->table->lock);
	return level;
}

int
instance_level_seen(struct instance *i)
{
	int level;

	pthread_mutex_lock(&i->table->lock);
	level = i->health.level;
	pthread_mutex_unlock(&i->table->lock);
	return level;
}

void
instance_level_set(struct instance *i, enum alb_level level)
{
	pthread_mutex_lock(&i->table->lock);
	if (i->health.level != (int)level ||
	    flight_now() - i->level_since >= LEVEL_TRUST_MS)
		i->level_since = flight_now();
	i->health.level = (int)level;
	pthread_mutex_unlock(&i->table->lock);
}

void
instance_contact(struct instance *i, const struct fault *f)
{
	pthread_mutex_lock(&i->table->lock);
	i->health.checked = time(NULL);
	i->health.status = f == NULL ? HEALTH_UP : HEALTH_DOWN;
	if (f != NULL) {
		i->health.fault = *f;
		i->broken_since = flight_now();
	}
	pthread_mutex_unlock(&i->table->lock);
}

int
instance_broken(struct instance *i, struct fault *f)
{
	int err = 0;

	pthread_mutex_lock(&i->table->lock);
	if (i->health.status == HEALTH_DOWN &&
	    flight_now() - i->broken_since < UPSTREAM_BREAK_MS) {
		*f = i->health.fault;
		err = f->err;
	}
	pthread_mutex_unlock(&i->table->lock);
	return err;
}

void
instance_health(struct instance *i, struct upstream_health *out)
{
	pthread_mutex_lock(&i->table->lock);
	*out = i->health;
	out->has_skew = skew_get(&i->skew, wall_ms(), &out->skew);
	pthread_mutex_unlock(&i->table->lock);
}

void
instance_server_seen(struct instance *i, time_t expires)
{
	pthread_mutex_lock(&i->table->lock);
	i->health.server_expires = expires;
	pthread_mutex_unlock(&i->table->lock);
}

void
instance_clock_seen(struct instance *i, int64_t theirs)
{
	pthread_mutex_lock(&i->table->lock);
	skew_add(&i->skew, theirs, wall_ms());
	pthread_mutex_unlock(&i->table->lock);
}

void
instance_reset(struct instance *i)
{
	pthread_mutex_lock(&i->table->lock);
	i->skew = (struct skew){ .window = 0 };
	i->health = (struct upstream_health){ .level = -1 };
	pthread_mutex_unlock(&i->table->lock);
}
