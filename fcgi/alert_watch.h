/* SPDX-License-Identifier: ISC */
/*
 * alert_watch: finds what is wrong by looking now and then (unikernels that
 * went away, health checks that fail, instances that are down, certificates
 * that expire, policies that are nearly full), and has alerts told. Two
 * threads: what is in memory or in the ledger is looked at every few seconds,
 * what has to be asked for every half minute.
 */
#ifndef FCGI_ALERT_WATCH_H
#define FCGI_ALERT_WATCH_H

struct app;
struct alert_watch;

/* All else of app is there. NULL: it can not be started. */
struct alert_watch *alert_watch_new(struct app *app);
/* What is being asked ends by its own time limits. NULL is fine. */
void alert_watch_free(struct alert_watch *w);

#endif
