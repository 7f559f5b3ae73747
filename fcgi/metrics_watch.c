/* SPDX-License-Identifier: ISC */
/*
 * metrics_watch: see metrics_watch.h. What is known is copied first: a family's
 * samples stand together, and states_each must not be kept.
 */
#include "fcgi/metrics_watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fcgi/alert.h"
#include "fcgi/app.h"
#include "fcgi/gauges.h"
#include "fcgi/policies.h"
#include "fcgi/states.h"

#define MB 1048576.0

struct row {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	enum state_kind state;
	int64_t started_ms, restarts, memory;	/* MB */
	bool crash_loop;
	int healthy;			/* 1, 0; -1: not known */
	bool gauged;
	struct gauge gauge;
};

struct server {
	char name[ALB_LABEL_MAX + 1];
	enum standing_status status;
	int64_t checked_ms, certificate_expires, server_expires;
	double skew;		/* s; NAN: not known */
	int latency_ms;
	size_t running;
	bool stats_live;
};

/* What grows while it is filled; what does not fit is left out. */
struct known {
	struct row *rows;
	struct server *servers;
	size_t nrows, row_room;
	size_t nservers, server_room;
};

static int
health_of(const char *state)
{
	if (strcmp(state, "healthy") == 0)
		return 1;
	return strcmp(state, "failing") == 0 ? 0 : -1;
}

static bool
row_take(void *arg, const struct state_row *from)
{
	struct known *k = arg;
	struct row *row;

	if (!array_grow((void **)&k->rows, &k->row_room, k->nrows,
	    sizeof(*row)))
		return false;
	row = &k->rows[k->nrows++];
	*row = (struct row){ .state = from->state,
		.started_ms = from->started_ms,
		.restarts = from->restarts_ever, .memory = from->memory,
		.crash_loop = from->crash_loop,
		.healthy = health_of(from->health) };
	snprintf(row->instance, sizeof(row->instance), "%s", from->instance);
	snprintf(row->project, sizeof(row->project), "%s", from->project);
	snprintf(row->name, sizeof(row->name), "%s", from->name);
	return true;
}

static bool
server_take(void *arg, const struct state_instance *from)
{
	struct known *k = arg;
	struct server *server;

	if (!array_grow((void **)&k->servers, &k->server_room, k->nservers,
	    sizeof(*server)))
		return false;
	server = &k->servers[k->nservers++];
	*server = (struct server){ .status = from->status,
		.checked_ms = from->checked_ms,
		.certificate_expires = from->certificate_expires,
		.server_expires = from->server_expires,
		.skew = from->has_skew ? (double)from->skew_ms / 1e3 : NAN,
		.latency_ms = from->latency_ms, .running = from->running };
	snprintf(server->name, sizeof(server->name), "%s", from->name);
	return true;
}

static void
gauges_fill(struct app *app, struct known *k)
{
	struct gauges_status status;

	for (size_t i = 0; i < k->nrows; i++)
		k->rows[i].gauged = k->rows[i].state == STATE_RUNNING &&
			gauges_latest(app->gauges, k->rows[i].instance,
			k->rows[i].project, k->rows[i].name,
			&k->rows[i].gauge);
	for (size_t i = 0; i < k->nservers; i++) {
		gauges_status(app->gauges, k->servers[i].name, &status);
		k->servers[i].stats_live = status.state == GAUGES_LIVE;
	}
}

/* ---- unikernels ---- */

/* The value of a family for a row; NAN: there is none. */
typedef double row_value(const struct row *row);

static double
row_up(const struct row *row)
{
	return row->state == STATE_UNKNOWN ? NAN :
		row->state == STATE_RUNNING;
}

static double
row_started(const struct row *row)
{
	return row->state == STATE_RUNNING && row->started_ms > 0 ?
		(double)row->started_ms / 1e3 : NAN;
}

static double
row_restarts(const struct row *row)
{
	return (double)row->restarts;
}

static double
row_crash_loop(const struct row *row)
{
	return row->crash_loop;
}

static double
row_healthy(const struct row *row)
{
	return row->healthy < 0 ? NAN : row->healthy;
}

static double
row_limit(const struct row *row)
{
	return row->memory > 0 ? (double)row->memory * MB : NAN;
}

static double
row_cpu_seconds(const struct row *row)
{
	return row->gauged ? row->gauge.cpu_seconds : NAN;
}

static double
row_cpu(const struct row *row)
{
	return row->gauged ? row->gauge.cpu / 100 : NAN;
}

static double
row_memory(const struct row *row)
{
	return row->gauged ? (double)row->gauge.memory : NAN;
}

static double
row_faults(const struct row *row)
{
	return row->gauged ? row->gauge.faults : NAN;
}

static double
row_received(const struct row *row)
{
	return row->gauged ? (double)row->gauge.rx_bytes : NAN;
}

static double
row_sent(const struct row *row)
{
	return row->gauged ? (double)row->gauge.tx_bytes : NAN;
}

static const struct {
	struct family family;
	row_value *value;
} row_families[] = {
	{ { "mollymawk_unikernel_up", FAMILY_GAUGE, "1 while it runs, 0 when "
	    "it ended by itself; none while its instance is out of reach." },
	  row_up },
	{ { "mollymawk_unikernel_start_time_seconds", FAMILY_GAUGE,
	    "When it was started, since 1970." }, row_started },
	{ { "mollymawk_unikernel_restarts", FAMILY_COUNTER,
	    "How often it was started again." }, row_restarts },
	{ { "mollymawk_unikernel_crash_loop", FAMILY_GAUGE,
	    "1 while it ends and is started again and again." },
	  row_crash_loop },
	{ { "mollymawk_unikernel_healthy", FAMILY_GAUGE, "1 while its health "
	    "check passes, 0 while it fails; none without a check." },
	  row_healthy },
	{ { "mollymawk_unikernel_memory_limit_bytes", FAMILY_GAUGE,
	    "Memory it was given." }, row_limit },
	{ { "mollymawk_unikernel_cpu_seconds", FAMILY_COUNTER,
	    "CPU time it took since its start." }, row_cpu_seconds },
	{ { "mollymawk_unikernel_cpu_ratio", FAMILY_GAUGE,
	    "CPU it takes now; 1 is one core." }, row_cpu },
	{ { "mollymawk_unikernel_memory_bytes", FAMILY_GAUGE,
	    "Resident memory on its host." }, row_memory },
	{ { "mollymawk_unikernel_page_faults_per_second", FAMILY_GAUGE,
	    "Page faults of its monitor." }, row_faults },
	{ { "mollymawk_unikernel_network_receive_bytes", FAMILY_COUNTER,
	    "What it received, on all its devices." }, row_received },
	{ { "mollymawk_unikernel_network_transmit_bytes", FAMILY_COUNTER,
	    "What it sent, on all its devices." }, row_sent },
};

static void
put_rows(struct exposition *e, const struct known *k)
{
	size_t n = sizeof(row_families) / sizeof(row_families[0]);

	for (size_t f = 0; f < n; f++) {
		exposition_begin(e, &row_families[f].family);
		for (size_t i = 0; i < k->nrows; i++) {
			const struct row *row = &k->rows[i];
			double value = row_families[f].value(row);

			if (!isnan(value))
				exposition_put(e, value, "instance",
				    row->instance, "project", row->project,
				    "name", row->name, NULL);
		}
	}
}

/* ---- instances ---- */

typedef double server_value(const struct server *s);

static double
server_up(const struct server *s)
{
	return s->status == STANDING_UNKNOWN ? NAN :
		s->status != STANDING_DOWN;
}

static double
server_latency(const struct server *s)
{
	return s->latency_ms < 0 ? NAN : s->latency_ms / 1e3;
}

static double
server_checked(const struct server *s)
{
	return s->checked_ms == 0 ? NAN : (double)s->checked_ms / 1e3;
}

static double
server_running(const struct server *s)
{
	return (double)s->running;
}

static double
server_expires(const struct server *s)
{
	return s->certificate_expires == 0 ? NAN :
		(double)s->certificate_expires;
}

static double
server_own_expires(const struct server *s)
{
	return s->server_expires == 0 ? NAN : (double)s->server_expires;
}

static double
server_skew(const struct server *s)
{
	return s->skew;
}

static double
server_stats(const struct server *s)
{
	return s->stats_live;
}

static const struct {
	struct family family;
	server_value *value;
} server_families[] = {
	{ { "mollymawk_instance_up", FAMILY_GAUGE,
	    "1 while albatross answers there." }, server_up },
	{ { "mollymawk_instance_latency_seconds", FAMILY_GAUGE,
	    "What its last answer took." }, server_latency },
	{ { "mollymawk_instance_checked_timestamp_seconds", FAMILY_GAUGE,
	    "When it was asked last, since 1970." }, server_checked },
	{ { "mollymawk_instance_unikernels", FAMILY_GAUGE,
	    "Unikernels that run there, of anybody." }, server_running },
	{ { "mollymawk_instance_certificate_expiry_timestamp_seconds",
	    FAMILY_GAUGE, "When its certificate ends, since 1970." },
	  server_expires },
	{ { "mollymawk_instance_server_certificate_expiry_timestamp_seconds",
	    FAMILY_GAUGE, "When the one it shows itself ends, since 1970." },
	  server_own_expires },
	{ { "mollymawk_instance_clock_offset_seconds", FAMILY_GAUGE,
	    "How far its clock is ahead, while its unikernels say something." },
	  server_skew },
	{ { "mollymawk_instance_stats_live", FAMILY_GAUGE,
	    "1 while its statistics come." }, server_stats },
};

static void
put_servers(struct exposition *e, const struct known *k)
{
	size_t n = sizeof(server_families) / sizeof(server_families[0]);

	for (size_t f = 0; f < n; f++) {
		exposition_begin(e, &server_families[f].family);
		for (size_t i = 0; i < k->nservers; i++) {
			double value = server_families[f].value(
				&k->servers[i]);

			if (!isnan(value))
				exposition_put(e, value, "instance",
				    k->servers[i].name, NULL);
		}
	}
}

/* ---- policies ---- */

static void
put_uses(struct exposition *e, const struct family *family,
	const struct policy_use *list, size_t n, bool used)
{
	exposition_begin(e, family);
	for (size_t i = 0; i < n; i++) {
		const struct policy_use *use = &list[i];

		exposition_put(e, (double)(used ? use->unikernels_used :
		    use->unikernels), "instance", use->instance, "project",
		    use->project, "resource", "unikernels", NULL);
		exposition_put(e, (double)(used ? use->memory_used :
		    use->memory) * MB, "instance", use->instance, "project",
		    use->project, "resource", "memory_bytes", NULL);
	}
}

static void
put_policies(struct exposition *e, const struct known *k,
	struct policy_use *list, size_t n)
{
	static const struct family limit = { "mollymawk_policy_limit",
		FAMILY_GAUGE, "What a project may use on an instance." };
	static const struct family used = { "mollymawk_policy_used",
		FAMILY_GAUGE, "What of it its unikernels use." };

	for (size_t i = 0; i < k->nrows; i++) {
		struct policy_use *use = policy_find(list, n,
			k->rows[i].instance, k->rows[i].project);

		if (use == NULL || k->rows[i].state == STATE_STOPPED)
			continue;
		use->unikernels_used++;
		use->memory_used += k->rows[i].memory;
	}
	put_uses(e, &limit, list, n, false);
	put_uses(e, &used, list, n, true);
}

/* ---- alerts ---- */

static void
put_alerts(struct app *app, struct exposition *e)
{
	static const struct family family = { "mollymawk_alerts",
		FAMILY_GAUGE, "Alerts that are open." };
	struct db *d = ledger_read_begin(app->ledger);
	struct alert *list = NULL;
	double counts[ALERT_KINDS] = { 0 };
	size_t n = 0;
	int err = alert_list_open(d, &list, &n);

	ledger_read_end(app->ledger);
	exposition_begin(e, &family);
	for (size_t i = 0; err == 0 && i < n; i++)
		counts[list[i].kind]++;
	for (int kind = 0; err == 0 && kind < ALERT_KINDS; kind++)
		exposition_put(e, counts[kind], "kind", alert_kind_name(
		    (enum alert_kind)kind), "severity", alert_severity(
		    (enum alert_kind)kind), NULL);
	free(list);
}

void
metrics_watch_put(struct app *app, struct auth_client *auth,
	struct exposition *e)
{
	struct known k = { .nrows = 0 };
	struct policy_use *list;
	size_t n;

	states_each(app->states, NULL, row_take, &k);
	states_instances(app->states, server_take, &k);
	gauges_fill(app, &k);
	list = policies_list(app->policies, auth, &n);
	put_rows(e, &k);
	put_servers(e, &k);
	put_policies(e, &k, list, n);
	put_alerts(app, e);
	free(list);
	free(k.rows);
	free(k.servers);
}
