/* SPDX-License-Identifier: ISC */
/*
 * stats: the statistics daemon. One subscriber per name: the next throws out
 * the one before. The numbers are made up, but grow as those of a unikernel
 * with the given CPU share and some traffic would.
 */
#include "tests/sandbox/stats.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/deadline.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/unikernels.h"

#define PAGES_PER_MB 256
#define IF_FLAGS 69699		/* UP BROADCAST RUNNING MULTICAST */
#define IF_MTU 1500
#define IF_BYTES 120		/* per packet */
#define TX_QUEUE 1000

struct stats_subscriber {
	struct stats_subscriber *next;
	char key[KEY_SIZE];
	pthread_cond_t news;
	bool due, gone;
};

void
stats_tick(struct sandbox *s)
{
	struct stats_subscriber *x;

	for (x = s->watchers; x != NULL; x = x->next) {
		x->due = true;
		pthread_cond_signal(&x->news);
	}
}

void
stats_displace(struct sandbox *s)
{
	struct stats_subscriber *x;

	for (x = s->watchers; x != NULL; x = x->next) {
		x->gone = true;
		pthread_cond_signal(&x->news);
	}
}

static void
rusage_fill(const struct unikernel *u, int64_t ms, struct alb_stats *out)
{
	struct alb_rusage *r = &out->rusage;
	int64_t usec = ms * 10 * u->machine.cpu, user = usec * 3 / 4;
	int64_t system = usec - user;

	r->utime_sec = user / 1000000;
	r->utime_usec = user % 1000000;
	r->stime_sec = system / 1000000;
	r->stime_usec = system % 1000000;
	r->counters[0] = (uint64_t)u->config.memory * PAGES_PER_MB / 2;
	r->counters[4] = 200 + ms / 1000;
	r->counters[12] = ms / 10;
	r->counters[13] = ms / 100;
	out->has_kinfo = true;
	out->kinfo.counters[0] = (uint64_t)u->config.memory << 20;
	out->kinfo.counters[1] = r->counters[0];
	out->kinfo.counters[2] = 40;
	out->kinfo.counters[3] = r->counters[0];
	out->kinfo.counters[4] = r->counters[0];
	out->kinfo.counters[5] = usec;
	out->kinfo.start_sec = u->started / 1000;
	out->kinfo.start_usec = u->started % 1000 * 1000;
}

static void
ifdata_fill(const struct alb_net *n, int64_t ms, int64_t cpu,
	struct alb_ifdata *out)
{
	uint64_t packets = ms * cpu / 1000;

	out->bridge = xstrdup(n->name);
	out->ints[0] = IF_FLAGS;
	out->ints[2] = TX_QUEUE;
	out->ints[4] = IF_MTU;
	out->counters[1] = packets;
	out->counters[3] = 2 * packets;
	out->counters[6] = packets * IF_BYTES;
	out->counters[7] = 2 * packets * IF_BYTES;
}

static void
frame_of(const struct unikernel *u, const struct request *r, int64_t now,
	struct buf *out)
{
	int64_t ms = now - u->machine.started;
	struct alb_wire w;
	size_t i;

	alb_wire_init(&w, ALB_PAYLOAD_STATS);
	name_relative(&u->name, r->name.path, &w.name);
	rusage_fill(u, ms, &w.stats);
	w.stats.ifs = xcalloc(u->config.nnets, sizeof(*w.stats.ifs));
	for (i = 0; i < u->config.nnets; i++)
		ifdata_fill(&u->config.nets[i], ms, u->machine.cpu,
			&w.stats.ifs[i]);
	w.stats.nifs = u->config.nnets;
	frame_put(out, &w);
	alb_wire_free(&w);
}

static void
subscriber_add(struct sandbox *s, struct stats_subscriber *x)
{
	struct stats_subscriber *other;

	for (other = s->watchers; other != NULL; other = other->next)
		if (!other->gone && strcmp(other->key, x->key) == 0) {
			other->gone = true;
			pthread_cond_signal(&other->news);
		}
	x->next = s->watchers;
	s->watchers = x;
}

static void
subscriber_remove(struct sandbox *s, struct stats_subscriber *x)
{
	struct stats_subscriber **at = &s->watchers;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
}

/* Waits for the next interval and puts its frames into out. */
static bool
subscriber_wait(struct sandbox *s, struct stats_subscriber *x,
	const struct request *r, struct buf *out)
{
	char key[KEY_SIZE];
	struct unikernel *u;
	int64_t now;

	while (!x->due && !x->gone && !s->stopping)
		pthread_cond_wait(&x->news, &s->lock);
	x->due = false;
	now = alb_now();
	if (s->stats_noise)
		buf_put(out, "\0\0\0\5noise", 9);
	for (u = s->unikernels; u != NULL; u = u->next) {
		key_make(&u->name, key);
		if (key_below(key, x->key))
			frame_of(u, r, now, out);
	}
	return !x->gone && !s->stopping && buf_ok(out);
}

static int
greet(struct conn *c, const struct request *r, uint64_t sequence)
{
	struct alb_wire w;
	int rc;

	alb_wire_init(&w, ALB_PAYLOAD_EMPTY);
	reply_string(&w, "subscribed");
	w.name = r->name;
	w.sequence = sequence;
	rc = conn_send(c, &w);
	alb_wire_free(&w);
	return rc;
}

const char *
stats_subscribe(struct sandbox *s, struct conn *c, struct request *r)
{
	struct stats_subscriber x = { 0 };
	uint64_t sequence;
	struct buf out;
	bool more;

	key_make(&r->name, x.key);
	cond_init(&x.news);
	buf_init(&out, SIZE_MAX / 2);
	pthread_mutex_lock(&s->lock);
	sequence = s->sequence++;
	subscriber_add(s, &x);
	pthread_mutex_unlock(&s->lock);
	more = greet(c, r, sequence) == 0;
	pthread_mutex_lock(&s->lock);
	while (more && subscriber_wait(s, &x, r, &out)) {
		pthread_mutex_unlock(&s->lock);
		more = conn_send_raw(c, out.data, out.len) == 0;
		buf_reset(&out);
		pthread_mutex_lock(&s->lock);
	}
	subscriber_remove(s, &x);
	pthread_mutex_unlock(&s->lock);
	buf_free(&out);
	pthread_cond_destroy(&x.news);
	return more ? "exception while reading from fd" : NULL;
}
