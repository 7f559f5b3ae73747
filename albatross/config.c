/* SPDX-License-Identifier: ISC */
/* config: memory of a configuration; see config.h. */
#include "albatross/config.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/error.h"

void
alb_config_init(struct alb_config *c)
{
	*c = (struct alb_config){ .type = ALB_SOLO5, .add_name = true };
}

void
alb_config_free(struct alb_config *c)
{
	size_t i;

	for (i = 0; i < c->nblocks; i++) {
		free(c->blocks[i].name);
		free(c->blocks[i].volume);
	}
	for (i = 0; i < c->nnets; i++) {
		free(c->nets[i].name);
		free(c->nets[i].bridge);
	}
	for (i = 0; i < c->narguments; i++)
		free(c->arguments[i]);
	free(c->blocks);
	free(c->nets);
	free(c->arguments);
	free(c->exit_codes);
	free(c->cpus);
	free(c->boot_partition);
	alb_config_init(c);
}

/* A copy of n items, or NULL; n is 0 after NULL. */
static void *
copy_items(const void *items, size_t size, size_t n, size_t *count, bool *ok)
{
	void *out = n == 0 ? NULL : calloc(n, size);

	if (n > 0 && out == NULL)
		*ok = false;
	*count = out == NULL ? 0 : n;
	if (out != NULL)
		memcpy(out, items, n * size);
	return out;
}

/* Replaces a borrowed string by an owned copy; NULL stays. */
static void
own(char **s, bool *ok)
{
	if (*s == NULL)
		return;
	*s = strdup(*s);
	if (*s == NULL)
		*ok = false;
}

int
alb_config_copy(const struct alb_config *c, struct alb_config *out)
{
	bool ok = true;
	size_t i;

	*out = *c;
	own(&out->boot_partition, &ok);
	out->exit_codes = copy_items(c->exit_codes, sizeof(*c->exit_codes),
	    c->nexit_codes, &out->nexit_codes, &ok);
	out->cpus = copy_items(c->cpus, sizeof(*c->cpus), c->ncpus,
	    &out->ncpus, &ok);
	out->blocks = copy_items(c->blocks, sizeof(*c->blocks), c->nblocks,
	    &out->nblocks, &ok);
	out->nets = copy_items(c->nets, sizeof(*c->nets), c->nnets,
	    &out->nnets, &ok);
	out->arguments = copy_items(c->arguments, sizeof(*c->arguments),
	    c->narguments, &out->narguments, &ok);
	for (i = 0; i < out->nblocks; i++) {
		own(&out->blocks[i].name, &ok);
		own(&out->blocks[i].volume, &ok);
	}
	for (i = 0; i < out->nnets; i++) {
		own(&out->nets[i].name, &ok);
		own(&out->nets[i].bridge, &ok);
	}
	for (i = 0; i < out->narguments; i++)
		own(&out->arguments[i], &ok);
	if (ok)
		return ALB_OK;
	alb_config_free(out);
	return ALB_NO_MEMORY;
}
