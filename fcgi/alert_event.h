/* SPDX-License-Identifier: ISC */
/*
 * alert_event: what was told of alerts, in order, for those who are told by
 * mail, each in their own time.
 */
#ifndef FCGI_ALERT_EVENT_H
#define FCGI_ALERT_EVENT_H

#include "fcgi/alert.h"

struct alert_event {
	int64_t id, at;		/* ms since 1970 */
	bool open;		/* else it is over */
	const char *projects;	/* " ada bob ": theirs too; of the call */
	struct alert alert;	/* as it is by now */
};

/* Within a write: 0 or an err. */
int alert_event_add(struct db *d, int64_t alert, bool open,
	const char *projects, int64_t now);
/*
 * Calls take for each alert of which there is an event with first < id <=
 * last, with the last such event, until it answers false.
 */
void alert_events(struct db *d, int64_t first, int64_t last,
	bool (*take)(void *arg, const struct alert_event *e), void *arg);
/*
 * The last id (seen: there is none behind it), and when the first behind seen
 * was (0: there is none).
 */
void alert_event_position(struct db *d, int64_t seen, int64_t *last,
	int64_t *first_at);
/* Is it, or one of its projects, of a person's or program's project? */
bool alert_event_is_of(const struct alert_event *e, const char *project);

#endif
