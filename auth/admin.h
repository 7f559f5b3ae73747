/* SPDX-License-Identifier: ISC */
/*
 * admin: what the operator does on the command line, on the state directory
 * itself; the daemon may be running.
 */
#ifndef AUTH_ADMIN_H
#define AUTH_ADMIN_H

#include <stdbool.h>

struct admin_options {
	const char *dir;
	const char *email;
	const char *name;
	bool admin;		/* of the account to make */
	bool generate;		/* a password, printed; else one from stdin */
};

/* Each prints what it did, or why not, and returns an exit status. */
int admin_user_create(const struct admin_options *o);
int admin_password(const struct admin_options *o);
int admin_keys_rotate(const struct admin_options *o);
int admin_audit_verify(const struct admin_options *o);

#endif
