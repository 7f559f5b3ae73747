/* SPDX-License-Identifier: ISC */
/*
 * states: what runs on all instances, kept up to date by asking each of them
 * now and then with the service's own credential: every 2 s while somebody
 * looks or something is about to change, every 30 s else; one that is down ever
 * more rarely (standing_wait), and at once when it is probed. All lists are
 * answered from it, and what changed is told to those who watch. A few threads
 * ask; one that does not answer holds up nobody but those who ask for it.
 */
#ifndef FCGI_STATES_H
#define FCGI_STATES_H

#include "base/err.h"
#include "base/json.h"
#include "fcgi/standing.h"

#define STATES_THREADS 16
#define STATES_LOST_MAX 8	/* of them, with instances that are down */
#define STATES_OFTEN_MS 2000
#define STATES_SELDOM_MS 30000
#define STATES_LOOKED_MS 10000	/* so long somebody looks after a list */
#define STATES_FRESH_MS 3000	/* what a list may be old without waiting */

struct app;
struct states;

/*
 * app is borrowed: its ledger is there. With what was seen before; asks nobody
 * yet. NULL with f.
 */
struct states *states_new(struct app *app, struct fault *f);
/* Begins to ask; all else of app is there. 0 or ERR_NO_MEMORY. */
int states_start(struct states *s);
/* Asks no more; what is being asked ends by its time limits. */
void states_stop(struct states *s);	/* NULL is fine, here and below */
void states_free(struct states *s);

/*
 * Something there was changed through us: lists from now on wait for a look
 * that begins now or later.
 */
void states_changed(struct states *s, const char *instance);
/*
 * It was changed, or destroyed, through us: what the next look finds of it is
 * no crash. The same holds while it is claimed (upstream_claim).
 */
void states_meant(struct states *s, const char *instance,
	const char *project, const char *name);
/*
 * A deployment of it ended well: should it stop from now on, it is listed as
 * stopped, even if nobody saw it running.
 */
void states_deployed(struct states *s, const char *instance,
	const char *project, const char *name);
/*
 * It was destroyed and is not to be listed as stopped. False when it was not
 * known.
 */
bool states_forget(struct states *s, const char *instance,
	const char *project, const char *name);
/*
 * Instances, projects or policies changed through us: they are asked for anew,
 * and the generation is another one.
 */
void states_instances_changed(struct states *s);
unsigned states_generation(struct states *s);
/* An instance was removed: all that is known of it goes. */
void states_instance_removed(struct states *s, const char *instance);
/*
 * Is it away, for more than a moment? Then f says why, and nothing but polls
 * and people need to try it.
 */
bool states_away(struct states *s, const char *instance, struct fault *f);
/* A probe of an instance failed, after ms milliseconds. */
void states_probed(struct states *s, const char *instance, int ms,
	const struct fault *f);

/* ---- for alerts, metrics, statistics ---- */

enum state_kind {
	STATE_RUNNING, STATE_STOPPED,
	STATE_UNKNOWN	/* the instance is out of reach; as last seen */
};

/* Borrowed for the call. Times are ms since 1970, 0: not told. */
struct state_row {
	const char *instance, *project, *name;
	const char *digest;		/* of the image, hex */
	enum state_kind state;
	int64_t started_ms, stopped_ms;
	bool halted;			/* stopped by us, for a while */
	int64_t restarts;		/* within the last hour */
	int64_t restarts_ever;		/* since it was deployed */
	bool crash_loop;
	int64_t memory;			/* MB */
	const char *health;		/* "failing"; "" without a check */
	int64_t as_of_ms;		/* 0: never looked at */
};

struct state_instance {
	const char *name;
	enum standing_status status;
	int64_t since_ms, checked_ms, as_of_ms;
	int latency_ms;			/* of the last answer; -1: none */
	size_t running;			/* unikernels, of anybody */
	int64_t certificate_expires;	/* s since 1970; 0: not told */
	int64_t server_expires;		/* its own certificate; as above */
	bool has_skew;			/* its clock's is known: */
	int64_t skew_ms;		/* it is so far ahead */
};

/*
 * Calls take for each unikernel of an instance (NULL: of all) in order, until
 * it says false; under the lock, so it must be quick and call nothing here.
 */
void states_each(struct states *s, const char *instance,
	bool (*take)(void *arg, const struct state_row *row), void *arg);
void states_instances(struct states *s,
	bool (*take)(void *arg, const struct state_instance *i), void *arg);

/* ---- for the API ---- */

/*
 * Adds "stopped_at", "restarts", "crash_loop" and "metrics" to a unikernel as
 * the API shows it; false, and nothing more than zeroes, when none is known.
 */
bool states_show(struct states *s, const char *instance, const char *project,
	const char *name, struct json_object *o);
/* As it was seen last and is shown in lists: owned, or NULL. */
struct json_object *states_item(struct states *s, const char *instance,
	const char *project, const char *name);
/* An instance's health: owned; whole with how many run there. */
struct json_object *states_health(struct states *s, const char *instance,
	bool whole);
/* The same with its checks and outages; details if whole. */
struct json_object *states_history(struct states *s, const char *instance,
	bool whole);

#endif
