/* SPDX-License-Identifier: ISC */
/* alert_event: see alert_event.h. */
#include "fcgi/alert_event.h"

#include <stdio.h>
#include <string.h>

int
alert_event_add(struct db *d, int64_t alert, bool open, const char *projects,
	int64_t now)
{
	return db_run(d, "INSERT INTO alert_event (at, alert_id, open,"
	    " projects) VALUES (?, ?, ?, ?)", "iiit", now, alert,
	    (int64_t)open, projects);
}

void
alert_events(struct db *d, int64_t first, int64_t last,
	bool (*take)(void *arg, const struct alert_event *e), void *arg)
{
	struct alert_event e;
	sqlite3_stmt *s = db_query(d, ALERT_COLUMNS ", v.id, v.at, v.open,"
	    " v.projects FROM alert_event v JOIN alert ON alert.id ="
	    " v.alert_id WHERE v.id IN (SELECT MAX(id) FROM alert_event"
	    " WHERE id > ? AND id <= ? GROUP BY alert_id) ORDER BY v.id",
	    "ii", first, last);
	bool more = true;

	while (more && db_step(s) == 1) {
		if (!alert_row_take(s, &e.alert))
			continue;
		e.id = sqlite3_column_int64(s, ALERT_COLUMN_COUNT);
		e.at = sqlite3_column_int64(s, ALERT_COLUMN_COUNT + 1);
		e.open = sqlite3_column_int(s, ALERT_COLUMN_COUNT + 2) != 0;
		e.projects = db_text(s, ALERT_COLUMN_COUNT + 3);
		more = take(arg, &e);
	}
	if (!more)
		db_done(s);
}

void
alert_event_position(struct db *d, int64_t seen, int64_t *last,
	int64_t *first_at)
{
	sqlite3_stmt *s = db_query(d, "SELECT MAX(id), MIN(at)"
	    " FROM alert_event WHERE id > ?", "i", seen);

	*last = seen;
	*first_at = 0;
	if (db_step(s) != 1)
		return;
	if (sqlite3_column_type(s, 0) != SQLITE_NULL) {
		*last = sqlite3_column_int64(s, 0);
		*first_at = sqlite3_column_int64(s, 1);
	}
	db_done(s);
}

bool
alert_event_is_of(const struct alert_event *e, const char *project)
{
	char word[ALB_LABEL_MAX + 3];

	snprintf(word, sizeof(word), " %s ", project);
	return strcmp(e->alert.project, project) == 0 ||
		strstr(e->projects, word) != NULL;
}
