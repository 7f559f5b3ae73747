/* SPDX-License-Identifier: ISC */
/* json: configurations and policies as JSON; see json.h. */
#include "albatross/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/der.h"
#include "base/text.h"

struct net_json {
	const char *name;
	const char *bridge;
	const char *mac;
};

struct volume_json {
	const char *name;
	const char *volume;
	int64_t sector_size;
	bool has_sector_size;
};

struct config_json {
	const char *type;
	int64_t memory, startup, vcpus;
	bool add_name;
	const char *fail_behaviour;
	const char *boot_partition;
	struct json_ints cpus, exit_codes;
	struct json_strings arguments;
	struct json_objects networks, volumes;
	struct {
		bool memory, startup, vcpus, add_name, cpus, exit_codes;
		bool arguments, networks, volumes;
	} has;
};

static const char *
check_type(const char *s)
{
	return strcmp(s, "solo5") == 0 || strcmp(s, "bhyve") == 0 ? NULL :
		"must be \"solo5\" or \"bhyve\"";
}

static const char *
check_fail_behaviour(const char *s)
{
	return strcmp(s, "quit") == 0 || strcmp(s, "restart") == 0 ? NULL :
		"must be \"quit\" or \"restart\"";
}

/* Six pairs of hex digits between colons. */
static int
mac_parse(const char *s, uint8_t mac[6])
{
	char pair[3] = "";
	size_t i;

	if (strlen(s) != 17)
		return -1;
	for (i = 0; i < 6; i++, s += 3) {
		memcpy(pair, s, 2);
		if (hex_decode(pair, &mac[i], 1) < 0 ||
		    s[2] != (i < 5 ? ':' : '\0'))
			return -1;
	}
	return 0;
}

static const char *
check_mac(const char *s)
{
	uint8_t mac[6];

	return mac_parse(s, mac) == 0 ? NULL :
		"must be an address such as \"00:80:41:12:34:56\"";
}

static const char *
check_bridge(const char *s)
{
	return alb_device_valid(s) ? NULL :
		"must have letters, digits, dots, hyphens or underscores, the "
		"first a letter or digit";
}

#define NAME_RANGE .min = 1, .max = ALB_DEVICE_NAME_MAX

static const struct json_field net_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true, NAME_RANGE,
	  .offset = offsetof(struct net_json, name) },
	{ .name = "bridge", .type = JSON_STRING, NAME_RANGE,
	  .offset = offsetof(struct net_json, bridge) },
	{ .name = "mac", .type = JSON_STRING, .check = check_mac,
	  .offset = offsetof(struct net_json, mac) },
	{ .name = NULL },
};

static const struct json_field volume_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true, NAME_RANGE,
	  .offset = offsetof(struct volume_json, name) },
	{ .name = "volume", .type = JSON_STRING, NAME_RANGE,
	  .offset = offsetof(struct volume_json, volume) },
	{ .name = "sector_size", .type = JSON_INT, .min = ALB_SECTOR_MIN,
	  .max = ALB_SECTOR_MAX,
	  .offset = offsetof(struct volume_json, sector_size),
	  .given = offsetof(struct volume_json, has_sector_size) },
	{ .name = NULL },
};

#define PLACE(field)						\
	.offset = offsetof(struct config_json, field)
#define GIVEN(field) PLACE(field),				\
	.given = offsetof(struct config_json, has.field)

static const struct json_field config_fields[] = {
	{ .name = "type", .type = JSON_STRING, .check = check_type,
	  PLACE(type) },
	{ .name = "memory", .type = JSON_INT, .min = 1,
	  .max = ALB_MEMORY_MAX, GIVEN(memory) },
	{ .name = "cpus", .type = JSON_INTS, .max = ALB_CPUS_MAX - 1,
	  .count_max = ALB_CPUS_MAX, GIVEN(cpus) },
	{ .name = "startup", .type = JSON_INT, .max = 100, GIVEN(startup) },
	{ .name = "add_name", .type = JSON_BOOL, GIVEN(add_name) },
	{ .name = "fail_behaviour", .type = JSON_STRING,
	  .check = check_fail_behaviour, PLACE(fail_behaviour) },
	{ .name = "exit_codes", .type = JSON_INTS, .max = 255,
	  .count_max = ALB_EXIT_CODES_MAX, GIVEN(exit_codes) },
	{ .name = "arguments", .type = JSON_STRINGS,
	  .max = ALB_ARGUMENT_BYTES_MAX, .count_max = ALB_ARGUMENTS_MAX,
	  GIVEN(arguments) },
	{ .name = "networks", .type = JSON_OBJECTS, .fields = net_fields,
	  .item_size = sizeof(struct net_json),
	  .count_max = ALB_DEVICES_MAX, GIVEN(networks) },
	{ .name = "volumes", .type = JSON_OBJECTS, .fields = volume_fields,
	  .item_size = sizeof(struct volume_json),
	  .count_max = ALB_DEVICES_MAX, GIVEN(volumes) },
	{ .name = "vcpus", .type = JSON_INT, .min = 1,
	  .max = ALB_GUEST_CPUS_MAX, GIVEN(vcpus) },
	{ .name = "boot_partition", .type = JSON_STRING, NAME_RANGE,
	  PLACE(boot_partition) },
	{ .name = NULL },
};

/* Frees what was there and moves in what was given. */
static void
replace_ints(int64_t **ints, size_t *count, struct json_ints *given)
{
	free(*ints);
	*ints = given->items;
	*count = given->len;
	*given = (struct json_ints){ 0 };
}

/* An owned copy in place of *out, when s was given. */
static bool
replace_string(char **out, const char *s)
{
	char *copy = s == NULL ? NULL : strdup(s);

	if (s == NULL)
		return true;
	free(*out);
	*out = copy;
	return copy != NULL;
}

/* Lists are built in a configuration of their own, then changed over. */
static bool
build_strings(const struct json_strings *given, char ***strings, size_t *count)
{
	*strings = calloc(given->len + 1, sizeof(**strings));
	if (*strings == NULL)
		return false;
	for (*count = 0; *count < given->len; ++*count) {
		(*strings)[*count] = strdup(given->items[*count]);
		if ((*strings)[*count] == NULL)
			return false;
	}
	return true;
}

static bool
build_nets(const struct json_objects *given, struct alb_config *c)
{
	const struct net_json *n = given->items;
	struct alb_net *net;

	c->nets = calloc(given->len + 1, sizeof(*c->nets));
	if (c->nets == NULL)
		return false;
	for (; c->nnets < given->len; n++) {
		net = &c->nets[c->nnets++];
		if (!replace_string(&net->name, n->name) ||
		    !replace_string(&net->bridge, n->bridge))
			return false;
		net->has_mac = n->mac != NULL;
		if (net->has_mac)
			mac_parse(n->mac, net->mac);
	}
	return true;
}

static bool
build_volumes(const struct json_objects *given, struct alb_config *c)
{
	const struct volume_json *v = given->items;
	struct alb_block *block;

	c->blocks = calloc(given->len + 1, sizeof(*c->blocks));
	if (c->blocks == NULL)
		return false;
	for (; c->nblocks < given->len; v++) {
		block = &c->blocks[c->nblocks++];
		if (!replace_string(&block->name, v->name) ||
		    !replace_string(&block->volume, v->volume))
			return false;
		block->has_sector_size = v->has_sector_size;
		block->sector_size = v->sector_size;
	}
	return true;
}

#define SWAP(a, b) do {				\
	__typeof__(a) swap_ = (a);		\
	(a) = (b);				\
	(b) = swap_;				\
} while (0)

static bool
apply_lists(const struct config_json *in, struct alb_config *c)
{
	struct alb_config new;
	bool ok;

	alb_config_init(&new);
	ok = build_strings(&in->arguments, &new.arguments, &new.narguments) &&
		build_nets(&in->networks, &new) &&
		build_volumes(&in->volumes, &new);
	if (ok && in->has.arguments) {
		SWAP(c->arguments, new.arguments);
		SWAP(c->narguments, new.narguments);
		c->has_arguments = c->narguments > 0;
	}
	if (ok && in->has.networks) {
		SWAP(c->nets, new.nets);
		SWAP(c->nnets, new.nnets);
		c->has_nets = c->nnets > 0;
	}
	if (ok && in->has.volumes) {
		SWAP(c->blocks, new.blocks);
		SWAP(c->nblocks, new.nblocks);
		c->has_blocks = c->nblocks > 0;
	}
	alb_config_free(&new);
	return ok;
}

static void
apply_numbers(struct config_json *in, struct alb_config *c)
{
	if (in->type != NULL)
		c->type = strcmp(in->type, "bhyve") == 0 ? ALB_BHYVE :
			ALB_SOLO5;
	if (in->has.memory)
		c->memory = in->memory;
	if (in->has.add_name)
		c->add_name = in->add_name;
	if (in->has.startup) {
		c->has_startup = true;
		c->startup = in->startup;
	}
	if (in->has.vcpus) {
		c->has_numcpus = true;
		c->numcpus = in->vcpus;
	}
	if (in->has.cpus)
		replace_ints(&c->cpus, &c->ncpus, &in->cpus);
	if (in->fail_behaviour != NULL)
		c->restart = strcmp(in->fail_behaviour, "restart") == 0;
	/* Codes that were there before mean nothing to quit. */
	if (in->has.exit_codes || (in->fail_behaviour != NULL && !c->restart))
		replace_ints(&c->exit_codes, &c->nexit_codes,
		    &in->exit_codes);
}

int
alb_config_from_json(struct json_object *o, const char *prefix,
	struct alb_config *c, struct fault *f)
{
	struct config_json in = { 0 };
	int rc = json_read(o, config_fields, &in, prefix, f);

	if (rc == 0) {
		apply_numbers(&in, c);
		if (!apply_lists(&in, c) ||
		    !replace_string(&c->boot_partition, in.boot_partition))
			rc = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	json_free(config_fields, &in);
	return rc;
}

struct policy_json {
	int64_t unikernels, memory, block;
	struct json_ints cpus;
	struct json_strings bridges;
	struct {
		bool unikernels, memory, block, cpus, bridges;
	} has;
};

#define POLICY_PLACE(field)						\
	.offset = offsetof(struct policy_json, field),			\
	.given = offsetof(struct policy_json, has.field)

static const struct json_field policy_fields[] = {
	{ .name = "unikernels", .type = JSON_INT, .max = DER_INT_MAX,
	  POLICY_PLACE(unikernels) },
	{ .name = "memory", .type = JSON_INT, .max = DER_INT_MAX,
	  POLICY_PLACE(memory) },
	{ .name = "block", .type = JSON_INT, .max = DER_INT_MAX,
	  POLICY_PLACE(block) },
	{ .name = "cpus", .type = JSON_INTS, .max = ALB_CPUS_MAX - 1,
	  .count_max = ALB_CPUS_MAX, POLICY_PLACE(cpus) },
	{ .name = "bridges", .type = JSON_STRINGS, NAME_RANGE,
	  .check = check_bridge, .count_max = ALB_BRIDGES_MAX,
	  POLICY_PLACE(bridges) },
	{ .name = NULL },
};

static bool
apply_policy(struct policy_json *in, struct alb_policy *p)
{
	struct alb_policy new = { 0 };
	bool ok = build_strings(&in->bridges, &new.bridges, &new.nbridges);

	if (ok && in->has.bridges) {
		SWAP(p->bridges, new.bridges);
		SWAP(p->nbridges, new.nbridges);
	}
	if (in->has.cpus)
		replace_ints(&p->cpus, &p->ncpus, &in->cpus);
	if (in->has.unikernels)
		p->unikernels = in->unikernels;
	if (in->has.memory)
		p->memory = in->memory;
	if (in->has.block) {
		p->has_block = true;
		p->block = in->block;
	}
	alb_policy_free(&new);
	alb_policy_normalise(p);
	return ok;
}

int
alb_policy_from_json(struct json_object *o, const char *prefix,
	struct alb_policy *p, struct fault *f)
{
	struct policy_json in = { 0 };
	int rc = json_read(o, policy_fields, &in, prefix, f);

	if (rc == 0 && !apply_policy(&in, p))
		rc = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	json_free(policy_fields, &in);
	return rc;
}

/* The well-formed character at s, of len bytes at most; 0 for none. */
static size_t
character(const char *s, size_t len)
{
	size_t n;

	for (n = 1; n <= 4 && n <= len; n++)
		if (utf8_valid(s, n))
			return n;
	return 0;
}

/* A string whose bytes came from a stranger. */
static struct json_object *
text_json(const char *s)
{
	size_t len = strlen(s), n;
	struct json_object *o = NULL;
	struct buf out;

	if (utf8_valid(s, len))
		return json_object_new_string(s);
	buf_init(&out, 3 * len + 1);
	for (; len > 0; s += n, len -= n) {
		n = character(s, len);
		if (n > 0) {
			buf_put(&out, s, n);
		} else {
			buf_put_str(&out, "\xef\xbf\xbd");
			n = 1;
		}
	}
	if (buf_str(&out) != NULL)
		o = json_object_new_string(buf_str(&out));
	buf_free(&out);
	return o;
}

static void
add_text(struct json_object *o, const char *key, const char *s)
{
	if (s != NULL)
		json_object_object_add(o, key, text_json(s));
}

static void
add_ints(struct json_object *o, const char *key, const int64_t *ints, size_t n)
{
	struct json_object *list = json_object_new_array();

	json_object_object_add(o, key, list);
	for (; list != NULL && n > 0; n--)
		json_object_array_add(list, json_object_new_int64(*ints++));
}

static int
compare_ints(const void *a, const void *b)
{
	int64_t x = json_object_get_int64(*(struct json_object *const *)a);
	int64_t y = json_object_get_int64(*(struct json_object *const *)b);

	return x < y ? -1 : x > y;
}

/* Ascending, each once: one form for one set. */
static void
add_int_set(struct json_object *o, const char *key, const int64_t *ints,
	size_t n)
{
	struct json_object *list;
	size_t i;

	add_ints(o, key, ints, n);
	list = json_object_object_get(o, key);
	if (list == NULL)
		return;
	json_object_array_sort(list, compare_ints);
	for (i = json_object_array_length(list); i > 1; i--)
		if (json_object_equal(json_object_array_get_idx(list, i - 1),
		    json_object_array_get_idx(list, i - 2)))
			json_object_array_del_idx(list, i - 1, 1);
}

static const char *
name_of(struct json_object *device)
{
	const char *name =
		json_object_get_string(json_object_object_get(device, "name"));

	return name == NULL ? "" : name;
}

static bool
is_number(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* bhyve's numbers first and as numbers, other names by their bytes. */
static int
compare_names(const char *a, const char *b)
{
	bool number = is_number(a);
	size_t alen = strlen(a), blen = strlen(b);

	if (number != is_number(b))
		return number ? -1 : 1;
	if (number && alen != blen)
		return alen < blen ? -1 : 1;
	return strcmp(a, b);
}

static int
compare_devices(const void *a, const void *b)
{
	struct json_object *x = *(struct json_object *const *)a;
	struct json_object *y = *(struct json_object *const *)b;
	int order = compare_names(name_of(x), name_of(y));

	return order != 0 ? order : strcmp(json_object_to_json_string(x),
		json_object_to_json_string(y));
}

static void
add_strings(struct json_object *o, const char *key, char *const *strings,
	size_t n)
{
	struct json_object *list = json_object_new_array();

	json_object_object_add(o, key, list);
	for (; list != NULL && n > 0; n--)
		json_object_array_add(list, text_json(*strings++));
}

static void
add_nets(struct json_object *o, const struct alb_config *c)
{
	struct json_object *list = json_object_new_array(), *item;
	const struct alb_net *n = c->nets;
	char mac[18];
	size_t i;

	json_object_object_add(o, "networks", list);
	for (i = 0; list != NULL && i < c->nnets; i++, n++) {
		item = json_object_new_object();
		json_object_array_add(list, item);
		add_text(item, "name", n->name);
		add_text(item, "bridge", n->bridge);
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
		    n->mac[0], n->mac[1], n->mac[2], n->mac[3], n->mac[4],
		    n->mac[5]);
		if (n->has_mac)
			json_add_str(item, "mac", mac);
	}
	if (list != NULL)
		json_object_array_sort(list, compare_devices);
}

static void
add_volumes(struct json_object *o, const struct alb_config *c)
{
	struct json_object *list = json_object_new_array(), *item;
	const struct alb_block *b = c->blocks;
	size_t i;

	json_object_object_add(o, "volumes", list);
	for (i = 0; list != NULL && i < c->nblocks; i++, b++) {
		item = json_object_new_object();
		json_object_array_add(list, item);
		add_text(item, "name", b->name);
		add_text(item, "volume", b->volume);
		if (b->has_sector_size)
			json_add_int(item, "sector_size", b->sector_size);
	}
	if (list != NULL)
		json_object_array_sort(list, compare_devices);
}

struct json_object *
alb_config_to_json(const struct alb_config *c)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return NULL;
	json_add_str(o, "type", c->type == ALB_BHYVE ? "bhyve" : "solo5");
	json_add_int(o, "memory", c->memory);
	add_int_set(o, "cpus", c->cpus, c->ncpus);
	if (c->has_startup)
		json_add_int(o, "startup", c->startup);
	json_add_bool(o, "add_name", c->add_name);
	json_add_str(o, "fail_behaviour", c->restart ? "restart" : "quit");
	if (c->restart)
		add_int_set(o, "exit_codes", c->exit_codes, c->nexit_codes);
	add_strings(o, "arguments", c->arguments, c->narguments);
	add_nets(o, c);
	add_volumes(o, c);
	if (c->has_numcpus)
		json_add_int(o, "vcpus", c->numcpus);
	add_text(o, "boot_partition", c->boot_partition);
	return o;
}

struct json_object *
alb_policy_to_json(const struct alb_policy *p)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return NULL;
	json_add_int(o, "unikernels", p->unikernels);
	json_add_int(o, "memory", p->memory);
	if (p->has_block)
		json_add_int(o, "block", p->block);
	else
		json_object_object_add(o, "block", NULL);
	add_ints(o, "cpus", p->cpus, p->ncpus);
	add_strings(o, "bridges", p->bridges, p->nbridges);
	return o;
}
