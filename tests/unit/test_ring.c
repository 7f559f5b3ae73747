/* SPDX-License-Identifier: ISC */
/* The last lines of a console: bounds, ids, and resumption. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/ring.h"

static bool
add(struct ring *r, int64_t ms, const char *text)
{
	return ring_add(r, ms, LOG_LINE, 0, text, strlen(text)) != NULL;
}

static void
note(struct ring *r, int64_t ms, const char *text)
{
	assert_non_null(ring_add(r, ms, LOG_STOPPED, 7, text, strlen(text)));
}

static void
line_check(const struct ring *r, int64_t place, int64_t ms, const char *text)
{
	const struct ring_line *line = ring_at(r, place);

	assert_non_null(line);
	assert_int_equal(line->ms, ms);
	assert_int_equal(line->len, strlen(text));
	assert_memory_equal(line->text, text, line->len);
}

static void
test_lines(void **state)
{
	struct ring r;
	char text[32];
	int i;

	(void)state;
	ring_init(&r);
	assert_int_equal(ring_last_ms(&r), -1);
	assert_null(ring_at(&r, 1));
	for (i = 1; i <= 3 * RING_LINES; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		assert_true(add(&r, i, text));
		assert_true(r.next - r.first <= RING_LINES);
	}
	assert_int_equal(r.next - r.first, RING_LINES);
	assert_int_equal(r.next, 3 * RING_LINES + 1);
	assert_null(ring_at(&r, r.first - 1));
	assert_null(ring_at(&r, r.next));
	for (i = (int)r.first; i < r.next; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		line_check(&r, i, i, text);
	}
	assert_int_equal(ring_since(&r, r.next - 5), r.next - 5);
	assert_int_equal(ring_since(&r, r.next), r.next);
	assert_int_equal(ring_since(&r, 0), r.first);
	ring_free(&r);
	ring_free(&r);
}

static void
test_bytes(void **state)
{
	static char big[RING_LINE_MAX + 100];
	size_t held = 0;
	struct ring r;

	(void)state;
	memset(big, 'x', sizeof(big));
	ring_init(&r);
	for (int i = 0; i < 200; i++) {
		assert_non_null(ring_add(&r, i, LOG_LINE, 0, big,
		    sizeof(big)));
		assert_true(r.bytes <= RING_BYTES);
		assert_int_equal(ring_at(&r, r.next - 1)->len, RING_LINE_MAX);
	}
	assert_int_equal(r.next - r.first, RING_BYTES / RING_LINE_MAX);
	assert_non_null(ring_add(&r, 200, LOG_LINE, 0, "", 0));
	assert_int_equal(ring_at(&r, r.next - 1)->len, 0);
	for (int64_t i = r.first; i < r.next; i++)
		held += ring_at(&r, i)->len;
	assert_int_equal(held, r.bytes);
	ring_free(&r);
}

/* ---- ids ---- */

static void
test_ids(void **state)
{
	char id[RING_ID_SIZE], other[RING_ID_SIZE];
	struct ring r;

	(void)state;
	ring_init(&r);
	for (int i = 0; i < 40; i++)
		assert_true(add(&r, 1000 + i / 4, "x"));
	for (int64_t i = r.first; i < r.next; i++) {
		ring_id(&r, i, id);
		assert_int_equal(ring_resume(&r, id), i + 1);
		if (i > r.first)
			assert_string_not_equal(id, other);
		memcpy(other, id, sizeof(other));
	}
	/* What was dropped meanwhile is known by its place. */
	ring_id(&r, 1, id);
	for (int i = 0; i < 2 * RING_LINES; i++)
		assert_true(add(&r, 2000, "y"));
	assert_int_equal(ring_resume(&r, id), 2);
	assert_true(r.first > 2);
	ring_free(&r);
}

/* A log that goes on: the same epoch, but perhaps with other lines. */
static void
test_continued(void **state)
{
	struct ring before, after;
	char id[RING_ID_SIZE];

	(void)state;
	ring_init(&before);
	ring_init(&after);
	ring_continue(&after, before.epoch, 11);
	snprintf(id, sizeof(id), "%08x.10", before.epoch);
	assert_int_equal(ring_resume(&after, id), 11);
	snprintf(id, sizeof(id), "%08x.11", before.epoch);
	assert_int_equal(ring_resume(&after, id), -1);
	for (int i = 1; i <= 20; i++) {
		assert_true(add(&before, 1000 + i, "x"));
		if (i > 10)
			assert_true(add(&after, 1000 + i, "x"));
	}
	for (int i = 1; i <= 20; i++) {
		ring_id(&before, i, id);
		assert_int_equal(ring_resume(&after, id), i + 1);
	}
	/* What was told, but not kept, has the place of something else. */
	ring_free(&after);
	ring_init(&after);
	ring_continue(&after, before.epoch, 11);
	for (int i = 11; i <= 20; i++)
		assert_true(add(&after, 1005 + i, "x"));
	ring_id(&before, 17, id);
	assert_int_equal(ring_resume(&after, id), 13);
	ring_id(&before, 20, id);
	assert_int_equal(ring_resume(&after, id), 16);
	ring_free(&before);
	ring_free(&after);
}

/* Entries that are not of the console do not count its lines. */
static void
test_notes(void **state)
{
	char line[RING_ID_SIZE], id[RING_ID_SIZE];
	struct ring r, other;

	(void)state;
	ring_init(&r);
	note(&r, 5000, "first");
	assert_int_equal(ring_last_ms(&r), -1);
	assert_true(add(&r, 1000, "a"));
	assert_true(add(&r, 1000, "b"));
	note(&r, 900, "a clock behind");
	assert_int_equal(ring_last_ms(&r), 1000);
	assert_int_equal(ring_at(&r, 4)->deployment, 7);
	assert_true(add(&r, 1000, "c"));
	assert_int_equal(ring_at(&r, 5)->same, 2);
	assert_int_equal(ring_since(&r, 1000), 1);
	for (int i = 1; i < 6; i++) {
		ring_id(&r, i, id);
		assert_int_equal(ring_resume(&r, id), i + 1);
	}
	/* Elsewhere, behind the lines that came before it. */
	ring_init(&other);
	other.epoch = r.epoch + 1;
	note(&other, 4000, "what else happened");
	assert_true(add(&other, 1000, "b"));
	assert_true(add(&other, 1000, "c"));
	ring_id(&r, 2, line);
	assert_int_equal(ring_resume(&other, line), 3);
	ring_id(&r, 4, id);
	assert_int_equal(ring_resume(&other, id), 4);
	ring_free(&r);
	ring_free(&other);
}

/* A restart: another epoch, with the same lines at other places. */
static void
test_other_epoch(void **state)
{
	struct ring before, after;
	char id[RING_ID_SIZE];

	(void)state;
	ring_init(&before);
	ring_init(&after);
	after.epoch = before.epoch + 1;
	for (int i = 0; i < 30; i++)
		assert_true(add(&before, 1000 + i / 3, "x"));
	for (int i = 15; i < 45; i++)
		assert_true(add(&after, 1000 + i / 3, "x"));
	for (int i = 0; i < 30; i++) {
		ring_id(&before, i + 1, id);
		assert_int_equal(ring_resume(&after, id),
		    i < 15 ? 1 : i + 2 - 15);
	}
	/* Older than all, and newer than all. */
	snprintf(id, sizeof(id), "%08x.7.1.0", after.epoch + 1);
	assert_int_equal(ring_resume(&after, id), after.first);
	snprintf(id, sizeof(id), "%08x.7.99999.0", after.epoch + 1);
	assert_int_equal(ring_resume(&after, id), after.next);
	ring_free(&before);
	ring_free(&after);
}

static void
test_bad_ids(void **state)
{
	static const char *const ids[] = { "", "x", "0000000x", "00000001",
		"00000001.", "00000001.2", "00000001.2.3", "00000001.2.3.",
		"00000001.2.3.4x", "00000001.2.3.4.5", "00000001.2.3.4 ",
		"0000000g.1.1.1", "00000001..1.1", "1.1.1.1", "000000001.1.1.1",
		" 0000001.1.1.1", "0x000001.1.1.1", "-0000001.1.1.1",
		"00000001. 2.3.4", "00000001.-2.3.4", "00000001.2.-3.4",
		"00000001.2.3.-4", "00000001.2.3.+4", "00000001.0x2.3.4",
		"00000001.9223372036854775807.3.4",
		"00000001.99999999999999999999.3.4",
		"00000001.2.99999999999999999999.4",
		"00000001.2.3.4294967296" };
	struct ring r;

	(void)state;
	ring_init(&r);
	assert_true(add(&r, 1, "x"));
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (ring_resume(&r, ids[i]) != -1)
			fail_msg("%s", ids[i]);
	ring_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_continued),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_other_epoch),
		cmocka_unit_test(test_bad_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
