/* SPDX-License-Identifier: ISC */
/* upstream_fault: what an alb_error means for a person, in a sentence. */
#ifndef FCGI_UPSTREAM_FAULT_H
#define FCGI_UPSTREAM_FAULT_H

#include <stdbool.h>

#include "albatross/command.h"
#include "albatross/error.h"
#include "base/err.h"

struct upstream_fault {
	const char *instance;
	const char *why;	/* of the connection, or "" */
	const char *words;	/* albatross' own, or NULL */
	bool sent;		/* the server has had the command */
	bool change;		/* the command changes something */
};

/* True for what may pass: the instance, or the way to it, is at fault. */
bool upstream_passing(int err);
/* True for commands that change something when they are carried out. */
bool upstream_changes(enum alb_command_kind kind);
/*
 * ALB_FAILURE, ALB_DAEMON, or ALB_BROKEN: the daemon behind the endpoint went
 * away while it changed something.
 */
int upstream_failure_kind(const char *words, bool change);
/* Sets f by rc (not ALB_OK) and returns its err. */
int upstream_fault(int rc, const struct upstream_fault *how,
	struct fault *f);

#endif
