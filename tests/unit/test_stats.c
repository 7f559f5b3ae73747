/* SPDX-License-Identifier: ISC */
/*
 * Statistics in other forms than the module's: a later server's are taken as
 * far as they can be recognised, and never for something else.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "albatross/der.h"
#include "albatross/wire.h"

static void
put_time(struct der_writer *w, uint64_t sec, int64_t usec)
{
	size_t open = der_open(w);

	der_put_u64(w, sec);
	der_put_int(w, usec);
	der_close(w, open, DER_SEQUENCE);
}

static void
put_rusage(struct der_writer *w, uint8_t tag, int counters)
{
	size_t open = der_open(w);

	put_time(w, 7, 250000);
	put_time(w, 1, 750000);
	for (int i = 0; i < counters; i++)
		der_put_u64(w, 100 + i);
	der_close(w, open, tag);
}

static void
put_kinfo(struct der_writer *w, uint8_t tag)
{
	size_t open = der_open(w);

	for (int i = 0; i < 6; i++)
		der_put_u64(w, 200 + i);
	der_put_int(w, 3);
	put_time(w, 1784020087, 0);
	der_close(w, open, tag);
}

static void
put_ifs(struct der_writer *w, uint8_t tag, int n)
{
	size_t list = der_open(w), open;

	for (int i = 0; i < n; i++) {
		open = der_open(w);
		der_put_string(w, "service");
		for (int k = 0; k < 5; k++)
			der_put_int(w, k);
		for (int k = 0; k < 12; k++)
			der_put_u64(w, 300 + k);
		der_close(w, open, DER_SEQUENCE);
	}
	der_close(w, list, tag);
}

/* What only a later server knows. */
static void
put_news(struct der_writer *w)
{
	size_t open = der_open(w);

	der_put_string(w, "news");
	der_put_bool(w, true);
	der_close(w, open, DER_CONTEXT(7));
	der_put_int(w, 42);
	der_put_string(w, "more");
}

enum form {
	FORM_SHORT,	/* without what only FreeBSD had */
	FORM_ORDER,	/* memory before the devices */
	FORM_TAGS,	/* each under a tag of its own */
	FORM_WRAPPED,	/* memory in an EXPLICIT tag */
	FORM_NEWS,	/* and something that is not known */
	FORM_IMPLICIT,	/* the alternative's tag for the SEQUENCE's */
	FORM_BARE,	/* no device, no memory */
	FORMS
};

static void
put_parts(struct der_writer *w, enum form form)
{
	size_t open;

	put_rusage(w, form == FORM_TAGS ? DER_CONTEXT(0) : DER_SEQUENCE, 14);
	if (form == FORM_BARE)
		return;
	if (form == FORM_NEWS)
		put_news(w);
	if (form == FORM_ORDER || form == FORM_TAGS)
		put_kinfo(w, DER_CONTEXT(1));
	put_ifs(w, form == FORM_TAGS ? DER_CONTEXT(2) : DER_SEQUENCE, 2);
	if (form == FORM_WRAPPED) {
		open = der_open(w);
		put_kinfo(w, DER_SEQUENCE);
		der_close(w, open, DER_CONTEXT(0));
	} else if (form != FORM_ORDER && form != FORM_TAGS) {
		put_kinfo(w, DER_CONTEXT(3));
	}
}

/* Header, payload of data, and the alternative with what content writes. */
static int
decode(struct alb_wire *out, unsigned tag, bool implicit,
	void (*content)(struct der_writer *w, int arg), int arg)
{
	struct buf bytes;
	struct der_writer w;
	size_t open, header, inner;
	int rc;

	buf_init(&bytes, 1 << 20);
	w = der_write(&bytes);
	open = der_open(&w);
	header = der_open(&w);
	der_put_int(&w, ALB_WIRE_VERSION);
	der_put_u64(&w, 1);
	der_put_string(&w, "bob:web");
	der_close(&w, header, DER_SEQUENCE);
	inner = der_open(&w);
	content(&w, arg);
	if (!implicit)
		der_close(&w, inner, DER_SEQUENCE);
	der_close(&w, inner, DER_CONTEXT(tag));
	der_close(&w, inner, DER_CONTEXT(3));
	der_close(&w, open, DER_SEQUENCE);
	assert_int_equal(der_written(&w), ALB_OK);
	rc = alb_wire_decode(bytes.data, bytes.len, out);
	buf_free(&bytes);
	return rc;
}

static void
form_put(struct der_writer *w, int form)
{
	put_parts(w, form);
}

static void
other_forms_are_taken(void **state)
{
	static const unsigned tags[] = { 1, 2, 5, 9 };
	struct alb_wire w;

	for (int form = 0; form < FORMS; form++)
		for (size_t i = 0; i < 4; i++) {
			assert_int_equal(decode(&w, tags[i],
			    form == FORM_IMPLICIT, form_put, form), ALB_OK);
			assert_int_equal(w.payload, ALB_PAYLOAD_STATS);
			assert_string_equal(w.name.label, "web");
			assert_int_equal(w.stats.rusage.utime_sec, 7);
			assert_int_equal(w.stats.rusage.stime_usec, 750000);
			assert_int_equal(w.stats.rusage.counters[4], 104);
			assert_int_equal(w.stats.nifs,
			    form == FORM_BARE ? 0 : 2);
			assert_int_equal(w.stats.has_kinfo,
			    form != FORM_BARE);
			if (form != FORM_BARE) {
				assert_string_equal(w.stats.ifs[1].bridge,
				    "service");
				assert_int_equal(w.stats.ifs[1].counters[7],
				    307);
				assert_int_equal(w.stats.kinfo.counters[1],
				    201);
			}
			alb_wire_free(&w);
		}
}

static void
fewer_counters(struct der_writer *w, int n)
{
	put_rusage(w, DER_SEQUENCE, n);
	put_ifs(w, DER_SEQUENCE, 1);
}

/* Which is which is not known then: the times are. */
static void
other_counters_are_left_out(void **state)
{
	static const int counts[] = { 0, 3, 13, 15 };
	struct alb_wire w;

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(decode(&w, 5, false, fewer_counters,
		    counts[i]), ALB_OK);
		assert_int_equal(w.stats.rusage.utime_usec, 250000);
		assert_int_equal(w.stats.rusage.counters[4], 0);
		assert_int_equal(w.stats.nifs, 1);
		alb_wire_free(&w);
	}
}

enum nonsense { N_EMPTY, N_LINE, N_NO_TIMES, N_DEVICES, N_NESTED, NONSENSES };

static void
nonsense_put(struct der_writer *w, int which)
{
	size_t open = der_open(w);

	switch (which) {
	case N_LINE:
		der_put_time(w, 1784020087, 1);
		der_put_string(w, "hello");
		break;
	case N_NO_TIMES:
		put_kinfo(w, DER_CONTEXT(1));
		put_ifs(w, DER_SEQUENCE, 2);
		break;
	case N_DEVICES:
		put_ifs(w, DER_SEQUENCE, 0);
		break;
	case N_NESTED:
		for (int i = 0; i < 200; i++)
			der_close(w, open, DER_SEQUENCE);
		break;
	default:
		break;
	}
}

static void
something_else_is_refused(void **state)
{
	struct alb_wire w;

	for (int i = 0; i < NONSENSES; i++)
		for (int tag = 5; tag < 9; tag++)
			assert_int_equal(decode(&w, tag, false, nonsense_put,
			    i), ALB_DECODE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_forms_are_taken),
		cmocka_unit_test(other_counters_are_left_out),
		cmocka_unit_test(something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
