/* SPDX-License-Identifier: ISC */
/* endpoint: what albatross-tls-endpoint does; see endpoint.h. */
#include "tests/sandbox/endpoint.h"

#include <string.h>

#include "base/log.h"
#include "tests/sandbox/blocks.h"
#include "tests/sandbox/console.h"
#include "tests/sandbox/policies.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/stats.h"
#include "tests/sandbox/unikernels.h"

#define IMAGE_MAX ((size_t)INT32_MAX)

enum service { ALBATROSSD, CONSOLE, STATS };

typedef void command_fn(struct sandbox *s, struct request *r,
	struct alb_wire *reply);

struct command {
	enum service service;
	command_fn *run;	/* NULL for what streams */
	command_fn *old;	/* of the forms before 2.5, if another */
};

static const struct command commands[ALB_COMMAND_KINDS] = {
	[ALB_CONSOLE_SUBSCRIBE] = { .service = CONSOLE },
	[ALB_CONSOLE_INACTIVE] = { CONSOLE, console_inactive, NULL },
	[ALB_STATS_SUBSCRIBE] = { .service = STATS },
	[ALB_UNIKERNEL_INFO] = { .run = unikernels_info },
	[ALB_UNIKERNEL_CREATE] = { .run = unikernel_create },
	[ALB_UNIKERNEL_FORCE_CREATE] = { .run = unikernel_force_create },
	[ALB_UNIKERNEL_RESTART] = { .run = unikernel_restart },
	[ALB_UNIKERNEL_DESTROY] = { .run = unikernel_destroy },
	[ALB_UNIKERNEL_GET] = { .run = unikernel_get },
	[ALB_POLICY_INFO] = { .run = policies_info },
	[ALB_BLOCK_INFO] = { .run = blocks_info },
	[ALB_BLOCK_ADD] = { .run = block_add },
	[ALB_BLOCK_REMOVE] = { .run = block_remove },
	[ALB_BLOCK_SET] = { .old = block_set_old },
	[ALB_BLOCK_DUMP] = { .old = block_dump_old },
};

/* Whether a server of this level knows the form; protocol section 6.3. */
static bool
form_known(enum alb_level level, const struct alb_command *c)
{
	switch (c->kind) {
	case ALB_UNIKERNEL_INFO:
		return c->level <= level && c->level >=
			(level == ALB_LEVEL_2_7 ? ALB_LEVEL_2_4 :
			level == ALB_LEVEL_2_6 ? ALB_LEVEL_2_1 :
			ALB_LEVEL_2_0);
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		return c->level <= level &&
			(level == ALB_LEVEL_2_7 || c->config.type ==
			ALB_SOLO5);
	case ALB_UNIKERNEL_RESTART:
		if (c->old_form)
			return level < ALB_LEVEL_2_7;
		return !c->has_config || c->level <= level;
	case ALB_CONSOLE_SUBSCRIBE:
		return !c->old_form || level < ALB_LEVEL_2_6;
	case ALB_CONSOLE_INACTIVE:
		return level >= ALB_LEVEL_2_6;
	default:
		return true;
	}
}

/* All of the image, before anything else is done; false: it broke off. */
static bool
image_receive(struct conn *c, struct alb_command *command)
{
	const uint8_t *data;
	struct buf image;
	size_t len;
	int rc;

	buf_init(&image, IMAGE_MAX);
	while ((rc = conn_chunk(c, &data, &len)) == 1) {
		buf_put(&image, data, len);
		if (c->fault == FAULT_BREAK_UPLOAD) {
			c->broken = c->abrupt = true;
			rc = -1;
			break;
		}
	}
	if (rc < 0 || !buf_ok(&image)) {
		buf_free(&image);
		return false;
	}
	command->image = image.data;
	command->image_len = image.len;
	return true;
}

static bool
image_follows(const struct alb_command *c)
{
	return (c->kind == ALB_UNIKERNEL_CREATE ||
	    c->kind == ALB_UNIKERNEL_FORCE_CREATE) && c->image == NULL;
}

static bool
service_up(const struct sandbox *s, const struct conn *c,
	enum service service)
{
	return c->fault != FAULT_DAEMON_DOWN &&
		!(service == ALBATROSSD && s->albatrossd_dead) &&
		!(service == CONSOLE && s->console_dead);
}

/* The policies of the chain, innermost first, until one is refused. */
static bool
policies_apply(struct sandbox *s, const struct request *r,
	struct alb_wire *reply)
{
	char name[NAME_SIZE];
	struct alb_wire one;
	bool good = true;
	size_t i;

	for (i = r->npolicies; good && i > 0; i--) {
		s->sequence++;
		alb_wire_init(&one, ALB_PAYLOAD_EMPTY);
		good = policy_add(s, r->policies[i - 1].name.path,
			&r->policies[i - 1].policy, &one);
		alb_name_format(&r->policies[i - 1].name, name);
		if (!good)
			reply_failure(reply, "expected success when adding "
				"policy, got: host [unikernel: %s]: command "
				"failed %s", name, one.text);
		alb_wire_free(&one);
	}
	return good;
}

/* What needs the lock throughout. */
static void
command_run(struct sandbox *s, struct request *r, command_fn *run,
	struct alb_wire *reply)
{
	bool dead = s->albatrossd_dead;

	s->sequence++;
	run(s, r, reply);
	if (s->albatrossd_dead != dead)
		reply_failure(reply, "error reading from fd");
}

/* What streams; text is what the endpoint adds, or NULL. */
static void
stream_run(struct sandbox *s, struct conn *c, struct request *r,
	struct alb_wire *reply)
{
	const char *text = NULL;

	switch (r->command.kind) {
	case ALB_CONSOLE_SUBSCRIBE:
		text = console_subscribe(s, c, r);
		break;
	case ALB_STATS_SUBSCRIBE:
		text = stats_subscribe(s, c, r);
		break;
	case ALB_BLOCK_SET:
		text = block_set(s, c, r, reply);
		break;
	default:
		text = block_dump(s, c, r);
		break;
	}
	if (text != NULL)
		reply_failure(reply, "%s", text);
	if (c->broken)
		alb_wire_free(reply);
}

static command_fn *
command_of(const struct alb_command *c)
{
	const struct command *command = &commands[c->kind];

	return command->old != NULL && c->level < ALB_LEVEL_2_5 ?
		command->old : command->run;
}

/* True when reply holds what there is to say. */
static bool
answer(struct sandbox *s, struct conn *c, struct request *r,
	struct alb_wire *reply)
{
	enum service service = commands[r->command.kind].service;
	command_fn *run = command_of(&r->command);
	bool done = true;

	pthread_mutex_lock(&s->lock);
	if (!service_up(s, c, service))
		reply_failure(reply, "couldn't reach service");
	else if (service == ALBATROSSD && !policies_apply(s, r, reply))
		log_event(LOG_LEVEL_INFO, "policy refused", "why",
			reply->text, NULL);
	else if (run != NULL && c->fault == FAULT_FAIL_CREATE)
		unikernel_fail_create(s, r, reply);
	else if (run != NULL)
		command_run(s, r, run, reply);
	else
		done = false;
	if (c->fault == FAULT_EXIT_AT_ONCE)
		unikernel_end(s, &r->name);
	pthread_mutex_unlock(&s->lock);
	return done;
}

/* The console daemon says that itself, and hangs up. */
static bool
label_missing(struct conn *c, const struct request *r,
	struct alb_wire *reply)
{
	if (r->command.kind != ALB_CONSOLE_SUBSCRIBE ||
	    r->name.label[0] != '\0')
		return false;
	reply_failure(reply, "path used instead of name");
	reply->name = r->name;
	conn_send(c, reply);
	reply_failure(reply, "exception while reading from fd");
	return true;
}

void
endpoint_run(struct sandbox *s, struct conn *c, struct request *r)
{
	struct alb_wire reply;

	fault_take_command(s, c, r->command.kind);
	if (!form_known(s->options->level, &r->command))
		return;
	if (c->fault == FAULT_STALL_BEFORE) {
		conn_wait_gone(c);
		return;
	}
	if (c->fault == FAULT_BREAK_BEFORE_COMMAND) {
		c->broken = c->abrupt = true;
		return;
	}
	if (image_follows(&r->command) && !image_receive(c, &r->command))
		return;
	alb_wire_init(&reply, ALB_PAYLOAD_EMPTY);
	if (!answer(s, c, r, &reply) && !label_missing(c, r, &reply))
		stream_run(s, c, r, &reply);
	reply.name = r->name;
	reply.sequence = 0;
	if (reply.payload != ALB_PAYLOAD_EMPTY && !c->broken)
		conn_send(c, &reply);
	alb_wire_free(&reply);
}
