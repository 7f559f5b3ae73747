/* SPDX-License-Identifier: ISC */
/*
 * keep DIR SECONDS: what keeping logs costs: ten unikernels that say 1,000
 * lines a second each, then as many lines as can be had, then a search that
 * finds nothing and a look at the end of one of them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/log_store.h"
#include "fcgi/ring.h"
#include "tests/bench/figures.h"

#define PLACES 10
#define RATE 1000		/* lines a second of each */
#define TICK_MS 10
#define BURST 3000000		/* lines in all */

static struct app_config config;
static struct app app = { .config = &config };
static struct log_store *store;
static int64_t seqs[PLACES];

static bool
say(int place)
{
	struct log_place where = { "bench", "project", NULL };
	char name[16], text[128];
	struct log_entry e = { .seq = ++seqs[place], .ms = wall_ms(),
		.text = text };

	snprintf(name, sizeof(name), "u%d", place);
	where.name = name;
	e.len = (size_t)snprintf(text, sizeof(text), "2026-07-14T09:08:07Z: "
	    "INFO [application] request %llu from 10.0.%u.%u took %u us",
	    (unsigned long long)e.seq, (unsigned)rand() % 256,
	    (unsigned)rand() % 256, (unsigned)rand() % 100000);
	if (log_append(store, &where, 1, &e))
		return true;
	seqs[place]--;
	return false;
}

static double
cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* CPU of one core, in per cent. */
static double
paced(int seconds)
{
	double begin = now_ms(), cpu = cpu_ms(), due = begin;

	while (now_ms() - begin < seconds * 1e3) {
		const struct timespec nap = { .tv_nsec = 1000000 };

		if (now_ms() < due) {
			nanosleep(&nap, NULL);
			continue;
		}
		due += TICK_MS;
		for (int i = 0; i < PLACES * RATE * TICK_MS / 1000; i++)
			(void)say(i % PLACES);
	}
	return (cpu_ms() - cpu) / (now_ms() - begin) * 100;
}

/* Nothing that is said is lost by this: it waits for room. */
static double
burst(void)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	double begin = now_ms();

	for (int i = 0; i < BURST; i++)
		while (!say(i % PLACES))
			nanosleep(&nap, NULL);
	return BURST / (now_ms() - begin) * 1e3;
}

static bool
take(void *arg, const struct log_entry *e)
{
	(void)arg;
	(void)e;
	return true;
}

static void
tail_take(void *arg, const struct log_entry *e)
{
	*(int *)arg += e->len > 0;
}

/* All of a log, however many calls that takes; *slow of the slowest. */
static double
search(struct log_kept *kept, double *slow)
{
	const struct log_place place = { "bench", "project", "u0" };
	struct log_query q = { .words = "nowhere" };
	double begin = now_ms();
	struct fault f = { 0 };

	*slow = 0;
	do {
		double one = now_ms();

		if (log_scan(store, &place, &q, take, NULL, kept, &f) != 0)
			die("%s", f.detail);
		q.before = kept->rest;
		one = now_ms() - one;
		*slow = one > *slow ? one : *slow;
	} while (kept->rest != 0);
	return now_ms() - begin;
}

static double
tail(void)
{
	const struct log_place place = { "bench", "project", "u0" };
	double begin = now_ms();
	struct fault f = { 0 };
	uint32_t epoch;
	int64_t next;
	int n = 0;

	if (log_tail(store, &place, RING_LINES, RING_BYTES, &epoch, &next,
	    tail_take, &n, &f) != 0)
		die("%s", f.detail);
	return now_ms() - begin;
}

int
main(int argc, char **argv)
{
	struct fault f = { 0 };
	struct log_stats stats;
	struct log_kept kept;
	double cpu, rate, found, slow;
	int64_t seconds;

	log_init("keep", LOG_LEVEL_ERROR);
	if (argc != 3 || int_parse(argv[2], 1, 3600, &seconds) < 0)
		die("keep DIR SECONDS");
	config.state_dir = argv[1];
	if (ledger_open(argv[1], &app.ledger, &f) != 0 ||
	    (store = log_store_new(&app, &f)) == NULL)
		die("%s", f.detail);
	cpu = paced((int)seconds);
	log_store_stats(store, &stats);
	rate = burst();
	(void)search(&kept, &slow);
	found = search(&kept, &slow);
	printf("cpu=%.1f lost=%lld rate=%.0f search=%.1f slow=%.1f tail=%.1f "
	    "entries=%lld bytes=%lld\n", cpu, (long long)stats.lost, rate,
	    found, slow, tail(), (long long)kept.entries,
	    (long long)kept.bytes);
	log_store_free(store);
	ledger_close(app.ledger);
	return 0;
}
