/* SPDX-License-Identifier: ISC */
/*
 * upstream_volume: the content of a volume, in and out; protocol sections 3.3,
 * 3.4, 4.3. See upstream.h.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/flight.h"
#include "fcgi/upstream_talk.h"

#define IDLE_MS (30 * 1000)	/* of a dump; a stalled one has no other end */
#define LOOK_MS 500		/* between looks whether it is wanted */
#define FRAME_MAX (128 * 1024)	/* albatross sends pieces of 64 KiB at most */

static int
level_check(struct upstream *u, const struct ask *a, struct fault *f)
{
	if (upstream_level(u, a->instance) >= ALB_LEVEL_2_5)
		return 0;
	return fault_set(f, ERR_ALB_UNSUPPORTED, "The albatross of %s is "
	    "older than 2.5: the content of volumes can not be moved.",
	    a->instance);
}

/* The endpoint's own words: what the daemon made of it is not known. */
static bool
endpoint_said(const char *words)
{
	return text_begins(words, "writing block data") ||
		text_begins(words, "reading tls chunk");
}

/* What albatross' words, or their absence, say of what was done. */
static enum set_effect
effect_of(int err, const char *words)
{
	static const char *const before[] = { "set block:",
		"expected success when adding policy",
		"failed to write policy", "read error after writing policy",
		"couldn't write unikernel" };

	switch (err) {
	case ERR_ALB_UNSUPPORTED:
	case ERR_ALB_CREDENTIALS:
	case ERR_ALB_CLOCK:
	case ERR_ALB_DAEMON:
		return SET_NONE;
	case ERR_ALB_FAILURE:
		break;
	default:
		return SET_LOST;
	}
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (text_begins(words, before[i]))
			return SET_NONE;
	return endpoint_said(words) ? SET_LOST : SET_FAILED;
}

/* What albatross' words mean, where that can be said. */
static int
set_explain(const struct ask *a, int err, struct fault *f)
{
	if (err != ERR_ALB_FAILURE)
		return err;
	if (text_begins(f->albatross, "error writing to file descriptor"))
		fault_set(f, err, "albatross on %s could not write the "
		    "volume: its disk may be full.", a->instance);
	else if (endpoint_said(f->albatross))
		fault_set(f, ERR_ALB_UNKNOWN, "albatross on %s took no more "
		    "of the content; what became of it is not known.",
		    a->instance);
	return f->err;
}

static bool
all_zero(const uint8_t *data, size_t len)
{
	return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/* The zeroes that were held back, as something follows them. */
static bool
zeroes_send(const struct talk *t, uint64_t *zeroes)
{
	static const uint8_t nothing[UPSTREAM_STEP];
	size_t len;

	for (; *zeroes > 0; *zeroes -= len) {
		len = *zeroes < UPSTREAM_STEP ? *zeroes : UPSTREAM_STEP;
		if (alb_session_send(t->session, nothing, len) != ALB_OK)
			return false;
	}
	return true;
}

/*
 * Sends the len bytes in data and what next has more; that the server is gone
 * shows at the reply. The zeroes at the end stay here: albatross makes them
 * itself, and then they need no room on its disk, so that what lay there
 * sparsely fits again.
 */
static void
set_send(const struct talk *t, uint8_t *data, size_t len,
	int (*next)(void *arg, uint8_t *data, size_t *len), void *arg,
	uint64_t *sent)
{
	uint64_t zeroes = 0;

	while (len > 0) {
		*sent += len;
		if (all_zero(data, len))
			zeroes += len;
		else if (!zeroes_send(t, &zeroes) ||
		    alb_session_send(t->session, data, len) != ALB_OK)
			return;
		len = UPSTREAM_STEP;
		if (next(arg, data, &len) != 0)
			break;
	}
	alb_session_finish(t->session);
}

static int
set_run(struct talk *t, const struct ask *a,
	int (*next)(void *arg, uint8_t *data, size_t *len), void *arg,
	uint64_t *sent, enum set_effect *effect, struct fault *f)
{
	struct alb_timeouts timeouts = {
		.reply = alb_reply_timeout(ALB_BLOCK_SET),
	};
	AUTO_FREE uint8_t *data = malloc(UPSTREAM_STEP);
	size_t len = UPSTREAM_STEP;
	struct alb_wire w;
	int err;

	if (data == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	/* It would erase the volume, for nothing. */
	if (next(arg, data, &len) != 0)
		return fault_set(f, ERR_INTERNAL, "There was nothing to "
		    "send.");
	err = talk_open(t, a, &timeouts, NULL, f);
	if (err != 0)
		return err;
	set_send(t, data, len, next, arg, sent);
	err = talk_answer(t, &w, f);
	if (err == 0)
		alb_wire_free(&w);
	else
		*effect = effect_of(err, f->albatross);
	return set_explain(a, err, f);
}

int
upstream_set(struct upstream *u, const struct ask *a,
	int (*next)(void *arg, uint8_t *data, size_t *len), void *arg,
	uint64_t *sent, enum set_effect *effect, struct fault *f)
{
	struct alb_command c;
	struct talk t;
	int err;

	*sent = 0;
	*effect = SET_NONE;
	alb_command_init(&c, ALB_BLOCK_SET);
	err = level_check(u, a, f);
	if (err == 0)
		err = talk_take(&t, u, a, &c, SLOT_VOLUME, f);
	if (err != 0)
		return err;
	err = set_run(&t, a, next, arg, sent, effect, f);
	alb_session_close(t.session);
	instance_give(t.instance, SLOT_VOLUME);
	return err;
}

/* ---- out ---- */

struct dump {
	struct talk *talk;
	const struct dump_taker *taker;
	int64_t end;		/* flight_now by when the next is there */
	bool unwanted;
};

/* Until there is something to read: ALB_OK, ALB_TIMEOUT, ALB_BROKEN. */
static int
dump_wait(struct dump *d)
{
	struct pollfd p = { .fd = alb_session_fd(d->talk->session),
		.events = POLLIN };

	/* Also while it comes drop by drop. */
	do {
		d->unwanted = d->taker->stopped(d->taker->arg);
		if (d->unwanted)
			return ALB_BROKEN;
		if (flight_now() >= d->end)
			return ALB_TIMEOUT;
	} while (poll(&p, 1, LOOK_MS) <= 0);
	return ALB_OK;
}

/* The next message that is no failure. */
static int
dump_read(struct dump *d, struct alb_wire *w, struct fault *f)
{
	int rc, err;

	d->end = flight_now() + IDLE_MS;
	while ((rc = alb_session_read(d->talk->session, w)) == ALB_AGAIN) {
		rc = dump_wait(d);
		if (rc != ALB_OK)
			break;
	}
	if (d->unwanted)
		return fault_set(f, ERR_INTERNAL, "It is not wanted any "
		    "more.");
	err = talk_judge(d->talk, w, &rc, f);
	talk_note(d->talk, rc, f);
	return err;
}

static int
other_answer(const struct dump *d, struct fault *f)
{
	return fault_set(f, ERR_ALB_INCOMPATIBLE, "The instance %s sent "
	    "something else than a volume.", d->talk->name);
}

/* One message behind the first; *over at the end of all. */
static int
dump_piece(struct dump *d, bool *over, struct fault *f)
{
	struct alb_wire w;
	int err = dump_read(d, &w, f);

	if (err != 0)
		return err;
	*over = w.payload == ALB_PAYLOAD_BLOCK_EOF;
	if (*over)
		err = 0;
	else if (w.payload != ALB_PAYLOAD_BLOCK_DATA)
		err = other_answer(d, f);
	else if (w.bytes_len == 0)
		/* There would be no end of them. */
		err = fault_set(f, ERR_ALB_INCOMPATIBLE, "%s has nothing more "
		    "to send and does not end: the volume's file is shorter "
		    "than the volume.", d->talk->name);
	else if (d->taker->take(d->taker->arg, w.bytes, w.bytes_len) != 0)
		err = fault_set(f, ERR_INTERNAL, "It was not taken to its "
		    "end.");
	alb_wire_free(&w);
	return err;
}

static int
dump_run(struct talk *t, const struct ask *a, int level,
	const struct dump_taker *taker, struct fault *f)
{
	struct dump d = { .talk = t, .taker = taker };
	struct alb_wire w;
	bool over = false;
	int err = talk_open(t, a, NULL, NULL, f);

	if (err != 0)
		return err;
	alb_session_unblock(t->session);
	alb_session_limit(t->session, FRAME_MAX);
	err = dump_read(&d, &w, f);
	if (err != 0)
		return err;
	if (w.payload != ALB_PAYLOAD_BLOCK_IMAGE || w.flag != (level != 0))
		err = other_answer(&d, f);
	alb_wire_free(&w);
	if (err == 0 && taker->begin(taker->arg) != 0)
		err = fault_set(f, ERR_INTERNAL, "It was not begun.");
	while (err == 0 && !over)
		err = dump_piece(&d, &over, f);
	return err;
}

int
upstream_dump(struct upstream *u, const struct ask *a, int level,
	const struct dump_taker *taker, struct fault *f)
{
	struct alb_command c;
	struct talk t;
	int err;

	alb_command_init(&c, ALB_BLOCK_DUMP);
	c.compression = level;
	err = level_check(u, a, f);
	if (err == 0)
		err = talk_take(&t, u, a, &c, SLOT_VOLUME, f);
	if (err != 0)
		return err;
	err = dump_run(&t, a, level, taker, f);
	alb_session_close(t.session);
	instance_give(t.instance, SLOT_VOLUME);
	return err;
}
