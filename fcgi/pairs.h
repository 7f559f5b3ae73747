/* SPDX-License-Identifier: ISC */
/*
 * pairs: which projects a credential may see on which instances: those that
 * have a policy there. Asked at most once a second, and after a change of ours;
 * whether it still may anything at all, the router asks for every request.
 */
#ifndef FCGI_PAIRS_H
#define FCGI_PAIRS_H

#include "fcgi/flight.h"
#include "fcgi/request.h"

struct pair {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	int64_t block;		/* MB for volumes, -1: none */
};

/* Ordered by both. */
struct pairs {
	struct answer answer;
	struct pair *items;
	size_t len;
};

/*
 * What a list of projects with their policies says: an owned *out of *n,
 * ordered; false without memory.
 */
bool pairs_read(struct json_object *projects, struct pair **out, size_t *n);
bool pairs_have(const struct pair *items, size_t n, const char *instance,
	const char *project);

/* 0 with *out, released by answer_put(&(*out)->answer), or an err. */
int pairs_get(struct request *r, struct pairs **out, struct fault *f);
/* NULL: any. */
bool pair_wanted(const struct pair *pair, const char *instance,
	const char *project);

#endif
