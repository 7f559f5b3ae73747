/* SPDX-License-Identifier: ISC */
/* policy: what a path may use; see policy.h. */
#include "albatross/policy.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/error.h"

void
alb_policy_free(struct alb_policy *p)
{
	size_t i;

	for (i = 0; i < p->nbridges; i++)
		free(p->bridges[i]);
	free(p->bridges);
	free(p->cpus);
	*p = (struct alb_policy){ 0 };
}

static bool
copy_lists(const struct alb_policy *p, struct alb_policy *out)
{
	out->cpus = calloc(p->ncpus + 1, sizeof(*out->cpus));
	out->bridges = calloc(p->nbridges + 1, sizeof(*out->bridges));
	if (out->cpus == NULL || out->bridges == NULL)
		return false;
	if (p->ncpus > 0)
		memcpy(out->cpus, p->cpus, p->ncpus * sizeof(*p->cpus));
	out->ncpus = p->ncpus;
	for (; out->nbridges < p->nbridges; out->nbridges++) {
		out->bridges[out->nbridges] =
			strdup(p->bridges[out->nbridges]);
		if (out->bridges[out->nbridges] == NULL)
			return false;
	}
	return true;
}

int
alb_policy_copy(const struct alb_policy *p, struct alb_policy *out)
{
	*out = *p;
	out->cpus = NULL;
	out->ncpus = 0;
	out->bridges = NULL;
	out->nbridges = 0;
	if (copy_lists(p, out))
		return ALB_OK;
	alb_policy_free(out);
	return ALB_NO_MEMORY;
}

static int
cpu_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The next byte of a string kept as der.h says; -1 at its end. */
static int
next_byte(const char **s)
{
	int c = (unsigned char)*(*s)++;

	if (c == 0xc0 && **s == (char)0x80) {
		++*s;
		return 0;
	}
	return c == 0 ? -1 : c;
}

/* The order of the bytes on the wire, which is albatross' own. */
static int
bridge_compare(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int c, d;

	do {
		c = next_byte(&x);
		d = next_byte(&y);
	} while (c == d && c >= 0);
	return c - d;
}

void
alb_policy_normalise(struct alb_policy *p)
{
	size_t i, n = 0;

	if (p->ncpus > 0)
		qsort(p->cpus, p->ncpus, sizeof(*p->cpus), cpu_compare);
	for (i = 0; i < p->ncpus; i++)
		if (i == 0 || p->cpus[i] != p->cpus[n - 1])
			p->cpus[n++] = p->cpus[i];
	p->ncpus = n;
	n = 0;
	if (p->nbridges > 0)
		qsort(p->bridges, p->nbridges, sizeof(*p->bridges),
		    bridge_compare);
	for (i = 0; i < p->nbridges; i++)
		if (i == 0 || strcmp(p->bridges[i], p->bridges[n - 1]) != 0)
			p->bridges[n++] = p->bridges[i];
		else
			free(p->bridges[i]);
	p->nbridges = n;
}

bool
alb_policy_equal(const struct alb_policy *a, const struct alb_policy *b)
{
	size_t i;

	if (a->unikernels != b->unikernels || a->memory != b->memory ||
	    a->has_block != b->has_block ||
	    (a->has_block && a->block != b->block) || a->ncpus != b->ncpus ||
	    a->nbridges != b->nbridges)
		return false;
	for (i = 0; i < a->ncpus; i++)
		if (a->cpus[i] != b->cpus[i])
			return false;
	for (i = 0; i < a->nbridges; i++)
		if (strcmp(a->bridges[i], b->bridges[i]) != 0)
			return false;
	return true;
}

bool
alb_policy_allows_cpu(const struct alb_policy *p, int64_t cpu)
{
	size_t i;

	for (i = 0; i < p->ncpus; i++)
		if (p->cpus[i] == cpu)
			return true;
	return false;
}

bool
alb_policy_allows_bridge(const struct alb_policy *p, const char *bridge)
{
	size_t i;

	for (i = 0; i < p->nbridges; i++)
		if (strcmp(p->bridges[i], bridge) == 0)
			return true;
	return false;
}

static bool
block_fits(const struct alb_policy *outer, const struct alb_policy *inner)
{
	return !inner->has_block ||
		(outer->has_block && inner->block <= outer->block);
}

const char *
alb_policy_exceeds(const struct alb_policy *outer,
	const struct alb_policy *inner)
{
	size_t i;

	if (inner->unikernels > outer->unikernels)
		return "unikernels";
	if (inner->memory > outer->memory)
		return "memory";
	if (!block_fits(outer, inner))
		return "block";
	for (i = 0; i < inner->ncpus; i++)
		if (!alb_policy_allows_cpu(outer, inner->cpus[i]))
			return "cpus";
	for (i = 0; i < inner->nbridges; i++)
		if (!alb_policy_allows_bridge(outer, inner->bridges[i]))
			return "bridges";
	return NULL;
}
