/* SPDX-License-Identifier: ISC */
/*
 * auth_fixture: an authority in a directory of its own, with people, and
 * questions to it as JSON text. Everything asserts: what fails, fails the test.
 */
#ifndef AUTH_FIXTURE_H
#define AUTH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/ops.h"

#define PASSWORD "correct horse"

struct fixture {
	char dir[64];
	struct authority *a;
	struct db *db;
	char hash[PASSWORD_HASH_SIZE];	/* of PASSWORD */
};

/* cmocka set-up and tear-down: *state is a struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);
/* Removes a directory and what is in it (one level). */
void directory_remove(const char *dir);

/* A person NAME with the address NAME@example.org and PASSWORD. */
void fixture_user(struct fixture *x, const char *name, bool admin);
/* The access token of a new session of theirs; owned. */
char *fixture_cookie(struct fixture *x, const char *name);

/* A CA as PEM, owned; a self-signed Ed25519 one, made once. */
void ca_pem(char **certificate, char **key);
/* Adds an instance with that CA, as the administrator of cookie. */
void fixture_instance(struct fixture *x, const char *cookie,
	const char *name);
void fixture_policy(struct fixture *x, const char *cookie,
	const char *instance, const char *project, const char *policy);
void fixture_member(struct fixture *x, const char *cookie,
	const char *project, const char *name, const char *role);

/* A credential is a cookie, or a bearer when it begins with "mm", or NULL. */
struct json_object *ask(struct fixture *x, const char *credential,
	const char *op, const char *args);
/* The same, expecting "ok": the answer, owned. */
struct json_object *ask_ok(struct fixture *x, const char *credential,
	const char *op, const char *args);
/* The same, expecting an error: its code must be code. */
void ask_refused(struct fixture *x, const char *credential, const char *op,
	const char *args, const char *code);
/* Expects an error with a fault for field. */
void ask_field(struct fixture *x, const char *credential, const char *op,
	const char *args, const char *field);

/* How many rows of the audit log say so; each may be NULL: any. */
int64_t audit_rows(struct fixture *x, const char *action, const char *result,
	const char *target, const char *detail);

/* A token of whose cookie it is, with these further arguments; owned. */
char *fixture_token(struct fixture *x, const char *cookie, const char *more);
/* The arguments of authorize; until the next call. */
const char *may(const char *scope, const char *instance, const char *project,
	const char *name);

/* Formatted, for arguments and the like; good for the next 64 calls. */
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Text at a path such as "session.user.name" or "items.0.name"; "" if none. */
const char *text_at(struct json_object *o, const char *path);
int64_t int_at(struct json_object *o, const char *path);

#endif
