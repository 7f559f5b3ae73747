/* SPDX-License-Identifier: ISC */
/* notice_wish: see notice_wish.h. */
#include "fcgi/notice_wish.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const modes[] = { [NOTICE_OFF] = "off",
	[NOTICE_AT_ONCE] = "at-once", [NOTICE_DAILY] = "daily" };
#define MODES ((int)(sizeof(modes) / sizeof(modes[0])))

const char *
notice_mode_name(enum notice_mode mode)
{
	return modes[mode];
}

int
notice_mode_parse(const char *s, enum notice_mode *out)
{
	int i = word_find(modes, MODES, s);

	if (i >= 0)
		*out = (enum notice_mode)i;
	return i < 0 ? -1 : 0;
}

#define COLUMNS "SELECT user_id, mode, credential, seen, alerts," \
	" alerts_all, alerts_seen FROM notice_wish"

static bool
wish_take(sqlite3_stmt *s, void *row)
{
	struct notice_wish *out = row;

	*out = (struct notice_wish){ .seen = sqlite3_column_int64(s, 3),
		.alerts_all = sqlite3_column_int(s, 5) != 0,
		.alerts_seen = sqlite3_column_int64(s, 6) };
	db_copy(s, 0, out->user, sizeof(out->user));
	db_copy(s, 2, out->credential, sizeof(out->credential));
	(void)notice_mode_parse(db_text(s, 1), &out->mode);
	(void)notice_mode_parse(db_text(s, 4), &out->alerts);
	return true;
}

int
notice_wish_get(struct ledger *l, const char *user, struct notice_wish *out,
	struct fault *f)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *s = db_query(d, COLUMNS " WHERE user_id = ?", "t",
	    user);
	int rc = db_step(s), err = 0;

	*out = (struct notice_wish){ .alerts_all = true };
	if (rc < 0)
		err = db_fault(d, f);
	if (rc > 0) {
		(void)wish_take(s, out);
		db_done(s);
	}
	ledger_read_end(l);
	return err;
}

int
notice_wish_set(struct ledger *l, const struct notice_wish *w,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : ledger_write_end(l, db_run(d,
	    "INSERT INTO notice_wish (user_id, mode, credential, seen,"
	    " alerts, alerts_all, alerts_seen) VALUES (?, ?, ?,"
	    " (SELECT COALESCE(MAX(id), 0) FROM notice_event), ?, ?,"
	    " (SELECT COALESCE(MAX(id), 0) FROM alert_event))"
	    " ON CONFLICT (user_id) DO UPDATE SET mode = excluded.mode,"
	    " credential = excluded.credential, alerts = excluded.alerts,"
	    " alerts_all = excluded.alerts_all, seen = CASE mode"
	    " WHEN 'off' THEN excluded.seen ELSE seen END,"
	    " alerts_seen = CASE alerts WHEN 'off' THEN excluded.alerts_seen"
	    " ELSE alerts_seen END", "tttti", w->user, modes[w->mode],
	    w->credential, modes[w->alerts], (int64_t)w->alerts_all), f);
}

int
notice_wish_remove(struct ledger *l, const struct notice_wish *w,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : ledger_write_end(l, db_run(d,
	    "DELETE FROM notice_wish WHERE user_id = ? AND credential = ?",
	    "tt", w->user, w->credential), f);
}

struct notice_wish *
notice_wish_list(struct ledger *l, size_t *n)
{
	struct db *d = ledger_read_begin(l);
	void *list;
	sqlite3_stmt *s = db_query(d, COLUMNS " ORDER BY user_id", "");

	(void)db_rows(s, sizeof(struct notice_wish), wish_take, &list, n);
	ledger_read_end(l);
	return list;
}

int
notice_wish_seen(struct db *d, const struct notice_wish *w, int64_t seen)
{
	int err = db_run(d, "UPDATE notice_wish SET seen = ?"
		" WHERE user_id = ? AND credential = ?", "itt", seen, w->user,
		w->credential);

	return err == 0 && db_changes(d) == 0 ? ERR_CONFLICT : err;
}

int
notice_wish_alerts_seen(struct db *d, const struct notice_wish *w,
	int64_t seen)
{
	int err = db_run(d, "UPDATE notice_wish SET alerts_seen = ?"
		" WHERE user_id = ? AND credential = ?", "itt", seen, w->user,
		w->credential);

	return err == 0 && db_changes(d) == 0 ? ERR_CONFLICT : err;
}
