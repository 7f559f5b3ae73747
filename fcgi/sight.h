/* SPDX-License-Identifier: ISC */
/*
 * sight: what of a list from many places who asks may see. Each place is asked
 * about once; a no is no error of the list's.
 */
#ifndef FCGI_SIGHT_H
#define FCGI_SIGHT_H

#include "fcgi/request.h"

struct sight;

/* Zeroed it is empty. */
struct sights {
	struct sight *items;	/* owned */
	size_t len;
};

void sights_free(struct sights *s);	/* contents only */
/*
 * May r's credential do scope ("volume:read", a literal) with name there? With
 * the instance itself, when project is "" and name NULL. 0 with *seen, or an
 * err of asking.
 */
int sights_look(struct sights *s, struct request *r, const char *scope,
	const char *instance, const char *project, const char *name,
	bool *seen, struct fault *f);

#endif
