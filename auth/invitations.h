/* SPDX-License-Identifier: ISC */
/*
 * invitations: links by which somebody may register, perhaps into a project.
 * Given by administrators, or into a project by its owners, and good for as
 * long as who gave one is that still, and while the project is not archived.
 * One is used up by the first who comes with it and is verified. "mmi_" and as
 * a token; stored as SHA-256.
 */
#ifndef AUTH_INVITATIONS_H
#define AUTH_INVITATIONS_H

#include "auth/accounts.h"
#include "auth/tokens.h"

#define INVITATION_PREFIX "mmi_"
#define INVITATIONS_MAX 300	/* open ones; a list of them is one message */
#define INVITATIONS_OWN 20	/* of these, of who is no administrator */

struct invitation {
	char id[37];
	char email[EMAIL_SIZE];		/* "": whoever has the link */
	char project_id[37];		/* "": into none */
	char project[ALB_LABEL_MAX + 1];
	enum role role;			/* with a project */
	char by_id[37];			/* who invited */
	char by[ALB_LABEL_MAX + 1];
	bool by_admin;			/* comes without approval */
	time_t created, expires;
};

/*
 * One that is good now, by its secret or by its id: 0, ERR_LINK, or
 * ERR_INTERNAL, with a sentence.
 */
int invitation_find(struct db *d, const char *secret, time_t now,
	struct invitation *out, struct fault *f);
int invitation_get(struct db *d, const char *id, time_t now,
	struct invitation *out, struct fault *f);
/*
 * Within a write: fills in id; secret is wiped by the caller. 0, or
 * ERR_CONFLICT when there are too many.
 */
int invitation_add(struct db *d, struct invitation *i,
	char secret[TOKEN_LENGTH + 1], struct fault *f);
/*
 * Uses one up for an account, which no longer hangs on it, within a write:
 * others that came by it and are not verified go with it.
 */
int invitation_accept(struct db *d, const struct invitation *i,
	const char *user);
int invitation_remove(struct db *d, const char *id);
/* Those that are over go, with who came by them and is not verified. */
int invitations_sweep(struct db *d, time_t now);
/* All that are open, or (not NULL) those into a project; owned. */
struct json_object *invitation_list(struct db *d, const char *project_id,
	time_t now);
struct json_object *invitation_to_json(const struct invitation *i);

#endif
