/* SPDX-License-Identifier: ISC */
/* policy_use: what projects use of an instance; see policy_use.h. */
#include "fcgi/policy_use.h"

#include <string.h>

#include "fcgi/app.h"

/* Of a detail, which has room for 511 bytes. */
#define NAMES_MAX 300

struct json_object *
policy_amount_json(const struct policy_amount *a)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "unikernels", a->unikernels);
	json_add_int(o, "memory", a->memory);
	json_add_int(o, "block", a->block);
	return o;
}

bool
policy_is_empty(const struct alb_policy *p)
{
	return p->unikernels == 0 && p->memory == 0 && p->block == 0 &&
		p->ncpus == 0 && p->nbridges == 0;
}

int
policy_uses_get(struct request *r, struct policy_uses *u, struct fault *f)
{
	const struct ask ask = { r->auth, &r->who, r->instance, NULL, "" };
	int err = upstream_infos(r->app->upstream, &ask, false, &u->infos,
		NULL, f);

	if (err != 0)
		return err;
	err = upstream_blocks(r->app->upstream, &ask, false, &u->blocks, NULL,
	    f);
	if (err != 0)
		alb_wire_free(&u->infos);
	return err;
}

void
policy_uses_free(struct policy_uses *u)
{
	alb_wire_free(&u->infos);
	alb_wire_free(&u->blocks);
}

/* Names at the root are absolute. */
static bool
is_below(const struct alb_name *name, const char *project)
{
	size_t len = project == NULL ? 0 : strlen(project);

	return project == NULL || (strncmp(name->path, project, len) == 0 &&
		(name->path[len] == '\0' || name->path[len] == ':'));
}

static void
sum_add(int64_t *sum, int64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = INT64_MAX;
}

struct policy_amount
policy_uses_of(const struct policy_uses *u, const char *project)
{
	struct policy_amount a = { 0 };

	for (size_t i = 0; i < u->infos.ninfos; i++) {
		if (!is_below(&u->infos.infos[i].name, project))
			continue;
		a.unikernels++;
		sum_add(&a.memory, u->infos.infos[i].config.memory);
	}
	for (size_t i = 0; i < u->blocks.nblocks; i++)
		if (is_below(&u->blocks.blocks[i].name, project))
			sum_add(&a.block, u->blocks.blocks[i].size);
	return a;
}

/* ---- what is in the way ---- */

/* "web (64 MB)", as many as fit. */
static void
name_add(struct buf *b, const struct alb_name *name, int64_t size)
{
	if (b->len > NAMES_MAX)
		return;
	buf_putf(b, "%s%s (%lld MB)", b->len == 0 ? "" : ", ", name->label,
	    (long long)size);
	if (b->len > NAMES_MAX)
		buf_put_str(b, ", and more");
}

static void
names_add(const struct policy_uses *u, const char *project,
	struct fault *f)
{
	struct buf running, volumes;

	buf_init(&running, 1024);
	buf_init(&volumes, 1024);
	for (size_t i = 0; i < u->infos.ninfos; i++)
		if (is_below(&u->infos.infos[i].name, project))
			name_add(&running, &u->infos.infos[i].name,
			    u->infos.infos[i].config.memory);
	for (size_t i = 0; i < u->blocks.nblocks; i++)
		if (is_below(&u->blocks.blocks[i].name, project))
			name_add(&volumes, &u->blocks.blocks[i].name,
			    u->blocks.blocks[i].size);
	if (running.len > 0)
		fault_add(f, " Running: %s.", buf_str(&running));
	if (volumes.len > 0)
		fault_add(f, " Volumes: %s.", buf_str(&volumes));
	buf_free(&running);
	buf_free(&volumes);
}

static void
lists_explain(const struct alb_config *c, const char *name,
	const struct alb_policy *p, struct fault *f)
{
	const char *bridge;

	for (size_t i = 0; i < c->ncpus; i++)
		if (!alb_policy_allows_cpu(p, c->cpus[i]))
			fault_field(f, "cpus", "%s runs on CPU %lld", name,
			    (long long)c->cpus[i]);
	for (size_t i = 0; i < c->nnets; i++) {
		bridge = c->nets[i].bridge == NULL ? c->nets[i].name :
			c->nets[i].bridge;
		if (!alb_policy_allows_bridge(p, bridge))
			fault_field(f, "bridges", "%s uses %s", name, bridge);
	}
}

void
policy_uses_explain(const struct policy_uses *u, const char *project,
	const struct alb_policy *policy, struct fault *f)
{
	struct policy_amount a = policy_uses_of(u, project);

	names_add(u, project, f);
	if (a.unikernels > policy->unikernels)
		fault_field(f, "unikernels", "%lld are running: stop some",
		    (long long)a.unikernels);
	if (a.memory > policy->memory)
		fault_field(f, "memory", "%lld MB are in use: stop something",
		    (long long)a.memory);
	if (a.block > (policy->has_block ? policy->block : 0))
		fault_field(f, "block", "%lld MB are in volumes: remove some",
		    (long long)a.block);
	for (size_t i = 0; i < u->infos.ninfos; i++)
		if (is_below(&u->infos.infos[i].name, project))
			lists_explain(&u->infos.infos[i].config,
			    u->infos.infos[i].name.label, policy, f);
}
