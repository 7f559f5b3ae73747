/* SPDX-License-Identifier: ISC */
/* upstream: conversations with albatross servers; see upstream.h. */
#include "fcgi/upstream.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/claims.h"
#include "fcgi/clean.h"
#include "fcgi/counters.h"
#include "fcgi/deployment.h"
#include "fcgi/flight.h"
#include "fcgi/instances.h"
#include "fcgi/policy_look.h"
#include "fcgi/states.h"
#include "fcgi/upstream_fault.h"
#include "fcgi/upstream_talk.h"
#include "fcgi/veil.h"

/* How long an answer is shared; changes through us end it earlier. */
#define KEEP_MS 1000
/* For a whole image to arrive; one that drips must not hold a place long. */
#define GET_MS (30 * 60 * 1000)

static const struct alb_timeouts list_timeouts = {
	.connect = 2000, .handshake = 3000, .reply = 5000,
};

struct upstream {
	struct app *app;
	struct instances *instances;
	struct flights *flights;
	struct claims *claims;		/* of unikernels */
	struct claims *volumes;
	struct veil *veil;
	struct policy_looks *looks;
};

struct upstream *
upstream_new(struct app *app)
{
	struct upstream *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->app = app;
	u->instances = instances_new();
	u->flights = flights_new(KEEP_MS);
	u->claims = claims_new();
	u->volumes = claims_new();
	u->veil = veil_new();
	u->looks = policy_looks_new();
	if (u->instances == NULL || u->flights == NULL || u->claims == NULL ||
	    u->volumes == NULL || u->veil == NULL || u->looks == NULL) {
		upstream_free(u);
		return NULL;
	}
	return u;
}

void
upstream_free(struct upstream *u)
{
	if (u == NULL)
		return;
	claims_free(u->claims);
	claims_free(u->volumes);
	veil_free(u->veil);
	policy_looks_free(u->looks);
	flights_free(u->flights);
	instances_free(u->instances);
	free(u);
}

struct flights *
upstream_flights(struct upstream *u)
{
	return u->flights;
}

struct veil *
upstream_veil(struct upstream *u)
{
	return u->veil;
}

struct policy_looks *
upstream_looks(struct upstream *u)
{
	return u->looks;
}

static struct instance *
find(struct upstream *u, const char *name, struct fault *f)
{
	struct instance *i = instance_get(u->instances, name);

	if (i == NULL)
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return i;
}

void
talk_note(const struct talk *t, int rc, const struct fault *f)
{
	/*
	 * Statistics come from a daemon of their own: that it answers, or does
	 * not, says nothing of the one that runs unikernels.
	 */
	if (t->command->kind == ALB_STATS_SUBSCRIBE)
		return;
	if (rc == ALB_OK || rc == ALB_FAILURE)
		instance_contact(t->instance, NULL);
	else if (rc != ALB_NO_MEMORY && rc != ALB_INVALID)
		instance_contact(t->instance, f);
}

/* Once for each command, at its first answer or when there is none. */
static void
talk_count(struct talk *t, int err)
{
	if (!t->counted)
		count_command(t->name, t->age, t->command->kind,
		    counters_now() - t->began);
	t->counted = true;
	count_command_error(t->name, t->age, err);
}

/* The daemons of the console and of statistics apply no policy. */
static bool
brings_policy(const struct ask *a, const struct alb_command *c)
{
	return a->project != NULL && c->kind != ALB_CONSOLE_SUBSCRIBE &&
		c->kind != ALB_CONSOLE_INACTIVE &&
		c->kind != ALB_STATS_SUBSCRIBE;
}

static int
mint(const struct talk *t, const struct ask *a, struct auth_mint *m,
	struct fault *f)
{
	int64_t begin;
	int err = 0;

	/* One that is tried was looked at by who tries it. */
	if (t->policy == NULL && brings_policy(a, t->command))
		err = policy_look(t->upstream, a->auth, a->instance, f);
	if (err != 0)
		return err;
	begin = counters_now();
	err = auth_mint_trial(a->auth, a->who, a->instance, a->project,
	    a->label, t->command, t->policy, m, f);
	count_mint(err, counters_now() - begin);
	return err;
}

int
talk_open(struct talk *t, const struct ask *a,
	const struct alb_timeouts *timeouts, struct alb_policy *policy,
	struct fault *f)
{
	struct upstream_fault how = { .instance = t->name };
	struct auth_mint m = { 0 };
	char why[256] = "";
	int err, rc;

	t->ask = a;
	t->age = count_age(t->name);
	err = mint(t, a, &m, f);
	if (err != 0)
		return err;
	t->began = counters_now();
	t->counted = false;
	rc = alb_session_open(m.host, m.port, m.server_ca, &m.chain, timeouts,
		&t->session, why, sizeof(why));
	if (rc == ALB_OK && policy != NULL) {
		*policy = m.policy;
		m.policy = (struct alb_policy){ 0 };
	}
	auth_mint_free(&m);
	if (rc == ALB_OK) {
		instance_server_seen(t->instance,
		    alb_session_server_expires(t->session));
		return 0;
	}
	how.why = why;
	err = upstream_fault(rc, &how, f);
	talk_note(t, rc, f);
	talk_count(t, err);
	return err;
}

int
talk_judge(struct talk *t, struct alb_wire *w, int *rc, struct fault *f)
{
	struct upstream_fault how = { .instance = t->name, .sent = true,
		.change = upstream_changes(t->command->kind), .why = "" };
	int err = 0;

	if (*rc == ALB_OK && w->payload == ALB_PAYLOAD_FAILURE) {
		how.words = w->text;
		*rc = upstream_failure_kind(w->text, how.change);
	}
	if (*rc != ALB_OK)
		err = upstream_fault(*rc, &how, f);
	if (how.words != NULL && t->policy == NULL && t->ask != NULL &&
	    text_begins(how.words, "expected success when adding policy"))
		policy_tell_refused(t->ask, how.words);
	if (how.words != NULL)
		alb_wire_free(w);
	talk_count(t, err);
	return err;
}

static int
talk_read(struct talk *t, struct alb_wire *w, int *rc, struct fault *f)
{
	*rc = alb_session_read(t->session, w);
	return talk_judge(t, w, rc, f);
}

int
talk_answer(struct talk *t, struct alb_wire *w, struct fault *f)
{
	int rc, err = talk_read(t, w, &rc, f);

	/* A refusal is about one command, not about the server. */
	if (rc != ALB_REFUSED)
		talk_note(t, rc, f);
	return err;
}

/*
 * Sends size bytes of fd as chunks. 0, or ERR_INTERNAL when the file could not
 * be read; that the server stops taking them shows at the reply.
 */
static int
send_file(const struct talk *t, int fd, uint64_t size, struct fault *f)
{
	uint8_t *data = malloc(UPSTREAM_STEP);
	uint64_t at = 0;
	int rc = ALB_OK;

	if (data == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	while (rc == ALB_OK && at < size) {
		size_t want = size - at < UPSTREAM_STEP ? (size_t)(size - at) :
			UPSTREAM_STEP;
		ssize_t n = pread(fd, data, want, (off_t)at);

		if (n <= 0)
			break;
		rc = alb_session_send(t->session, data, (size_t)n);
		at += (uint64_t)n;
	}
	free(data);
	/* Without the terminator albatross drops what it got. */
	if (rc == ALB_OK && at < size)
		return fault_set(f, ERR_INTERNAL,
		    "The stored image can not be read.");
	if (rc == ALB_OK)
		alb_session_finish(t->session);
	return 0;
}

static int
run(struct talk *t, const struct ask *a, int fd, uint64_t size,
	struct alb_wire *w, struct fault *f)
{
	struct alb_timeouts timeouts = {
		.reply = alb_reply_timeout(t->command->kind),
	};
	int err = talk_open(t, a, &timeouts, NULL, f);

	if (err == 0 && alb_command_uploads(t->command))
		err = send_file(t, fd, size, f);
	if (err == 0)
		err = talk_answer(t, w, f);
	alb_session_close(t->session);
	return err;
}

int
talk_take(struct talk *t, struct upstream *u, const struct ask *a,
	struct alb_command *c, enum slot slot, struct fault *f)
{
	*t = (struct talk){ .upstream = u, .name = a->instance,
		.command = c };
	t->instance = find(u, a->instance, f);
	if (t->instance == NULL)
		return f->err;
	c->level = upstream_level(u, a->instance);
	return instance_take(t->instance, slot, f);
}

int
upstream_upload(struct upstream *u, const struct ask *a,
	struct alb_command *c, int fd, uint64_t size, struct alb_wire *w,
	struct fault *f)
{
	enum slot slot = alb_command_uploads(c) ? SLOT_UPLOAD : SLOT_COMMAND;
	struct talk t;
	int err = talk_take(&t, u, a, c, slot, f);

	if (err != 0)
		return err;
	err = run(&t, a, fd, size, w, f);
	instance_give(t.instance, slot);
	return err;
}

int
upstream_call(struct upstream *u, const struct ask *a,
	struct alb_command *c, struct alb_wire *w, struct fault *f)
{
	return upstream_upload(u, a, c, -1, 0, w, f);
}

/* Who takes the image, and whether they said no. */
struct taker {
	int (*sink)(void *arg, const uint8_t *data, size_t len);
	void *arg;
	int64_t end;		/* flight_now by when all must be there */
	bool refused, late;
};

static int
image_take(void *arg, const uint8_t *data, size_t len)
{
	struct taker *taker = arg;

	taker->late = flight_now() > taker->end;
	if (!taker->late)
		taker->refused = taker->sink(taker->arg, data, len) != 0;
	return taker->late || taker->refused ? -1 : 0;
}

static int
get(struct talk *t, const struct ask *a, uint64_t max, struct taker *taker,
	struct alb_wire *w, struct fault *f)
{
	struct alb_timeouts timeouts = {
		.reply = alb_reply_timeout(t->command->kind),
	};
	int rc, err = talk_open(t, a, &timeouts, NULL, f);

	if (err != 0)
		return err;
	rc = alb_session_read_image(t->session, max, image_take, taker, w);
	if (taker->refused)
		return fault_set(f, ERR_INTERNAL,
		    "The image was not taken to its end.");
	if (rc == ALB_TOO_LARGE && w->payload == ALB_PAYLOAD_IMAGE)
		return fault_set(f, ERR_TOO_LARGE, "The image %s would send "
		    "has more than %llu bytes.", t->name,
		    (unsigned long long)max);
	if (taker->late)
		rc = ALB_TIMEOUT;
	err = talk_judge(t, w, &rc, f);
	talk_note(t, rc, f);
	return err;
}

int
upstream_blocks(struct upstream *u, const struct ask *a, bool list,
	struct alb_wire *w, struct alb_policy *policy, struct fault *f)
{
	struct alb_command c;
	struct talk t;
	int err;

	alb_command_init(&c, ALB_BLOCK_INFO);
	err = talk_take(&t, u, a, &c, SLOT_COMMAND, f);
	if (err != 0)
		return err;
	/* It may have failed while this one stood in line. */
	err = list ? instance_broken(t.instance, f) : 0;
	if (err == 0)
		err = talk_open(&t, a, list ? &list_timeouts : NULL, policy,
		    f);
	if (err == 0) {
		err = talk_answer(&t, w, f);
		if (err == 0 && w->payload != ALB_PAYLOAD_BLOCKS) {
			alb_wire_free(w);
			err = fault_set(f, ERR_ALB_INCOMPATIBLE, "The "
			    "instance %s sent something else than a list of "
			    "volumes.", a->instance);
		}
		if (err != 0 && policy != NULL)
			alb_policy_free(policy);
	}
	alb_session_close(t.session);
	instance_give(t.instance, SLOT_COMMAND);
	return err;
}

int
upstream_get(struct upstream *u, const struct ask *a, struct alb_command *c,
	uint64_t max, int (*sink)(void *arg, const uint8_t *data, size_t len),
	void *arg, struct alb_wire *w, struct fault *f)
{
	struct taker taker = { .sink = sink, .arg = arg,
		.end = flight_now() + GET_MS };
	struct talk t;
	int err = talk_take(&t, u, a, c, SLOT_UPLOAD, f);

	if (err != 0)
		return err;
	err = get(&t, a, max, &taker, w, f);
	alb_session_close(t.session);
	instance_give(t.instance, SLOT_UPLOAD);
	return err;
}

static int
stream_start(struct talk *t, const struct ask *a, struct fault *f)
{
	struct alb_wire w;
	int err = talk_open(t, a, a->who == NULL ? &list_timeouts : NULL, NULL,
		f);

	if (err == 0)
		err = talk_answer(t, &w, f);
	if (err != 0)
		return err;
	/* A line may come before the word that it was subscribed to. */
	if (w.payload == ALB_PAYLOAD_CONSOLE ||
	    w.payload == ALB_PAYLOAD_STATS)
		alb_session_unread(t->session, &w);
	alb_wire_free(&w);
	alb_session_unblock(t->session);
	return 0;
}

int
upstream_open(struct upstream *u, const struct ask *a,
	struct alb_command *c, struct alb_session **out, struct fault *f)
{
	struct talk t;
	int err;

	*out = NULL;
	err = talk_take(&t, u, a, c, SLOT_OPENING, f);
	if (err != 0)
		return err;
	/* The end of the program waits for it, and it can be tried again. */
	if (a->who == NULL && u->app->stopping)
		err = fault_set(f, ERR_BUSY, "mollymawk is ending.");
	else if (a->who == NULL && states_away(u->app->states, a->instance, f))
		err = f->err;
	else
		err = stream_start(&t, a, f);
	instance_give(t.instance, SLOT_OPENING);
	if (err != 0) {
		alb_session_close(t.session);
		t.session = NULL;
	}
	*out = t.session;
	return err;
}

/* Makes the relative names of a path's reply absolute. */
static int
names_prefix(struct alb_wire *w, const struct ask *a, struct fault *f)
{
	size_t i;

	if (w->payload != ALB_PAYLOAD_INFOS)
		goto incompatible;
	for (i = 0; a->project != NULL && a->label[0] == '\0' &&
	    i < w->ninfos; i++)
		if (alb_name_prefix(&w->infos[i].name, a->project) != 0)
			goto incompatible;
	return 0;
incompatible:
	alb_wire_free(w);
	return fault_set(f, ERR_ALB_INCOMPATIBLE, "The instance %s sent "
	    "something else than a list of unikernels.", a->instance);
}

/*
 * What began later than now, began so by a clock that is ahead. That it began
 * earlier says nothing.
 */
static void
clock_look(struct instance *i, const struct alb_wire *w)
{
	int64_t now = wall_ms();

	for (size_t k = 0; k < w->ninfos; k++) {
		const struct alb_info *info = &w->infos[k];
		int64_t ms = (int64_t)info->started * 1000 +
			(info->started_millis < 0 ? 0 : info->started_millis);

		if (info->has_started && ms > now)
			instance_clock_seen(i, ms);
	}
}

static int
infos_ask(struct talk *t, const struct ask *a, bool list, struct alb_wire *w,
	struct alb_policy *policy, int *rc, struct fault *f)
{
	int err = talk_open(t, a, list ? &list_timeouts : NULL, policy, f);

	*rc = ALB_NETWORK;
	if (err == 0)
		err = talk_read(t, w, rc, f);
	alb_session_close(t->session);
	t->session = NULL;
	return err;
}

/*
 * Lets the authority know what the server speaks: it then never mints the
 * older forms of info, which can make a newer server exit.
 */
static void
level_tell(const struct ask *a, enum alb_level level)
{
	struct json_object *args = json_object_new_object();
	struct fault f = { 0 };

	json_add_str(args, "name", a->instance);
	json_add_str(args, "level", alb_level_text(level));
	(void)auth_call(a->auth, a->who == NULL ? "watch-level" :
	    "instance-level", a->who, args, NULL, &f);
}

/* Older forms of info, newest first; [15] is of 2.4 and 2.5 alike. */
static const enum alb_level levels[] = {
	ALB_LEVEL_2_7, ALB_LEVEL_2_6, ALB_LEVEL_2_5, ALB_LEVEL_2_1,
	ALB_LEVEL_2_0,
};
#define LEVELS (sizeof(levels) / sizeof(levels[0]))

/*
 * Tries forms until one is understood; the answer to none of them is an end
 * without a frame. A server that is known to understand the newest one is
 * never sent an older one: that can make it exit (protocol section 8).
 */
static int
infos_levels(struct talk *t, const struct ask *a, bool list,
	struct alb_wire *w, struct alb_policy *policy, struct fault *f)
{
	struct alb_command c;
	enum alb_level first;
	bool sure;
	int rc = ALB_REFUSED, err = 0;

	first = instance_level(t->instance, &sure);
	alb_command_init(&c, ALB_UNIKERNEL_INFO);
	t->command = &c;
	for (size_t i = 0; i < LEVELS && rc == ALB_REFUSED; i++) {
		if (levels[i] > first)
			continue;
		if (policy != NULL)
			alb_policy_free(policy);
		*f = (struct fault){ 0 };
		c.level = levels[i];
		err = infos_ask(t, a, list, w, policy, &rc, f);
		if (rc == ALB_OK) {
			instance_level_set(t->instance, levels[i]);
			clock_look(t->instance, w);
		}
		if (rc == ALB_OK && !sure)
			level_tell(a, levels[i]);
		if (sure)
			break;
	}
	if (rc != ALB_NETWORK)
		talk_note(t, rc, f);
	alb_command_free(&c);
	return err;
}

static int
infos_veil(struct upstream *u, const struct ask *a, struct alb_wire *w,
	struct fault *f)
{
	int err = veil_infos(u->veil, a->auth, w, f);

	if (err != 0)
		alb_wire_free(w);
	return err;
}

static int
infos(struct upstream *u, struct instance *i, const struct ask *a,
	enum slot slot, bool list, struct alb_wire *w,
	struct alb_policy *policy, struct fault *f)
{
	struct alb_policy unused = { 0 };
	struct talk t = { .upstream = u, .instance = i,
		.name = a->instance };
	int err = instance_take(i, slot, f);

	if (err != 0)
		return err;
	if (policy == NULL)
		policy = &unused;
	*policy = (struct alb_policy){ 0 };
	/* It may have failed while this one stood in line. */
	err = list && slot != SLOT_WATCH ? instance_broken(i, f) : 0;
	if (err == 0)
		err = infos_levels(&t, a, list, w, policy, f);
	instance_give(i, slot);
	if (err == 0)
		err = names_prefix(w, a, f);
	if (err == 0)
		err = infos_veil(u, a, w, f);
	if (err != 0 || policy == &unused)
		alb_policy_free(policy);
	return err;
}

int
upstream_infos(struct upstream *u, const struct ask *a, bool list,
	struct alb_wire *w, struct alb_policy *policy, struct fault *f)
{
	struct instance *i = find(u, a->instance, f);
	int err = i == NULL ? f->err : 0;

	if (err == 0 && list)
		err = instance_broken(i, f);
	return err != 0 ? err : infos(u, i, a, SLOT_COMMAND, list, w, policy,
	    f);
}

int
upstream_poll(struct upstream *u, const struct ask *a, struct alb_wire *w,
	struct fault *f)
{
	struct instance *i = find(u, a->instance, f);

	return i == NULL ? f->err : infos(u, i, a, SLOT_WATCH, true, w, NULL,
	    f);
}

int
upstream_policy_try(struct upstream *u, const struct ask *a,
	const struct alb_policy *policy, struct fault *f)
{
	struct instance *i = find(u, a->instance, f);
	struct talk t = { .upstream = u, .instance = i, .name = a->instance,
		.policy = policy };
	struct alb_wire w;
	int err;

	if (i == NULL)
		return f->err;
	err = instance_take(i, SLOT_COMMAND, f);
	if (err != 0)
		return err;
	err = infos_levels(&t, a, false, &w, NULL, f);
	if (err == 0)
		alb_wire_free(&w);
	instance_give(i, SLOT_COMMAND);
	policy_look_forget(u, a->instance);
	return err;
}

int
upstream_policies(struct upstream *u, const struct ask *a, struct alb_wire *w,
	struct fault *f)
{
	enum slot slot = a->who == NULL ? SLOT_LOOK : SLOT_COMMAND;
	struct alb_command c;
	struct talk t;
	int err;

	alb_command_init(&c, ALB_POLICY_INFO);
	err = talk_take(&t, u, a, &c, slot, f);
	if (err != 0)
		return err;
	err = talk_open(&t, a, NULL, NULL, f);
	if (err == 0)
		err = talk_answer(&t, w, f);
	if (err == 0 && w->payload != ALB_PAYLOAD_POLICIES) {
		alb_wire_free(w);
		err = fault_set(f, ERR_ALB_INCOMPATIBLE, "The instance %s "
		    "sent something else than a list of policies.",
		    a->instance);
	}
	alb_session_close(t.session);
	instance_give(t.instance, slot);
	return err;
}

void
upstream_health(struct upstream *u, const char *instance,
	struct upstream_health *out)
{
	struct instance *i = instance_get(u->instances, instance);

	*out = (struct upstream_health){ .level = -1 };
	if (i != NULL)
		instance_health(i, out);
}

void
upstream_clock_seen(struct upstream *u, const char *instance, int64_t theirs)
{
	struct instance *i = instance_get(u->instances, instance);

	if (i != NULL)
		instance_clock_seen(i, theirs);
}

int
upstream_probe(struct upstream *u, const struct ask *a,
	struct upstream_health *out, struct fault *f)
{
	struct instance *i = find(u, a->instance, f);
	struct fault found = { 0 };
	struct alb_wire w;
	int err;

	if (i == NULL)
		return f->err;
	/* It may be another version now. */
	instance_reset(i);
	err = infos(u, i, a, SLOT_COMMAND, false, &w, NULL, &found);
	if (err == 0)
		alb_wire_free(&w);
	instance_health(i, out);
	if (err == 0 || out->status == HEALTH_DOWN)
		return 0;
	*f = found;
	return err;
}

void
upstream_forget(struct upstream *u, const char *instance)
{
	struct instance *i = instance_get(u->instances, instance);

	if (i != NULL)
		instance_reset(i);
	policy_look_forget(u, instance);
	count_forget(instance);
}

enum alb_level
upstream_level(struct upstream *u, const char *instance)
{
	struct instance *i = instance_get(u->instances, instance);
	int level = i == NULL ? -1 : instance_level_seen(i);

	return level < 0 ? ALB_LEVEL_NEWEST : (enum alb_level)level;
}

int
upstream_claim(struct upstream *u, const struct ask *a, struct fault *f)
{
	return claim_take(u->claims, a->instance, a->project, a->label, f);
}

void
upstream_release(struct upstream *u, const struct ask *a)
{
	claim_give(u->claims, a->instance, a->project, a->label);
}

/* With the claim taken: a deployment that begins now will find it. */
static int
named_check(struct upstream *u, const struct ask *a, struct fault *f)
{
	struct deployment d;
	int err = deployment_naming(u->app->ledger, a->instance, a->project,
		a->label, &d);

	if (err == ERR_NOT_FOUND)
		return 0;
	if (err != 0)
		return fault_set(f, err,
		    "The deployments under way can not be read.");
	fault_set(f, ERR_CONFLICT, "Deployment %lld of %s, which uses volume "
	    "%s, is under way; wait for its end.", (long long)d.number,
	    d.name, a->label);
	deployment_free(&d);
	return f->err;
}

int
upstream_volume_claim(struct upstream *u, const struct ask *a,
	struct fault *f)
{
	int err = claim_take(u->volumes, a->instance, a->project, a->label, f);

	if (err != 0)
		return err;
	err = named_check(u, a, f);
	if (err != 0)
		upstream_volume_release(u, a);
	return err;
}

void
upstream_volume_release(struct upstream *u, const struct ask *a)
{
	claim_give(u->volumes, a->instance, a->project, a->label);
}

bool
upstream_claimed(struct upstream *u, const char *instance,
	const char *project, const char *name)
{
	return claim_held(u->claims, instance, project, name);
}

bool
upstream_volume_claimed(struct upstream *u, const char *instance,
	const char *project, const char *volume)
{
	return claim_held(u->volumes, instance, project, volume);
}
