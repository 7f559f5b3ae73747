/* SPDX-License-Identifier: ISC */
/* rounds: a thread that does the same again and again, and rests in between. */
#ifndef FCGI_ROUNDS_H
#define FCGI_ROUNDS_H

struct rounds;

/*
 * Calls run with arg at once, and again some seconds after each end of it, or
 * sooner when woken. arg is borrowed. NULL when it can not be started.
 */
struct rounds *rounds_new(void (*run)(void *arg), void *arg, int seconds);
/* No rest before the next one, also while one is under way. */
void rounds_wake(struct rounds *r);
/* Waits for the one under way. */
void rounds_free(struct rounds *r);	/* NULL is fine */

#endif
