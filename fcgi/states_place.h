/* SPDX-License-Identifier: ISC */
/*
 * states_place: what the parts of states share: one place per instance, all
 * under one lock.
 */
#ifndef FCGI_STATES_PLACE_H
#define FCGI_STATES_PLACE_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/client.h"
#include "fcgi/app.h"
#include "fcgi/gauges.h"
#include "fcgi/pairs.h"
#include "fcgi/rounds.h"
#include "fcgi/seen.h"
#include "fcgi/states.h"
#include "fcgi/thread.h"

/* Times are of flight_now where nothing else is said; 0: never. */
struct place {
	char name[ALB_LABEL_MAX + 1];
	struct place *next;
	bool removed;		/* goes once it is not asked any more */
	bool queued, asking;
	int64_t asking_since;
	int64_t wanted;		/* by a list, last */
	int64_t changed;	/* by us, last */
	int64_t begun, ended;	/* the last look */
	bool again;		/* to be looked at once more, soon */
	int64_t unsettled_until;
	int64_t back;		/* since when it answers again */
	int64_t as_of;		/* ms since 1970: the last answer */
	size_t running;		/* unikernels there, of anybody */
	int latency;		/* ms of the last answer, -1 */
	struct fault fault;	/* of the last look; err 0: it answered */
	struct fault why;	/* of the last check that failed */
	int64_t certificate_expires;
	enum gauges_state stats;	/* as it was told of last */
	struct standing standing;
	struct seen_list rows;
};

struct states {
	struct app *app;
	pthread_mutex_t lock;
	pthread_cond_t work;	/* something is queued */
	pthread_cond_t tick;	/* the clock has to look again */
	pthread_cond_t looked;	/* a look ended */
	struct place *first;	/* ordered by name */
	size_t lost;		/* threads with one that is down */
	atomic_uint generation;	/* of what there is, as changed by us */
	bool ending;
	bool looked_at;		/* somebody is told of changes */
	struct pair *pairs;	/* ordered; owned: what has a policy */
	size_t npairs;
	int64_t revision;	/* of the authority, -1: not known */
	pthread_mutex_t saving;	/* held from reading rows to their commit */
	struct threads threads;
	pthread_t clock;
	bool has_clock;
	struct rounds *lister;
};

/* All with the lock held, but where something else is said. */

struct place *place_find(struct states *s, const char *name);
/* Made when it is not there; NULL when out of memory. */
struct place *place_get(struct states *s, const char *name);
/* Out of the list, and freed, by whoever asks it if it is being asked. */
void place_remove(struct states *s, struct place *p);
/* Has it looked at as soon as a thread is there. */
void place_queue(struct states *s, struct place *p);
bool place_is_known(const struct states *s, const char *instance,
	const char *project);
/* Out of reach: what runs there, or one of it, is as it was last seen. */
bool place_lost(const struct place *p);
bool row_lost(const struct place *p, const struct seen *row);
/* The look that is under way ended: those who wait for it go on. */
void place_looked(struct states *s, struct place *p);

/*
 * states_poll.c: asks p, which is marked as being asked, and takes in what it
 * says. Without the lock.
 */
void place_look(struct states *s, struct auth_client *auth, struct place *p);

/* states_show.c: what lists and events show. */

/* What is not the instance's: builders, health checks. */
struct extras;
/* Without the lock. NULL when out of memory. */
struct extras *extras_new(struct app *app, const char *instance,
	const struct found *found, size_t n);
void extras_free(struct extras *x);
/*
 * Encodes a row anew, with what x says (NULL: as before). True when something
 * in it is worth telling of. The lock is held.
 */
bool row_show(const struct states *s, const struct place *p, struct seen *row,
	const struct extras *x);
/* What it uses now: owned, NULL when that is not known. */
struct json_object *row_metrics(const struct states *s, const struct place *p,
	const struct seen *row);
/* An instance as those see it who may: owned, or NULL. */
struct json_object *place_health(struct states *s, const struct place *p,
	bool whole);

/* states_tell.c: who is told. The lock is held. */

/* first: nothing was known of the instance before. */
void event_tell(struct states *s, const struct place *p,
	const struct seen_event *e, bool first);
void instance_tell(struct states *s, const struct place *p);
/* The logs of those that run are kept, of others not any more. */
void rows_keep(struct states *s, struct place *p);
/* Raises and clears; without the lock, as it writes. */
void events_alert(struct states *s, const char *instance,
	const struct seen_events *events);

/*
 * states_store.c: what is kept in the ledger. Without the lock; what can not
 * be written is told in the log, and tried again with the next change.
 */

/* All of it, into new places: 0 or an err. */
int states_load(struct states *s, struct fault *f);
/* Those that events name, as they are by now. */
void rows_save(struct states *s, const char *instance,
	const struct seen_events *events);
void outage_save(struct states *s, const char *instance,
	const struct outage *o);
/* An instance goes. */
void place_erase(struct states *s, const char *instance);

#endif
