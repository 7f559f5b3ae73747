/* SPDX-License-Identifier: ISC */
/*
 * identity: who a credential says is asking, looked up afresh at each request
 * so that logout, revocation and changed rights act at once; and what they may
 * do where.
 */
#ifndef AUTH_IDENTITY_H
#define AUTH_IDENTITY_H

#include "auth/accounts.h"
#include "auth/authority.h"
#include "auth/grants.h"

struct identity {
	char user[37];
	char name[ALB_LABEL_MAX + 1];
	char email[EMAIL_SIZE];
	bool admin;
	bool enrol;		/* admin, had they the factor they must have */
	time_t expires;		/* of the credential */
	char session[37];	/* "" for a token */
	time_t proved;		/* when the session last was; 0 for a token */
	time_t used;		/* when a use of the session was last noted */
	struct token token;	/* id "" for a session */
	enum grant_kind grant;	/* token is such a grant (grants.h) */
};

/*
 * At most one of cookie and bearer. 0, ERR_UNAUTHENTICATED, ERR_EXPIRED,
 * ERR_TWO_CREDENTIALS, ERR_INTERNAL, with a sentence.
 */
int identity_find(struct authority *a, struct db *d, const char *cookie,
	const char *bearer, time_t now, struct identity *out,
	struct fault *f);

/*
 * Who lacks the second factor that administrators must have is none yet: that
 * becomes enrol. 0 or ERR_INTERNAL.
 */
int identity_factor_check(struct db *d, struct identity *who);

/* An administrator, whose token (if it is one) has instance:admin. */
bool identity_is_admin(const struct identity *who);

/* "session:ID", "token:ID", "grant:ID"; "" for nobody. */
#define CREDENTIAL_SIZE 48
void identity_credential(const struct identity *who,
	char out[CREDENTIAL_SIZE]);

/* Where something is to be done: each name may be NULL, for somewhere. */
struct place {
	const char *instance;
	const char *project;
	const char *name;	/* of a unikernel or volume */
};

/* The place as the database knows it; ids are "" for what is NULL. */
struct spot {
	char instance_id[37];
	char project_id[37];
	enum role role;		/* in the project; or the best somewhere */
	bool archived;		/* the project is */
	bool personal;		/* and its person is there */
};

/*
 * Is place there for who at all: within what their token is narrowed to, and
 * with any role? Asks for no scope. 0 with *out, ERR_FORBIDDEN, ERR_NOT_FOUND.
 */
int identity_at(struct db *d, const struct identity *who,
	const struct place *place, struct spot *out, struct fault *f);
/*
 * May who do scope at place (folded names)? 0 with *out, or ERR_FORBIDDEN,
 * ERR_NOT_FOUND, ERR_NO_POLICY, ERR_ARCHIVED. What was begun with a grant for a
 * day goes on in an archived project.
 */
int identity_allowed(struct db *d, const struct identity *who,
	enum scope scope, const struct place *place, struct spot *out,
	struct fault *f);
/* The same, whether or not the project is archived: to take things away. */
int identity_holds(struct db *d, const struct identity *who,
	enum scope scope, const struct place *place, struct spot *out,
	struct fault *f);
/*
 * May who do that to the project (folded)? 0 with *out, or ERR_FORBIDDEN,
 * ERR_NOT_FOUND, ERR_ARCHIVED, ERR_CONFLICT (it is a personal one).
 */
int identity_may(struct db *d, const struct identity *who,
	enum action action, const char *project, struct spot *out,
	struct fault *f);

/* ERR_ARCHIVED, with what can be done about it. */
int archived_refuse(struct fault *f, const char *project);

#endif
