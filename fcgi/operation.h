/* SPDX-License-Identifier: ISC */
/*
 * operation: a long action with a volume as the ledger keeps it, from its
 * begin to some weeks after its end. What it does is a row before it does it,
 * so that after a kill the daemon knows; how many bytes went by, and that it is
 * asked to stop, is in memory while it is under way.
 *
 * Times are milliseconds since 1970. Functions that can fail return 0 or an
 * ERR_. Each change wakes those who wait for the ledger (ledger_wait).
 */
#ifndef FCGI_OPERATION_H
#define FCGI_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "albatross/name.h"
#include "auth/client.h"
#include "base/json.h"
#include "fcgi/ledger.h"

#define OPERATION_SHOWN_MS (60 * 60 * INT64_C(1000))	/* once ended */
#define OPERATION_KEPT_MS (30 * 24 * OPERATION_SHOWN_MS)
#define OPERATION_LISTED_MAX 1000

struct app;
struct operations;

enum operation_kind {
	OPERATION_UPLOAD, OPERATION_DOWNLOAD, OPERATION_SAVE,
	OPERATION_RESTORE,
	OPERATION_KINDS
};

enum operation_state {
	OPERATION_RUNNING,
	OPERATION_SUCCEEDED,	/* from here on: ended */
	OPERATION_FAILED,
	OPERATION_CANCELLED,
	OPERATION_STATES
};

/* What it does at the moment; "putting-back" and so on in words. */
enum operation_step {
	STEP_WAITING, STEP_CHECKING, STEP_SAVING, STEP_STOPPING,
	STEP_READING, STEP_SENDING, STEP_STORING, STEP_PUTTING_BACK,
	STEP_HEALING, STEP_STARTING,
	OPERATION_STEPS
};

struct operation {
	int64_t id;		/* 0: not in the ledger yet */
	enum operation_kind kind;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];	/* of the volume */
	char user[37];
	char user_name[64];
	char token[37];		/* "": a session */
	enum operation_state state;
	enum operation_step step;
	bool cancel;		/* somebody asked it to stop */
	char grant[AUTH_GRANT_SIZE];	/* until it has ended, or "" */
	int64_t copy;		/* a saved copy it is about; 0: none */
	uint64_t bytes;
	int64_t total;		/* of bytes; -1: not known */
	int64_t created, ended;	/* ended 0: under way */
	char *body;		/* what was asked for, JSON, or NULL; owned */
	/* stopped for it, with grants to start them, JSON, or NULL; owned */
	char *unikernels;
	char *detail;		/* a sentence, or NULL; owned */
	char *error;		/* problem.h, or NULL; owned */
	char *result;		/* JSON, or NULL; owned */
};

/* app is borrowed; its ledger is there. NULL: out of memory. */
struct operations *operations_new(struct app *app);
void operations_free(struct operations *s);	/* NULL is fine */

/* Who is told by grant makes it, there. */
void operation_init(struct operation *o, enum operation_kind kind,
	const char *instance, const char *project, const char *name,
	const struct auth_grant *grant);
void operation_free(struct operation *o);	/* contents only; wipes */
/* Replaces o->detail; a longer sentence than 600 bytes is cut. */
void operation_tell(struct operation *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

const char *operation_kind_text(enum operation_kind kind);
const char *operation_state_text(enum operation_state state);
const char *operation_step_text(enum operation_step step);

/* Adds it, under way in o->step: fills in id, created. */
int operation_begin(struct operations *s, struct operation *o,
	struct fault *f);
/* The same for one that was under way when the daemon ended. */
int operation_resume(struct operations *s, const struct operation *o,
	struct fault *f);
/*
 * Goes on to step. What o says of bytes, total, copy, unikernels, grant, body
 * and detail is kept too. In memory, bytes begin anew with o->bytes.
 */
int operation_step(struct operations *s, struct operation *o,
	enum operation_step step, struct fault *f);
/* So many bytes of the total by now; cheap. */
void operation_moved(struct operations *s, int64_t id, uint64_t bytes);
/*
 * Whether it is to end soon: somebody asked for it, or the daemon stops. The
 * first alone tells of somebody.
 */
bool operation_cancelled(struct operations *s, int64_t id);
bool operation_stopped(struct operations *s, int64_t id);
/*
 * Ends it, as state says: why (or NULL, or without an err) what went wrong,
 * detail (or NULL: as it is) a sentence, result (taken, or NULL) what came of
 * it. The row's grant and o's are wiped; ending it is the caller's.
 */
int operation_end(struct operations *s, struct operation *o,
	enum operation_state state, const struct fault *why,
	const char *detail, struct json_object *result);

/* Found ones are freed by the caller: 0, ERR_NOT_FOUND, ERR_INTERNAL. */
int operation_get(struct operations *s, int64_t id, struct operation *out);
/* The first under way with an id above after. */
int operation_open_after(struct operations *s, int64_t after,
	struct operation *out);
/*
 * For the start: take gets each that is under way, the oldest first, and may
 * leave an empty one in its place. 0, or the err that take or reading ended
 * with.
 */
int operation_take_up(struct operations *s, int (*take)(void *arg,
	struct operation *o, struct fault *f), void *arg, struct fault *f);
/* The one under way at that volume, 0: none. */
int64_t operation_at(struct operations *s, const char *instance,
	const char *project, const char *name);
/*
 * Asks one to stop: 0, ERR_NOT_FOUND, or ERR_CONFLICT when it has ended, or is
 * about to leave the volume or a unikernel as it should be.
 */
int operation_stop(struct operations *s, int64_t id, struct fault *f);

/* As the API shows it (operation_json.c); owned. */
struct json_object *operation_json(const struct operation *o);
/*
 * The newest OPERATION_LISTED_MAX, and as many deployments, that are under way
 * or ended since OPERATION_SHOWN_MS: an owned array. The member "key" orders
 * them, the newest first.
 */
struct json_object *operation_list_json(struct operations *s);
/* The same of those that ended since another time. */
struct json_object *operation_recent_json(struct operations *s,
	int64_t since);

/* For operation_json.c: the columns of a row, taken into an empty *out. */
#define OPERATION_COLUMNS "id, kind, instance, project, name, user_id,"	\
	" user_name, token_id, state, step, bytes, total, cancel,"	\
	" credential, copy_id, body, unikernels, detail, created,"	\
	" ended, error, result"
void operation_row_take(struct operations *s, sqlite3_stmt *stmt,
	struct operation *out);
struct ledger *operations_ledger(struct operations *s);
bool operation_can_stop(const struct operation *o);

#endif
