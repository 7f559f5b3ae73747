/* SPDX-License-Identifier: ISC */
/* config_der: parts of configurations as DER; see config_der.h. */
#include "albatross/config_der.h"

#include <stdlib.h>

#include "albatross/error.h"

void
alb_type_read(struct der *d, struct alb_config *c)
{
	unsigned n;
	struct der choice = der_choice(d, &n);

	if (n > ALB_BHYVE)
		der_fail(d, ALB_DECODE);
	c->type = n == ALB_BHYVE ? ALB_BHYVE : ALB_SOLO5;
	der_get_null(&choice);
	der_done(&choice);
}

void
alb_type_write(struct der_writer *w, const struct alb_config *c)
{
	size_t open = der_open(w);

	der_put_null(w);
	der_close(w, open, DER_CONTEXT(c->type == ALB_BHYVE ? 1 : 0));
}

void
alb_startup_read(struct der *d, struct alb_config *c)
{
	c->has_startup = der_at(d, DER_INTEGER);
	if (c->has_startup)
		c->startup = der_get_int(d);
}

void
alb_startup_write(struct der_writer *w, const struct alb_config *c)
{
	if (c->has_startup)
		der_put_int(w, c->startup);
}

static void
ints_read(struct der *d, uint8_t tag, int64_t **ints, size_t *count)
{
	struct der list = der_enter(d, tag);
	size_t i;

	*ints = der_items(&list, sizeof(**ints), count);
	for (i = 0; i < *count; i++)
		(*ints)[i] = der_get_int(&list);
	der_done(&list);
}

static void
ints_write(struct der_writer *w, const int64_t *ints, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		der_put_int(w, ints[i]);
}

void
alb_fail_read(struct der *d, struct alb_config *c)
{
	unsigned n;
	struct der choice = der_choice(d, &n);

	c->restart = n == 1;
	if (n == 0)
		der_get_null(&choice);
	else if (n == 1)
		ints_read(&choice, DER_SET, &c->exit_codes, &c->nexit_codes);
	else
		der_fail(d, ALB_DECODE);
	der_done(&choice);
}

void
alb_fail_write(struct der_writer *w, const struct alb_config *c)
{
	size_t open = der_open(w), set = open;

	if (!c->restart) {
		der_put_null(w);
		der_close(w, open, DER_CONTEXT(0));
		return;
	}
	ints_write(w, c->exit_codes, c->nexit_codes);
	der_close_set(w, set);
	der_close(w, open, DER_CONTEXT(1));
}

static void
cpu_read(struct der *d, struct alb_config *c)
{
	c->cpus = calloc(1, sizeof(*c->cpus));
	if (c->cpus == NULL) {
		der_fail(d, ALB_NO_MEMORY);
		return;
	}
	c->ncpus = 1;
	c->cpus[0] = der_get_int(d);
}

void
alb_resources_read(struct der *d, enum alb_level level, struct alb_config *c)
{
	if (level >= ALB_LEVEL_2_7)
		ints_read(d, DER_SET, &c->cpus, &c->ncpus);
	else
		cpu_read(d, c);
	c->memory = der_get_int(d);
}

void
alb_resources_write(struct der_writer *w, enum alb_level level,
	const struct alb_config *c)
{
	size_t open = der_open(w);

	ints_write(w, c->cpus, c->ncpus);
	if (level >= ALB_LEVEL_2_7)
		der_close_set(w, open);
	else if (c->ncpus != 1)
		w->invalid = true;
	der_put_int(w, c->memory);
}

static void
block_read(struct der *list, bool resolved, struct alb_block *b)
{
	struct der d = der_enter(list, DER_SEQUENCE);

	b->name = der_get_string(&d);
	if (resolved || der_at(&d, DER_STRING))
		b->volume = der_get_string(&d);
	b->has_sector_size = resolved || der_at(&d, DER_INTEGER);
	if (b->has_sector_size)
		b->sector_size = der_get_int(&d);
	if (resolved)
		b->size = der_get_int(&d);
	der_done(&d);
}

static void
block_write(struct der_writer *w, bool resolved, const struct alb_block *b)
{
	size_t open = der_open(w);

	der_put_string(w, b->name);
	if (resolved || b->volume != NULL)
		der_put_string(w, b->volume);
	if (resolved || b->has_sector_size)
		der_put_int(w, b->sector_size);
	if (resolved)
		der_put_int(w, b->size);
	der_close(w, open, DER_SEQUENCE);
}

static void
net_read(struct der *list, bool resolved, struct alb_net *n)
{
	struct der d = der_enter(list, DER_SEQUENCE);

	n->name = der_get_string(&d);
	if (resolved || der_at(&d, DER_STRING))
		n->bridge = der_get_string(&d);
	n->has_mac = resolved || der_at(&d, DER_OCTETS);
	if (n->has_mac)
		der_get_fixed(&d, n->mac, sizeof(n->mac));
	der_done(&d);
}

static void
net_write(struct der_writer *w, bool resolved, const struct alb_net *n)
{
	size_t open = der_open(w);

	der_put_string(w, n->name);
	if (resolved || n->bridge != NULL)
		der_put_string(w, n->bridge);
	if (resolved || n->has_mac)
		der_put(w, DER_OCTETS, n->mac, sizeof(n->mac));
	der_close(w, open, DER_SEQUENCE);
}

static void
blocks_read(struct der *d, bool resolved, struct alb_config *c)
{
	struct der list = der_enter(d, DER_SET);
	size_t i;

	c->has_blocks = true;
	c->blocks = der_items(&list, sizeof(*c->blocks), &c->nblocks);
	for (i = 0; i < c->nblocks; i++)
		block_read(&list, resolved, &c->blocks[i]);
	der_done(&list);
}

static void
nets_read(struct der *d, bool resolved, struct alb_config *c)
{
	struct der list = der_enter(d, DER_SET);
	size_t i;

	c->has_nets = true;
	c->nets = der_items(&list, sizeof(*c->nets), &c->nnets);
	for (i = 0; i < c->nnets; i++)
		net_read(&list, resolved, &c->nets[i]);
	der_done(&list);
}

void
alb_strings_read(struct der *d, char ***strings, size_t *count)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	size_t i;

	*strings = der_items(&list, sizeof(**strings), count);
	for (i = 0; i < *count; i++)
		(*strings)[i] = der_get_string(&list);
	der_done(&list);
}

void
alb_strings_write(struct der_writer *w, char *const *strings, size_t count)
{
	size_t open = der_open(w), i;

	for (i = 0; i < count; i++)
		der_put_string(w, strings[i]);
	der_close(w, open, DER_SEQUENCE);
}

void
alb_devices_read(struct der *d, bool resolved, struct alb_config *c)
{
	struct der field;

	if (der_at(d, DER_CONTEXT(0))) {
		field = der_enter(d, DER_CONTEXT(0));
		blocks_read(&field, resolved, c);
		der_done(&field);
	}
	if (der_at(d, DER_CONTEXT(1))) {
		field = der_enter(d, DER_CONTEXT(1));
		nets_read(&field, resolved, c);
		der_done(&field);
	}
	c->has_arguments = der_at(d, DER_CONTEXT(2));
	if (c->has_arguments) {
		field = der_enter(d, DER_CONTEXT(2));
		alb_strings_read(&field, &c->arguments, &c->narguments);
		der_done(&field);
	}
}

void
alb_devices_write(struct der_writer *w, bool resolved,
	const struct alb_config *c)
{
	size_t open, i;

	if (c->has_blocks || c->nblocks > 0) {
		open = der_open(w);
		for (i = 0; i < c->nblocks; i++)
			block_write(w, resolved, &c->blocks[i]);
		der_close_set(w, open);
		der_close(w, open, DER_CONTEXT(0));
	}
	if (c->has_nets || c->nnets > 0) {
		open = der_open(w);
		for (i = 0; i < c->nnets; i++)
			net_write(w, resolved, &c->nets[i]);
		der_close_set(w, open);
		der_close(w, open, DER_CONTEXT(1));
	}
	if (c->has_arguments || c->narguments > 0) {
		open = der_open(w);
		alb_strings_write(w, c->arguments, c->narguments);
		der_close(w, open, DER_CONTEXT(2));
	}
}

void
alb_guest_read(struct der *d, unsigned tag, struct alb_config *c)
{
	struct der field;

	c->has_numcpus = der_at(d, DER_CONTEXT(tag));
	if (c->has_numcpus) {
		field = der_enter(d, DER_CONTEXT(tag));
		c->numcpus = der_get_int(&field);
		der_done(&field);
	}
	if (der_at(d, DER_CONTEXT(tag + 1))) {
		field = der_enter(d, DER_CONTEXT(tag + 1));
		c->boot_partition = der_get_string(&field);
		der_done(&field);
	}
}

void
alb_guest_write(struct der_writer *w, enum alb_level level, unsigned tag,
	const struct alb_config *c)
{
	size_t open = der_open(w);

	if (level < ALB_LEVEL_2_7) {
		if ((c->has_numcpus && c->numcpus != 1) ||
		    c->boot_partition != NULL)
			w->invalid = true;
		return;
	}
	if (c->has_numcpus) {
		der_put_int(w, c->numcpus);
		der_close(w, open, DER_CONTEXT(tag));
	}
	if (c->boot_partition != NULL) {
		open = der_open(w);
		der_put_string(w, c->boot_partition);
		der_close(w, open, DER_CONTEXT(tag + 1));
	}
}

void
alb_policy_read(struct der *d, struct alb_policy *p)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	ints_read(&s, DER_SEQUENCE, &p->cpus, &p->ncpus);
	p->unikernels = der_get_int(&s);
	p->memory = der_get_int(&s);
	p->has_block = der_at(&s, DER_INTEGER);
	if (p->has_block)
		p->block = der_get_int(&s);
	alb_strings_read(&s, &p->bridges, &p->nbridges);
	/* A failed read leaves NULLs among the bridges. */
	if (der_done(&s) == ALB_OK)
		alb_policy_normalise(p);
}

void
alb_policy_write(struct der_writer *w, const struct alb_policy *p)
{
	size_t open = der_open(w), list = open;

	ints_write(w, p->cpus, p->ncpus);
	der_close(w, list, DER_SEQUENCE);
	der_put_int(w, p->unikernels);
	der_put_int(w, p->memory);
	if (p->has_block)
		der_put_int(w, p->block);
	alb_strings_write(w, p->bridges, p->nbridges);
	der_close(w, open, DER_SEQUENCE);
}
