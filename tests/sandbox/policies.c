/* SPDX-License-Identifier: ISC */
/* policies: what each path may use; see policies.h. */
#include "tests/sandbox/policies.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "albatross/json.h"
#include "base/log.h"
#include "tests/sandbox/blocks.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/unikernels.h"

#define FOLDER "policies"
#define LIST_MAX 4096
#define UNIKERNELS_MAX ((INT64_C(1) << 62) - 1)

static struct policy *
policy_entry(struct sandbox *s, const char *path)
{
	struct policy *p;

	for (p = s->policies; p != NULL; p = p->next)
		if (strcmp(p->name.path, path) == 0)
			return p;
	return NULL;
}

const struct alb_policy *
policy_find(struct sandbox *s, const char *path)
{
	struct policy *p = policy_entry(s, path);

	return p == NULL ? NULL : &p->policy;
}

static void
policy_store(struct sandbox *s, const char *path,
	const struct alb_policy *policy)
{
	struct policy *p = policy_entry(s, path);

	if (p == NULL) {
		p = xcalloc(1, sizeof(*p));
		memcpy(p->name.path, path, strlen(path) + 1);
		p->next = s->policies;
		s->policies = p;
	}
	alb_policy_free(&p->policy);
	if (alb_policy_copy(policy, &p->policy) != ALB_OK)
		abort();
	alb_policy_normalise(&p->policy);
}

static void
policy_save(struct sandbox *s, const struct policy *p)
{
	struct alb_command c;
	char name[NAME_SIZE];
	struct buf der;

	alb_command_init(&c, ALB_POLICY_ADD);
	c.policy = p->policy;
	buf_init(&der, 1 << 20);
	alb_name_format(&p->name, name);
	if (alb_command_encode(&c, &der) == ALB_OK)
		file_write(s, FOLDER, name, der.data, der.len, 0600);
	buf_free(&der);
}

static void
policy_restore(struct sandbox *s, const char *file)
{
	struct alb_command c;
	struct alb_name name;
	struct buf der;

	if (file_read(FOLDER, file, &der) != 0)
		return;
	if (alb_name_parse(file, strlen(file), &name) == ALB_OK &&
	    alb_command_decode(der.data, der.len, &c) == ALB_OK) {
		if (c.kind == ALB_POLICY_ADD)
			policy_store(s, name.path, &c.policy);
		alb_command_free(&c);
	}
	buf_free(&der);
}

static int64_t
disk_space(const struct options *o)
{
	struct statvfs v;

	if (o->block >= 0)
		return o->block;
	if (statvfs("blocks", &v) != 0)
		return 0;
	return (int64_t)(v.f_bavail * v.f_frsize >> 20);
}

static void
policy_root(struct sandbox *s)
{
	const struct options *o = s->options;
	int64_t cpus[ALB_CPUS_MAX];
	struct alb_policy root = {
		.cpus = cpus,
		.ncpus = o->cpus,
		.unikernels = UNIKERNELS_MAX,
		.memory = o->memory,
		.has_block = true,
		.block = disk_space(o),
		.bridges = (char **)(uintptr_t)o->bridges,
		.nbridges = o->nbridges,
	};
	int64_t i;

	for (i = 0; i < o->cpus; i++)
		cpus[i] = i;
	policy_store(s, "", &root);
}

void
policies_restore(struct sandbox *s)
{
	folder_walk(FOLDER, policy_restore, s);
	policy_root(s);
}

void
policies_free(struct sandbox *s)
{
	struct policy *p;

	while ((p = s->policies) != NULL) {
		s->policies = p->next;
		alb_policy_free(&p->policy);
		free(p);
	}
}

/* The CPUs that are not allowed, as "1, 2", into b. */
static void
list_cpus_beyond(const struct alb_policy *p, const int64_t *cpus, size_t n,
	struct buf *b)
{
	size_t i;

	buf_init(b, LIST_MAX);
	for (i = 0; i < n; i++)
		if (!alb_policy_allows_cpu(p, cpus[i]))
			list_int(b, cpus[i]);
}

static void
list_bridges(const struct alb_policy *p, struct buf *b)
{
	size_t i;

	buf_init(b, LIST_MAX);
	for (i = 0; i < p->nbridges; i++)
		list_str(b, p->bridges[i]);
}

static const char *
text_of(struct buf *b)
{
	const char *text = buf_str(b);

	return text == NULL ? "" : text;
}

static bool
cpus_fit(const struct alb_policy *super, const struct alb_policy *sub,
	const char *what, struct alb_wire *reply)
{
	struct buf list;
	bool fit;

	list_cpus_beyond(super, sub->cpus, sub->ncpus, &list);
	fit = list.len == 0;
	if (!fit)
		reply_failure(reply, "%s %s", what, text_of(&list));
	buf_free(&list);
	return fit;
}

static bool
bridges_fit(const struct alb_policy *super, const struct alb_policy *sub,
	const char *what, struct alb_wire *reply)
{
	struct buf above, below;
	bool fit = true;
	size_t i;

	for (i = 0; i < sub->nbridges; i++)
		fit = fit && alb_policy_allows_bridge(super, sub->bridges[i]);
	if (fit)
		return true;
	list_bridges(super, &above);
	list_bridges(sub, &below);
	reply_failure(reply, "%s %s, which is not a superset of %s", what,
		text_of(&above), text_of(&below));
	buf_free(&above);
	buf_free(&below);
	return false;
}

static bool
block_fits(const struct alb_policy *super, const struct alb_policy *sub)
{
	return !sub->has_block ||
		(super->has_block && super->block >= sub->block);
}

/* Whether sub is no more than super allows. */
static bool
policy_smaller(const struct alb_policy *super, const struct alb_policy *sub,
	struct alb_wire *reply)
{
	if (super->unikernels < sub->unikernels)
		return reply_failure(reply, "policy above allows %" PRId64
			" unikernels, which is fewer than %" PRId64,
			super->unikernels, sub->unikernels);
	if (super->memory < sub->memory)
		return reply_failure(reply, "policy above allows %" PRId64
			" MB memory, which is fewer than %" PRId64 " MB",
			super->memory, sub->memory);
	if (!cpus_fit(super, sub, "policy above does not allow CPUids",
	    reply) || !bridges_fit(super, sub,
	    "policy above allows bridge(s)", reply))
		return false;
	if (!block_fits(super, sub))
		return reply_failure(reply, "policy above allows %" PRId64
			" MB block storage, which is fewer than %" PRId64
			" MB", super->has_block ? super->block : 0,
			sub->block);
	return true;
}

/* Every policy above but that of the root, from the nearest upwards. */
static bool
above_allow(struct sandbox *s, const char *path,
	const struct alb_policy *policy, struct alb_wire *reply)
{
	char prefix[ALB_NAME_MAX + 1];
	const struct alb_policy *above;
	char *colon;

	memcpy(prefix, path, strlen(path) + 1);
	while ((colon = strrchr(prefix, ':')) != NULL) {
		*colon = '\0';
		above = policy_find(s, prefix);
		if (above != NULL && !policy_smaller(above, policy, reply))
			return false;
	}
	return true;
}

static bool
below_fit(struct sandbox *s, const char *path,
	const struct alb_policy *policy, struct alb_wire *reply)
{
	struct policy *p;

	for (p = s->policies; p != NULL; p = p->next)
		if (key_below(p->name.path, path) &&
		    strcmp(p->name.path, path) != 0 &&
		    !policy_smaller(policy, &p->policy, reply))
			return false;
	return true;
}

/* What runs below a path, as if it were a policy; free it. */
static struct alb_policy
usage_below(struct sandbox *s, const char *path)
{
	struct alb_policy used = { .block = block_usage(s, path) };

	unikernels_usage(s, path, NULL, &used.unikernels, &used.memory);
	unikernels_resources(s, path, &used);
	alb_policy_normalise(&used);
	return used;
}

static bool
usage_fits(const struct alb_policy *p, const struct alb_policy *used,
	struct alb_wire *reply)
{
	int64_t block = p->has_block ? p->block : 0;

	if (!cpus_fit(p, used, "policy does not allow CPUids", reply) ||
	    !bridges_fit(p, used, "policy allows bridges", reply))
		return false;
	if (used->unikernels > p->unikernels)
		return reply_failure(reply, "unikernel would exceed running "
			"unikernel limit set by policy to %" PRId64
			", running %" PRId64, p->unikernels,
			used->unikernels);
	if (used->memory > p->memory)
		return reply_failure(reply, "unikernel would exceed running "
			"memory limit set by policy to %" PRId64
			" MB, used %" PRId64 " MB", p->memory, used->memory);
	if (used->block > block)
		return reply_failure(reply, "unikernel would exceed running "
			"block storage limit set by policy to %" PRId64
			" MB, used %" PRId64 " MB", block, used->block);
	return true;
}

bool
policy_add(struct sandbox *s, const char *path,
	const struct alb_policy *policy, struct alb_wire *reply)
{
	const struct alb_policy *same = policy_find(s, path);
	struct alb_policy used;
	bool fits;

	if (same != NULL && alb_policy_equal(same, policy)) {
		reply_string(reply, "no modification of policy");
		return true;
	}
	if (!above_allow(s, path, policy, reply) ||
	    !below_fit(s, path, policy, reply))
		return false;
	used = usage_below(s, path);
	fits = usage_fits(policy, &used, reply);
	alb_policy_free(&used);
	if (!fits)
		return false;
	policy_store(s, path, policy);
	policy_save(s, policy_entry(s, path));
	reply_string(reply, "added policy");
	return true;
}

static bool
config_cpus_allowed(const struct alb_policy *p, const struct alb_config *c,
	struct alb_wire *reply)
{
	struct buf list;
	bool allowed;

	list_cpus_beyond(p, c->cpus, c->ncpus, &list);
	allowed = list.len == 0;
	if (!allowed)
		reply_failure(reply, "CPUids %s are not allowed by policy",
			text_of(&list));
	buf_free(&list);
	return allowed;
}

static bool
config_bridges_allowed(const struct alb_policy *p,
	const struct alb_config *c, struct alb_wire *reply)
{
	struct buf list;
	bool allowed;
	size_t i;

	buf_init(&list, LIST_MAX);
	for (i = 0; i < c->nnets; i++)
		if (!alb_policy_allows_bridge(p, net_bridge(&c->nets[i])))
			list_str(&list, net_bridge(&c->nets[i]));
	allowed = list.len == 0;
	if (!allowed)
		reply_failure(reply, "bridges %s not allowed by policy",
			text_of(&list));
	buf_free(&list);
	return allowed;
}

bool
policy_admits(struct sandbox *s, const struct alb_name *name,
	const struct alb_config *config, const struct unikernel *without,
	struct alb_wire *reply)
{
	const struct alb_policy *p = policy_find(s, name->path);
	int64_t running, memory;

	if (p == NULL)
		return true;
	unikernels_usage(s, name->path, without, &running, &memory);
	if (running + 1 > p->unikernels)
		return reply_failure(reply, "maximum amount of unikernels (%"
			PRId64 ") reached", p->unikernels);
	if (config->memory > wrap_sub(p->memory, memory))
		return reply_failure(reply, "maximum allowed memory (%" PRId64
			", used %" PRId64 ") would be exceeded (requesting %"
			PRId64 ")", p->memory, memory, config->memory);
	return config_cpus_allowed(p, config, reply) &&
		config_bridges_allowed(p, config, reply);
}

bool
policy_admits_block(struct sandbox *s, const char *path, int64_t size,
	struct alb_wire *reply)
{
	const struct alb_policy *p = policy_find(s, path);
	int64_t used;

	if (p == NULL)
		return true;
	if (!p->has_block)
		return reply_failure(reply,
			"no block devices are allowed by policy");
	used = block_usage(s, path);
	if (size <= wrap_sub(p->block, used))
		return true;
	return reply_failure(reply, "block device policy limit of %" PRId64
		" MB (used %" PRId64 " MB) would be exceeded by the request (%"
		PRId64 " MB)", p->block, used, size);
}

static void
policy_forget(struct sandbox *s, const char *path)
{
	struct policy **at = &s->policies, *p;
	char name[NAME_SIZE];

	while (*at != NULL && strcmp((*at)->name.path, path) != 0)
		at = &(*at)->next;
	p = *at;
	if (p == NULL)
		return;
	*at = p->next;
	alb_name_format(&p->name, name);
	file_remove(FOLDER, name);
	alb_policy_free(&p->policy);
	free(p);
}

static bool
policy_give(struct sandbox *s, const char *path, const char *json,
	struct alb_wire *reply)
{
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(json, strlen(json), &f);
	struct alb_policy policy = { 0 };
	bool given = false;

	if (o != NULL && alb_policy_from_json(o, "", &policy, &f) == 0) {
		alb_policy_normalise(&policy);
		given = policy_add(s, path, &policy, reply);
	} else {
		reply_failure(reply, "not a policy");
	}
	alb_policy_free(&policy);
	return given;
}

void
policy_by_hand(struct sandbox *s, const char *path, const char *json,
	char *out, size_t size)
{
	AUTO_JSON struct json_object *o = NULL;
	const struct alb_policy *p;
	struct alb_wire reply;
	bool done = true;

	alb_wire_init(&reply, ALB_PAYLOAD_EMPTY);
	if (json != NULL && strcmp(json, "none") == 0)
		policy_forget(s, path);
	else if (json != NULL)
		done = policy_give(s, path, json, &reply);
	p = policy_find(s, path);
	if (p != NULL)
		o = alb_policy_to_json(p);
	snprintf(out, size, "%s %s\n", done ? "ok" : "error", !done ?
	    reply.text : o == NULL ? "none" : json_object_to_json_string_ext(
	    o, JSON_C_TO_STRING_PLAIN));
	alb_wire_free(&reply);
}

void
policies_info(struct sandbox *s, struct request *r, struct alb_wire *reply)
{
	const char *path = r->name.path;
	struct alb_named_policy *item;
	struct policy *p;
	size_t n = 0;

	alb_wire_init(reply, ALB_PAYLOAD_POLICIES);
	for (p = s->policies; p != NULL; p = p->next)
		n++;
	reply->policies = xcalloc(n, sizeof(*reply->policies));
	for (p = s->policies; p != NULL; p = p->next) {
		if (!key_below(p->name.path, path))
			continue;
		item = &reply->policies[reply->npolicies++];
		name_relative(&p->name, path, &item->name);
		if (alb_policy_copy(&p->policy, &item->policy) != ALB_OK)
			abort();
	}
}
