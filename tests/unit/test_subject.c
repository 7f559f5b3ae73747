/* SPDX-License-Identifier: ISC */
/* What a stream is about, and lists of ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/subject.h"

#define LABEL21 "aaaaaaaaaaaaaaaaaaaaa"
#define LABEL63 LABEL21 LABEL21 LABEL21

static void
topics(void **state)
{
	struct subject s[SUBJECTS_MAX], log;

	(void)state;
	assert_int_equal(subjects_parse("log:I1/Ada/hello,states,states:ada,"
	    "metrics,metrics:ada,metrics:i/p/n,operations,instances,alerts",
	    s), 9);
	assert_int_equal(s[0].feed, FEEDS);
	assert_string_equal(s[0].text, "log:I1/Ada/hello");
	assert_string_equal(s[0].instance, "i1");
	assert_string_equal(s[0].project, "ada");
	assert_string_equal(s[0].name, "hello");
	assert_int_equal(s[1].feed, FEED_STATES);
	assert_string_equal(s[1].project, "");
	assert_string_equal(s[2].project, "ada");
	assert_string_equal(s[2].instance, "");
	assert_int_equal(s[5].feed, FEED_METRICS);
	assert_string_equal(s[5].instance, "i");
	assert_string_equal(s[5].name, "n");
	assert_int_equal(s[8].feed, FEED_ALERTS);
	subject_log(&log, "i1", "ada", "hello");
	assert_string_equal(log.text, "log:i1/ada/hello");
	assert_int_equal(log.feed, FEEDS);
	assert_int_equal(subjects_parse("log:" LABEL63 "/" LABEL63 "/" LABEL63,
	    s), 1);
	assert_int_equal(subjects_parse("alerts,alerts,alerts,alerts,alerts,"
	    "alerts,alerts,alerts,alerts,alerts,alerts,alerts,alerts,alerts,"
	    "alerts,alerts", s), SUBJECTS_MAX);
}

static void
bad_topics(void **state)
{
	static const char *const bad[] = { "", ",", "states,", ",states",
		"state", "statess", "STATES", " states", "states ",
		"states:", "states:/", "states:a/b", "states:a/b/c",
		"states::a", "log", "log:", "log:a", "log:a/b", "log:a/b/",
		"log:a/b/c/", "log:a/b/c/d", "log:/b/c", "log:a//c",
		"log:-a/b/c", "log:a_/b/c", "metrics:a/b", "metrics:",
		"operations:a", "instances:a", "alerts:", "log:a/b/c,",
		"log:a\"/b/c", "log:" LABEL63 "a/b/c",
		"alerts,alerts,alerts,alerts,alerts,alerts,alerts,alerts,"
		"alerts,alerts,alerts,alerts,alerts,alerts,alerts,alerts,"
		"alerts" };
	struct subject s[SUBJECTS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (subjects_parse(bad[i], s) != -1)
			fail_msg("%s", bad[i]);
}

static void
ids(void **state)
{
	char id[SUBJECT_ID_SIZE], longest[SUBJECT_ID_SIZE + 2];

	(void)state;
	assert_true(subject_id("a.1", 0, 1, id));
	assert_string_equal(id, "a.1");
	assert_true(subject_id("a.1,-,b.2.3.4", 0, 3, id));
	assert_string_equal(id, "a.1");
	assert_true(subject_id("a.1,-,b.2.3.4", 1, 3, id));
	assert_string_equal(id, "");
	assert_true(subject_id("a.1,-,b.2.3.4", 2, 3, id));
	assert_string_equal(id, "b.2.3.4");
	/* Too few, too many, none. */
	assert_false(subject_id("a.1,-", 0, 3, id));
	assert_false(subject_id("a.1,-,b,c", 0, 3, id));
	assert_false(subject_id("", 0, 1, id));
	assert_false(subject_id("a,,b", 0, 3, id));
	assert_false(subject_id("a,", 0, 2, id));
	/* An id is told again, as a line of its own. */
	assert_false(subject_id("a.1\nevent: bye", 0, 1, id));
	assert_false(subject_id("a.1\r", 0, 1, id));
	assert_false(subject_id("a 1", 0, 1, id));
	assert_false(subject_id("-,\xc2\x85", 1, 2, id));
	memset(longest, 'x', sizeof(longest));
	longest[SUBJECT_ID_SIZE - 1] = '\0';
	assert_true(subject_id(longest, 0, 1, id));
	longest[SUBJECT_ID_SIZE - 1] = 'x';
	longest[SUBJECT_ID_SIZE] = '\0';
	assert_false(subject_id(longest, 0, 1, id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics),
		cmocka_unit_test(bad_topics),
		cmocka_unit_test(ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
