/* SPDX-License-Identifier: ISC */
/*
 * upstream: conversations with albatross servers. Each use asks the authority
 * to mint the command and runs it, over few connections per instance; what
 * goes wrong becomes an err with a sentence that names the instance; and how
 * each instance does is remembered.
 */
#ifndef FCGI_UPSTREAM_H
#define FCGI_UPSTREAM_H

#include <stdbool.h>
#include <time.h>

#include "albatross/session.h"
#include "auth/client.h"

#define UPSTREAM_COMMANDS 4	/* connections per instance for commands, */
#define UPSTREAM_UPLOADS 2	/* for images on their way, */
#define UPSTREAM_OPENING 4	/* for streams while they are opened, */
#define UPSTREAM_VOLUMES 8	/* and for the bytes of volumes */
#define UPSTREAM_LINE_MS 10000	/* waiting for one of them */
#define UPSTREAM_BREAK_MS 5000	/* a failed instance is left alone so long */

struct app;
struct flights;
struct upstream;
struct veil;

/* Who asks about what; all borrowed. */
struct ask {
	struct auth_client *auth;	/* of this thread */
	const struct auth_who *who;	/* NULL: the service, which reads */
	const char *instance;
	const char *project;		/* NULL: the instance itself */
	const char *label;		/* "": the project itself */
};

struct policy_looks;	/* policy_look.h */

/* app is borrowed. NULL: out of memory. */
struct upstream *upstream_new(struct app *app);
void upstream_free(struct upstream *u);
/* The answers that requests share, by keys of "instance/project". */
struct flights *upstream_flights(struct upstream *u);
/* What keeps secrets out of the answers, and out of what people send. */
struct veil *upstream_veil(struct upstream *u);
struct policy_looks *upstream_looks(struct upstream *u);

/*
 * Runs one command with one reply; c->level is set to what the instance
 * understands. 0 with the reply (no failure) in w, freed by the caller; or an
 * err, then w needs no freeing. ERR_ALB_UNKNOWN: the command changes
 * something, it was sent, and no answer came.
 */
int upstream_call(struct upstream *u, const struct ask *a,
	struct alb_command *c, struct alb_wire *w, struct fault *f);
/* The same, sending the size bytes of fd (-1: none) behind the command. */
int upstream_upload(struct upstream *u, const struct ask *a,
	struct alb_command *c, int fd, uint64_t size, struct alb_wire *w,
	struct fault *f);
/*
 * The same for a reply that holds an image of up to max bytes, which goes to
 * sink in pieces while it arrives (alb_session_read_image: w tells first
 * whether it is compressed). ERR_INTERNAL when sink answered with something
 * else than 0.
 */
int upstream_get(struct upstream *u, const struct ask *a,
	struct alb_command *c, uint64_t max,
	int (*sink)(void *arg, const uint8_t *data, size_t len), void *arg,
	struct alb_wire *w, struct fault *f);
/*
 * Opens a stream and reads its first message, which says that it is one. The
 * session does not block (alb_session_unblock) and is the caller's.
 */
int upstream_open(struct upstream *u, const struct ask *a,
	struct alb_command *c, struct alb_session **out, struct fault *f);
/*
 * What runs under the name or the path, without the values of secrets (veil.h):
 * tries the forms of info from the newest down and remembers the level. Names
 * in w are absolute. list: with short time limits, and an instance that just
 * failed is not asked. policy (or NULL) gets the project's policy as the
 * authority has it, owned.
 */
int upstream_infos(struct upstream *u, const struct ask *a, bool list,
	struct alb_wire *w, struct alb_policy *policy, struct fault *f);

/*
 * What runs there at all, for whoever watches it (a->who NULL): with short time
 * limits, a connection of its own, and however it did before.
 */
int upstream_poll(struct upstream *u, const struct ask *a,
	struct alb_wire *w, struct fault *f);

/*
 * The volumes under the path, or the one of the label; as upstream_infos.
 * Names are relative to a path, absolute for a label.
 */
int upstream_blocks(struct upstream *u, const struct ask *a, bool list,
	struct alb_wire *w, struct alb_policy *policy, struct fault *f);

/*
 * The content of a volume, in and out (upstream_volume.c). Neither looks at
 * how many bytes the volume has: that is the caller's (volume.h).
 *
 * set: albatross erases the volume and then writes what next gives, up to
 * UPSTREAM_STEP bytes at a time. When next says 0 bytes, or has an err of its
 * own, that is its end all the same, so that albatross answers; but an err at
 * its first call is ERR_INTERNAL, before albatross is asked for anything. 0
 * when it said that it is done: then the volume holds the *sent bytes and
 * zeroes behind them. Or an err, with *effect telling what can be said of the
 * volume then.
 */
#define UPSTREAM_STEP (ALB_CHUNK_MAX - 4)	/* with its length, a chunk */

enum set_effect {
	SET_NONE,	/* it was not begun */
	SET_FAILED,	/* albatross said that it went wrong on the way */
	SET_LOST,	/* no answer: anything may be */
};

int upstream_set(struct upstream *u, const struct ask *a,
	int (*next)(void *arg, uint8_t *data, size_t *len), void *arg,
	uint64_t *sent, enum set_effect *effect, struct fault *f);

/*
 * dump: what comes goes to take while it arrives, raw or (level 1..9) as one
 * zlib stream. begin is called once albatross has said that it is there, and
 * stopped now and then while nothing comes. An answer of theirs other than 0,
 * or true, ends the connection at once and is ERR_INTERNAL. 0 when albatross
 * said that this was all of it.
 */
struct dump_taker {
	int (*begin)(void *arg);
	int (*take)(void *arg, const uint8_t *data, size_t len);
	bool (*stopped)(void *arg);
	void *arg;
};

int upstream_dump(struct upstream *u, const struct ask *a, int level,
	const struct dump_taker *taker, struct fault *f);

/* The policies at and below the path, with names relative to it. */
int upstream_policies(struct upstream *u, const struct ask *a,
	struct alb_wire *w, struct fault *f);
/*
 * Has a's project take over a policy, which is not stored yet, by a command
 * that does nothing else; for administrators. ERR_ALB_FAILURE: albatross said
 * no, in its words.
 */
int upstream_policy_try(struct upstream *u, const struct ask *a,
	const struct alb_policy *policy, struct fault *f);

/* How an instance did at the last contact. */
struct upstream_health {
	enum { HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN } status;
	time_t checked;		/* 0: never */
	int level;		/* enum alb_level, -1: not known */
	time_t server_expires;	/* its own certificate, as last seen; or 0 */
	bool has_skew;		/* its clock's is known (skew.h): */
	int64_t skew;		/* ms, ahead of ours */
	struct fault fault;	/* of HEALTH_DOWN */
};

void upstream_health(struct upstream *u, const char *instance,
	struct upstream_health *out);
/* What it said at theirs came just now (skew.h); ms since 1970. */
void upstream_clock_seen(struct upstream *u, const char *instance,
	int64_t theirs);
/* Asks now whatever was before (admins only) and then tells the health. */
int upstream_probe(struct upstream *u, const struct ask *a,
	struct upstream_health *out, struct fault *f);
/* Forgets everything about an instance that was removed or added anew. */
void upstream_forget(struct upstream *u, const char *instance);
/* What it understands, as last seen; the newest when it is not known. */
enum alb_level upstream_level(struct upstream *u, const char *instance);

/*
 * One change of a unikernel at a time: 0, or ERR_CONFLICT while another one is
 * under way. To be released with the same names.
 */
int upstream_claim(struct upstream *u, const struct ask *a, struct fault *f);
void upstream_release(struct upstream *u, const struct ask *a);
bool upstream_claimed(struct upstream *u, const char *instance,
	const char *project, const char *name);
/*
 * The same for a volume, which is a's label, while bytes go into it or come out
 * of it: ERR_CONFLICT also while a deployment under way names it. A deployment
 * that names a claimed one is refused.
 */
int upstream_volume_claim(struct upstream *u, const struct ask *a,
	struct fault *f);
void upstream_volume_release(struct upstream *u, const struct ask *a);
bool upstream_volume_claimed(struct upstream *u, const char *instance,
	const char *project, const char *volume);

#endif
