/* SPDX-License-Identifier: ISC */
/*
 * ops: the requests of auth/README.md. Each op_*.c brings a const table; ops.c
 * reads a message, finds out who asks, checks the arguments and runs the op.
 */
#ifndef AUTH_OPS_H
#define AUTH_OPS_H

#include "albatross/cert.h"
#include "auth/identity.h"
#include "base/json.h"

/* One request while it is answered; the strings borrow from its message. */
struct request {
	struct authority *a;
	struct db *db;		/* this thread's reader */
	struct identity who;	/* but for OP_NOBODY */
	const char *address;
	const char *user_agent;
	const char *device;	/* what this browser is known by (device.h) */
	const char *request_id;
	const char *change;	/* "PUT /settings/mail": what it is for */
	const char *about;	/* which, when that is no place */
	char credential[CREDENTIAL_SIZE];	/* for rows; by op_entry */
	time_t now;
	struct fault *f;
};

/*
 * Who may ask: nobody in particular; a session or token; a session; an admin;
 * nothing but a grant; nobody in particular, but who it is is found out. Where
 * somebody must ask, grants may as far as op.grants names their kind, and no
 * further.
 */
enum op_who { OP_NOBODY, OP_ANY, OP_SESSION, OP_ADMIN, OP_GRANT, OP_MAYBE };
#define OP_WHO 0xff

/*
 * Or'ed to it: in a session, only one that was proved lately (proof.h). Tokens
 * are not concerned.
 */
#define OP_PROVED 0x100
/*
 * Also for an administrator who must set up a second factor before anything
 * else.
 */
#define OP_ENROLS 0x200

struct op {
	const char *name;	/* NULL ends a table */
	unsigned who;		/* an op_who, OP_PROVED, OP_ENROLS */
	unsigned grants;	/* kinds of them that may ask: a bit each */
	bool reads;		/* runs within one snapshot of the database */
	const struct json_field *fields;	/* NULL: no arguments */
	size_t size;		/* of what fields fill in */
	/* Adds to out; 0 or an ERR_ with r->f set. */
	int (*run)(struct request *r, const void *args,
		struct json_object *out);
};

extern const struct op session_ops[];
extern const struct op account_ops[];
extern const struct op approval_ops[];
extern const struct op recover_ops[];
extern const struct op invitation_ops[];
extern const struct op user_ops[];
extern const struct op token_ops[];
extern const struct op project_ops[];
extern const struct op member_ops[];
extern const struct op policy_ops[];
extern const struct op instance_ops[];
extern const struct op mint_ops[];
extern const struct op grant_ops[];
extern const struct op factor_ops[];
extern const struct op secret_ops[];
extern const struct op audit_ops[];
extern const struct op passkey_ops[];
extern const struct op me_ops[];

/* The answer to a message, owned; never NULL but when out of memory. */
struct json_object *ops_answer(struct authority *a, struct db *db,
	struct json_object *message);

/*
 * What hands a session to the browser (op_session.c): the answer of login,
 * refresh and me-password, whose access token key signs.
 */
struct session_grant;
int op_session_answer(struct request *r, const struct account *account,
	const struct session_grant *grant, const struct access_key *key,
	struct json_object *out);
/*
 * Signs in whoever proved who they are by method, with nothing more to give
 * (op_session.c): out is what login answers.
 */
int op_sign_in(struct request *r, struct account *account,
	const char *method, struct json_object *out);

/*
 * An op for the operator, who may anything: as this person (id), or as nobody
 * (NULL), with args, which are borrowed. Adds to out; 0 or an ERR_.
 */
int ops_local(struct authority *a, struct db *db, const char *user,
	const char *name, struct json_object *args, struct json_object *out,
	struct fault *f);

/* An audit row of this request, from which it borrows. */
struct audit_entry op_entry(struct request *r, const char *action,
	const char *target, const char *detail);
/*
 * Adds an audit row of this request within a write. Those of what was refused
 * are not the op's to write: ops.c sees to them.
 */
int op_audit(struct request *r, struct db *d, const char *action,
	const char *target, const char *detail);

/*
 * A command that was minted: where to send it, its chain and the leaf's key,
 * added to out.
 */
struct op_server { const char *host; int port; const char *ca; };
int op_chain_answer(struct request *r, const struct op_server *server,
	const struct alb_chain *chain, struct json_object *out);

/* Folded into out; s was checked. NULL stays NULL. */
const char *op_fold(const char *s, char out[ALB_LABEL_MAX + 1]);
/*
 * May who asks do scope in the project, as a whole? name gets what it is
 * called, folded. 0 with *spot, or as identity_allowed.
 */
int op_project_allowed(struct request *r, enum scope scope,
	const char *project, char name[ALB_LABEL_MAX + 1], struct spot *spot);
/*
 * Begins a write in which who asks may do that to the project (folded, *spot);
 * NULL with r->f when they may not, or it can not begin.
 */
struct db *op_project_begin(struct request *r, enum action action,
	const char *project, struct spot *spot);
/* Who it turned out to be, for the audit row. */
void op_found(struct request *r, const struct account *account);
/* Fault for what could not be stored, unless f says it already. */
int op_store_fault(struct request *r, int err);

#endif
