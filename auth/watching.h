/* SPDX-License-Identifier: ISC */
/*
 * watching: what the service itself may ask of albatross, which only reads, and
 * which of it was written to the audit log lately: it asks every few seconds.
 */
#ifndef AUTH_WATCHING_H
#define AUTH_WATCHING_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "albatross/command.h"

/* A row of the audit log per instance and kind, at most so often (s). */
#define WATCHING_INTERVAL 3600

struct watched;

struct watching {
	pthread_mutex_t lock;
	struct watched *first;	/* one per instance */
};

void watching_init(struct watching *w);
void watching_free(struct watching *w);

/* May the service ask it, of the instance itself (root) or one unikernel? */
bool watching_allows(enum alb_command_kind kind, bool root);
/*
 * Is a row due? It is the caller's then to write it; watching_undo when that
 * failed. instance is an id.
 */
bool watching_due(struct watching *w, const char *instance,
	enum alb_command_kind kind, time_t now);
void watching_undo(struct watching *w, const char *instance,
	enum alb_command_kind kind);
void watching_drop(struct watching *w, const char *instance);

#endif
