/* SPDX-License-Identifier: ISC */
/* rights: the table; see rights.h. */
#include "auth/rights.h"

#include <string.h>

static const struct {
	const char *name;
	enum role least;	/* roles are ordered: more may what less may */
	bool rests;		/* in an archived project */
} scopes[SCOPES] = {
	[SCOPE_UNIKERNEL_READ] = { "unikernel:read", ROLE_VIEWER, false },
	[SCOPE_UNIKERNEL_DEPLOY] = { "unikernel:deploy", ROLE_DEPLOYER, true },
	[SCOPE_UNIKERNEL_RESTART] = { "unikernel:restart", ROLE_DEPLOYER,
	    true },
	[SCOPE_UNIKERNEL_DESTROY] = { "unikernel:destroy", ROLE_DEPLOYER,
	    false },
	[SCOPE_VOLUME_READ] = { "volume:read", ROLE_VIEWER, false },
	[SCOPE_VOLUME_WRITE] = { "volume:write", ROLE_DEPLOYER, true },
	[SCOPE_VOLUME_DESTROY] = { "volume:destroy", ROLE_DEPLOYER, false },
	[SCOPE_PROJECT_READ] = { "project:read", ROLE_VIEWER, false },
	[SCOPE_PROJECT_ADMIN] = { "project:admin", ROLE_OWNER, false },
	[SCOPE_INSTANCE_READ] = { "instance:read", ROLE_VIEWER, false },
	[SCOPE_INSTANCE_ADMIN] = { "instance:admin", ROLE_ADMIN, false },
	[SCOPE_USER_ADMIN] = { "user:admin", ROLE_ADMIN, false },
	[SCOPE_AUDIT_READ] = { "audit:read", ROLE_ADMIN, false },
	[SCOPE_METRICS_READ] = { "metrics:read", ROLE_ADMIN, false },
};

static const struct {
	const char *name;
	enum scope scope;
	enum role least;
	bool rests;		/* in an archived project */
	bool personal;		/* done to personal ones too */
} actions[ACTIONS] = {
	[ACTION_RENAME] = { "rename", SCOPE_PROJECT_ADMIN, ROLE_OWNER, false,
	    true },
	[ACTION_ARCHIVE] = { "archive", SCOPE_PROJECT_ADMIN, ROLE_OWNER, false,
	    true },
	[ACTION_RESTORE] = { "restore", SCOPE_PROJECT_ADMIN, ROLE_OWNER, false,
	    true },
	[ACTION_DELETE] = { "delete", SCOPE_PROJECT_ADMIN, ROLE_OWNER, false,
	    false },
	[ACTION_TRANSFER] = { "transfer", SCOPE_PROJECT_ADMIN, ROLE_OWNER,
	    true, false },
	[ACTION_MEMBERS] = { "members", SCOPE_PROJECT_ADMIN, ROLE_OWNER, true,
	    true },
	[ACTION_LEAVE] = { "leave", SCOPE_PROJECT_ADMIN, ROLE_VIEWER, false,
	    true },
	[ACTION_POLICY] = { "policy", SCOPE_INSTANCE_ADMIN, ROLE_ADMIN, true,
	    true },
};

static const char *const roles[ROLES] = {
	[ROLE_NONE] = "",
	[ROLE_VIEWER] = "viewer",
	[ROLE_DEPLOYER] = "deployer",
	[ROLE_OWNER] = "owner",
	[ROLE_ADMIN] = "admin",
};

/* One more than the scope; 0, left out, is never allowed. */
static const int commands[ALB_COMMAND_KINDS] = {
	[ALB_CONSOLE_SUBSCRIBE] = SCOPE_UNIKERNEL_READ + 1,
	[ALB_CONSOLE_INACTIVE] = SCOPE_UNIKERNEL_READ + 1,
	[ALB_STATS_SUBSCRIBE] = SCOPE_UNIKERNEL_READ + 1,
	[ALB_UNIKERNEL_INFO] = SCOPE_UNIKERNEL_READ + 1,
	[ALB_UNIKERNEL_GET] = SCOPE_UNIKERNEL_READ + 1,
	[ALB_UNIKERNEL_CREATE] = SCOPE_UNIKERNEL_DEPLOY + 1,
	[ALB_UNIKERNEL_FORCE_CREATE] = SCOPE_UNIKERNEL_DEPLOY + 1,
	[ALB_UNIKERNEL_RESTART] = SCOPE_UNIKERNEL_RESTART + 1,
	[ALB_UNIKERNEL_DESTROY] = SCOPE_UNIKERNEL_DESTROY + 1,
	[ALB_POLICY_INFO] = SCOPE_INSTANCE_ADMIN + 1,
	[ALB_BLOCK_INFO] = SCOPE_VOLUME_READ + 1,
	[ALB_BLOCK_DUMP] = SCOPE_VOLUME_READ + 1,
	[ALB_BLOCK_ADD] = SCOPE_VOLUME_WRITE + 1,
	[ALB_BLOCK_SET] = SCOPE_VOLUME_WRITE + 1,
	[ALB_BLOCK_REMOVE] = SCOPE_VOLUME_DESTROY + 1,
};

const char *
scope_name(enum scope scope)
{
	return scopes[scope].name;
}

int
scope_parse(const char *name)
{
	for (int i = 0; i < SCOPES; i++)
		if (strcmp(scopes[i].name, name) == 0)
			return i;
	return -1;
}

const char *
role_name(enum role role)
{
	return roles[role];
}

int
role_parse(const char *name)
{
	for (int i = ROLE_VIEWER; i < ROLES; i++)
		if (strcmp(roles[i], name) == 0)
			return i;
	return -1;
}

bool
rights_allow(enum scope scope, enum role role)
{
	return role >= scopes[scope].least;
}

bool
scope_rests(enum scope scope)
{
	return scopes[scope].rests;
}

const char *
action_name(enum action action)
{
	return actions[action].name;
}

int
action_parse(const char *name)
{
	for (int i = 0; i < ACTIONS; i++)
		if (strcmp(actions[i].name, name) == 0)
			return i;
	return -1;
}

bool
action_allow(enum action action, enum role role)
{
	return role >= actions[action].least;
}

enum role
action_least(enum action action)
{
	return actions[action].least;
}

enum scope
action_scope(enum action action)
{
	return actions[action].scope;
}

bool
action_rests(enum action action)
{
	return actions[action].rests;
}

bool
action_personal(enum action action)
{
	return actions[action].personal;
}

uint32_t
rights_implied(uint32_t held)
{
	const uint32_t change = UINT32_C(1) << SCOPE_UNIKERNEL_DEPLOY |
		UINT32_C(1) << SCOPE_UNIKERNEL_RESTART |
		UINT32_C(1) << SCOPE_UNIKERNEL_DESTROY;

	if ((held & change) != 0)
		held |= UINT32_C(1) << SCOPE_UNIKERNEL_READ;
	return held;
}

bool
scope_reads(enum scope scope)
{
	const char *what = strchr(scopes[scope].name, ':');

	return strcmp(what, ":read") == 0;
}

bool
scope_needs_policy(enum scope scope)
{
	return scope <= SCOPE_VOLUME_DESTROY;
}

int
rights_of_command(enum alb_command_kind kind, bool root)
{
	if (kind >= ALB_COMMAND_KINDS || commands[kind] == 0)
		return -1;
	return root ? SCOPE_INSTANCE_ADMIN : commands[kind] - 1;
}
