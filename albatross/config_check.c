/* SPDX-License-Identifier: ISC */
/*
 * config_check: what albatross takes but should never be given: its server
 * checks next to nothing, and some of it ends a running unikernel or worse
 * (protocol sections 4.1 and 8).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "albatross/config.h"
#include "albatross/der.h"
#include "albatross/name.h"
#include "base/text.h"

#define FIELD_SIZE 96

const char *
alb_block_volume(const struct alb_block *b)
{
	return b->volume == NULL ? b->name : b->volume;
}

static const char *
host_bridge(const struct alb_net *n)
{
	return n->bridge == NULL ? n->name : n->bridge;
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9');
}

bool
alb_device_valid(const char *s)
{
	size_t i;

	if (s == NULL || !is_alnum(s[0]))
		return false;
	for (i = 0; s[i] != '\0'; i++)
		if (!is_alnum(s[i]) && strchr("._-", s[i]) == NULL)
			return false;
	return i <= ALB_DEVICE_NAME_MAX;
}

static void
check_device(const char *s, const char *list, size_t i, const char *key,
	struct fault *f)
{
	char field[FIELD_SIZE];

	snprintf(field, sizeof(field), "%s[%zu].%s", list, i, key);
	if (!alb_device_valid(s))
		fault_field(f, field, "must have 1 to %d letters, digits, "
		    "dots, hyphens or underscores, the first a letter or "
		    "digit", ALB_DEVICE_NAME_MAX);
}

static void
twice(const char *list, size_t i, const char *key, struct fault *f)
{
	char field[FIELD_SIZE];

	snprintf(field, sizeof(field), "%s[%zu].%s", list, i, key);
	fault_field(f, field, "is named twice");
}

static void
check_cpus(const struct alb_config *c, struct fault *f)
{
	char field[FIELD_SIZE];
	size_t i, k;

	if (c->ncpus == 0)
		fault_field(f, "cpus", "must name at least one CPU");
	if (c->ncpus > ALB_CPUS_MAX) {
		fault_field(f, "cpus", "must have at most %d items",
		    ALB_CPUS_MAX);
		return;
	}
	for (i = 0; i < c->ncpus; i++) {
		snprintf(field, sizeof(field), "cpus[%zu]", i);
		if (c->cpus[i] < 0 || c->cpus[i] >= ALB_CPUS_MAX)
			fault_field(f, field, "must be 0 to %d",
			    ALB_CPUS_MAX - 1);
		for (k = 0; k < i && c->cpus[k] != c->cpus[i]; k++)
			;
		if (k < i)
			fault_field(f, field, "is named twice");
	}
}

static void
check_exit_codes(const struct alb_config *c, struct fault *f)
{
	char field[FIELD_SIZE];
	size_t i, k;

	if (c->nexit_codes > 0 && !c->restart)
		fault_field(f, "exit_codes",
		    "need \"fail_behaviour\": \"restart\"");
	if (c->nexit_codes > ALB_EXIT_CODES_MAX) {
		fault_field(f, "exit_codes", "must have at most %d items",
		    ALB_EXIT_CODES_MAX);
		return;
	}
	for (i = 0; i < c->nexit_codes; i++) {
		snprintf(field, sizeof(field), "exit_codes[%zu]", i);
		if (c->exit_codes[i] < 0 || c->exit_codes[i] > 255)
			fault_field(f, field, "must be 0 to 255");
		for (k = 0; k < i && c->exit_codes[k] != c->exit_codes[i]; k++)
			;
		if (k < i)
			fault_field(f, field, "is named twice");
	}
}

static void
check_numbers(const struct alb_config *c, struct fault *f)
{
	if (c->memory < 1 || c->memory > ALB_MEMORY_MAX)
		fault_field(f, "memory", "must be 1 to %" PRId64 " (MB)",
		    ALB_MEMORY_MAX);
	if (c->has_startup && (c->startup < 0 || c->startup > 100))
		fault_field(f, "startup", "must be 0 to 100");
}

/*
 * An argument is a C string at the other end, and a string of JSON on the way
 * to the authority and in what is kept: other bytes would get lost there.
 */
static void
check_arguments(const struct alb_config *c, struct fault *f)
{
	char field[FIELD_SIZE];
	size_t i;

	if (c->narguments > ALB_ARGUMENTS_MAX) {
		fault_field(f, "arguments", "must have at most %d items",
		    ALB_ARGUMENTS_MAX);
		return;
	}
	for (i = 0; i < c->narguments; i++) {
		snprintf(field, sizeof(field), "arguments[%zu]", i);
		if (strlen(c->arguments[i]) > ALB_ARGUMENT_BYTES_MAX)
			fault_field(f, field, "must have at most %d bytes",
			    ALB_ARGUMENT_BYTES_MAX);
		if (strstr(c->arguments[i], "\xc0\x80") != NULL)
			fault_field(f, field, "must not hold a zero byte");
		else if (!utf8_valid(c->arguments[i], strlen(c->arguments[i])))
			fault_field(f, field, "must be UTF-8");
	}
}

static void
check_net(const struct alb_net *n, size_t i, struct fault *f)
{
	char field[FIELD_SIZE];

	check_device(n->name, "networks", i, "name", f);
	if (n->bridge != NULL)
		check_device(n->bridge, "networks", i, "bridge", f);
	snprintf(field, sizeof(field), "networks[%zu].mac", i);
	if (n->has_mac && (n->mac[0] & 1) != 0)
		fault_field(f, field, "must be the address of one device, "
		    "not a multicast address");
	if (n->has_mac && memcmp(n->mac, "\0\0\0\0\0\0", 6) == 0)
		fault_field(f, field, "must not be all zeros");
}

static void
check_nets(const struct alb_config *c, struct fault *f)
{
	size_t i, k;

	if (c->nnets > ALB_DEVICES_MAX) {
		fault_field(f, "networks", "must have at most %d items",
		    ALB_DEVICES_MAX);
		return;
	}
	for (i = 0; i < c->nnets; i++) {
		check_net(&c->nets[i], i, f);
		for (k = 0; k < i && c->nets[i].name != NULL; k++)
			if (c->nets[k].name != NULL && strcmp(c->nets[k].name,
			    c->nets[i].name) == 0)
				twice("networks", i, "name", f);
	}
}

/* The server neither folds nor checks the label of a volume. */
static void
check_volume(const struct alb_block *b, size_t i, struct fault *f)
{
	char field[FIELD_SIZE], folded[ALB_LABEL_MAX + 1];
	const char *host = alb_block_volume(b), *why;

	check_device(b->name, "volumes", i, "name", f);
	if (host == NULL)
		return;
	snprintf(field, sizeof(field), "volumes[%zu].volume", i);
	why = alb_label_fold(host, folded);
	if (why != NULL)
		fault_field(f, field, "%s", why);
	else if (strcmp(host, folded) != 0)
		fault_field(f, field, "must be in lower case");
	snprintf(field, sizeof(field), "volumes[%zu].sector_size", i);
	if (b->has_sector_size && (b->sector_size < ALB_SECTOR_MIN ||
	    b->sector_size > ALB_SECTOR_MAX ||
	    (b->sector_size & (b->sector_size - 1)) != 0))
		fault_field(f, field, "must be a power of two, %d to %d",
		    ALB_SECTOR_MIN, ALB_SECTOR_MAX);
}

static void
check_volumes(const struct alb_config *c, struct fault *f)
{
	const struct alb_block *a, *b;
	size_t i, k;

	if (c->nblocks > ALB_DEVICES_MAX) {
		fault_field(f, "volumes", "must have at most %d items",
		    ALB_DEVICES_MAX);
		return;
	}
	for (i = 0; i < c->nblocks; i++) {
		a = &c->blocks[i];
		check_volume(a, i, f);
		for (k = 0; k < i && a->name != NULL; k++) {
			b = &c->blocks[k];
			if (b->name == NULL)
				continue;
			if (strcmp(a->name, b->name) == 0)
				twice("volumes", i, "name", f);
			else if (strcmp(alb_block_volume(a),
			    alb_block_volume(b)) == 0)
				twice("volumes", i, "volume", f);
		}
	}
}

static void
check_solo5(const struct alb_config *c, struct fault *f)
{
	if (c->has_numcpus && c->numcpus != 1)
		fault_field(f, "vcpus", "must be 1 for type solo5");
	if (c->boot_partition != NULL)
		fault_field(f, "boot_partition",
		    "is only for type bhyve");
}

static size_t
string_size(const char *s)
{
	return s == NULL ? 0 : 2 + strlen(s);
}

static size_t
block_size(const struct alb_block *b)
{
	return string_size(b->name) + string_size(b->volume) +
		(b->has_sector_size ? 2 + der_int_size(b->sector_size) : 0);
}

static size_t
net_size(const struct alb_net *n)
{
	return string_size(n->name) + string_size(n->bridge) +
		(n->has_mac ? 2 + 6 : 0);
}

/*
 * bhyve's devices are numbered and must arrive in order, but travel as a SET
 * OF, sorted by encoding: a longer entry comes later. At equal length the
 * numbers are in order.
 */
static void
check_numbered(const char *list, const char *name, size_t i, size_t before,
	size_t size, struct fault *f)
{
	char number[24], field[FIELD_SIZE];

	snprintf(number, sizeof(number), "%zu", i);
	snprintf(field, sizeof(field), "%s[%zu].name", list, i);
	if (name == NULL || strcmp(name, number) != 0)
		fault_field(f, field, "must be \"%s\" for type bhyve", number);
	else if (size < before)
		fault_field(f, field, "would be sorted before the one above: "
		    "must not be shorter with all its fields");
}

static bool
is_partition(const char *s)
{
	size_t i;

	for (i = 0; is_alnum(s[i]); i++)
		;
	return s[i] == '\0' && i >= 1 && i <= ALB_DEVICE_NAME_MAX;
}

static void
check_bhyve(const struct alb_config *c, struct fault *f)
{
	size_t i;

	if (c->has_numcpus &&
	    (c->numcpus < 1 || c->numcpus > ALB_GUEST_CPUS_MAX))
		fault_field(f, "vcpus", "must be 1 to %d", ALB_GUEST_CPUS_MAX);
	if (c->boot_partition != NULL && !is_partition(c->boot_partition))
		fault_field(f, "boot_partition",
		    "must have 1 to %d letters or digits", ALB_DEVICE_NAME_MAX);
	if (c->nblocks == 0)
		fault_field(f, "volumes", "must name one to boot from");
	else if (c->blocks[0].volume == NULL)
		fault_field(f, "volumes[0].volume", "is missing");
	for (i = 0; i < c->nblocks && i < ALB_DEVICES_MAX; i++)
		check_numbered("volumes", c->blocks[i].name, i,
		    i == 0 ? 0 : block_size(&c->blocks[i - 1]),
		    block_size(&c->blocks[i]), f);
	for (i = 0; i < c->nnets && i < ALB_DEVICES_MAX; i++)
		check_numbered("networks", c->nets[i].name, i,
		    i == 0 ? 0 : net_size(&c->nets[i - 1]),
		    net_size(&c->nets[i]), f);
}

int
alb_config_check(const struct alb_config *c, struct fault *f)
{
	check_numbers(c, f);
	check_cpus(c, f);
	check_exit_codes(c, f);
	check_arguments(c, f);
	check_nets(c, f);
	check_volumes(c, f);
	if (c->type == ALB_BHYVE)
		check_bhyve(c, f);
	else
		check_solo5(c, f);
	return f->err;
}

static void
beyond(struct fault *f)
{
	if (f->err == ERR_OK)
		fault_set(f, ERR_POLICY,
		    "The configuration asks for more than the policy allows.");
}

int
alb_config_check_policy(const struct alb_config *c,
	const struct alb_policy *p, struct fault *f)
{
	char field[FIELD_SIZE];
	size_t i;

	if (p->unikernels < 1)
		return fault_set(f, ERR_POLICY,
		    "The policy allows no unikernels.");
	if (c->memory > p->memory) {
		beyond(f);
		fault_field(f, "memory", "the policy allows %" PRId64 " MB",
		    p->memory);
	}
	for (i = 0; i < c->ncpus; i++) {
		if (alb_policy_allows_cpu(p, c->cpus[i]))
			continue;
		beyond(f);
		snprintf(field, sizeof(field), "cpus[%zu]", i);
		fault_field(f, field, "the policy does not allow CPU %" PRId64,
		    c->cpus[i]);
	}
	for (i = 0; i < c->nnets; i++) {
		if (alb_policy_allows_bridge(p, host_bridge(&c->nets[i])))
			continue;
		beyond(f);
		snprintf(field, sizeof(field), "networks[%zu].bridge", i);
		fault_field(f, field, "the policy does not allow bridge \"%s\"",
		    host_bridge(&c->nets[i]));
	}
	return f->err;
}
