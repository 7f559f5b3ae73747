/* SPDX-License-Identifier: ISC */
/* gauge_meter: from counters to what is used; see gauge_meter.h. */
#include "fcgi/gauge_meter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PAGE 4096		/* what albatross counts memory in */
#define PAGES_MAX (UINT64_MAX / PAGE)

/* Places in the counters, as wire.h lists them. */
enum { MAXRSS = 0, MINFLT = 4, MAJFLT = 5 };
enum { RSS = 1 };
enum { INPUT_BYTES = 6, OUTPUT_BYTES = 7 };

static double
seconds(uint64_t sec, int64_t usec)
{
	return (double)sec + (double)usec / 1e6;
}

static void
net_fill(struct meter_point *p, const struct alb_ifdata *i)
{
	snprintf(p->nets[p->nnets].name, GAUGE_NAME_SIZE, "%s", i->bridge);
	/* Counted at the host's end: what goes in there, the guest sent. */
	p->nets[p->nnets].tx = i->counters[INPUT_BYTES];
	p->nets[p->nnets].rx = i->counters[OUTPUT_BYTES];
	p->nnets++;
}

static void
point_fill(struct meter_point *p, const struct alb_stats *s, int64_t at,
	int64_t now_ms)
{
	const struct alb_rusage *r = &s->rusage;
	uint64_t pages = s->has_kinfo ? s->kinfo.counters[RSS] :
		r->counters[MAXRSS];

	*p = (struct meter_point){ .at = at,
		.slot = now_ms / 1000 / gauge_step(GAUGE_FINE),
		.cpu = seconds(r->utime_sec, r->utime_usec) +
			seconds(r->stime_sec, r->stime_usec),
		.memory = pages > PAGES_MAX ? UINT64_MAX : pages * PAGE };
	if (__builtin_add_overflow(r->counters[MINFLT], r->counters[MAJFLT],
	    &p->faults))
		p->faults = UINT64_MAX;
	for (size_t i = 0; i < s->nifs && p->nnets < GAUGE_NETS_MAX; i++)
		net_fill(p, &s->ifs[i]);
}

/* Per second; NAN for a counter that went back. */
static double
rate(uint64_t before, uint64_t now, double dt)
{
	return now < before ? NAN : (double)(now - before) / dt;
}

/* Of the device as it was before; both NAN when it was not there. */
static void
net_rates(const struct meter_point *before, const struct meter_point *now,
	size_t i, double dt, struct gauge_net *out)
{
	*out = (struct gauge_net){ .rx = NAN, .tx = NAN };
	memcpy(out->name, now->nets[i].name, sizeof(out->name));
	for (size_t k = 0; k < before->nnets; k++) {
		if (strcmp(before->nets[k].name, out->name) != 0)
			continue;
		out->rx = rate(before->nets[k].rx, now->nets[i].rx, dt);
		out->tx = rate(before->nets[k].tx, now->nets[i].tx, dt);
		return;
	}
}

/* All devices together, as far as they are known. */
static double
sum(double a, double b)
{
	return isnan(a) ? b : isnan(b) ? a : a + b;
}

static void
values_fill(const struct meter_point *before, const struct meter_point *now,
	bool known, struct gauge_values *v)
{
	double dt = (double)(now->at - before->at) / 1000;

	*v = (struct gauge_values){ .cpu = NAN, .faults = NAN,
		.memory = (double)now->memory, .nnets = now->nnets };
	if (known) {
		v->cpu = (now->cpu - before->cpu) / dt * 100;
		v->faults = rate(before->faults, now->faults, dt);
	}
	for (size_t i = 0; i < now->nnets; i++)
		net_rates(known ? before : &(struct meter_point){ 0 }, now, i,
		    dt, &v->nets[i]);
}

static void
gauge_fill(const struct meter_point *now, const struct gauge_values *v,
	int64_t now_ms, struct gauge *out)
{
	*out = (struct gauge){ .ms = now_ms, .cpu = v->cpu,
		.memory = now->memory, .faults = v->faults, .rx = NAN,
		.tx = NAN, .cpu_seconds = now->cpu };
	for (size_t i = 0; i < now->nnets; i++) {
		out->rx = sum(out->rx, v->nets[i].rx);
		out->tx = sum(out->tx, v->nets[i].tx);
		out->rx_bytes += now->nets[i].rx;
		out->tx_bytes += now->nets[i].tx;
	}
}

bool
meter_take(struct meter *m, const struct alb_stats *s, int64_t at,
	int64_t now_ms, struct gauge *out, struct gauge_values *v,
	int64_t *since)
{
	struct meter_point now;
	bool known;

	if (m->known && at - m->last.at < METER_APART_MIN)
		return false;
	point_fill(&now, s, at, now_ms);
	if (m->known && now.slot != m->last.slot)
		m->before = m->last;
	known = m->known && now.cpu >= m->last.cpu &&
	    now.at - m->before.at <= METER_APART_MAX;
	if (!known)
		m->before = now;
	m->known = true;
	m->last = now;
	values_fill(&m->before, &now, known, v);
	gauge_fill(&now, v, now_ms, out);
	*since = (now_ms - (now.at - m->before.at)) / 1000;
	return true;
}
