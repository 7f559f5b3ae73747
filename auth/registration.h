/* SPDX-License-Identifier: ISC */
/* registration: who may make an account, as administrators set it. */
#ifndef AUTH_REGISTRATION_H
#define AUTH_REGISTRATION_H

#include "auth/settings.h"

#define REGISTRATION_DOMAINS 32
#define DOMAIN_SIZE 254
/* Accounts that were never verified go after so long, in seconds. */
#define REGISTRATION_WAITS (3 * 24 * 60 * 60)

enum registration_mode {
	REGISTRATION_OPEN,	/* anybody, of the domains if there are any */
	REGISTRATION_INVITED,	/* whoever was invited */
	REGISTRATION_CLOSED,
};

struct registration {
	enum registration_mode mode;
	bool approval;		/* by an administrator, of who comes */
	size_t ndomains;
	char domains[REGISTRATION_DOMAINS][DOMAIN_SIZE];	/* folded */
};

const char *registration_mode_name(enum registration_mode mode);
/* As it is set, else by invitation and with approval. 0 or ERR_INTERNAL. */
int registration_get(struct db *d, struct registration *out);
/* Within a write; 0 or an err. */
int registration_set(struct db *d, const struct registration *r);
/* {"mode", "approval", "domains"}; 0 or ERR_INVALID with fields. */
int registration_read(struct json_object *o, struct registration *out,
	struct fault *f);
struct json_object *registration_to_json(const struct registration *r);
/* May an address (folded) register where that is open? */
bool registration_takes(const struct registration *r, const char *email);

#endif
