/* SPDX-License-Identifier: ISC */
/* machine: carries one deployment to its end; see machine.h. */
#include "fcgi/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "fcgi/feed.h"
#include "fcgi/flight.h"
#include "fcgi/health_store.h"
#include "fcgi/machine_look.h"
#include "fcgi/states.h"
#include "fcgi/thread.h"
#include "fcgi/upstream_fault.h"

#define WATCH_MS 500		/* between two looks in the grace time */
#define WITHOUT_NAME_MS 2000	/* after the start, by which it has ended */
#define SETTLE_MS 2000		/* for what albatross may still be doing */
#define SETTLES 5
#define HEALTH_MS 2000		/* between two attempts of the check */
#define APPEARED_MAX 3		/* times to begin again */
#define WRITE_ATTEMPTS 3
#define WRITE_RETRY_MS 1000

static const char *
untouched(const struct machine *m)
{
	return m->d->replaced ? " What ran before was not touched." :
		" Nothing was started.";
}

/* ---- saving: what runs can be gone back to ---- */

static enum deployment_state
save(struct machine *m)
{
	struct deployment *d = m->d;
	uint64_t size = d->image_size;

	if (machine_remember(m, &m->why) != 0) {
		if (m->app->stopping)
			return DEPLOYMENT_SAVING;
		fault_add(&m->why, " It could not be made sure that what "
		    "runs now can be restored, so it was not touched.");
		return DEPLOYMENT_FAILED;
	}
	if (d->source == DEPLOYED_RESTART && !d->replaced) {
		fault_set(&m->why, ERR_NOT_FOUND, "%s does not run any more.",
		    d->name);
		return DEPLOYMENT_FAILED;
	}
	if (d->source != DEPLOYED_RESTART && d->image[0] != '\0' &&
	    !images_has(m->app->images, d->project, d->image, &size)) {
		fault_set(&m->why, ERR_NOT_FOUND, "The image is not in the "
		    "store any more.%s", untouched(m));
		return DEPLOYMENT_FAILED;
	}
	d->image_size = size;
	return DEPLOYMENT_CREATING;
}

/* ---- creating: the one command that changes something ---- */

/* A restart with what ran before is a plain one. */
static void
command_make(const struct machine *m, struct alb_command *c)
{
	const struct deployment *d = m->d;

	if (d->source == DEPLOYED_RESTART) {
		alb_command_init(c, ALB_UNIKERNEL_RESTART);
		c->has_config = d->previous_config == NULL ||
			strcmp(d->previous_config, d->config) != 0;
	} else {
		/*
		 * Going back, what failed may just wait for its restart: the
		 * force takes that away too (protocol section 4.1).
		 */
		alb_command_init(c, d->previous_config == NULL &&
		    d->source != DEPLOYED_ROLLBACK ? ALB_UNIKERNEL_CREATE :
		    ALB_UNIKERNEL_FORCE_CREATE);
		c->has_config = true;
	}
}

/* Sends it; while all connections are taken nothing was sent. */
static int
command_send(struct machine *m, struct alb_command *c, struct alb_wire *w)
{
	struct image_file image = { .fd = -1 };
	const char *digest = m->d->source == DEPLOYED_RESTART ? "" :
		m->d->image;
	int64_t until = flight_now() + MACHINE_PATIENCE_MS;
	int err = 0;

	if (*digest != '\0')
		err = images_open(m->app->images, m->d->project, digest,
		    &image, &m->why);
	while (err == 0) {
		m->why = (struct fault){ 0 };
		err = upstream_upload(m->app->upstream, &m->ask, c, image.fd,
		    image.size, w, &m->why);
		if (err != ERR_BUSY || flight_now() > until ||
		    !thread_nap(&m->app->stopping, WATCH_MS))
			break;
		err = 0;
	}
	image_file_close(&image);
	return err;
}

/* 0 when albatross says that the unikernel was started. */
static int
command_run(struct machine *m)
{
	struct alb_command c;
	struct alb_wire w;
	bool removed;
	int err = 0;

	command_make(m, &c);
	if (c.has_config) {
		alb_config_free(&c.config);
		if (alb_config_copy(&m->config, &c.config) != 0)
			err = fault_set(&m->why, ERR_NO_MEMORY,
			    "Out of memory.");
	}
	if (err == 0)
		err = command_send(m, &c, &w);
	alb_command_free(&c);
	unikernel_changed(m->app, &m->ask);
	if (err != 0)
		return err;
	/* "destroyed: ..." is success of another kind (protocol 4.1). */
	removed = w.payload == ALB_PAYLOAD_STRING &&
		strncmp(w.text, "destroyed", 9) == 0;
	alb_wire_free(&w);
	return !removed ? 0 : fault_set(&m->why, ERR_EXITED, "%s was just "
	    "about to be restarted by albatross; now it is gone.",
	    m->d->name);
}

/*
 * After a command that may have been carried out, whole or in part: looks until
 * what is found will not change any more by what albatross is still doing.
 */
static enum found
settle(struct machine *m)
{
	struct fault f;
	enum found found = FOUND_UNKNOWN;

	for (int i = 0; i < SETTLES; i++) {
		found = machine_look(m, MACHINE_PATIENCE_MS, NULL, &f);
		if (found == FOUND_NEW || found == FOUND_UNKNOWN ||
		    !thread_nap(&m->app->stopping,
		    SETTLE_MS / SETTLES * (i + 1)))
			break;
	}
	return found;
}

/* Where to go when what is to run does not. */
static enum deployment_state
give_up(const struct machine *m)
{
	return m->d->auto_rollback ? DEPLOYMENT_ROLLING_BACK :
		DEPLOYMENT_FAILED;
}

/* There was an answer, perhaps: none that could be read. */
static bool
outcome_lost(int err)
{
	return err == ERR_ALB_UNKNOWN || err == ERR_ALB_INCOMPATIBLE ||
		err == ERR_ALB_TIMEOUT;
}

/*
 * Something came into being under the name, or was about to be restarted, since
 * that was looked for: it is to be saved before it is replaced.
 */
static bool
appeared(struct machine *m)
{
	return m->why.err == ERR_ALB_FAILURE && !m->d->replaced &&
		!m->d->create_only && m->appeared++ < APPEARED_MAX &&
		strstr(m->why.albatross, "already running") != NULL;
}

static enum deployment_state
created_not(struct machine *m)
{
	if (appeared(m)) {
		m->why = (struct fault){ 0 };
		return DEPLOYMENT_SAVING;
	}
	switch (settle(m)) {
	case FOUND_NONE:
		return give_up(m);
	case FOUND_OLD:
		fault_add(&m->why, "%s", untouched(m));
		return DEPLOYMENT_FAILED;
	case FOUND_NEW:
		/* It was carried out, only the answer was lost. */
		if (outcome_lost(m->why.err)) {
			m->why = (struct fault){ 0 };
			return DEPLOYMENT_WATCHING;
		}
		/* Else somebody else made it: theirs is left alone. */
		break;
	case FOUND_OTHER:
		break;
	case FOUND_UNKNOWN:
		if (m->app->stopping)
			return DEPLOYMENT_CREATING;
		fault_add(&m->why, " What runs now is not known: the instance "
		    "does not answer.");
		return DEPLOYMENT_FAILED;
	}
	machine_tell(m, &m->why);
	return DEPLOYMENT_FAILED;
}

/* Errors after which albatross has done nothing. */
static bool
nothing_done(int err)
{
	return !outcome_lost(err) && err != ERR_ALB_FAILURE &&
		err != ERR_EXITED;
}

/* In its log, before it says something itself. */
static void
note_begin(const struct machine *m)
{
	const struct deployment *d = m->d;
	char text[256];

	if (d->source == DEPLOYED_RESTART)
		snprintf(text, sizeof(text), "Restart by %s, deployment "
		    "%" PRId64 ".", d->user_name, d->number);
	else
		snprintf(text, sizeof(text), "Deployment %" PRId64 " by %s: "
		    "image %.12s, %" PRId64 " MB.", d->number, d->user_name,
		    d->image[0] == '\0' ? "none" : d->image,
		    m->config.memory);
	hub_note(m->app->hub, d->instance, d->project, d->name,
	    LOG_DEPLOYMENT, text, d->number);
}

static void
note_end(const struct machine *m, enum deployment_state state)
{
	const struct deployment *d = m->d;
	char text[sizeof(m->why.detail) + 64];

	if (state == DEPLOYMENT_RUNNING)
		snprintf(text, sizeof(text), "Deployment %" PRId64 " runs.",
		    d->number);
	else
		snprintf(text, sizeof(text), "Deployment %" PRId64 " %s: %s",
		    d->number, state == DEPLOYMENT_ROLLED_BACK ?
		    "was rolled back" : "failed", m->why.detail);
	hub_note(m->app->hub, d->instance, d->project, d->name,
	    LOG_DEPLOYMENT, text, d->number);
}

/*
 * Nobody may be there to try again what begins by itself and brings back what
 * ran: a roll-back, and what was stopped for its volume.
 */
static bool
worth_again(const struct machine *m, int err)
{
	return upstream_passing(err) && (m->d->because != 0 ||
		m->d->source == DEPLOYED_VOLUME);
}

/* The command, sent anew while albatross may not have carried it out. */
static int
command_insist(struct machine *m)
{
	int64_t until = flight_now() + MACHINE_PATIENCE_MS;
	enum found found;
	int err;

	for (;;) {
		err = command_run(m);
		if (!worth_again(m, err) || flight_now() > until)
			return err;
		found = settle(m);
		if (m->app->stopping || (found != FOUND_NONE &&
		    found != FOUND_OLD))
			return err;
	}
}

static enum deployment_state
create(struct machine *m)
{
	enum found found = FOUND_OLD;
	struct fault f;
	int err;

	if (m->resumed) {
		found = settle(m);
		m->resumed = false;
	}
	if (found == FOUND_NEW)
		return DEPLOYMENT_WATCHING;
	if (found == FOUND_UNKNOWN && m->app->stopping)
		return DEPLOYMENT_CREATING;
	if (found == FOUND_OTHER || found == FOUND_UNKNOWN) {
		fault_set(&m->why, ERR_CONFLICT, "The deployment was "
		    "interrupted.");
		machine_tell(m, &m->why);
		return DEPLOYMENT_FAILED;
	}
	note_begin(m);
	err = command_insist(m);
	if (err == 0)
		return DEPLOYMENT_WATCHING;
	if (m->app->stopping && (err == ERR_BUSY || worth_again(m, err)))
		return DEPLOYMENT_CREATING;
	if (!nothing_done(err))
		return created_not(m);
	/* Interrupted halfway before, there may be nothing left untouched. */
	if (m->d->replaced && machine_look(m, 0, NULL, &f) == FOUND_NONE)
		return give_up(m);
	fault_add(&m->why, "%s", untouched(m));
	return DEPLOYMENT_FAILED;
}

/* ---- watching: a tender that was started says nothing ---- */

static enum deployment_state
exited(struct machine *m, const char *how)
{
	const char *last;

	unikernel_last_words(m->app->upstream, &m->ask, m->words,
	    sizeof(m->words));
	fault_set(&m->why, ERR_EXITED, "albatross started %s, and it %s.",
	    m->d->name, how);
	last = strrchr(m->words, '\n');
	last = last == NULL ? m->words : last + 1;
	if (*last == '\0')
		fault_add(&m->why, " It printed nothing.");
	else
		fault_add(&m->why, " Its last line: \"%s\".", last);
	return give_up(m);
}

/*
 * A unikernel that does not know --name ends at once with 64, and albatross
 * starts it once more without it (protocol section 4.1, add_name).
 */
static bool
without_name(struct machine *m, int64_t after_ms)
{
	bool first = m->config.add_name && !m->renamed &&
		after_ms < WITHOUT_NAME_MS;

	m->renamed = true;
	return first;
}

/* One look: watching goes on, or where to go. */
static enum deployment_state
watch_once(struct machine *m, int64_t *started)
{
	int64_t now;
	struct fault f;

	switch (machine_look(m, MACHINE_PATIENCE_MS, &now, &f)) {
	case FOUND_NONE:
		/* It may be between an exit and albatross' restart of it. */
		return m->gone++ == 0 ? DEPLOYMENT_WATCHING :
			exited(m, "ended at once");
	case FOUND_UNKNOWN:
		if (m->app->stopping)
			return DEPLOYMENT_WATCHING;
		m->why = f;
		fault_add(&m->why, " albatross started %s; whether it lives "
		    "is not known.", m->d->name);
		return DEPLOYMENT_FAILED;
	case FOUND_OLD:
	case FOUND_OTHER:
		fault_set(&m->why, ERR_CONFLICT, "Something else took the "
		    "place of %s.", m->d->name);
		machine_tell(m, &m->why);
		return DEPLOYMENT_FAILED;
	case FOUND_NEW:
		break;
	}
	/* albatross itself may have been started anew, and all it runs. */
	if (*started != 0 && now != *started && !m->waited &&
	    !without_name(m, now - *started))
		return exited(m, "ended and was started again by albatross");
	*started = now;
	m->waited = false;
	m->gone = 0;
	return DEPLOYMENT_WATCHING;
}

/* The check, asked until it passes or has failed often enough. */
static enum deployment_state
watch_health(struct machine *m, const struct health_check *check,
	int64_t started)
{
	enum deployment_state next = DEPLOYMENT_WATCHING;
	struct fault f;
	int ms;

	for (int i = 0; i <= check->retries; i++) {
		if (i > 0 && !thread_nap(&m->app->stopping, HEALTH_MS))
			return DEPLOYMENT_WATCHING;
		f = (struct fault){ 0 };
		if (health_check_run(m->app, check, &m->config, &ms,
		    &f) == 0)
			return DEPLOYMENT_RUNNING;
		if (m->app->stopping)
			return DEPLOYMENT_WATCHING;
		next = watch_once(m, &started);
		if (next != DEPLOYMENT_WATCHING)
			return next;
	}
	unikernel_last_words(m->app->upstream, &m->ask, m->words,
	    sizeof(m->words));
	m->why = f;
	fault_set(&m->why, ERR_HEALTH, "%s runs, but its health check failed "
	    "%d time%s: %s", m->d->name, (int)check->retries + 1,
	    check->retries == 0 ? "" : "s", f.detail);
	return give_up(m);
}

static enum deployment_state
health(struct machine *m, int64_t started)
{
	AUTO_JSON struct json_object *o = m->d->check == NULL ? NULL :
		json_tokener_parse(m->d->check);
	struct health_check check;

	if (m->d->check == NULL)
		return DEPLOYMENT_RUNNING;
	if (o == NULL || health_check_from_json(o, "", &check, &m->why) != 0) {
		fault_set(&m->why, ERR_INTERNAL,
		    "The health check can not be read.");
		return give_up(m);
	}
	return watch_health(m, &check, started);
}

static enum deployment_state
watch(struct machine *m)
{
	int64_t until = flight_now() + m->d->grace * 1000;
	enum deployment_state next;
	int64_t started = 0;

	for (;;) {
		next = watch_once(m, &started);
		if (next != DEPLOYMENT_WATCHING || m->app->stopping)
			return next;
		if (flight_now() >= until && m->gone == 0)
			return health(m, started);
		thread_nap(&m->app->stopping, WATCH_MS);
	}
}

/* ---- rolling back ---- */

static int
destroy(struct machine *m, struct fault *f)
{
	struct alb_command c;
	struct alb_wire w;
	int err;

	*f = (struct fault){ 0 };
	alb_command_init(&c, ALB_UNIKERNEL_DESTROY);
	err = upstream_call(m->app->upstream, &m->ask, &c, &w, f);
	if (err == 0)
		alb_wire_free(&w);
	alb_command_free(&c);
	unikernel_changed(m->app, &m->ask);
	return err;
}

/* Nothing ran before: nothing is to run now. */
static enum deployment_state
take_away(struct machine *m)
{
	int64_t until = flight_now() + MACHINE_PATIENCE_MS;
	enum found found;
	struct fault f;
	int err;

	do {
		found = machine_look(m, MACHINE_PATIENCE_MS, NULL, &f);
		if (found == FOUND_UNKNOWN && m->app->stopping)
			return DEPLOYMENT_ROLLING_BACK;
		if (found != FOUND_NEW && found != FOUND_NONE) {
			machine_tell(m, &m->why);
			return DEPLOYMENT_FAILED;
		}
		/* With none there may be one that is about to be restarted. */
		err = destroy(m, &f);
	} while (upstream_passing(err) && flight_now() < until &&
	    thread_nap(&m->app->stopping, SETTLE_MS));
	if (upstream_passing(err) && m->app->stopping)
		return DEPLOYMENT_ROLLING_BACK;
	if (err == 0) {
		fault_add(&m->why, " It was taken away again: nothing ran "
		    "under this name before.");
	} else if (found == FOUND_NONE && err == ERR_ALB_FAILURE) {
		fault_add(&m->why, " As before, nothing runs under this name.");
	} else {
		fault_add(&m->why, " Taking it away again failed: %s",
		    f.detail);
		machine_tell(m, &m->why);
	}
	return DEPLOYMENT_FAILED;
}

static char *
copy(const char *s)
{
	return s == NULL ? NULL : strdup(s);
}

/* The roll-back is a deployment of its own. */
static int
child_make(struct machine *m, struct deployment *child, struct fault *f)
{
	const struct deployment *d = m->d;

	deployment_init(child);
	memcpy(child->instance, d->instance, sizeof(child->instance));
	memcpy(child->project, d->project, sizeof(child->project));
	memcpy(child->name, d->name, sizeof(child->name));
	memcpy(child->user, d->user, sizeof(child->user));
	memcpy(child->user_name, d->user_name, sizeof(child->user_name));
	memcpy(child->token, d->token, sizeof(child->token));
	memcpy(child->grant, d->grant, sizeof(child->grant));
	memcpy(child->image, d->previous_image, sizeof(child->image));
	child->source = DEPLOYED_ROLLBACK;
	child->state = DEPLOYMENT_VALIDATED;
	child->of = d->previous;
	child->because = d->number;
	child->auto_rollback = false;
	child->config = copy(d->previous_config);
	if (child->config == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (health_check_text(m->app->ledger, d->instance, d->project, d->name,
	    &child->check, f) != 0)
		return f->err;
	return deployment_add(m->app->ledger, child, f);
}

static enum deployment_state
child_ended(struct machine *m, const struct deployment *child)
{
	struct fault f;

	m->d->rolled_back_by = child->number;
	if (child->state == DEPLOYMENT_RUNNING) {
		if (child->of != 0)
			fault_add(&m->why, " What ran before (deployment "
			    "%" PRId64 ") runs again.", child->of);
		else
			fault_add(&m->why, " What ran before runs again.");
		return DEPLOYMENT_ROLLED_BACK;
	}
	deployment_fault(child, &f);
	fault_add(&m->why, " GOING BACK FAILED TOO: %s", f.detail);
	machine_tell(m, &m->why);
	return DEPLOYMENT_FAILED;
}

static enum deployment_state
roll_back(struct machine *m)
{
	enum deployment_state next = DEPLOYMENT_ROLLING_BACK;
	struct deployment child;
	struct fault f = { 0 };
	int err;

	if (m->d->previous_config == NULL)
		return take_away(m);
	err = deployment_because(m->app->ledger, m->d, &child);
	if (err == ERR_NOT_FOUND)
		err = child_make(m, &child, &f);
	if (err != 0) {
		fault_add(&m->why, " GOING BACK FAILED TOO: %s", f.detail);
		machine_tell(m, &m->why);
		deployment_free(&child);
		return DEPLOYMENT_FAILED;
	}
	if (child.ended == 0)
		machine_run(m->app, m->auth, &child);
	if (child.ended != 0)
		next = child_ended(m, &child);
	deployment_free(&child);
	return next;
}

/* ---- all of it ---- */

/* It was being validated when the daemon ended: nothing was touched. */
static enum deployment_state
interrupted(struct machine *m)
{
	fault_set(&m->why, ERR_CONFLICT, "mollymawk was restarted before "
	    "anything was touched; try again.");
	return DEPLOYMENT_REFUSED;
}

static enum deployment_state
begin(struct machine *m)
{
	return DEPLOYMENT_SAVING;
}

static enum deployment_state (*const states[DEPLOYMENT_RUNNING])(
	struct machine *m) = {
	[DEPLOYMENT_RECEIVED] = interrupted,
	[DEPLOYMENT_VALIDATED] = begin,
	[DEPLOYMENT_SAVING] = save,
	[DEPLOYMENT_CREATING] = create,
	[DEPLOYMENT_WATCHING] = watch,
	[DEPLOYMENT_ROLLING_BACK] = roll_back,
};

/*
 * The row, before the state is acted upon. Without it nothing is begun; what
 * was begun is brought to an end all the same.
 */
static enum deployment_state
enter(struct machine *m, enum deployment_state state)
{
	struct fault f;
	int err = ERR_INTERNAL;

	for (int i = 0; i < WRITE_ATTEMPTS && err != 0; i++) {
		if (i > 0)
			thread_nap(&m->app->stopping, WRITE_RETRY_MS);
		f = (struct fault){ 0 };
		err = deployment_step(m->app->ledger, m->d, state, &m->why,
		    m->words, &f);
	}
	if (err == 0 || state > DEPLOYMENT_CREATING)
		return state;
	m->why = f;
	fault_add(&m->why, "%s", untouched(m));
	return DEPLOYMENT_FAILED;
}

static void
check_keep(struct machine *m)
{
	struct deployment *d = m->d;
	struct fault f = { 0 };

	if (d->check_given && health_check_keep(m->app->ledger, d->instance,
	    d->project, d->name, d->check, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "check-not-kept", "why", f.detail,
		    NULL);
}

static void
finish(struct machine *m, enum deployment_state state)
{
	struct deployment *d = m->d;
	char grant[AUTH_GRANT_SIZE];
	struct fault f = { 0 };
	int err = ERR_INTERNAL;

	memcpy(grant, d->grant, sizeof(grant));
	if (state == DEPLOYMENT_RUNNING) {
		check_keep(m);
		states_deployed(m->app->states, d->instance, d->project,
		    d->name);
	}
	for (int i = 0; i < WRITE_ATTEMPTS && err != 0; i++) {
		if (i > 0)
			thread_nap(&m->app->stopping, WRITE_RETRY_MS);
		f = (struct fault){ 0 };
		err = deployment_end(m->app->ledger, d, state, &m->why,
		    m->words, &f);
	}
	log_event(err != 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "deployment",
	    "instance", d->instance, "project", d->project, "name", d->name,
	    "state", deployment_state_text(state), "code", m->why.err == 0 ?
	    NULL : err_code(m->why.err), "id", m->request_id, NULL);
	/* The one that failed gives it back after its roll-back. */
	if (d->because == 0)
		(void)auth_grant_end(m->auth, grant, &f);
	explicit_bzero(grant, sizeof(grant));
	if (state != DEPLOYMENT_REFUSED)
		note_end(m, state);
	unikernel_changed(m->app, &m->ask);
}

static void
machine_init(struct machine *m, struct app *app, struct auth_client *auth,
	struct deployment *d)
{
	*m = (struct machine){ .app = app, .auth = auth, .d = d,
		.resumed = d->state != DEPLOYMENT_VALIDATED };
	snprintf(m->request_id, sizeof(m->request_id), "deployment-%" PRId64,
	    d->id);
	m->who = (struct auth_who){ .bearer = d->grant,
		.request_id = m->request_id };
	snprintf(m->words, sizeof(m->words), "%s", d->log == NULL ? "" :
	    d->log);
	m->ask = (struct ask){ .auth = auth, .who = &m->who,
		.instance = d->instance, .project = d->project,
		.label = d->name };
}

void
machine_run(struct app *app, struct auth_client *auth, struct deployment *d)
{
	enum deployment_state state = d->state, next;
	struct machine m;

	machine_init(&m, app, auth, d);
	deployment_fault(d, &m.why);
	if (deployment_config(d->config, &m.config) != 0) {
		fault_set(&m.why, ERR_INTERNAL,
		    "The configuration can not be read.");
		state = DEPLOYMENT_FAILED;
	}
	while (!deployment_is_final(state)) {
		next = states[state](&m);
		/* Only a stop leaves a state as it is. */
		if (next == state)
			break;
		m.resumed = false;
		state = deployment_is_final(next) ? next : enter(&m, next);
	}
	if (deployment_is_final(state))
		finish(&m, state);
	alb_config_free(&m.config);
}
