/* SPDX-License-Identifier: ISC */
/*
 * command_der: commands as DER. The newest form of a command and its older
 * ones are told apart by tag alone; the level says which one is meant.
 */
#include <stdlib.h>

#include "albatross/config_der.h"
#include "albatross/error.h"

enum command_tag { CONSOLE, STATS, UNIKERNEL = 3, POLICY, BLOCK };

/* The alternatives of UnikernelCmd, by tag. */
struct form {
	enum alb_command_kind kind;
	enum alb_level from, to;	/* levels that use it */
};

static const struct form unikernel_forms[] = {
	[3] = { ALB_UNIKERNEL_DESTROY, ALB_LEVEL_2_0, ALB_LEVEL_2_7 },
	[7] = { ALB_UNIKERNEL_INFO, ALB_LEVEL_2_0, ALB_LEVEL_2_0 },
	[9] = { ALB_UNIKERNEL_CREATE, ALB_LEVEL_2_0, ALB_LEVEL_2_5 },
	[10] = { ALB_UNIKERNEL_FORCE_CREATE, ALB_LEVEL_2_0, ALB_LEVEL_2_5 },
	[11] = { ALB_UNIKERNEL_GET, ALB_LEVEL_2_0, ALB_LEVEL_2_7 },
	[12] = { ALB_UNIKERNEL_RESTART, ALB_LEVEL_2_0, ALB_LEVEL_2_1 },
	[13] = { ALB_UNIKERNEL_INFO, ALB_LEVEL_2_1, ALB_LEVEL_2_1 },
	[14] = { ALB_UNIKERNEL_RESTART, ALB_LEVEL_2_4, ALB_LEVEL_2_7 },
	[15] = { ALB_UNIKERNEL_INFO, ALB_LEVEL_2_4, ALB_LEVEL_2_5 },
	[16] = { ALB_UNIKERNEL_CREATE, ALB_LEVEL_2_6, ALB_LEVEL_2_6 },
	[17] = { ALB_UNIKERNEL_FORCE_CREATE, ALB_LEVEL_2_6, ALB_LEVEL_2_6 },
	[18] = { ALB_UNIKERNEL_INFO, ALB_LEVEL_2_6, ALB_LEVEL_2_6 },
	[19] = { ALB_UNIKERNEL_INFO, ALB_LEVEL_2_7, ALB_LEVEL_2_7 },
	[20] = { ALB_UNIKERNEL_CREATE, ALB_LEVEL_2_7, ALB_LEVEL_2_7 },
	[21] = { ALB_UNIKERNEL_FORCE_CREATE, ALB_LEVEL_2_7, ALB_LEVEL_2_7 },
};
#define RESTART_PLAIN 12
#define FORMS (sizeof(unikernel_forms) / sizeof(unikernel_forms[0]))

/* kind is zero, ALB_CONSOLE_ADD, where there is no form. */
static bool
form_exists(unsigned tag)
{
	return tag < FORMS && unikernel_forms[tag].kind != ALB_CONSOLE_ADD;
}

static void
console_read(struct der *d, struct alb_command *c)
{
	unsigned tag, n;
	struct der cmd = der_choice(d, &tag), choice;

	if (tag == 0) {
		c->kind = ALB_CONSOLE_ADD;
		c->count = der_get_int(&cmd);
	} else if (tag == 1 || tag == 2) {
		c->kind = ALB_CONSOLE_SUBSCRIBE;
		c->old_form = tag == 1;
		if (c->old_form)
			c->level = ALB_LEVEL_2_0;
		choice = der_choice(&cmd, &n);
		c->has_since = n == 0;
		if (n > 1)
			der_fail(d, ALB_DECODE);
		else if (n == 1)
			c->count = der_get_int(&choice);
		else if (c->old_form)
			c->since = der_get_utc_time(&choice);
		else
			c->since = der_get_time(&choice, &c->since_millis);
		der_done(&choice);
	} else if (tag == 3) {
		c->kind = ALB_CONSOLE_INACTIVE;
		der_get_null(&cmd);
	} else {
		der_fail(d, ALB_DECODE);
	}
	der_done(&cmd);
}

static void
subscribe_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w), inner = open;
	bool old = c->old_form || c->level == ALB_LEVEL_2_0;

	if (!c->has_since)
		der_put_int(w, c->count);
	else if (old)
		der_put_utc_time(w, c->since);
	else
		der_put_time(w, c->since, c->since_millis);
	der_close(w, inner, DER_CONTEXT(c->has_since ? 0 : 1));
	der_close(w, open, DER_CONTEXT(old ? 1 : 2));
}

static void
console_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);

	switch (c->kind) {
	case ALB_CONSOLE_ADD:
		der_put_int(w, c->count);
		der_close(w, open, DER_CONTEXT(0));
		break;
	case ALB_CONSOLE_SUBSCRIBE:
		subscribe_write(w, c);
		break;
	default:
		der_put_null(w);
		der_close(w, open, DER_CONTEXT(3));
		break;
	}
}

static void
stats_add_read(struct der *d, struct alb_stats_add *s)
{
	struct der add = der_enter(d, DER_SEQUENCE), list, tap;
	size_t i;

	s->vmmdev = der_get_string(&add);
	s->pid = der_get_int(&add);
	list = der_enter(&add, DER_SEQUENCE);
	s->taps = der_items(&list, sizeof(*s->taps), &s->ntaps);
	for (i = 0; i < s->ntaps; i++) {
		tap = der_enter(&list, DER_SEQUENCE);
		s->taps[i].bridge = der_get_string(&tap);
		s->taps[i].tap = der_get_string(&tap);
		der_done(&tap);
	}
	der_done(&list);
	der_done(&add);
}

static void
stats_add_write(struct der_writer *w, const struct alb_stats_add *s)
{
	size_t open = der_open(w), list, tap, i;

	der_put_string(w, s->vmmdev);
	der_put_int(w, s->pid);
	list = der_open(w);
	for (i = 0; i < s->ntaps; i++) {
		tap = der_open(w);
		der_put_string(w, s->taps[i].bridge);
		der_put_string(w, s->taps[i].tap);
		der_close(w, tap, DER_SEQUENCE);
	}
	der_close(w, list, DER_SEQUENCE);
	der_close(w, open, DER_SEQUENCE);
}

static void
stats_read(struct der *d, struct alb_command *c)
{
	unsigned tag;
	struct der cmd = der_choice(d, &tag);

	if (tag > 3)
		der_fail(d, ALB_DECODE);
	c->kind = ALB_STATS_ADD + (tag > 3 ? 0 : tag);
	if (tag == 0)
		stats_add_read(&cmd, &c->stats_add);
	else
		der_get_null(&cmd);
	der_done(&cmd);
}

static void
stats_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);

	if (c->kind == ALB_STATS_ADD)
		stats_add_write(w, &c->stats_add);
	else
		der_put_null(w);
	der_close(w, open, DER_CONTEXT(c->kind - ALB_STATS_ADD));
}

/* An OCTET STRING whose being empty means that the bytes come later. */
static void
image_read(struct der *d, struct alb_command *c)
{
	c->image = der_get_octets(d, &c->image_len);
	if (c->image_len == 0) {
		free(c->image);
		c->image = NULL;
	}
}

/* Config, ConfigV4, ConfigV3 */
static void
create_read(struct der *d, struct alb_command *c)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	alb_type_read(&s, &c->config);
	c->compressed = der_get_bool(&s);
	image_read(&s, c);
	if (c->level >= ALB_LEVEL_2_6) {
		alb_startup_read(&s, &c->config);
		c->config.add_name = der_get_bool(&s);
	}
	alb_fail_read(&s, &c->config);
	alb_resources_read(&s, c->level, &c->config);
	alb_devices_read(&s, false, &c->config);
	if (c->level >= ALB_LEVEL_2_7)
		alb_guest_read(&s, 3, &c->config);
	der_done(&s);
}

static void
create_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);

	alb_type_write(w, &c->config);
	der_put_bool(w, c->compressed);
	der_put(w, DER_OCTETS, c->image, c->image_len);
	if (c->level >= ALB_LEVEL_2_6) {
		alb_startup_write(w, &c->config);
		der_put_bool(w, c->config.add_name);
	}
	alb_fail_write(w, &c->config);
	alb_resources_write(w, c->level, &c->config);
	alb_devices_write(w, false, &c->config);
	alb_guest_write(w, c->level, 3, &c->config);
	der_close(w, open, DER_SEQUENCE);
}

/* Args, ArgsV1, ArgsV0 */
static void
arguments_read(struct der *d, struct alb_command *c)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	c->has_config = true;
	alb_fail_read(&s, &c->config);
	if (c->level >= ALB_LEVEL_2_6) {
		alb_startup_read(&s, &c->config);
		c->config.add_name = der_get_bool(&s);
	}
	alb_resources_read(&s, c->level, &c->config);
	alb_devices_read(&s, false, &c->config);
	if (c->level >= ALB_LEVEL_2_7)
		alb_guest_read(&s, 3, &c->config);
	der_done(&s);
}

static void
arguments_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);

	alb_fail_write(w, &c->config);
	if (c->level >= ALB_LEVEL_2_6) {
		alb_startup_write(w, &c->config);
		der_put_bool(w, c->config.add_name);
	}
	alb_resources_write(w, c->level, &c->config);
	alb_devices_write(w, false, &c->config);
	alb_guest_write(w, c->level, 3, &c->config);
	der_close(w, open, DER_SEQUENCE);
}

/* Restart ::= no-args [0], args-v0 [1], args-v1 [2], args [3] */
static const enum alb_level restart_levels[] = {
	ALB_LEVEL_2_7, ALB_LEVEL_2_5, ALB_LEVEL_2_6, ALB_LEVEL_2_7
};

static void
restart_read(struct der *d, struct alb_command *c)
{
	unsigned n;
	struct der choice = der_choice(d, &n);

	if (n > 3) {
		der_fail(d, ALB_DECODE);
		return;
	}
	c->level = restart_levels[n];
	if (n == 0)
		der_get_null(&choice);
	else
		arguments_read(&choice, c);
	der_done(&choice);
}

static unsigned
restart_alternative(const struct alb_command *c)
{
	if (!c->has_config)
		return 0;
	if (c->level >= ALB_LEVEL_2_7)
		return 3;
	return c->level == ALB_LEVEL_2_6 ? 2 : 1;
}

static void
restart_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);

	if (c->has_config)
		arguments_write(w, c);
	else
		der_put_null(w);
	der_close(w, open, DER_CONTEXT(restart_alternative(c)));
}

static void
unikernel_read(struct der *d, struct alb_command *c)
{
	unsigned tag;
	struct der cmd = der_choice(d, &tag);

	if (!form_exists(tag)) {
		der_fail(d, ALB_DECODE);
		return;
	}
	c->kind = unikernel_forms[tag].kind;
	c->level = unikernel_forms[tag].to;
	c->old_form = tag == RESTART_PLAIN;
	switch (c->kind) {
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		create_read(&cmd, c);
		break;
	case ALB_UNIKERNEL_GET:
		c->compression = der_get_int(&cmd);
		break;
	case ALB_UNIKERNEL_RESTART:
		if (!c->old_form) {
			restart_read(&cmd, c);
			break;
		}
		/* FALLTHROUGH */
	default:
		der_get_null(&cmd);
		break;
	}
	der_done(&cmd);
}

static unsigned
unikernel_tag(const struct alb_command *c)
{
	unsigned tag;

	if (c->kind == ALB_UNIKERNEL_RESTART && c->old_form)
		return RESTART_PLAIN;
	for (tag = 0; tag < FORMS; tag++)
		if (form_exists(tag) && unikernel_forms[tag].kind == c->kind &&
		    c->level >= unikernel_forms[tag].from &&
		    c->level <= unikernel_forms[tag].to)
			return tag;
	return DER_ELSEWHERE;
}

static void
unikernel_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);
	unsigned tag = unikernel_tag(c);

	/* Restart with arguments came after restart [12]. */
	if (tag == DER_ELSEWHERE || (tag == RESTART_PLAIN && c->has_config)) {
		w->invalid = true;
		return;
	}
	switch (c->kind) {
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		create_write(w, c);
		break;
	case ALB_UNIKERNEL_GET:
		der_put_int(w, c->compression);
		break;
	case ALB_UNIKERNEL_RESTART:
		if (tag != RESTART_PLAIN) {
			restart_write(w, c);
			break;
		}
		/* FALLTHROUGH */
	default:
		der_put_null(w);
		break;
	}
	der_close(w, open, DER_CONTEXT(tag));
}

static void
policy_read(struct der *d, struct alb_command *c)
{
	unsigned tag;
	struct der cmd = der_choice(d, &tag);

	if (tag > 2)
		der_fail(d, ALB_DECODE);
	c->kind = ALB_POLICY_INFO + (tag > 2 ? 0 : tag);
	if (tag == 1)
		alb_policy_read(&cmd, &c->policy);
	else
		der_get_null(&cmd);
	der_done(&cmd);
}

static void
policy_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);

	if (c->kind == ALB_POLICY_ADD)
		alb_policy_write(w, &c->policy);
	else
		der_put_null(w);
	der_close(w, open, DER_CONTEXT(c->kind - ALB_POLICY_INFO));
}

/* BlockAddOld, BlockSetOld: data inside, which may be empty and yet there. */
static void
block_old_read(struct der *d, struct alb_command *c)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	if (c->kind == ALB_BLOCK_ADD)
		c->size = der_get_int(&s);
	c->compressed = der_get_bool(&s);
	if (c->kind == ALB_BLOCK_SET || der_more(&s))
		c->image = der_get_octets(&s, &c->image_len);
	der_done(&s);
}

static void
block_old_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);

	if (c->kind == ALB_BLOCK_ADD)
		der_put_int(w, c->size);
	der_put_bool(w, c->compressed);
	if (c->kind == ALB_BLOCK_SET || c->image != NULL)
		der_put(w, DER_OCTETS, c->image, c->image_len);
	der_close(w, open, DER_SEQUENCE);
}

/* The alternatives of BlockCmd. */
static const struct {
	enum alb_command_kind kind;
	bool old;
} block_forms[] = {
	{ ALB_BLOCK_INFO, false }, { ALB_BLOCK_ADD, false },
	{ ALB_BLOCK_REMOVE, false }, { ALB_BLOCK_ADD, true },
	{ ALB_BLOCK_SET, true }, { ALB_BLOCK_DUMP, true },
	{ ALB_BLOCK_DUMP, false }, { ALB_BLOCK_SET, false },
};
#define BLOCK_FORMS (sizeof(block_forms) / sizeof(block_forms[0]))

static void
block_read(struct der *d, struct alb_command *c)
{
	unsigned tag;
	struct der cmd = der_choice(d, &tag);
	bool old;

	if (tag >= BLOCK_FORMS) {
		der_fail(d, ALB_DECODE);
		return;
	}
	c->kind = block_forms[tag].kind;
	old = block_forms[tag].old;
	if (old)
		c->level = ALB_LEVEL_2_4;
	c->old_form = old && c->kind == ALB_BLOCK_ADD;
	switch (c->kind) {
	case ALB_BLOCK_ADD:
		if (old)
			block_old_read(&cmd, c);
		else
			c->size = der_get_int(&cmd);
		break;
	case ALB_BLOCK_SET:
		if (old)
			block_old_read(&cmd, c);
		else
			c->compressed = der_get_bool(&cmd);
		break;
	case ALB_BLOCK_DUMP:
		c->compression = der_get_int(&cmd);
		break;
	default:
		der_get_null(&cmd);
		break;
	}
	der_done(&cmd);
}

static unsigned
block_tag(enum alb_command_kind kind, bool old)
{
	unsigned tag;

	for (tag = 0; tag < BLOCK_FORMS; tag++)
		if (block_forms[tag].kind == kind &&
		    block_forms[tag].old == old)
			break;
	return tag;
}

static void
block_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);
	bool old = c->kind == ALB_BLOCK_ADD ? c->old_form :
		c->level < ALB_LEVEL_2_5 && (c->kind == ALB_BLOCK_SET ||
		c->kind == ALB_BLOCK_DUMP);

	/* Data has no place in the newer forms. */
	if (!old && c->image != NULL)
		w->invalid = true;
	switch (c->kind) {
	case ALB_BLOCK_ADD:
		if (old)
			block_old_write(w, c);
		else
			der_put_int(w, c->size);
		break;
	case ALB_BLOCK_SET:
		if (old)
			block_old_write(w, c);
		else
			der_put_bool(w, c->compressed);
		break;
	case ALB_BLOCK_DUMP:
		der_put_int(w, c->compression);
		break;
	default:
		der_put_null(w);
		break;
	}
	der_close(w, open, DER_CONTEXT(block_tag(c->kind, old)));
}

void
alb_command_read(struct der *d, struct alb_command *c)
{
	unsigned tag;
	struct der cmd = der_choice(d, &tag);

	switch (tag) {
	case CONSOLE:
		console_read(&cmd, c);
		break;
	case STATS:
		stats_read(&cmd, c);
		break;
	case UNIKERNEL:
		unikernel_read(&cmd, c);
		break;
	case POLICY:
		policy_read(&cmd, c);
		break;
	case BLOCK:
		block_read(&cmd, c);
		break;
	default:
		der_fail(d, ALB_DECODE);
		break;
	}
	der_done(&cmd);
}

void
alb_command_write(struct der_writer *w, const struct alb_command *c)
{
	size_t open = der_open(w);
	enum command_tag tag = BLOCK;

	if (c->kind <= ALB_CONSOLE_INACTIVE) {
		tag = CONSOLE;
		console_write(w, c);
	} else if (c->kind <= ALB_STATS_INITIAL) {
		tag = STATS;
		stats_write(w, c);
	} else if (c->kind <= ALB_UNIKERNEL_GET) {
		tag = UNIKERNEL;
		unikernel_write(w, c);
	} else if (c->kind <= ALB_POLICY_REMOVE) {
		tag = POLICY;
		policy_write(w, c);
	} else {
		block_write(w, c);
	}
	der_close(w, open, DER_CONTEXT(tag));
}

int
alb_command_encode(const struct alb_command *c, struct buf *out)
{
	struct der_writer w = der_write(out);
	size_t open = der_open(&w);

	der_put_int(&w, ALB_WIRE_VERSION);
	alb_command_write(&w, c);
	der_close(&w, open, DER_SEQUENCE);
	return der_written(&w);
}

int
alb_command_decode(const uint8_t *der, size_t len, struct alb_command *c)
{
	struct der_message message;
	struct der d = der_start(&message, der, len), s;
	int rc;

	alb_command_init(c, ALB_UNIKERNEL_INFO);
	s = der_enter(&d, DER_SEQUENCE);
	if (der_get_int(&s) != ALB_WIRE_VERSION)
		der_fail(&s, ALB_DECODE);
	alb_command_read(&s, c);
	der_done(&s);
	rc = der_done(&d);
	if (rc != ALB_OK)
		alb_command_free(c);
	return rc;
}
