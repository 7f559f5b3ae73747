/* SPDX-License-Identifier: ISC */
/* deploy_check: everything that can be known before anything is killed. */
#include "fcgi/deploy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reference.h"
#include "fcgi/app.h"

/* What runs in the project besides the one that is replaced. */
struct usage {
	int64_t unikernels;
	int64_t memory;
	const struct alb_info *old;	/* borrowed; NULL: there is none */
};

/* Each finding is added; the first one that has a code of its own gives it. */
static void
digest_check(const struct plan *p, struct fault *f)
{
	const char *want = request_query(p->r, "digest");
	const char *have = p->image.sha256;
	char folded[DIGEST_SIZE];

	if (want == NULL)
		return;
	if (digest_fold(want, folded) < 0) {
		fault_field(f, "digest", "must be a SHA-256 of 64 hex digits");
	} else if (p->has_image && p->image_wrong == NULL &&
	    strcasecmp(want, have) != 0) {
		fault_set(f, ERR_DIGEST, "The image that arrived has the "
		    "SHA-256 %s.", have);
		fault_field(f, "digest", "the image has the digest %s", have);
	}
}

/* False when there is no manifest to look at. */
static bool
image_check(struct plan *p, struct fault *f)
{
	struct fault wrong = { 0 };

	if (!p->has_image)
		return false;
	if (p->image_wrong != NULL)
		fault_set(&wrong, ERR_BAD_IMAGE, "%s", p->image_wrong);
	else
		alb_image_read(p->image.fd, p->image.size, &p->manifest,
		    &wrong);
	if (wrong.err == 0)
		return true;
	fault_set(f, wrong.err, "%s", wrong.detail);
	fault_field(f, "image", "%s", wrong.detail);
	return false;
}

/* What the form alone tells, with the fields of all findings. */
static void
form_check(struct plan *p, struct fault *f)
{
	int64_t any = 0;
	bool chosen = p->config.ncpus > 0;

	/* The CPU is chosen later: here, any one will do. */
	if (!chosen) {
		p->config.cpus = &any;
		p->config.ncpus = 1;
	}
	alb_config_check(&p->config, f);
	if (!chosen) {
		p->config.cpus = NULL;
		p->config.ncpus = 0;
	}
}

static struct usage
usage_count(const struct plan *p, const struct alb_wire *w)
{
	struct usage u = { 0 };

	for (size_t i = 0; i < w->ninfos; i++) {
		const struct alb_info *info = &w->infos[i];

		if (strcmp(info->name.path, p->ask.project) == 0 &&
		    strcmp(info->name.label, p->ask.label) == 0) {
			u.old = info;
			continue;
		}
		u.unikernels++;
		u.memory += info->config.memory;
	}
	return u;
}

/* How many unikernels are pinned to cpu, besides the one replaced. */
static size_t
cpu_load(const struct alb_wire *w, const struct usage *u, int64_t cpu)
{
	size_t load = 0;

	for (size_t i = 0; i < w->ninfos; i++)
		for (size_t k = 0; k < w->infos[i].config.ncpus; k++)
			load += &w->infos[i] != u->old &&
				w->infos[i].config.cpus[k] == cpu;
	return load;
}

/* The policy's CPU that the project uses least. */
static int
cpu_choose(struct plan *p, const struct alb_policy *policy,
	const struct alb_wire *w, const struct usage *u, struct fault *f)
{
	int64_t best;

	if (p->config.ncpus > 0)
		return 0;
	if (policy->ncpus == 0)
		return fault_set(f, ERR_POLICY, "The policy allows no CPU.");
	best = policy->cpus[0];
	for (size_t i = 1; i < policy->ncpus; i++)
		if (cpu_load(w, u, policy->cpus[i]) < cpu_load(w, u, best))
			best = policy->cpus[i];
	p->config.cpus = malloc(sizeof(best));
	if (p->config.cpus == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	p->config.cpus[0] = best;
	p->config.ncpus = 1;
	return 0;
}

static void
policy_check(const struct plan *p, const struct alb_policy *policy,
	const struct usage *u, struct fault *f)
{
	int64_t left = policy->memory - u->memory;

	alb_config_check_policy(&p->config, policy, f);
	if (u->unikernels >= policy->unikernels && policy->unikernels > 0) {
		f->err = ERR_POLICY;
		fault_field(f, "name", "the policy allows %" PRId64
		    " unikernels, and as many run", policy->unikernels);
	}
	if (p->config.memory <= policy->memory && p->config.memory > left) {
		f->err = ERR_POLICY;
		fault_field(f, "memory", "of the %" PRId64 " MB the policy "
		    "allows, %" PRId64 " MB are left", policy->memory,
		    left < 0 ? 0 : left);
	}
}

static bool
old_uses(const struct usage *u, const char *volume)
{
	for (size_t i = 0; u->old != NULL && i < u->old->config.nblocks; i++)
		if (strcmp(alb_block_volume(&u->old->config.blocks[i]),
		    volume) == 0)
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
volume_check(const struct plan *p, size_t i, const struct alb_wire *w,
	const struct usage *u, struct fault *f)
{
	const char *volume = alb_block_volume(&p->config.blocks[i]);
	const struct alb_block_info *have = volume_find(w, volume);
	char field[48];

	snprintf(field, sizeof(field), "volumes[%zu].volume", i);
	if (have == NULL)
		fault_field(f, field, "the project has no volume %s here",
		    volume);
	else if (have->active && !old_uses(u, volume))
		fault_field(f, field, "the volume %s is in use", volume);
}

static void
volumes_check(struct plan *p, const struct usage *u, struct fault *f,
	struct fault *asked)
{
	struct ask path = p->ask;
	struct alb_command c;
	struct alb_wire w;
	int err;

	if (p->config.nblocks == 0)
		return;
	path.label = "";
	alb_command_init(&c, ALB_BLOCK_INFO);
	err = upstream_call(p->r->app->upstream, &path, &c, &w, asked);
	alb_command_free(&c);
	if (err != 0)
		return;
	for (size_t i = 0; i < p->config.nblocks; i++)
		volume_check(p, i, &w, u, f);
	alb_wire_free(&w);
}

/* The findings of both; f's code and words stay unless it has only fields. */
static void
fault_merge(struct fault *f, const struct fault *more)
{
	if (more->err != 0 && (f->err == 0 || (f->err == ERR_INVALID &&
	    f->detail[0] == '\0'))) {
		f->err = more->err;
		memcpy(f->detail, more->detail, sizeof(f->detail));
	}
	for (size_t i = 0; i < more->nfields; i++)
		fault_field(f, more->fields[i].field, "%s",
		    more->fields[i].message);
}

/*
 * What the instance says: the policy, what runs, which volumes there are. That
 * it can not be asked goes into asked.
 */
static void
instance_check(struct plan *p, struct fault *f, struct fault *asked)
{
	struct fault found = { 0 };
	struct alb_policy policy;
	struct ask path = p->ask;
	struct usage usage;
	struct alb_wire w;

	path.label = "";
	if (upstream_infos(p->r->app->upstream, &path, false, &w, &policy,
	    asked) != 0)
		return;
	usage = usage_count(p, &w);
	p->replaces = usage.old != NULL;
	if (cpu_choose(p, &policy, &w, &usage, &found) == 0)
		policy_check(p, &policy, &usage, &found);
	fault_merge(f, &found);
	volumes_check(p, &usage, f, asked);
	alb_policy_free(&policy);
	alb_wire_free(&w);
}

static bool
refers_to_secrets(const struct alb_config *c)
{
	for (size_t i = 0; i < c->narguments; i++)
		if (reference_meant(c->arguments[i]))
			return true;
	return false;
}

static void
reference_check(const struct alb_config *c, size_t i,
	struct json_object *secrets, struct fault *f)
{
	char name[REFERENCE_NAME], field[32];

	if (!reference_meant(c->arguments[i]))
		return;
	snprintf(field, sizeof(field), "arguments[%zu]", i);
	if (reference_find(c->arguments[i], name) == NULL)
		fault_field(f, field, "must have a secret as a whole, or "
		    "behind its first =");
	else if (!json_list_has(secrets, "name", name))
		fault_field(f, field, "refers to the secret %s, which the "
		    "project does not have", name);
}

/* What is referred to must be there. */
static void
secrets_check(struct plan *p, struct fault *f, struct fault *asked)
{
	AUTO_JSON struct json_object *secrets = NULL;
	struct json_object *args;
	int err;

	if (!refers_to_secrets(&p->config))
		return;
	args = json_object_new_object();
	json_add_str(args, "project", p->ask.project);
	err = auth_call(p->r->auth, "secret-list", p->ask.who, args, &secrets,
	    asked);
	for (size_t i = 0; i < p->config.narguments && err == 0; i++)
		reference_check(&p->config, i, json_member(secrets, "items",
		    json_type_array), f);
}

int
plan_check(struct plan *p, struct fault *f)
{
	struct fault asked = { 0 };

	secrets_check(p, f, &asked);

	if (p->config.type == ALB_BHYVE && upstream_level(
	    p->r->app->upstream, p->r->instance) < ALB_LEVEL_2_7)
		fault_field(f, "type", "this instance knows no BHyve (it is "
		    "older than albatross 2.7)");
	digest_check(p, f);
	if (image_check(p, f))
		alb_image_match(&p->manifest, &p->config, f);
	form_check(p, f);
	instance_check(p, f, &asked);
	/* What is wrong with the form matters more. */
	if (f->err == 0)
		*f = asked;
	if (f->nfields > 0 && f->detail[0] == '\0')
		snprintf(f->detail, sizeof(f->detail), "Check the fields.");
	return f->err;
}
