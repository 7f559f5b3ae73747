/* SPDX-License-Identifier: ISC */
/*
 * health_watch: asks each kept check at its interval. A few threads share the
 * work, so that targets that do not answer hold up few others.
 */
#ifndef FCGI_HEALTH_WATCH_H
#define FCGI_HEALTH_WATCH_H

#define HEALTH_WATCH_THREADS 8

struct app;
struct health_watch;

/* app is borrowed: its ledger is there. NULL when it can not be started. */
struct health_watch *health_watch_new(struct app *app);
/* Attempts under way end by their own time limit. NULL is fine. */
void health_watch_free(struct health_watch *w);

#endif
