/* SPDX-License-Identifier: ISC */
/* stats_der: statistics as DER; see info_der.h. */
#include <stdlib.h>
#include <string.h>

#include "albatross/info_der.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void
alb_stats_free(struct alb_stats *s)
{
	size_t i;

	for (i = 0; i < s->nifs; i++)
		free(s->ifs[i].bridge);
	for (i = 0; i < s->nvmm; i++)
		free(s->vmm[i].key);
	free(s->ifs);
	free(s->vmm);
	*s = (struct alb_stats){ 0 };
}

static void
counters_read(struct der *d, uint64_t *counters, size_t n)
{
	for (; n > 0; n--)
		*counters++ = der_get_u64(d);
}

static void
counters_write(struct der_writer *w, const uint64_t *counters, size_t n)
{
	for (; n > 0; n--)
		der_put_u64(w, *counters++);
}

static void
timeval_read(struct der *d, uint64_t *sec, int64_t *usec)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	*sec = der_get_u64(&s);
	*usec = der_get_int(&s);
	der_done(&s);
}

static void
timeval_write(struct der_writer *w, uint64_t sec, int64_t usec)
{
	size_t open = der_open(w);

	der_put_u64(w, sec);
	der_put_int(w, usec);
	der_close(w, open, DER_SEQUENCE);
}

static void
rusage_read(struct der *d, struct alb_rusage *r)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	timeval_read(&s, &r->utime_sec, &r->utime_usec);
	timeval_read(&s, &r->stime_sec, &r->stime_usec);
	counters_read(&s, r->counters, COUNT(r->counters));
	der_done(&s);
}

static void
rusage_write(struct der_writer *w, const struct alb_rusage *r)
{
	size_t open = der_open(w);

	timeval_write(w, r->utime_sec, r->utime_usec);
	timeval_write(w, r->stime_sec, r->stime_usec);
	counters_write(w, r->counters, COUNT(r->counters));
	der_close(w, open, DER_SEQUENCE);
}

static void
ifdata_read(struct der *list, struct alb_ifdata *i)
{
	struct der s = der_enter(list, DER_SEQUENCE);
	size_t n;

	i->bridge = der_get_string(&s);
	for (n = 0; n < COUNT(i->ints); n++)
		i->ints[n] = der_get_int(&s);
	counters_read(&s, i->counters, COUNT(i->counters));
	der_done(&s);
}

static void
ifdata_write(struct der_writer *w, const struct alb_ifdata *i)
{
	size_t open = der_open(w), n;

	der_put_string(w, i->bridge);
	for (n = 0; n < COUNT(i->ints); n++)
		der_put_int(w, i->ints[n]);
	counters_write(w, i->counters, COUNT(i->counters));
	der_close(w, open, DER_SEQUENCE);
}

static void
vmm_read(struct der *d, struct alb_stats *s)
{
	struct der list = der_enter(d, DER_SEQUENCE), item;
	size_t i;

	s->vmm = der_items(&list, sizeof(*s->vmm), &s->nvmm);
	for (i = 0; i < s->nvmm; i++) {
		item = der_enter(&list, DER_SEQUENCE);
		s->vmm[i].key = der_get_string(&item);
		s->vmm[i].value = der_get_u64(&item);
		der_done(&item);
	}
	der_done(&list);
}

static void
vmm_write(struct der_writer *w, const struct alb_stats *s)
{
	size_t open = der_open(w), list = open, item, i;

	for (i = 0; i < s->nvmm; i++) {
		item = der_open(w);
		der_put_string(w, s->vmm[i].key);
		der_put_u64(w, s->vmm[i].value);
		der_close(w, item, DER_SEQUENCE);
	}
	der_close(w, list, DER_SEQUENCE);
	der_close(w, open, DER_CONTEXT(0));
}

/* [1] IMPLICIT: the tag stands instead of the SEQUENCE's. */
static void
kinfo_read(struct der *d, struct alb_kinfo *k)
{
	struct der s = der_enter(d, DER_CONTEXT(1));

	counters_read(&s, k->counters, COUNT(k->counters));
	k->cow = der_get_int(&s);
	timeval_read(&s, &k->start_sec, &k->start_usec);
	der_done(&s);
}

static void
kinfo_write(struct der_writer *w, const struct alb_kinfo *k)
{
	size_t open = der_open(w);

	counters_write(w, k->counters, COUNT(k->counters));
	der_put_int(w, k->cow);
	timeval_write(w, k->start_sec, k->start_usec);
	der_close(w, open, DER_CONTEXT(1));
}

static void
ifs_read(struct der *list, struct alb_stats *s)
{
	size_t i;

	s->ifs = der_items(list, sizeof(*s->ifs), &s->nifs);
	for (i = 0; i < s->nifs; i++)
		ifdata_read(list, &s->ifs[i]);
}

/* The form of the module, which is that of 2.0 to 2.7. */
static void
known_read(struct der *d, struct alb_stats *s)
{
	struct der data = der_enter(d, DER_SEQUENCE), list, field;

	rusage_read(&data, &s->rusage);
	list = der_enter(&data, DER_SEQUENCE);
	ifs_read(&list, s);
	der_done(&list);
	s->has_vmm = der_at(&data, DER_CONTEXT(0));
	if (s->has_vmm) {
		field = der_enter(&data, DER_CONTEXT(0));
		vmm_read(&field, s);
		der_done(&field);
	}
	s->has_kinfo = der_at(&data, DER_CONTEXT(1));
	if (s->has_kinfo)
		kinfo_read(&data, &s->kinfo);
	der_done(&data);
}

/* ---- other forms ---- */

/* A part of statistics, by what it looks like from outside. */
enum part { PART_UNKNOWN, PART_RUSAGE, PART_IFS, PART_KINFO };

/*
 * Counters are octets, times begin with octets, devices with their name. What
 * holds nothing but one SEQUENCE may be an EXPLICIT tag around the part: then
 * the part goes into *d.
 */
static enum part
part_of(struct der *d, int depth)
{
	struct der rest = *d, first;

	if (der_at(d, DER_OCTETS))
		return PART_KINFO;
	if (!der_at(d, DER_SEQUENCE))
		return PART_UNKNOWN;
	first = der_enter(&rest, DER_SEQUENCE);
	if (der_at(&first, DER_STRING))
		return PART_IFS;
	if (der_more(&rest))
		return der_at(&first, DER_OCTETS) ? PART_RUSAGE :
			PART_UNKNOWN;
	if (depth == 0)
		return PART_UNKNOWN;
	*d = first;
	return part_of(d, depth - 1);
}

/* Both times; the counters if they are those that are known. */
static void
rusage_guess(struct der *d, struct alb_rusage *r)
{
	uint64_t counters[COUNT(r->counters)];

	timeval_read(d, &r->utime_sec, &r->utime_usec);
	timeval_read(d, &r->stime_sec, &r->stime_usec);
	if (d->message->error != ALB_OK)
		return;
	counters_read(d, counters, COUNT(counters));
	if (der_done(d) == ALB_OK)
		memcpy(r->counters, counters, sizeof(counters));
	else if (d->message->error == ALB_DECODE)
		d->message->error = ALB_OK;
}

static void
kinfo_guess(struct der *d, struct alb_kinfo *k)
{
	counters_read(d, k->counters, COUNT(k->counters));
	k->cow = der_get_int(d);
	timeval_read(d, &k->start_sec, &k->start_usec);
	der_done(d);
}

/*
 * Takes what the next value looks like; the first of each. A message of its own
 * keeps the error: what does not fit is passed over.
 */
static void
part_read(struct der *d, struct alb_stats *s, bool *has_rusage)
{
	struct der part = der_enter(d, *d->pos);
	struct der_message own = *d->message;
	struct alb_stats found = { 0 };
	enum part kind;

	part.message = &own;
	kind = part_of(&part, 1);
	if (kind == PART_RUSAGE && !*has_rusage) {
		rusage_guess(&part, &found.rusage);
		*has_rusage = own.error == ALB_OK;
		if (*has_rusage)
			s->rusage = found.rusage;
	} else if (kind == PART_KINFO && !s->has_kinfo) {
		kinfo_guess(&part, &found.kinfo);
		s->has_kinfo = own.error == ALB_OK;
		if (s->has_kinfo)
			s->kinfo = found.kinfo;
	} else if (kind == PART_IFS && s->ifs == NULL) {
		ifs_read(&part, &found);
		if (der_done(&part) == ALB_OK) {
			s->ifs = found.ifs;
			s->nifs = found.nifs;
			found = (struct alb_stats){ 0 };
		}
	}
	d->message->items = own.items;
	if (own.error == ALB_NO_MEMORY)
		der_fail(d, ALB_NO_MEMORY);
	alb_stats_free(&found);
}

/* Statistics are what tells how long the CPU was used. */
static void
other_read(struct der *d, struct alb_stats *s)
{
	struct der rest = *d, first;
	bool has_rusage = false;

	if (der_at(&rest, DER_SEQUENCE)) {
		first = der_enter(&rest, DER_SEQUENCE);
		if (!der_more(&rest))
			*d = first;
	}
	while (der_more(d))
		part_read(d, s, &has_rusage);
	if (!has_rusage)
		der_fail(d, ALB_DECODE);
}

void
alb_stats_read(struct der *d, struct alb_stats *s)
{
	struct der_message own = *d->message;
	struct der known = *d;
	int rc;

	known.message = &own;
	known_read(&known, s);
	rc = der_done(&known);
	if (rc == ALB_DECODE && d->message->error == ALB_OK) {
		alb_stats_free(s);
		other_read(d, s);
		d->pos = d->end;
		return;
	}
	d->message->items = own.items;
	if (rc != ALB_OK)
		der_fail(d, rc);
	d->pos = d->end;
}

void
alb_stats_write(struct der_writer *w, const struct alb_stats *s)
{
	size_t open = der_open(w), list, i;

	rusage_write(w, &s->rusage);
	list = der_open(w);
	for (i = 0; i < s->nifs; i++)
		ifdata_write(w, &s->ifs[i]);
	der_close(w, list, DER_SEQUENCE);
	if (s->has_vmm)
		vmm_write(w, s);
	if (s->has_kinfo)
		kinfo_write(w, &s->kinfo);
	der_close(w, open, DER_SEQUENCE);
}
