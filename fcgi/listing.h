/* SPDX-License-Identifier: ISC */
/*
 * listing: volumes of many projects on many instances. Each pair
 * of both is one question, which all who ask within a second share; instances
 * are asked at the same time, and one that fails has its error in the answer.
 */
#ifndef FCGI_LISTING_H
#define FCGI_LISTING_H

#include "fcgi/flight.h"
#include "fcgi/page.h"
#include "fcgi/reply.h"
#include "fcgi/request.h"

enum listing_kind {
	LISTING_VOLUMES,
	LISTING_VOLUMES_ALONE	/* without who uses them */
};

/* What is asked for; NULL: all. */
struct listing {
	enum listing_kind kind;
	const char *instance;
	const char *project;
	const char *q;		/* occurs in the name */
	struct page page;	/* keys "instance/project/name" */
};

/*
 * Reads the page that is asked for and answers with {items, next, errors,
 * quotas, as_of}. 0 or an err.
 */
int listing_reply(struct request *r, struct reply *p, struct listing *l,
	struct fault *f);
/* The key of upstream_flights under which a pair's answer is shared. */
void listing_key(enum listing_kind kind, const char *instance,
	const char *project, char key[FLIGHT_KEY_MAX + 1]);
/* Both lists of a pair's volumes are asked for anew. */
void listing_volumes_forget(struct flights *flights, const char *instance,
	const char *project);

#endif
