/* SPDX-License-Identifier: ISC */
/*
 * auth_client: the only face of the authority. One connection, used by one
 * thread at a time, reopened when the authority was restarted. The requests
 * are listed in auth/README.md.
 */
#ifndef AUTH_CLIENT_H
#define AUTH_CLIENT_H

#include <time.h>

#include "albatross/cert.h"
#include "base/json.h"

struct auth_client;

/* On whose behalf; at most one of cookie and bearer. All borrowed. */
struct auth_who {
	const char *cookie;	/* session JWT, or NULL */
	const char *bearer;	/* token or grant, or NULL */
	const char *address;	/* of the caller, textual, or NULL */
	const char *user_agent;	/* or NULL */
	const char *device;	/* that this browser is known by, or NULL */
	const char *request_id;	/* or NULL */
	/*
	 * "PUT /settings/mail": what is to be changed, for the audit log, when
	 * the authority is asked whether that may be; or NULL. about: which
	 * one, when no place says so; or NULL.
	 */
	const char *change;
	const char *about;
};

/* path is borrowed. Connects at the first call. NULL: out of memory. */
struct auth_client *auth_client_new(const char *path);
void auth_client_free(struct auth_client *c);
/* Gives the connection back for a while; the next call makes a new one. */
void auth_client_rest(struct auth_client *c);

/*
 * One request, at most 256 KiB each way, answered within 30 s. who may be
 * NULL for the few requests that need nobody; args is taken (NULL: none). 0
 * with an owned *reply (an object; pass NULL to drop it), or an err: the
 * authority's own with its detail and fields, ERR_AUTHORITY when it does not
 * answer.
 */
int auth_call(struct auth_client *c, const char *op,
	const struct auth_who *who, struct json_object *args,
	struct json_object **reply, struct fault *f);

/* What authorize answers. */
struct auth_grant {
	char user[37];		/* id */
	char user_name[64];
	char token[37];		/* id of the token used, "" for a session */
	bool admin;
	time_t expires;		/* of the credential */
	/* patterns of names a token is narrowed to; "" for any */
	char names[2048];
};

/*
 * May a unikernel or volume of this name be shown? For lists, which are
 * authorised as a whole (name NULL).
 */
bool auth_grant_covers(const struct auth_grant *g, const char *name);

/*
 * May who do scope ("unikernel:read", ...) on instance / project / name (each
 * may be NULL)? Without a scope (NULL): whose credential is it at all? 0, or
 * ERR_UNAUTHENTICATED, ERR_EXPIRED, ERR_FORBIDDEN, ERR_NOT_FOUND (where even
 * the existence is not theirs to know), ERR_NO_POLICY, ERR_ARCHIVED
 * (auth/README.md).
 */
int auth_authorize(struct auth_client *c, const struct auth_who *who,
	const char *scope, const char *instance, const char *project,
	const char *name, struct auth_grant *grant, struct fault *f);
/* The same, also in an archived project: to look, stop, and take away. */
int auth_authorize_archived(struct auth_client *c, const struct auth_who *who,
	const char *scope, const char *instance, const char *project,
	const char *name, struct auth_grant *grant, struct fault *f);

/*
 * A change (who->change) was refused with err without asking: for the audit
 * log. Each name may be NULL.
 */
void auth_change_refused(struct auth_client *c, const struct auth_who *who,
	int err, const char *instance, const char *project, const char *name);

/*
 * A grant: a deployment's credential for one unikernel, which outlives the
 * request: to be used as auth_who's bearer, at most for a day. secret is wiped
 * by the caller. 0, or as auth_authorize.
 */
#define AUTH_GRANT_PREFIX "mmg_"
#define AUTH_GRANT_SIZE 48

int auth_grant_make(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *name,
	char secret[AUTH_GRANT_SIZE], struct fault *f);
/*
 * The same for a volume, which who may read at least: what they may do with it
 * of reading and writing, and look at what runs in its project. With writing
 * goes removing, for what was made for it.
 */
int auth_volume_grant_make(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *volume,
	char secret[AUTH_GRANT_SIZE], struct fault *f);
/*
 * A standing grant: what a person (who: a session) gives for when they are
 * away, for a year (*expires), to be kept safe. kind "updates", for one
 * unikernel: as who's bearer it does nothing but auth_grant_make there, for as
 * long as its owner may. kind "copies", for one volume: nothing but
 * auth_volume_grant_make of it (to read), and auth_grant_make of any unikernel
 * beside it, which are stopped and started. kind "notices", for no place (all
 * NULL): it does nothing but "whoami". secret is wiped by the caller. 0, or as
 * auth_authorize, ERR_INVALID.
 */
int auth_standing_make(struct auth_client *c, const struct auth_who *who,
	const char *kind, const char *instance, const char *project,
	const char *name, char secret[AUTH_GRANT_SIZE], time_t *expires,
	struct fault *f);
/* Ends a grant of any kind. */
int auth_grant_end(struct auth_client *c, const char *secret,
	struct fault *f);

/* A minted command: where to send it and what to show there. */
struct auth_mint {
	char host[256];
	int port;
	char *server_ca;	/* PEM; owned */
	struct alb_chain chain;	/* owned */
	struct alb_policy policy; /* the project's; owned; empty for root */
};

void auth_mint_free(struct auth_mint *m);	/* contents only; wipes */

/*
 * Asks for command under project (NULL: the instance itself, admins only) and
 * label ("" for none). who NULL is the service itself, which may read: infos,
 * stats and policies of an instance itself, and consoles. The authority checks
 * the right that the kind of command needs and all of alb_command_check. 0
 * with an owned *m, or as auth_authorize, ERR_INVALID, ERR_POLICY.
 */
int auth_mint(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *label,
	const struct alb_command *command, struct auth_mint *m,
	struct fault *f);

/*
 * Asks for what asks the server of an instance's form (args of "instance-try"
 * without a level, borrowed) what runs there, as level understands it: signed
 * with what the form says, of which nothing is stored. As auth_mint, or
 * ERR_INVALID with what is wrong with the form.
 */
int auth_try(struct auth_client *c, const struct auth_who *who,
	struct json_object *form, enum alb_level level, struct auth_mint *m,
	struct fault *f);

/*
 * As auth_mint, with a policy that is not stored yet in the place of the
 * project's own; for unikernel-info alone, and administrators. NULL: its own.
 */
int auth_mint_trial(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *label,
	const struct alb_command *command, const struct alb_policy *policy,
	struct auth_mint *m, struct fault *f);

/*
 * All items of a list which comes in pages, by name, or as a whole; args (or
 * NULL) are taken. 0 with an owned array, or as auth_call.
 */
int auth_all(struct auth_client *c, const struct auth_who *who,
	const char *op, struct json_object *args, struct json_object **out,
	struct fault *f);

/*
 * What an instance gives, for administrators: {"unikernels", "memory",
 * "block", "root", "policies": [..]} (auth/README.md). 0 with an owned *out,
 * or as auth_call.
 */
int auth_given(struct auth_client *c, const struct auth_who *who,
	const char *instance, struct json_object **out, struct fault *f);

/* Grows with each change of who may see what, and of what there is. */
int auth_revision(struct auth_client *c, int64_t *out, struct fault *f);
/*
 * All there is to be watched: {"instances": [{"name", "certificate_expires"}],
 * "projects": [{"name", "policies": [{"instance", "policy"}]}], "revision"}; a
 * change behind it raises the revision. 0 with an owned *out, or as auth_call.
 */
int auth_watch_list(struct auth_client *c, struct json_object **out,
	struct fault *f);

#endif
