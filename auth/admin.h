/* SPDX-License-Identifier: ISC */
/*
 * admin: what the operator does on the command line, on the state directory
 * itself; the daemon may be running, but where it is said.
 */
#ifndef AUTH_ADMIN_H
#define AUTH_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/daemon.h"

/* What the command line says; NULL, 0 and false for what is not there. */
struct arguments {
	const char *dir;
	const char *email;
	const char *name;
	const char *file;	/* --to, --from */
	const char *key;	/* a file */
	const char *certificate;	/* a file */
	const char *server_ca;	/* a file */
	const char *host;
	const char *scopes;	/* words between commas */
	const char *instances;
	const char *project;
	const char *unikernels;
	int64_t port;
	int64_t days;
	bool generate;		/* a password, printed; else one from stdin */
	bool force;
	bool with_key;
	bool without_factors;
	struct daemon_options daemon;
};

/*
 * Each prints what it did, or why not, and returns an exit status. Rekey and
 * restore need the state for themselves.
 */
typedef int admin_command(const struct arguments *a);

/* admin.c: people and keys */
admin_command admin_create, admin_user_create, admin_passwd;
admin_command admin_keys_rotate, admin_audit_verify;
/* admin_ops.c: what can be asked over the API too */
admin_command admin_token_create, admin_instance_add;
/* admin_state.c: all of it */
admin_command admin_backup, admin_restore, admin_rekey, admin_check;

/* For these: prints a fault with its fields; the exit status of a failure. */
struct authority;
struct db;
struct fault;
int admin_complain(const struct fault *f);
/* A row of what is done on the command line, within a write. 0 or an err. */
int admin_audit(struct authority *a, struct db *d, const char *action,
	const char *target, const char *detail);

#endif
