/* SPDX-License-Identifier: ISC */
/*
 * subject: topics as they are asked for, up to the first newline, and behind it
 * the ids that a client says it had of them. What is taken is well-formed, and
 * a place that is found is one of the ring, or before it.
 */
#include <stdlib.h>
#include <string.h>

#include "fcgi/ring.h"
#include "fcgi/subject.h"
#include "tests/fuzz/fuzz.h"

static void
check_subject(const struct subject *s)
{
	bool log = s->feed == FEEDS;

	if (s->text[0] == '\0' || strpbrk(s->text, "\",\\\n") != NULL ||
	    (log && s->name[0] == '\0') ||
	    (s->instance[0] == '\0') != (s->name[0] == '\0') ||
	    (s->name[0] != '\0' && s->project[0] == '\0'))
		abort();
	if (s->project[0] != '\0' && !alb_label_valid(s->project))
		abort();
}

static void
check_ids(const char *ids, int n)
{
	char id[SUBJECT_ID_SIZE];
	struct ring ring;
	int64_t place;

	ring_init(&ring);
	ring_continue(&ring, 0x12345678, 40);
	for (int i = 0; i < 4; i++)
		(void)ring_add(&ring, 1000 + i / 2, LOG_LINE, 0, "x", 1);
	for (int i = 0; i < n; i++) {
		if (!subject_id(ids, i, n, id))
			continue;
		if (strlen(id) >= sizeof(id) || strchr(id, ',') != NULL)
			abort();
		place = ring_resume(&ring, id);
		if (place < -1 || place > ring.next)
			abort();
	}
	ring_free(&ring);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct subject subjects[SUBJECTS_MAX];
	char *text = malloc(size + 1), *ids;
	int n;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	ids = strchr(text, '\n');
	if (ids != NULL)
		*ids++ = '\0';
	n = subjects_parse(text, subjects);
	if (n == 0 || n > SUBJECTS_MAX)
		abort();
	for (int i = 0; i < n; i++)
		check_subject(&subjects[i]);
	if (n > 0 && ids != NULL)
		check_ids(ids, n);
	free(text);
	return 0;
}
