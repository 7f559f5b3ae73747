/* SPDX-License-Identifier: ISC */
/*
 * deployment: one attempt to make a unikernel run an image with a
 * configuration, as the ledger keeps it. Numbered per unikernel, kept for
 * ever. Each step is a row before it is acted upon, so that after a kill the
 * daemon knows what it was doing.
 *
 *   received -> validated -> saving -> creating -> watching -> running
 *        \                       \________\___________\------> failed
 *         '-> refused                      '-> rolling-back -> rolled-back
 */
#ifndef FCGI_DEPLOYMENT_H
#define FCGI_DEPLOYMENT_H

#include <stdbool.h>

#include "albatross/config.h"
#include "albatross/name.h"
#include "auth/client.h"
#include "base/json.h"
#include "fcgi/images.h"
#include "fcgi/ledger.h"

#define DEPLOYMENT_LINK_MAX 512
#define DEPLOYMENT_KEY_MAX 255		/* of an Idempotency-Key */
#define DEPLOYMENT_GRACE_DEFAULT 3	/* seconds */
#define DEPLOYMENT_GRACE_MAX 60

enum deployment_state {
	DEPLOYMENT_RECEIVED,	/* being validated */
	DEPLOYMENT_VALIDATED,	/* waiting for a runner */
	DEPLOYMENT_SAVING,	/* what runs is made safe */
	DEPLOYMENT_CREATING,	/* albatross was told */
	DEPLOYMENT_WATCHING,	/* started; does it live and is it well? */
	DEPLOYMENT_ROLLING_BACK,
	DEPLOYMENT_RUNNING,	/* from here on: ended */
	DEPLOYMENT_FAILED,
	DEPLOYMENT_ROLLED_BACK,
	DEPLOYMENT_REFUSED,	/* nothing was touched */
	DEPLOYMENT_STATES
};

enum deployment_source {
	DEPLOYED_UPLOAD, DEPLOYED_IMAGE, DEPLOYED_BUILD, DEPLOYED_ROLLBACK,
	DEPLOYED_RESTART, DEPLOYED_UPDATE,
	DEPLOYED_VOLUME,	/* after something was done with its volume */
	DEPLOYMENT_SOURCES
};

struct deployment {
	int64_t id;		/* 0: not in the ledger yet */
	int64_t number;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	enum deployment_state state;
	enum deployment_source source;
	/* Numbers of deployments of the same unikernel; 0: none. */
	int64_t of;		/* gone back to, restarted or updated */
	int64_t because;	/* the one that failed */
	int64_t rolled_back_by;
	int64_t previous;	/* what ran before, if it was one of ours */
	bool current;		/* the last that ran, not destroyed since */
	bool replaced;		/* something ran before */
	bool create_only;	/* nothing is to be replaced */
	char user[37];
	char user_name[64];
	char token[37];		/* "": a session */
	char link[DEPLOYMENT_LINK_MAX + 1];
	char image[IMAGE_DIGEST_LEN + 1];	/* "": BHyve */
	uint64_t image_size;
	char *config;		/* JSON; owned */
	char *check;		/* health check as JSON, or NULL; owned */
	bool check_given;	/* to be kept when this one runs */
	bool auto_rollback;
	int grace;		/* seconds */
	char previous_image[IMAGE_DIGEST_LEN + 1];
	char *previous_config;	/* JSON, NULL: nothing ran; owned */
	int64_t previous_started;	/* s since 1970, 0: not told */
	char key[DEPLOYMENT_KEY_MAX + 1];	/* Idempotency-Key, or "" */
	char print[DIGEST_SIZE];	/* of the request under it */
	char grant[AUTH_GRANT_SIZE];	/* until it has ended */
	int64_t created, ended;	/* ms since 1970; ended 0: under way */
	char *build;		/* whose image it is, JSON, or NULL; owned */
	char *error;		/* members of a problem, JSON, or NULL; owned */
	char *log;		/* lines, or NULL; owned */
};

void deployment_init(struct deployment *d);
void deployment_free(struct deployment *d);	/* contents only; wipes */

const char *deployment_state_text(enum deployment_state s);
const char *deployment_source_text(enum deployment_source s);
bool deployment_is_final(enum deployment_state s);

/*
 * Adds d as the next of its unikernel in state received (or, for a roll-back,
 * in d->state): fills in id, number, created. 0 or an ERR_.
 */
int deployment_add(struct ledger *l, struct deployment *d, struct fault *f);
/*
 * Goes on to the next step; d->grant, previous_* and replaced are kept too. why
 * (or NULL, or without an err) says what ended the step before, log what the
 * unikernel said last.
 */
int deployment_step(struct ledger *l, struct deployment *d,
	enum deployment_state state, const struct fault *why, const char *log,
	struct fault *f);
/*
 * Ends it: state is one of the final ones, why (or NULL) says why it is not
 * running, log (or NULL) what the unikernel said last. The grant is wiped.
 */
int deployment_end(struct ledger *l, struct deployment *d,
	enum deployment_state state, const struct fault *why, const char *log,
	struct fault *f);

/* Found ones are freed by the caller: 0, ERR_NOT_FOUND, ERR_INTERNAL. */
int deployment_get(struct ledger *l, int64_t id, struct deployment *out);
int deployment_by_number(struct ledger *l, const char *instance,
	const char *project, const char *name, int64_t number,
	struct deployment *out);
/* The one that runs; the last that was not refused; the last that ran. */
int deployment_current(struct ledger *l, const char *instance,
	const char *project, const char *name, struct deployment *out);
int deployment_last(struct ledger *l, const char *instance,
	const char *project, const char *name, struct deployment *out);
/* The newest below number that ran. */
int deployment_ran_before(struct ledger *l, const char *instance,
	const char *project, const char *name, int64_t number,
	struct deployment *out);
/* The newest below number; the newest before d that was not refused. */
int deployment_below(struct ledger *l, const char *instance,
	const char *project, const char *name, int64_t number,
	struct deployment *out);
int deployment_before(struct ledger *l, const struct deployment *d,
	struct deployment *out);
/* What was made for key within the last day by user there; not refused. */
int deployment_by_key(struct ledger *l, const char *instance,
	const char *project, const char *name, const char *user,
	const char *key, struct deployment *out);
/* The roll-back that was made because of number. */
int deployment_because(struct ledger *l, const struct deployment *failed,
	struct deployment *out);
/* The newest that was to run a build (its uuid, as d->build tells it). */
int deployment_of_build(struct ledger *l, const char *instance,
	const char *project, const char *name, const char *uuid,
	struct deployment *out);
/* The one under way. */
int deployment_open(struct ledger *l, const char *instance,
	const char *project, const char *name, struct deployment *out);
/* The first under way with an id above after; for the start. */
int deployment_open_after(struct ledger *l, int64_t after,
	struct deployment *out);
/*
 * The first under way that names volume: for what is to run, or for what it may
 * go back to (deployment_json.c).
 */
int deployment_naming(struct ledger *l, const char *instance,
	const char *project, const char *volume, struct deployment *out);
/* The unikernel was destroyed: none of its deployments is current. */
int deployment_forget_current(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f);

/*
 * As the API shows it (deployment_json.c): an owned object, with its steps and
 * changes when whole. images tells whether its image is still there.
 */
struct json_object *deployment_json(struct ledger *l, struct images *images,
	const struct deployment *d, bool whole);
/* Numbers below before, newest first, at most limit: an owned array. */
struct json_object *deployment_list_json(struct ledger *l,
	struct images *images, const char *instance, const char *project,
	const char *name, int64_t before, int limit, int64_t *next);
/*
 * Those that were begun within a time, the newest of them, as marks in a chart:
 * an owned array of {time, kind "deployment", text, deployment: its number}.
 */
struct json_object *deployment_marks_json(struct ledger *l,
	const char *instance, const char *project, const char *name,
	int64_t from_ms, int64_t to_ms, int limit);
/*
 * Configurations as they are kept: out of text, owned by the caller (0,
 * ERR_NO_MEMORY, ERR_INTERNAL); and as text, owned, NULL: out of memory.
 */
int deployment_config(const char *text, struct alb_config *out);
char *deployment_config_text(const struct alb_config *c);
/* Why d ended as it did, as a fault; f->err 0: it runs. */
void deployment_fault(const struct deployment *d, struct fault *f);

#endif
