/* SPDX-License-Identifier: ISC */
/*
 * roster: who has streams open, for the caps and for taking them away again.
 * Used by all threads; locks itself.
 */
#ifndef FCGI_ROSTER_H
#define FCGI_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "fcgi/ticket.h"

struct roster;

struct roster *roster_new(void);
void roster_free(struct roster *r);

/* Takes a place for user: 0, or ERR_BUSY, or ERR_NO_MEMORY. */
int roster_enter(struct roster *r, const char *user, struct fault *f);
void roster_leave(struct roster *r, const char *user);

/* Puts a ticket on the list (false: no memory), and takes it off again. */
bool roster_add(struct roster *r, struct ticket *t);
void roster_remove(struct roster *r, const struct ticket *t);
size_t roster_count(struct roster *r);
/*
 * The tickets to be checked: all, or those which no earlier call gave out. An
 * owned list of owned tickets, *n of them; NULL for none.
 */
struct ticket **roster_list(struct roster *r, bool all, size_t *n);

#endif
