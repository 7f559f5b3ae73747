/* SPDX-License-Identifier: ISC */
/* subject: what a stream is about; see subject.h. */
#include "fcgi/subject.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* How many labels, with "/" between, may follow the word and a colon. */
#define NONE (1 << 0)
#define PROJECT (1 << 1)
#define UNIKERNEL (1 << 3)

static const struct {
	const char *word;
	int labels;
} kinds[FEEDS + 1] = {
	[FEED_STATES] = { "states", NONE | PROJECT },
	[FEED_METRICS] = { "metrics", NONE | PROJECT | UNIKERNEL },
	[FEED_OPERATIONS] = { "operations", NONE },
	[FEED_INSTANCES] = { "instances", NONE },
	[FEED_ALERTS] = { "alerts", NONE },
	[FEEDS] = { "log", UNIKERNEL },
};

void
subject_log(struct subject *s, const char *instance, const char *project,
	const char *name)
{
	*s = (struct subject){ .feed = FEEDS };
	snprintf(s->text, sizeof(s->text), "log:%s/%s/%s", instance, project,
	    name);
	snprintf(s->instance, sizeof(s->instance), "%s", instance);
	snprintf(s->project, sizeof(s->project), "%s", project);
	snprintf(s->name, sizeof(s->name), "%s", name);
}

/* The piece of text up to end or to the NUL, 0..size-1 bytes; or NULL. */
static const char *
piece_take(const char *text, char end, char *out, size_t size)
{
	const char stops[] = { end, '\0' };
	size_t len = strcspn(text, stops);

	if (len >= size)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return text + len;
}

/* The labels of text, folded: how many, or -1. */
static int
labels_take(const char *text, char out[3][ALB_LABEL_MAX + 1])
{
	char label[ALB_LABEL_MAX + 1];

	for (int n = 0; n < 3; n++) {
		text = piece_take(text, '/', label, sizeof(label));
		if (text == NULL || alb_label_fold(label, out[n]) != NULL)
			return -1;
		if (*text++ == '\0')
			return n + 1;
	}
	return -1;
}

static int
kind_find(const char *word)
{
	for (int kind = 0; kind <= FEEDS; kind++)
		if (strcmp(kinds[kind].word, word) == 0)
			return kind;
	return -1;
}

/* One of them, out of its text: 0 or -1. */
static int
subject_parse(struct subject *s)
{
	char word[SUBJECT_TEXT_SIZE], labels[3][ALB_LABEL_MAX + 1];
	const char *rest = piece_take(s->text, ':', word, sizeof(word));
	int kind = kind_find(word), n = 0;

	if (*rest == ':')
		n = labels_take(rest + 1, labels);
	if (kind < 0 || n < 0 || (kinds[kind].labels & 1 << n) == 0)
		return -1;
	s->feed = (enum feed_kind)kind;
	if (n == 3) {
		memcpy(s->instance, labels[0], sizeof(s->instance));
		memcpy(s->name, labels[2], sizeof(s->name));
	}
	if (n > 0)
		memcpy(s->project, labels[n == 3], sizeof(s->project));
	return 0;
}

int
subjects_parse(const char *text, struct subject out[SUBJECTS_MAX])
{
	for (int n = 0; n < SUBJECTS_MAX; n++) {
		out[n] = (struct subject){ 0 };
		text = piece_take(text, ',', out[n].text,
			sizeof(out[n].text));
		if (text == NULL || subject_parse(&out[n]) < 0)
			return -1;
		if (*text++ == '\0')
			return n + 1;
	}
	return -1;
}

/* It is told again: what ends a line there would begin another one. */
static bool
is_id(const char *id)
{
	for (const char *s = id; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return id[0] != '\0';
}

bool
subject_id(const char *list, int i, int n, char out[SUBJECT_ID_SIZE])
{
	char id[SUBJECT_ID_SIZE];

	for (int at = 0; at < n; at++) {
		list = piece_take(list, ',', id, sizeof(id));
		if (list == NULL || !is_id(id))
			return false;
		if (at == i)
			memcpy(out, strcmp(id, "-") == 0 ? "" : id,
			    strcmp(id, "-") == 0 ? 1 : strlen(id) + 1);
		if ((*list == '\0') != (at == n - 1))
			return false;
		list++;
	}
	return true;
}
