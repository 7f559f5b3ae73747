/* SPDX-License-Identifier: ISC */
/*
 * states_list: what is known of unikernels, as GET /unikernels answers it. It
 * waits for instances only when nobody looked for a while, or something was
 * changed there through us.
 */
#ifndef FCGI_STATES_LIST_H
#define FCGI_STATES_LIST_H

#include "fcgi/page.h"
#include "fcgi/reply.h"
#include "fcgi/states.h"

/* A handler: {items, next, errors, instances, as_of}. */
int states_list(struct request *r, struct reply *p, struct fault *f);
/* Waits as a list would: true when what is known of it is fresh. */
bool states_await(struct states *s, const char *instance);

#endif
