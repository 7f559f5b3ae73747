/* SPDX-License-Identifier: ISC */
/* equal: whether two commands or messages say the same; see random.h. */
#include <stdlib.h>
#include <string.h>

#include "random.h"

static bool
same_string(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_bytes(const void *a, size_t alen, const void *b, size_t blen)
{
	return alen == blen && (alen == 0 || memcmp(a, b, alen) == 0);
}

/* Whether each item of a has one of its own in b. */
static bool
same_set(const void *a, const void *b, size_t size, size_t na, size_t nb,
	bool (*same)(const void *x, const void *y))
{
	bool *taken, found = true;
	size_t i, k;

	if (na != nb)
		return false;
	taken = calloc(na + 1, sizeof(*taken));
	for (i = 0; i < na && found; i++) {
		found = false;
		for (k = 0; k < na && !found; k++) {
			found = !taken[k] && same((const char *)a + i * size,
			    (const char *)b + k * size);
			taken[k] = taken[k] || found;
		}
	}
	free(taken);
	return found;
}

static bool
same_int(const void *a, const void *b)
{
	return *(const int64_t *)a == *(const int64_t *)b;
}

static bool
same_block(const void *a, const void *b)
{
	const struct alb_block *x = a, *y = b;

	return same_string(x->name, y->name) &&
		same_string(x->volume, y->volume) &&
		x->has_sector_size == y->has_sector_size &&
		x->sector_size == y->sector_size && x->size == y->size;
}

static bool
same_net(const void *a, const void *b)
{
	const struct alb_net *x = a, *y = b;

	return same_string(x->name, y->name) &&
		same_string(x->bridge, y->bridge) &&
		x->has_mac == y->has_mac && memcmp(x->mac, y->mac, 6) == 0;
}

static bool
same_arguments(const struct alb_config *a, const struct alb_config *b)
{
	size_t i;

	if (a->has_arguments != b->has_arguments ||
	    a->narguments != b->narguments)
		return false;
	for (i = 0; i < a->narguments; i++)
		if (!same_string(a->arguments[i], b->arguments[i]))
			return false;
	return true;
}

bool
config_equal(const struct alb_config *a, const struct alb_config *b)
{
	return a->type == b->type && a->has_startup == b->has_startup &&
		a->startup == b->startup && a->add_name == b->add_name &&
		a->restart == b->restart && a->memory == b->memory &&
		a->has_numcpus == b->has_numcpus && a->numcpus == b->numcpus &&
		a->has_blocks == b->has_blocks && a->has_nets == b->has_nets &&
		same_string(a->boot_partition, b->boot_partition) &&
		same_set(a->exit_codes, b->exit_codes, sizeof(int64_t),
		    a->nexit_codes, b->nexit_codes, same_int) &&
		same_set(a->cpus, b->cpus, sizeof(int64_t), a->ncpus, b->ncpus,
		    same_int) &&
		same_set(a->blocks, b->blocks, sizeof(*a->blocks), a->nblocks,
		    b->nblocks, same_block) &&
		same_set(a->nets, b->nets, sizeof(*a->nets), a->nnets,
		    b->nnets, same_net) &&
		same_arguments(a, b);
}

static bool
same_stats_add(const struct alb_stats_add *a, const struct alb_stats_add *b)
{
	size_t i;

	if (!same_string(a->vmmdev, b->vmmdev) || a->pid != b->pid ||
	    a->ntaps != b->ntaps)
		return false;
	for (i = 0; i < a->ntaps; i++)
		if (!same_string(a->taps[i].bridge, b->taps[i].bridge) ||
		    !same_string(a->taps[i].tap, b->taps[i].tap))
			return false;
	return true;
}

bool
command_equal(const struct alb_command *a, const struct alb_command *b)
{
	return a->kind == b->kind && a->level == b->level &&
		a->old_form == b->old_form && a->count == b->count &&
		a->has_since == b->has_since && a->since == b->since &&
		a->since_millis == b->since_millis &&
		a->has_config == b->has_config &&
		config_equal(&a->config, &b->config) &&
		a->compressed == b->compressed &&
		(a->image == NULL) == (b->image == NULL) &&
		same_bytes(a->image, a->image_len, b->image, b->image_len) &&
		a->compression == b->compression && a->size == b->size &&
		alb_policy_equal(&a->policy, &b->policy) &&
		same_stats_add(&a->stats_add, &b->stats_add);
}

static bool
same_name(const struct alb_name *a, const struct alb_name *b)
{
	return strcmp(a->path, b->path) == 0 && strcmp(a->label, b->label) == 0;
}

static bool
same_infos(const struct alb_wire *a, const struct alb_wire *b)
{
	const struct alb_info *x = a->infos, *y = b->infos;
	size_t i;

	if (a->ninfos != b->ninfos)
		return false;
	for (i = 0; i < a->ninfos; i++, x++, y++)
		if (!same_name(&x->name, &y->name) ||
		    !config_equal(&x->config, &y->config) ||
		    !same_bytes(x->digest, x->digest_len, y->digest,
		    y->digest_len) || x->has_started != y->has_started ||
		    x->started != y->started ||
		    x->started_millis != y->started_millis)
			return false;
	return true;
}

static bool
same_lists(const struct alb_wire *a, const struct alb_wire *b)
{
	size_t i;

	if (a->npolicies != b->npolicies || a->nblocks != b->nblocks ||
	    a->nnames != b->nnames)
		return false;
	for (i = 0; i < a->npolicies; i++)
		if (!same_name(&a->policies[i].name, &b->policies[i].name) ||
		    !alb_policy_equal(&a->policies[i].policy,
		    &b->policies[i].policy))
			return false;
	for (i = 0; i < a->nblocks; i++)
		if (!same_name(&a->blocks[i].name, &b->blocks[i].name) ||
		    a->blocks[i].size != b->blocks[i].size ||
		    a->blocks[i].active != b->blocks[i].active)
			return false;
	for (i = 0; i < a->nnames; i++)
		if (!same_name(&a->names[i], &b->names[i]))
			return false;
	return true;
}

static bool
same_stats(const struct alb_stats *a, const struct alb_stats *b)
{
	size_t i;

	if (memcmp(&a->rusage, &b->rusage, sizeof(a->rusage)) != 0 ||
	    memcmp(&a->kinfo, &b->kinfo, sizeof(a->kinfo)) != 0 ||
	    a->nifs != b->nifs || a->has_vmm != b->has_vmm ||
	    a->nvmm != b->nvmm || a->has_kinfo != b->has_kinfo)
		return false;
	for (i = 0; i < a->nifs; i++)
		if (!same_string(a->ifs[i].bridge, b->ifs[i].bridge) ||
		    memcmp(a->ifs[i].ints, b->ifs[i].ints,
		    sizeof(a->ifs[i].ints)) != 0 ||
		    memcmp(a->ifs[i].counters, b->ifs[i].counters,
		    sizeof(a->ifs[i].counters)) != 0)
			return false;
	for (i = 0; i < a->nvmm; i++)
		if (!same_string(a->vmm[i].key, b->vmm[i].key) ||
		    a->vmm[i].value != b->vmm[i].value)
			return false;
	return true;
}

bool
wire_equal(const struct alb_wire *a, const struct alb_wire *b)
{
	return a->version == b->version && a->sequence == b->sequence &&
		same_name(&a->name, &b->name) && a->payload == b->payload &&
		a->level == b->level && a->utc_time == b->utc_time &&
		command_equal(&a->command, &b->command) &&
		same_bytes(a->text, a->text_len, b->text, b->text_len) &&
		a->flag == b->flag &&
		same_bytes(a->bytes, a->bytes_len, b->bytes, b->bytes_len) &&
		a->time == b->time && a->millis == b->millis &&
		same_lists(a, b) && same_infos(a, b) &&
		same_stats(&a->stats, &b->stats);
}
