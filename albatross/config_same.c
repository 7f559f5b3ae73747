/* SPDX-License-Identifier: ISC */
/*
 * config_same: whether what albatross reports of a unikernel is what it was
 * given: it resolves defaults and names, and keeps lists in an order of its
 * own (protocol section 4.1).
 */
#include <string.h>

#include "albatross/config.h"
#include "base/text.h"

#define STARTUP_DEFAULT 50
#define GUEST_CPUS_DEFAULT 1

static bool
has_int(const int64_t *set, size_t n, int64_t value)
{
	for (size_t i = 0; i < n; i++)
		if (set[i] == value)
			return true;
	return false;
}

/* As sets: what occurs twice counts once. */
static bool
same_ints(const int64_t *a, size_t na, const int64_t *b, size_t nb)
{
	for (size_t i = 0; i < na; i++)
		if (!has_int(b, nb, a[i]))
			return false;
	for (size_t i = 0; i < nb; i++)
		if (!has_int(a, na, b[i]))
			return false;
	return true;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static const char *
resolved(const char *host, const char *name)
{
	return host == NULL ? name : host;
}

static bool
same_net(const struct alb_net *given, const struct alb_net *reported)
{
	return same_text(given->name, reported->name) &&
	    same_text(resolved(given->bridge, given->name),
	    resolved(reported->bridge, reported->name)) &&
	    (!given->has_mac || (reported->has_mac &&
	    memcmp(given->mac, reported->mac, sizeof(given->mac)) == 0));
}

static int64_t
sector(const struct alb_block *b)
{
	return b->has_sector_size ? b->sector_size : ALB_SECTOR_MIN;
}

static bool
same_block(const struct alb_block *given, const struct alb_block *reported)
{
	return same_text(given->name, reported->name) &&
	    same_text(resolved(given->volume, given->name),
	    resolved(reported->volume, reported->name)) &&
	    sector(given) == sector(reported);
}

/* Names are unique in each list: equal counts and each found will do. */
static bool
same_devices(const struct alb_config *c, const struct alb_config *reported)
{
	size_t i, k;

	if (c->nnets != reported->nnets || c->nblocks != reported->nblocks)
		return false;
	for (i = 0; i < c->nnets; i++) {
		for (k = 0; k < c->nnets && !same_net(&c->nets[i],
		    &reported->nets[k]); k++)
			;
		if (k == c->nnets)
			return false;
	}
	for (i = 0; i < c->nblocks; i++) {
		for (k = 0; k < c->nblocks && !same_block(&c->blocks[i],
		    &reported->blocks[k]); k++)
			;
		if (k == c->nblocks)
			return false;
	}
	return true;
}

static bool
same_arguments(const struct alb_config *a, const struct alb_config *b)
{
	if (a->narguments != b->narguments)
		return false;
	for (size_t i = 0; i < a->narguments; i++)
		if (strcmp(a->arguments[i], b->arguments[i]) != 0)
			return false;
	return true;
}

static int64_t
startup(const struct alb_config *c)
{
	return c->has_startup ? c->startup : STARTUP_DEFAULT;
}

static int64_t
guest_cpus(const struct alb_config *c)
{
	return c->has_numcpus ? c->numcpus : GUEST_CPUS_DEFAULT;
}

bool
alb_config_reported_same(const struct alb_config *c,
	const struct alb_config *reported)
{
	return c->type == reported->type && c->memory == reported->memory &&
	    startup(c) == startup(reported) &&
	    guest_cpus(c) == guest_cpus(reported) &&
	    c->restart == reported->restart &&
	    (!c->restart || same_ints(c->exit_codes, c->nexit_codes,
	    reported->exit_codes, reported->nexit_codes)) &&
	    same_ints(c->cpus, c->ncpus, reported->cpus, reported->ncpus) &&
	    same_text(c->boot_partition, reported->boot_partition) &&
	    same_devices(c, reported) && same_arguments(c, reported);
}

static bool
is_text(const char *s)
{
	return s == NULL || utf8_valid(s, strlen(s));
}

bool
alb_config_is_text(const struct alb_config *c)
{
	bool ok = is_text(c->boot_partition);
	size_t i;

	for (i = 0; i < c->narguments; i++)
		ok = ok && is_text(c->arguments[i]);
	for (i = 0; i < c->nnets; i++)
		ok = ok && is_text(c->nets[i].name) &&
		    is_text(c->nets[i].bridge);
	for (i = 0; i < c->nblocks; i++)
		ok = ok && is_text(c->blocks[i].name) &&
		    is_text(c->blocks[i].volume);
	return ok;
}
