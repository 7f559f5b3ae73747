/* SPDX-License-Identifier: ISC */
/*
 * updater: what happens with updates while nobody waits. One thread asks the
 * builders now and then about every image that runs, each builder in a thread
 * of its own for as long as that takes; a few others carry out updates of many
 * (bulk.h) and those that happen by themselves (update_rule.h).
 */
#ifndef FCGI_UPDATER_H
#define FCGI_UPDATER_H

#include "base/err.h"

#define UPDATER_THREADS 16
#define UPDATER_ROUND_S 30	/* between two looks at what is due */
#define UPDATER_SEEN_MAX 4096	/* images that were seen running */

struct app;
struct updater;

/* app is borrowed: all of it but this is there. NULL: out of memory. */
struct updater *updater_new(struct app *app);
/* app->stopping is set before. */
void updater_free(struct updater *u);	/* NULL is fine */

/* Something runs this image (64 digits): whose it is is worth knowing. */
void updater_seen(struct updater *u, const char *sha256);
/* A bulk was added or stopped, or a rule was set. */
void updater_wake(struct updater *u);

#endif
