/* SPDX-License-Identifier: ISC */
/* command: kinds, levels, and what may be sent at all; see command.h. */
#include "albatross/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/error.h"
#include "albatross/name.h"

#define SINCE_MAX INT64_C(253402300799)	/* the end of year 9999 */

enum label { LABEL_ANY, LABEL_NEEDED, LABEL_NONE };

/* What albatross makes of a kind. */
struct kind {
	const char *name;
	bool leaf;		/* a leaf certificate may hold it */
	enum label label;
};

static const struct kind kinds[] = {
	[ALB_CONSOLE_ADD] = { "console-add", false, LABEL_NEEDED },
	[ALB_CONSOLE_SUBSCRIBE] = { "console-subscribe", true, LABEL_NEEDED },
	[ALB_CONSOLE_INACTIVE] = { "console-inactive", true, LABEL_NONE },
	[ALB_STATS_ADD] = { "stats-add", false, LABEL_NEEDED },
	[ALB_STATS_REMOVE] = { "stats-remove", false, LABEL_NEEDED },
	[ALB_STATS_SUBSCRIBE] = { "stats-subscribe", true, LABEL_ANY },
	[ALB_STATS_INITIAL] = { "stats-initial", false, LABEL_ANY },
	[ALB_UNIKERNEL_INFO] = { "unikernel-info", true, LABEL_ANY },
	[ALB_UNIKERNEL_CREATE] = { "unikernel-create", true, LABEL_NEEDED },
	[ALB_UNIKERNEL_FORCE_CREATE] = { "unikernel-force-create", true,
		LABEL_NEEDED },
	[ALB_UNIKERNEL_RESTART] = { "unikernel-restart", true, LABEL_NEEDED },
	[ALB_UNIKERNEL_DESTROY] = { "unikernel-destroy", true, LABEL_NEEDED },
	[ALB_UNIKERNEL_GET] = { "unikernel-get", true, LABEL_NEEDED },
	[ALB_POLICY_INFO] = { "policy-info", true, LABEL_ANY },
	[ALB_POLICY_ADD] = { "policy-add", false, LABEL_NONE },
	[ALB_POLICY_REMOVE] = { "policy-remove", false, LABEL_NONE },
	[ALB_BLOCK_INFO] = { "block-info", true, LABEL_ANY },
	[ALB_BLOCK_ADD] = { "block-add", true, LABEL_NEEDED },
	[ALB_BLOCK_REMOVE] = { "block-remove", true, LABEL_NEEDED },
	[ALB_BLOCK_SET] = { "block-set", true, LABEL_NEEDED },
	[ALB_BLOCK_DUMP] = { "block-dump", true, LABEL_NEEDED },
};

static const char *const levels[] = {
	[ALB_LEVEL_2_0] = "2.0",
	[ALB_LEVEL_2_1] = "2.1",
	[ALB_LEVEL_2_4] = "2.4",
	[ALB_LEVEL_2_5] = "2.5",
	[ALB_LEVEL_2_6] = "2.6",
	[ALB_LEVEL_2_7] = "2.7",
};

const char *
alb_level_text(enum alb_level level)
{
	return levels[level];
}

int
alb_level_parse(const char *s)
{
	int i;

	for (i = 0; i <= ALB_LEVEL_NEWEST; i++)
		if (strcmp(s, levels[i]) == 0)
			return i;
	return -1;
}

const char *
alb_command_name(enum alb_command_kind kind)
{
	return kinds[kind].name;
}

int
alb_command_kind_parse(const char *name)
{
	int i;

	for (i = 0; i < ALB_COMMAND_KINDS; i++)
		if (strcmp(name, kinds[i].name) == 0)
			return i;
	return -1;
}

void
alb_command_init(struct alb_command *c, enum alb_command_kind kind)
{
	*c = (struct alb_command){
		.kind = kind, .level = ALB_LEVEL_NEWEST, .since_millis = -1,
	};
	alb_config_init(&c->config);
}

static void
stats_add_free(struct alb_stats_add *s)
{
	size_t i;

	for (i = 0; i < s->ntaps; i++) {
		free(s->taps[i].bridge);
		free(s->taps[i].tap);
	}
	free(s->taps);
	free(s->vmmdev);
}

void
alb_command_free(struct alb_command *c)
{
	alb_config_free(&c->config);
	alb_policy_free(&c->policy);
	stats_add_free(&c->stats_add);
	free(c->image);
	alb_command_init(c, c->kind);
}

bool
alb_command_uploads(const struct alb_command *c)
{
	switch (c->kind) {
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		return c->image_len == 0;
	case ALB_BLOCK_SET:
		return c->level >= ALB_LEVEL_2_5;
	default:
		return false;
	}
}

static void
check_label(const struct alb_command *c, const char *label, struct fault *f)
{
	const struct kind *kind = &kinds[c->kind];

	if (!kind->leaf)
		fault_field(f, "kind", "can not be sent by a client");
	if (label[0] == '\0' && kind->label == LABEL_NEEDED)
		fault_field(f, "name", "is missing");
	else if (label[0] != '\0' && kind->label == LABEL_NONE)
		fault_field(f, "name", "must not be given");
	else if (label[0] != '\0' && !alb_label_valid(label))
		fault_field(f, "name", "is not a label in lower case");
}

static void
check_range(const char *field, int64_t value, int64_t min, int64_t max,
	struct fault *f)
{
	if (value < min || value > max)
		fault_field(f, field, "must be %" PRId64 " to %" PRId64, min,
		    max);
}

/* The configuration, its fields named as parts of the command. */
static void
check_config(const struct alb_command *c, struct fault *f)
{
	struct fault inner = { 0 };
	char field[sizeof(inner.fields[0].field)];
	size_t i;

	alb_config_check(&c->config, &inner);
	for (i = 0; i < inner.nfields; i++) {
		snprintf(field, sizeof(field), "config.%.80s",
		    inner.fields[i].field);
		fault_field(f, field, "%s", inner.fields[i].message);
	}
	if (c->level >= ALB_LEVEL_2_7)
		return;
	if (c->config.ncpus > 1)
		fault_field(f, "config.cpus",
		    "must be one CPU: the server is older than 2.7");
	if (c->config.type == ALB_BHYVE)
		fault_field(f, "config.type",
		    "must be solo5: the server is older than 2.7");
}

/* No image means that it is streamed, but for bhyve there is none. */
static void
check_create(const struct alb_command *c, struct fault *f)
{
	check_config(c, f);
	if (c->config.type == ALB_BHYVE && (c->image_len > 0 || c->compressed))
		fault_field(f, "image", "must be empty for type bhyve");
	if (c->level < ALB_LEVEL_2_5 && c->image_len == 0)
		fault_field(f, "image",
		    "must be embedded: the server is older than 2.5");
}

static void
check_since(const struct alb_command *c, struct fault *f)
{
	if (c->has_since)
		check_range("since", c->since, 0, SINCE_MAX, f);
	else
		check_range("count", c->count, 1, ALB_COUNT_MAX, f);
}

static void
check_restart(const struct alb_command *c, struct fault *f)
{
	if (!c->has_config)
		return;
	check_config(c, f);
	if (c->old_form || c->level < ALB_LEVEL_2_4)
		fault_field(f, "config",
		    "must not be given: the server is older than 2.4");
}

static void
check_block_data(const struct alb_command *c, struct fault *f)
{
	if (c->level < ALB_LEVEL_2_5 && c->image == NULL)
		fault_field(f, "image",
		    "must be embedded: the server is older than 2.5");
}

static void
check_contents(const struct alb_command *c, struct fault *f)
{
	switch (c->kind) {
	case ALB_CONSOLE_SUBSCRIBE:
		check_since(c, f);
		break;
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		check_create(c, f);
		break;
	case ALB_UNIKERNEL_RESTART:
		check_restart(c, f);
		break;
	case ALB_UNIKERNEL_GET:
	case ALB_BLOCK_DUMP:
		check_range("compression", c->compression, 0,
		    ALB_COMPRESSION_MAX, f);
		break;
	case ALB_BLOCK_ADD:
		check_range("size", c->size, 1, ALB_SIZE_MAX, f);
		break;
	case ALB_BLOCK_SET:
		check_block_data(c, f);
		break;
	default:
		break;
	}
}

int
alb_command_check(const struct alb_command *c, const char *label,
	struct fault *f)
{
	check_label(c, label, f);
	check_contents(c, f);
	return f->err;
}
