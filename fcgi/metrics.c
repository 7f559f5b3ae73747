/* SPDX-License-Identifier: ISC */
/* metrics: see metrics.h; the families of this service itself. */
#include "config.h"

#include "fcgi/metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/deployment.h"
#include "fcgi/keeper.h"
#include "fcgi/log_store.h"
#include "fcgi/metrics_watch.h"
#include "fcgi/outbox.h"
#include "fcgi/router.h"
#include "fcgi/runner.h"
#include "fcgi/settings.h"

bool
metrics_address_allowed(const struct request *r)
{
	struct address_ranges ranges;
	struct fault f = { 0 };
	struct address a;
	bool allowed = false;

	if (address_parse(r->address, &a) < 0 || settings_ranges(
	    r->app->ledger, SETTING_METRICS, &ranges, &f) != 0)
		return false;
	for (size_t i = 0; i < ranges.len; i++)
		allowed = allowed || range_holds(&ranges.items[i], &a);
	return allowed;
}

/* ---- one sample ---- */

static void
put_counter(struct exposition *e, const char *name, const char *help,
	uint64_t value)
{
	const struct family f = { name, FAMILY_COUNTER, help };

	exposition_begin(e, &f);
	exposition_count(e, value, NULL);
}

static void
put_gauge(struct exposition *e, const char *name, const char *help,
	double value)
{
	const struct family f = { name, FAMILY_GAUGE, help };

	exposition_begin(e, &f);
	exposition_put(e, value, NULL);
}

/* ---- this process; named as Prometheus' own libraries do ---- */

static double
cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long long size, pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%llu %llu", &size, &pages) != 2)
		pages = 0;
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double
open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	double n = -3;	/* itself, "." and ".." */

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n < 0 ? 0 : n;
}

static double
most_files(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ?
		(double)limit.rlim_cur : 0;
}

static void
put_process(const struct app *app, struct exposition *e)
{
	static const struct family build = { "mollymawk_build_info",
		FAMILY_GAUGE, "1, and which version runs." };
	static const struct family cpu = { "process_cpu_seconds",
		FAMILY_COUNTER, "CPU time this program took." };

	exposition_begin(e, &build);
	exposition_put(e, 1, "version", PACKAGE_VERSION, NULL);
	exposition_begin(e, &cpu);
	exposition_put(e, cpu_seconds(), NULL);
	put_gauge(e, "process_resident_memory_bytes",
	    "Resident memory of this program.", resident_bytes());
	put_gauge(e, "process_open_fds", "Open descriptors.", open_files());
	put_gauge(e, "process_max_fds", "How many may be open.",
	    most_files());
	put_gauge(e, "process_start_time_seconds",
	    "When this program was started, since 1970.",
	    (double)app->started_ms / 1e3);
}

/* ---- requests ---- */

static bool
was_asked(const struct request_counts *c)
{
	for (size_t i = 0; i < COUNT_CLASSES; i++)
		if (c->statuses[i] > 0)
			return true;
	return false;
}

static const char *
method_text(enum method method)
{
	static const char *const words[] = { [METHOD_GET] = "GET",
		[METHOD_POST] = "POST", [METHOD_PUT] = "PUT",
		[METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE" };

	return words[method];
}

/* What of a row was counted; the last one is for what has no route. */
static void
put_route(struct exposition *e, size_t at, const char *method,
	const char *pattern)
{
	static const char *const classes[COUNT_CLASSES] = { "none", "1xx",
		"2xx", "3xx", "4xx", "5xx" };
	const struct request_counts *c = count_requests(at);

	if (!was_asked(c))
		return;
	if (e->family->kind == FAMILY_HISTOGRAM) {
		exposition_histogram(e, &c->time, "method", method, "route",
		    pattern, NULL);
		return;
	}
	for (size_t i = 0; i < COUNT_CLASSES; i++)
		if (c->statuses[i] > 0)
			exposition_count(e, c->statuses[i], "method", method,
			    "route", pattern, "status", classes[i], NULL);
}

static void
put_requests(struct exposition *e)
{
	static const struct family families[] = {
		{ "mollymawk_http_requests", FAMILY_COUNTER,
		  "Requests that were answered." },
		{ "mollymawk_http_request_duration_seconds", FAMILY_HISTOGRAM,
		  "From a request to its answer; of a stream, to its "
		  "begin." },
	};

	for (size_t n = 0; n < 2; n++) {
		exposition_begin(e, &families[n]);
		for (size_t i = 0; routes[i].handler != NULL; i++)
			put_route(e, i, method_text(routes[i].method),
			    routes[i].pattern);
		put_route(e, COUNT_ROUTES - 1, "any", "none");
	}
}

/* ---- the authority, albatross ---- */

static void
put_mints(struct exposition *e)
{
	static const struct family time = {
		"mollymawk_mint_duration_seconds", FAMILY_HISTOGRAM,
		"What the authority takes to mint a command." };
	static const struct family errors = { "mollymawk_mint_errors",
		FAMILY_COUNTER, "Commands it did not mint, and why." };
	const struct mint_counts *c = count_mints();

	exposition_begin(e, &time);
	exposition_histogram(e, &c->time, NULL);
	exposition_begin(e, &errors);
	for (int i = 1; i < ERR_COUNT; i++)
		if (c->errors[i] > 0)
			exposition_count(e, c->errors[i], "code", err_code(i),
			    NULL);
}

static bool
was_used(const struct instance_counts *c)
{
	for (size_t i = 0; i < ALB_COMMAND_KINDS; i++)
		if (c->commands[i] > 0)
			return true;
	return false;
}

static void
put_commands(struct exposition *e, const struct instance_counts *c)
{
	for (int i = 0; i < ALB_COMMAND_KINDS; i++)
		if (c->commands[i] > 0)
			exposition_count(e, c->commands[i], "instance",
			    c->name, "kind", alb_command_name(
			    (enum alb_command_kind)i), NULL);
}

static void
put_errors(struct exposition *e, const struct instance_counts *c)
{
	for (int i = 1; i < ERR_COUNT; i++)
		if (c->errors[i] > 0)
			exposition_count(e, c->errors[i], "instance", c->name,
			    "code", err_code(i), NULL);
}

static void
put_times(struct exposition *e, const struct instance_counts *c)
{
	exposition_histogram(e, &c->time, "instance", c->name, NULL);
}

static void
put_albatross(struct exposition *e)
{
	static const struct {
		struct family family;
		void (*put)(struct exposition *e,
			const struct instance_counts *c);
	} parts[] = {
		{ { "mollymawk_albatross_commands", FAMILY_COUNTER,
		    "Commands sent to an instance." }, put_commands },
		{ { "mollymawk_albatross_errors", FAMILY_COUNTER,
		    "Commands that failed, and why." }, put_errors },
		{ { "mollymawk_albatross_command_duration_seconds",
		    FAMILY_HISTOGRAM, "From the dial to the first answer; "
		    "without commands that move content." }, put_times },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		exposition_begin(e, &parts[i].family);
		for (const struct instance_counts *c = count_instances();
		    c != NULL; c = c->next)
			if (was_used(c))
				parts[i].put(e, c);
	}
}

/* ---- deployments, streams, queues ---- */

_Static_assert(DEPLOYMENT_STATES <= COUNT_ENDS, "each state is counted");

static void
put_deployments(struct exposition *e)
{
	static const struct family family = { "mollymawk_deployments",
		FAMILY_COUNTER, "Deployments that ended, and how." };

	exposition_begin(e, &family);
	for (int state = 0; state < DEPLOYMENT_STATES; state++)
		if (deployment_is_final((enum deployment_state)state))
			exposition_count(e, count_deployments(state), "state",
			    deployment_state_text((enum deployment_state)
			    state), NULL);
}

static void
put_streams(struct exposition *e)
{
	put_gauge(e, "mollymawk_streams", "Open streams of clients.",
	    (double)count_now_of(NOW_STREAMS));
	put_counter(e, "mollymawk_streams_begun", "Streams that were begun.",
	    count_of(COUNT_STREAMS));
	put_counter(e, "mollymawk_streams_cut",
	    "Streams that were closed because they were too slow.",
	    count_of(COUNT_STREAMS_CUT));
	put_counter(e, "mollymawk_stream_events",
	    "Lines and events sent to streams.", count_of(COUNT_EVENTS));
	put_gauge(e, "mollymawk_console_subscriptions",
	    "Consoles that are listened to, at all instances.",
	    (double)count_now_of(NOW_CONSOLES));
	put_counter(e, "mollymawk_console_lines", "Lines heard of consoles.",
	    count_of(COUNT_LINES));
	put_counter(e, "mollymawk_console_lines_dropped",
	    "Lines that were beyond what one unikernel may say.",
	    count_of(COUNT_LINES_DROPPED));
}

static void
put_logs(const struct app *app, struct exposition *e)
{
	struct log_stats stats;

	log_store_stats(app->logs, &stats);
	put_gauge(e, "mollymawk_log_bytes", "Kept of all logs on the disk.",
	    (double)stats.kept);
	put_counter(e, "mollymawk_log_entries_lost",
	    "Entries that could not be kept: the disk was full or too slow.",
	    (uint64_t)stats.lost);
}

static void
put_queues(struct app *app, struct exposition *e)
{
	static const struct family queues = { "mollymawk_queue_length",
		FAMILY_GAUGE, "What waits or is being done." };
	const struct {
		const char *name;
		double length;
	} all[] = {
		{ "copies", keeper_length(app->keeper) },
		{ "deployments", runner_length(app->runner) },
		{ "log", (double)count_now_of(NOW_LOG_QUEUE) },
		{ "mail", (double)outbox_length(app->ledger, OUTBOX_MAIL) },
		{ "project-webhook", (double)outbox_length(app->ledger,
		    OUTBOX_PROJECT) },
		{ "waiting-requests", atomic_load(&app->waiting) },
		{ "webhook", (double)outbox_length(app->ledger,
		    OUTBOX_WEBHOOK) },
	};

	exposition_begin(e, &queues);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		exposition_put(e, all[i].length, "queue", all[i].name, NULL);
	put_gauge(e, "mollymawk_http_requests_in_progress",
	    "Requests being served.", (double)count_now_of(NOW_REQUESTS));
	put_gauge(e, "mollymawk_http_workers",
	    "Threads that serve requests.", app->config->workers);
}

void
metrics_put(struct app *app, struct auth_client *auth, struct exposition *e)
{
	put_process(app, e);
	put_requests(e);
	put_deployments(e);
	put_queues(app, e);
	put_streams(e);
	put_logs(app, e);
	put_mints(e);
	put_albatross(e);
	metrics_watch_put(app, auth, e);
}
