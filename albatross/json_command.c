/* SPDX-License-Identifier: ISC */
/*
 * json_command: commands as JSON, which is how a mint is asked for; see
 * json.h.
 */
#include <string.h>

#include "albatross/json.h"
#include "base/text.h"

struct command_json {
	const char *kind;
	const char *level;
	struct json_object *config;
	bool compressed;
	int64_t compression, count, size;
	const char *since;
	struct {
		bool compressed, compression, count, size;
	} has;
};

static const char *
check_kind(const char *s)
{
	return alb_command_kind_parse(s) >= 0 ? NULL : "is not known";
}

static const char *
check_level(const char *s)
{
	return alb_level_parse(s) >= 0 ? NULL : "is not known";
}

static const char *
check_since(const char *s)
{
	time_t t;

	return rfc3339_parse(s, &t, NULL) == 0 ? NULL :
		"must be a time such as \"2026-07-14T09:08:07Z\"";
}

#define PLACE(field)						\
	.offset = offsetof(struct command_json, field)
#define GIVEN(field) PLACE(field),				\
	.given = offsetof(struct command_json, has.field)

static const struct json_field command_fields[] = {
	{ .name = "kind", .type = JSON_STRING, .required = true,
	  .check = check_kind, PLACE(kind) },
	{ .name = "level", .type = JSON_STRING, .check = check_level,
	  PLACE(level) },
	{ .name = "config", .type = JSON_OBJECT, PLACE(config) },
	{ .name = "compressed", .type = JSON_BOOL, GIVEN(compressed) },
	{ .name = "compression", .type = JSON_INT,
	  .max = ALB_COMPRESSION_MAX, GIVEN(compression) },
	{ .name = "count", .type = JSON_INT, .min = 1, .max = ALB_COUNT_MAX,
	  GIVEN(count) },
	{ .name = "since", .type = JSON_STRING, .check = check_since,
	  PLACE(since) },
	{ .name = "size", .type = JSON_INT, .min = 1, .max = ALB_SIZE_MAX,
	  GIVEN(size) },
	{ .name = NULL },
};

enum part {
	PART_CONFIG = 1,
	PART_COMPRESSED = 2,
	PART_COMPRESSION = 4,
	PART_HISTORY = 8,	/* count or since */
	PART_SIZE = 16,
};

/* What a kind is made of. */
static unsigned
parts(enum alb_command_kind kind)
{
	switch (kind) {
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		return PART_CONFIG | PART_COMPRESSED;
	case ALB_UNIKERNEL_RESTART:
		return PART_CONFIG;
	case ALB_UNIKERNEL_GET:
	case ALB_BLOCK_DUMP:
		return PART_COMPRESSION;
	case ALB_BLOCK_SET:
		return PART_COMPRESSED;
	case ALB_BLOCK_ADD:
		return PART_SIZE;
	case ALB_CONSOLE_SUBSCRIBE:
		return PART_HISTORY;
	default:
		return 0;
	}
}

static void
check_part(unsigned allowed, enum part part, bool given, const char *name,
	struct fault *f)
{
	if (given && (allowed & part) == 0)
		fault_field(f, name, "does not belong to this kind");
}

/* A part too many would be dropped without a word. */
static void
check_parts(const struct command_json *in, unsigned allowed, struct fault *f)
{
	check_part(allowed, PART_CONFIG, in->config != NULL, "config", f);
	check_part(allowed, PART_COMPRESSED, in->has.compressed, "compressed",
	    f);
	check_part(allowed, PART_COMPRESSION, in->has.compression,
	    "compression", f);
	check_part(allowed, PART_HISTORY, in->has.count, "count", f);
	check_part(allowed, PART_HISTORY, in->since != NULL, "since", f);
	check_part(allowed, PART_SIZE, in->has.size, "size", f);
	if (in->has.count && in->since != NULL)
		fault_field(f, "since", "can not be given with count");
	if ((allowed & PART_COMPRESSED) != 0 &&
	    (allowed & PART_CONFIG) != 0 && in->config == NULL)
		fault_field(f, "config", "is missing");
}

static void
apply(const struct command_json *in, struct alb_command *c)
{
	if (in->level != NULL)
		c->level = alb_level_parse(in->level);
	if (in->has.compressed)
		c->compressed = in->compressed;
	if (in->has.compression)
		c->compression = in->compression;
	if (in->has.count)
		c->count = in->count;
	if (in->has.size)
		c->size = in->size;
	c->has_since = in->since != NULL;
	if (c->has_since)
		rfc3339_parse(in->since, &c->since, &c->since_millis);
}

int
alb_command_from_json(struct json_object *o, struct alb_command *c,
	struct fault *f)
{
	struct command_json in = { 0 };
	int rc = json_read(o, command_fields, &in, "", f);

	if (rc == 0) {
		c->kind = alb_command_kind_parse(in.kind);
		check_parts(&in, parts(c->kind), f);
		apply(&in, c);
		c->has_config = in.config != NULL;
		if (c->has_config)
			alb_config_from_json(in.config, "config.", &c->config,
			    f);
		rc = f->err;
	}
	json_free(command_fields, &in);
	return rc;
}

static void
add_since(struct json_object *o, const struct alb_command *c)
{
	char text[RFC3339_SIZE];

	rfc3339_format(c->since, c->since_millis, text);
	json_add_str(o, "since", text);
}

struct json_object *
alb_command_to_json(const struct alb_command *c)
{
	struct json_object *o = json_object_new_object();
	unsigned has = parts(c->kind);

	if (o == NULL)
		return NULL;
	json_add_str(o, "kind", alb_command_name(c->kind));
	json_add_str(o, "level", alb_level_text(c->level));
	if ((has & PART_CONFIG) != 0 &&
	    (c->kind != ALB_UNIKERNEL_RESTART || c->has_config))
		json_object_object_add(o, "config",
		    alb_config_to_json(&c->config));
	if ((has & PART_COMPRESSED) != 0)
		json_add_bool(o, "compressed", c->compressed);
	if ((has & PART_COMPRESSION) != 0)
		json_add_int(o, "compression", c->compression);
	if ((has & PART_HISTORY) != 0 && !c->has_since)
		json_add_int(o, "count", c->count);
	if ((has & PART_HISTORY) != 0 && c->has_since)
		add_since(o, c);
	if ((has & PART_SIZE) != 0)
		json_add_int(o, "size", c->size);
	return o;
}
