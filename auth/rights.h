/* SPDX-License-Identifier: ISC */
/*
 * rights: the one table of who may do what: scope by role, the scope that each
 * kind of command needs, and what is done to a project as a whole. What rests
 * while a project is archived is said there too. auth/README.md shows the same
 * tables, and a test holds them together.
 */
#ifndef AUTH_RIGHTS_H
#define AUTH_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "albatross/command.h"

enum scope {
	SCOPE_UNIKERNEL_READ,
	SCOPE_UNIKERNEL_DEPLOY,
	SCOPE_UNIKERNEL_RESTART,
	SCOPE_UNIKERNEL_DESTROY,
	SCOPE_VOLUME_READ,
	SCOPE_VOLUME_WRITE,
	SCOPE_VOLUME_DESTROY,
	SCOPE_PROJECT_READ,
	SCOPE_PROJECT_ADMIN,
	SCOPE_INSTANCE_READ,
	SCOPE_INSTANCE_ADMIN,
	SCOPE_USER_ADMIN,
	SCOPE_AUDIT_READ,
	SCOPE_METRICS_READ,
	SCOPES
};

/* What a person is in a project; admin is an administrator of the site. */
enum role {
	ROLE_NONE,
	ROLE_VIEWER,
	ROLE_DEPLOYER,
	ROLE_OWNER,
	ROLE_ADMIN,
	ROLES
};

/* What is done to a project as a whole. */
enum action {
	ACTION_RENAME,		/* its title */
	ACTION_ARCHIVE,
	ACTION_RESTORE,		/* out of the archive */
	ACTION_DELETE,
	ACTION_TRANSFER,
	ACTION_MEMBERS,
	ACTION_LEAVE,		/* whoever asks, alone */
	ACTION_POLICY,
	ACTIONS
};

/* "unikernel:read"; and back (-1). */
const char *scope_name(enum scope scope);
int scope_parse(const char *name);
/* "viewer"; and back (-1). ROLE_NONE has no name. */
const char *role_name(enum role role);
int role_parse(const char *name);

bool rights_allow(enum scope scope, enum role role);
/* Is the scope refused in an archived project? */
bool scope_rests(enum scope scope);

/* "rename"; and back (-1). */
const char *action_name(enum action action);
int action_parse(const char *name);
bool action_allow(enum action action, enum role role);
/* The least role that may. */
enum role action_least(enum action action);
/* What a token needs for it. */
enum scope action_scope(enum action action);
/* Is it refused in an archived project; and in somebody's personal one? */
bool action_rests(enum action action);
bool action_personal(enum action action);

/*
 * Scopes, one bit each, with those which come along: who may change a
 * unikernel may look at it.
 */
uint32_t rights_implied(uint32_t held);
/* True for those that change nothing. */
bool scope_reads(enum scope scope);
/* True for scopes on unikernels and volumes, which need a policy. */
bool scope_needs_policy(enum scope scope);
/*
 * What a command needs, -1 for kinds that nobody may send. root: it is sent
 * under no project, which is for administrators whatever it does.
 */
int rights_of_command(enum alb_command_kind kind, bool root);

#endif
