/* SPDX-License-Identifier: ISC */
/* outbox: see outbox.h. */
#include "fcgi/outbox.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

static const char *const kinds[] = { [OUTBOX_MAIL] = "mail",
	[OUTBOX_WEBHOOK] = "webhook", [OUTBOX_PROJECT] = "project-webhook" };

const char *
outbox_kind_name(enum outbox_kind kind)
{
	return kinds[kind];
}

/* The oldest make room. */
static int
bound(struct db *d)
{
	char count[24];
	int err = db_run(d, "DELETE FROM outbox WHERE id <= (SELECT id"
		" FROM outbox ORDER BY id DESC LIMIT 1 OFFSET ?)", "i",
		(int64_t)OUTBOX_MAX);

	if (err != 0 || db_changes(d) == 0)
		return err;
	snprintf(count, sizeof(count), "%d", db_changes(d));
	log_event(LOG_LEVEL_WARNING, "outbox-full", "dropped", count, NULL);
	return 0;
}

static int
bound_project(struct db *d, const char *project)
{
	return db_run(d, "DELETE FROM outbox WHERE kind = ? AND target = ?"
	    " AND id <= (SELECT id FROM outbox WHERE kind = ? AND target = ?"
	    " ORDER BY id DESC LIMIT 1 OFFSET ?)", "tttti",
	    kinds[OUTBOX_PROJECT], project, kinds[OUTBOX_PROJECT], project,
	    (int64_t)OUTBOX_PROJECT_MAX);
}

int
outbox_add(struct db *d, enum outbox_kind kind, const char *target,
	const char *subject, const char *body, int64_t now)
{
	char mark[OUTBOX_MARK_LEN + 1];
	int err;

	random_base62(mark, OUTBOX_MARK_LEN);
	err = db_run(d, "INSERT INTO outbox (kind, mark, target, subject,"
	    " body, created, due) VALUES (?, ?, ?, ?, ?, ?, ?)", "tttttii",
	    kinds[kind], mark, target, subject, body, now, now);
	if (err == 0 && kind == OUTBOX_PROJECT)
		err = bound_project(d, target);
	return err != 0 ? err : bound(d);
}

int
outbox_add_mail(struct db *d, const char *to, struct buf *subject,
	struct buf *text, int64_t now)
{
	int err = ERR_NO_MEMORY;

	if (buf_str(subject) != NULL && buf_str(text) != NULL)
		err = outbox_add(d, OUTBOX_MAIL, to, buf_str(subject),
		    buf_str(text), now);
	buf_free(subject);
	buf_free(text);
	return err;
}

static bool
item_take(sqlite3_stmt *s, enum outbox_kind kind, struct outbox_item *out)
{
	*out = (struct outbox_item){ .id = sqlite3_column_int64(s, 0),
		.kind = kind, .target = strdup(db_text(s, 2)),
		.subject = strdup(db_text(s, 3)),
		.body = strdup(db_text(s, 4)),
		.created = sqlite3_column_int64(s, 5),
		.attempts = sqlite3_column_int64(s, 6) };
	snprintf(out->mark, sizeof(out->mark), "%s", db_text(s, 1));
	db_done(s);
	if (out->target != NULL && out->subject != NULL && out->body != NULL)
		return true;
	outbox_item_free(out);
	return false;
}

bool
outbox_next(struct ledger *l, enum outbox_kind kind, int64_t now,
	struct outbox_item *out)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *s = db_query(d, "SELECT id, mark, target, subject, body,"
	    " created, attempts FROM outbox WHERE kind = ? AND due <= ?"
	    " ORDER BY due, id LIMIT 1", "ti", kinds[kind], now);
	bool found = db_step(s) == 1 && item_take(s, kind, out);

	ledger_read_end(l);
	return found;
}

void
outbox_item_free(struct outbox_item *item)
{
	free(item->target);
	free(item->subject);
	free(item->body);
}

int64_t
outbox_length(struct ledger *l, enum outbox_kind kind)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *s = db_query(d, "SELECT count(*) FROM outbox"
	    " WHERE kind = ?", "t", kinds[kind]);
	int64_t n = 0;

	if (db_step(s) == 1) {
		n = sqlite3_column_int64(s, 0);
		db_done(s);
	}
	ledger_read_end(l);
	return n;
}

int
outbox_remove(struct ledger *l, const struct outbox_item *item,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : ledger_write_end(l, db_run(d,
	    "DELETE FROM outbox WHERE id = ?", "i", item->id), f);
}

int
outbox_drop(struct ledger *l, enum outbox_kind kind, const char *target,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : ledger_write_end(l, db_run(d,
	    "DELETE FROM outbox WHERE kind = ? AND target = ?", "tt",
	    kinds[kind], target), f);
}

/* After so many failures; ms. */
static int64_t
pause_of(int64_t failures)
{
	int64_t ms = OUTBOX_FIRST_MS;

	while (--failures > 0 && ms < OUTBOX_LAST_MS)
		ms *= 2;
	return ms < OUTBOX_LAST_MS ? ms : OUTBOX_LAST_MS;
}

/* A mail's target is a person: the mark says which one it is. */
static void
say(const struct outbox_item *item, const char *event, const char *why)
{
	char attempts[24];

	snprintf(attempts, sizeof(attempts), "%lld",
	    (long long)item->attempts + 1);
	log_event(LOG_LEVEL_WARNING, event, "kind", kinds[item->kind], "mark",
	    item->mark, "attempts", attempts, "why", why, NULL);
}

static int
postpone(struct db *d, const struct outbox_item *item, int64_t due)
{
	int err = db_run(d, "UPDATE outbox SET attempts = ?, due = ?"
		" WHERE id = ?", "iii", item->attempts + 1, due, item->id);

	return err != 0 || item->kind != OUTBOX_PROJECT ? err : db_run(d,
	    "UPDATE outbox SET due = ? WHERE kind = ? AND target = ?"
	    " AND due < ?", "itti", due, kinds[OUTBOX_PROJECT],
	    item->target, due);
}

int
outbox_postpone(struct ledger *l, const struct outbox_item *item, int64_t now,
	const char *why, struct fault *f)
{
	int64_t due = now + pause_of(item->attempts + 1);
	struct db *d;

	if (due - item->created > OUTBOX_GIVE_UP_MS) {
		say(item, "given-up", why);
		return outbox_remove(l, item, f);
	}
	say(item, "not-sent", why);
	d = ledger_write_begin(l, f);
	return d == NULL ? f->err : ledger_write_end(l, postpone(d, item,
	    due), f);
}
