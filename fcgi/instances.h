/* SPDX-License-Identifier: ISC */
/*
 * instances: what upstream remembers of each albatross server: how many
 * connections are open, what it understands, how it did last.
 */
#ifndef FCGI_INSTANCES_H
#define FCGI_INSTANCES_H

#include "fcgi/upstream.h"

/* What connections are counted for, each with its own bound. */
enum slot { SLOT_COMMAND, SLOT_UPLOAD, SLOT_OPENING, SLOT_VOLUME, SLOT_WATCH,
	SLOT_LOOK, SLOTS };

struct instances;
struct instance;

struct instances *instances_new(void);
void instances_free(struct instances *t);

/* The instance, made when new; lives until the end. NULL: out of memory. */
struct instance *instance_get(struct instances *t, const char *name);

/* Takes a connection, waiting in line for it: 0 or ERR_BUSY. */
int instance_take(struct instance *i, enum slot slot, struct fault *f);
void instance_give(struct instance *i, enum slot slot);

/*
 * The level to try first: what it was, or the newest when that is not known or
 * an older one was learnt a while ago. *sure: it is not worth trying older
 * ones.
 */
enum alb_level instance_level(struct instance *i, bool *sure);
/* The last level seen, -1 when it is not known. */
int instance_level_seen(struct instance *i);
void instance_level_set(struct instance *i, enum alb_level level);

/* What came of a contact; f is NULL when it answered. */
void instance_contact(struct instance *i, const struct fault *f);
/* The error of a contact that failed just now, else 0. */
int instance_broken(struct instance *i, struct fault *f);
void instance_health(struct instance *i, struct upstream_health *out);
/* Its own certificate is good until then (s since 1970), as just shown. */
void instance_server_seen(struct instance *i, time_t expires);
/* As upstream_clock_seen. */
void instance_clock_seen(struct instance *i, int64_t theirs);
/* Level and health are unknown again. */
void instance_reset(struct instance *i);

#endif
