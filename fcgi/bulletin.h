/* SPDX-License-Identifier: ISC */
/*
 * bulletin: tells the hub what becomes of operations and deployments: a thread
 * that looks into the ledger whenever it changed, and twice a second while
 * bytes move and somebody looks. What is told is what GET /operations shows.
 */
#ifndef FCGI_BULLETIN_H
#define FCGI_BULLETIN_H

struct app;
struct bulletin;

/* app is borrowed; its hub is there. NULL when it can not be started. */
struct bulletin *bulletin_new(struct app *app);
void bulletin_free(struct bulletin *b);	/* NULL is fine */

#endif
