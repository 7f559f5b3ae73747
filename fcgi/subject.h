/* SPDX-License-Identifier: ISC */
/*
 * subject: what a stream is about, as it is asked for: "log:I/P/N", "states",
 * "states:P", "metrics", "metrics:P", "metrics:I/P/N", "operations",
 * "instances", "alerts"; several of them with "," between. Their ids stand in
 * the same order between ",", "-" where there is none yet.
 */
#ifndef FCGI_SUBJECT_H
#define FCGI_SUBJECT_H

#include "albatross/name.h"
#include "fcgi/feed.h"

#define SUBJECTS_MAX 16
#define SUBJECT_TEXT_SIZE (3 * ALB_LABEL_MAX + 16)
#define SUBJECT_ID_SIZE 80

struct subject {
	enum feed_kind feed;	/* FEEDS: a log */
	char text[SUBJECT_TEXT_SIZE];	/* as it was asked for */
	/* Folded; "" for what it is not narrowed to. */
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	/* Of a log: there is, or was, such a unikernel; who asks looked. */
	bool there;
};

/* The log of one unikernel (folded names). */
void subject_log(struct subject *s, const char *instance,
	const char *project, const char *name);
/* How many there are in text, 1..SUBJECTS_MAX, or -1: not well-formed. */
int subjects_parse(const char *text, struct subject out[SUBJECTS_MAX]);

/*
 * The id at place i of n in a list of ids into out, "" for "-"; false when the
 * list does not have n of them, or one is too long.
 */
bool subject_id(const char *list, int i, int n, char out[SUBJECT_ID_SIZE]);

#endif
