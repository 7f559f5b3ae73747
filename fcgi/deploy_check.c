/* SPDX-License-Identifier: ISC */
/* deploy_check: everything that can be known before anything is killed. */
#include "fcgi/deploy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"

/* What runs in the project besides the one that is replaced. */
struct usage {
	int64_t unikernels;
	int64_t memory;
	const struct alb_info *old;	/* borrowed; NULL: there is none */
};

static int
digest_check(const struct deployment *d, struct fault *f)
{
	const char *want = request_query(d->r, "digest");
	uint8_t bytes[32];

	if (want == NULL)
		return 0;
	if (hex_decode(want, bytes, sizeof(bytes)) < 0)
		return fault_field(f, "digest",
		    "must be a SHA-256 of 64 hex digits");
	if (!d->has_image || strcasecmp(want, d->image.sha256) != 0)
		return fault_set(f, ERR_DIGEST, "The image that arrived has "
		    "the SHA-256 %s.", d->has_image ? d->image.sha256 : "-");
	return 0;
}

static int
image_check(struct deployment *d, struct fault *f)
{
	int err = digest_check(d, f);

	if (err == 0 && d->has_image)
		err = alb_image_read(d->image.fd, d->image.size, &d->manifest,
		    f);
	return err;
}

/* What the form alone tells, with the fields of all findings. */
static int
form_check(struct deployment *d, struct fault *f)
{
	int64_t any = 0;
	bool chosen = d->config.ncpus > 0;

	if (d->has_image &&
	    alb_image_match(&d->manifest, &d->config, f) == ERR_BAD_IMAGE)
		return f->err;
	/* The CPU is chosen later: here, any one will do. */
	if (!chosen) {
		d->config.cpus = &any;
		d->config.ncpus = 1;
	}
	alb_config_check(&d->config, f);
	if (!chosen) {
		d->config.cpus = NULL;
		d->config.ncpus = 0;
	}
	return 0;
}

static struct usage
usage_count(const struct deployment *d, const struct alb_wire *w)
{
	struct usage u = { 0 };

	for (size_t i = 0; i < w->ninfos; i++) {
		const struct alb_info *info = &w->infos[i];

		if (strcmp(info->name.path, d->ask.project) == 0 &&
		    strcmp(info->name.label, d->ask.label) == 0) {
			u.old = info;
			continue;
		}
		u.unikernels++;
		u.memory += info->config.memory;
	}
	return u;
}

/* How many unikernels are pinned to cpu. */
static size_t
cpu_load(const struct alb_wire *w, int64_t cpu)
{
	size_t load = 0;

	for (size_t i = 0; i < w->ninfos; i++)
		for (size_t k = 0; k < w->infos[i].config.ncpus; k++)
			load += w->infos[i].config.cpus[k] == cpu;
	return load;
}

/* The policy's CPU that the project uses least. */
static int
cpu_choose(struct deployment *d, const struct alb_policy *policy,
	const struct alb_wire *w, struct fault *f)
{
	int64_t best;

	if (d->config.ncpus > 0)
		return 0;
	if (policy->ncpus == 0)
		return fault_set(f, ERR_POLICY, "The policy allows no CPU.");
	best = policy->cpus[0];
	for (size_t i = 1; i < policy->ncpus; i++)
		if (cpu_load(w, policy->cpus[i]) < cpu_load(w, best))
			best = policy->cpus[i];
	d->config.cpus = malloc(sizeof(best));
	if (d->config.cpus == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	d->config.cpus[0] = best;
	d->config.ncpus = 1;
	return 0;
}

static void
policy_check(const struct deployment *d, const struct alb_policy *policy,
	const struct usage *u, struct fault *f)
{
	int64_t left = policy->memory - u->memory;

	alb_config_check_policy(&d->config, policy, f);
	if (u->unikernels >= policy->unikernels && policy->unikernels > 0) {
		f->err = ERR_POLICY;
		fault_field(f, "name", "the policy allows %" PRId64
		    " unikernels, and as many run", policy->unikernels);
	}
	if (d->config.memory <= policy->memory && d->config.memory > left) {
		f->err = ERR_POLICY;
		fault_field(f, "memory", "of the %" PRId64 " MB the policy "
		    "allows, %" PRId64 " MB are left", policy->memory,
		    left < 0 ? 0 : left);
	}
}

static const char *
volume_of(const struct alb_block *b)
{
	return b->volume == NULL ? b->name : b->volume;
}

static bool
old_uses(const struct usage *u, const char *volume)
{
	for (size_t i = 0; u->old != NULL && i < u->old->config.nblocks; i++)
		if (strcmp(volume_of(&u->old->config.blocks[i]), volume) == 0)
			return true;
	return false;
}

static const struct alb_block_info *
volume_find(const struct alb_wire *w, const char *volume)
{
	for (size_t i = 0; i < w->nblocks; i++)
		if (w->blocks[i].name.path[0] == '\0' &&
		    strcmp(w->blocks[i].name.label, volume) == 0)
			return &w->blocks[i];
	return NULL;
}

static void
volume_check(const struct deployment *d, size_t i, const struct alb_wire *w,
	const struct usage *u, struct fault *f)
{
	const char *volume = volume_of(&d->config.blocks[i]);
	const struct alb_block_info *have = volume_find(w, volume);
	char field[48];

	snprintf(field, sizeof(field), "volumes[%zu].volume", i);
	if (have == NULL)
		fault_field(f, field, "the project has no volume %s here",
		    volume);
	else if (have->active && !old_uses(u, volume))
		fault_field(f, field, "the volume %s is in use", volume);
}

static int
volumes_check(struct deployment *d, const struct usage *u, struct fault *f)
{
	struct ask path = d->ask;
	struct fault found = { 0 };
	struct alb_command c;
	struct alb_wire w;
	int err;

	if (d->config.nblocks == 0)
		return 0;
	path.label = "";
	alb_command_init(&c, ALB_BLOCK_INFO);
	err = upstream_call(d->r->app->upstream, &path, &c, &w, &found);
	alb_command_free(&c);
	if (err != 0) {
		*f = f->err == 0 ? found : *f;
		return f->err;
	}
	for (size_t i = 0; i < d->config.nblocks; i++)
		volume_check(d, i, &w, u, f);
	alb_wire_free(&w);
	return f->err;
}

/* What the instance says: the policy, what runs, which volumes there are. */
static int
instance_check(struct deployment *d, struct fault *f)
{
	struct alb_policy policy;
	struct ask path = d->ask;
	struct alb_wire w;
	struct usage usage;
	struct fault found = { 0 };
	int err;

	path.label = "";
	err = upstream_infos(d->r->app->upstream, &path, false, &w, &policy,
		&found);
	if (err != 0) {
		/* What is wrong with the form matters more. */
		*f = f->err == 0 ? found : *f;
		return f->err;
	}
	usage = usage_count(d, &w);
	d->replaces = usage.old != NULL;
	err = cpu_choose(d, &policy, &w, f);
	if (err == 0) {
		policy_check(d, &policy, &usage, f);
		err = volumes_check(d, &usage, f);
	}
	alb_policy_free(&policy);
	alb_wire_free(&w);
	return err;
}

int
deploy_check(struct deployment *d, struct fault *f)
{
	int err = image_check(d, f);

	if (err == 0)
		err = form_check(d, f);
	if (err == 0)
		err = instance_check(d, f);
	/* Findings are collected on the way: none may get lost. */
	if (err == 0)
		err = f->err;
	if (err != 0 && f->nfields > 0 && f->detail[0] == '\0')
		snprintf(f->detail, sizeof(f->detail), "Check the fields.");
	return err;
}
