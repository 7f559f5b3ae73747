/* SPDX-License-Identifier: ISC */
/* alert_tell: see alert_tell.h. */
#include "fcgi/alert_tell.h"

#include <string.h>

#include "base/log.h"
#include "fcgi/alert_event.h"
#include "fcgi/outbox.h"
#include "fcgi/post_settings.h"

#define EVENT "alert"
#define LINK_MAX 1024
#define PROJECTS_MAX (256 * 1024)
#define MINUTE_MS (60 * 1000LL)

/* ---- when ---- */

enum alert_word {
	ALERT_SAY_NOTHING,
	ALERT_SAY_OPEN,
	ALERT_SAY_OVER,
	ALERT_SAY_NEVER		/* it came and went before it was told */
};

static enum alert_word
word_of_open(const struct alert *a, bool quiet, int64_t now)
{
	if (a->told == ALERT_TOLD_OPEN && now - a->told_at < ALERT_REMIND_MS)
		return ALERT_SAY_NOTHING;
	return quiet ? ALERT_SAY_NOTHING : ALERT_SAY_OPEN;
}

/*
 * What is to be told of an alert at now; held: there is, or was just now,
 * another one that says why.
 */
static enum alert_word
word_of(const struct alert *a, const struct alert_settings *s, bool held,
	int64_t now)
{
	/* What was told by a clock that was ahead quietens nothing. */
	bool quiet = held || a->silenced > now || (a->told_at != 0 &&
		a->told_at <= now &&
		now - a->told_at < s->quiet_minutes * MINUTE_MS);

	if (a->until == 0)
		return word_of_open(a, quiet, now);
	if (a->told == ALERT_TOLD_OPEN)
		return ALERT_SAY_OVER;
	if (a->count == a->told_count)
		return ALERT_SAY_NOTHING;
	if (a->told == ALERT_UNTOLD && a->count == 1)
		return ALERT_SAY_NEVER;
	/* How often it came meanwhile is worth a word. */
	return quiet ? ALERT_SAY_NOTHING : ALERT_SAY_OVER;
}

/* ---- what ---- */

/* All there may be to be told, and what of it is now. */
struct tales {
	struct alert *alerts;		/* owned, of len */
	enum alert_word *words;		/* owned */
	char **projects;		/* owned: whose they are, too */
	size_t len;
};

static void
tales_free(struct tales *t)
{
	for (size_t i = 0; t->projects != NULL && i < t->len; i++)
		free(t->projects[i]);
	free(t->projects);
	free(t->words);
	free(t->alerts);
}

/*
 * Of a unikernel on an instance that is down, or was just now; a health check
 * of one that does not run, of which there is another alert.
 */
static bool
is_held(const struct alert_teller *t, const struct alert *a, int64_t now)
{
	struct db *d;
	sqlite3_stmt *s;
	bool found;

	if (a->name[0] == '\0')
		return false;
	if (t->down(t->arg, a->instance))
		return true;
	d = ledger_read_begin(t->ledger);
	s = db_query(d, "SELECT 1 FROM alert WHERE instance = ? AND"
	    " (kind = 'instance-down' AND (until IS NULL OR until > ?) OR"
	    " ? AND kind IN ('crash-loop', 'stopped') AND project = ?"
	    " AND name = ? AND until IS NULL)", "tiitt", a->instance,
	    now - ALERT_SETTLE_MS, (int64_t)(a->kind == ALERT_CHECK_FAILING),
	    a->project, a->name);
	found = db_step(s) == 1;
	if (found)
		db_done(s);
	ledger_read_end(t->ledger);
	return found;
}

/* Whether there is something to be told; out needs freeing in any case. */
static bool
tales_read(const struct alert_teller *t, const struct alert_settings *s,
	int64_t now, struct tales *out)
{
	struct db *d = ledger_read_begin(t->ledger);
	int64_t first = INT64_MAX;
	bool any = false;

	(void)alert_list_unsettled(d, &out->alerts, &out->len);
	ledger_read_end(t->ledger);
	out->words = calloc(out->len + 1, sizeof(*out->words));
	out->projects = calloc(out->len + 1, sizeof(*out->projects));
	for (size_t i = 0; out->words != NULL && i < out->len; i++) {
		const struct alert *a = &out->alerts[i];

		out->words[i] = word_of(a, s, is_held(t, a, now), now);
		if (out->words[i] == ALERT_SAY_NOTHING)
			continue;
		any = true;
		if (a->changed < first)
			first = a->changed;
	}
	return out->words != NULL && out->projects != NULL && any &&
		(first > now || now - first >= s->group_seconds * 1000);
}

static bool
is_told(const struct tales *t, size_t i)
{
	return t->words[i] == ALERT_SAY_OPEN || t->words[i] == ALERT_SAY_OVER;
}

/* An instance that is down is of whom it matters to. */
static bool
tales_whose(const struct alert_teller *t, struct tales *tales)
{
	struct buf list;

	for (size_t i = 0; i < tales->len; i++) {
		buf_init(&list, PROJECTS_MAX);
		buf_put_str(&list, " ");
		if (tales->alerts[i].kind == ALERT_INSTANCE_DOWN)
			t->projects(t->arg, tales->alerts[i].instance, &list);
		tales->projects[i] = buf_str(&list) == NULL ? NULL :
			strdup(buf_str(&list));
		buf_free(&list);
		if (tales->projects[i] == NULL)
			return false;
	}
	return true;
}

/* ---- to webhooks ---- */

static struct json_object *
tale_json(const struct alert_teller *t, const struct alert *a, bool open)
{
	struct json_object *o = alert_json(a);
	struct buf link;

	buf_init(&link, LINK_MAX);
	alert_put_link(&link, t->origin, a);
	json_add_str(o, "state", open ? "open" : "resolved");
	json_add_str(o, "link", buf_str(&link));
	buf_free(&link);
	return o;
}

static int
call_add(const struct alert_teller *t, struct db *d, const char *project,
	struct json_object *list, int64_t now)
{
	AUTO_JSON struct json_object *o = json_object_new_object();
	AUTO_FREE char *body = NULL;
	struct buf link;

	buf_init(&link, LINK_MAX);
	buf_putf(&link, "%s/alerts", t->origin);
	json_add_str(o, "event", EVENT);
	json_object_object_add(o, "alerts", list);
	json_add_str(o, "link", buf_str(&link));
	json_add_time_ms(o, "at", now);
	buf_free(&link);
	body = json_text(o);
	if (body == NULL)
		return ERR_NO_MEMORY;
	return project == NULL ? outbox_add(d, OUTBOX_WEBHOOK, EVENT, "",
	    body, now) : outbox_add(d, OUTBOX_PROJECT, project, EVENT, body,
	    now);
}

/* Those of a project, or (NULL) all: in one call, unless they are many. */
static int
calls_add(const struct alert_teller *t, struct db *d,
	const struct tales *tales, const char *project, int64_t now)
{
	struct json_object *list = json_object_new_array();
	int err = 0;

	for (size_t i = 0; err == 0 && i < tales->len; i++) {
		const struct alert_event e = { .alert = tales->alerts[i],
			.projects = tales->projects[i] };

		if (!is_told(tales, i) || (project != NULL &&
		    !alert_event_is_of(&e, project)))
			continue;
		json_object_array_add(list, tale_json(t, &e.alert,
		    tales->words[i] == ALERT_SAY_OPEN));
		if (json_object_array_length(list) < ALERT_CALL_MAX)
			continue;
		err = call_add(t, d, project, list, now);
		list = json_object_new_array();
	}
	if (err == 0 && json_object_array_length(list) > 0)
		return call_add(t, d, project, list, now);
	json_object_put(list);
	return err;
}

/* ---- all of it ---- */

static int
settle(struct db *d, struct alert *a, enum alert_word word,
	const char *projects, int64_t now)
{
	int err = 0;

	if (word == ALERT_SAY_NOTHING)
		return 0;
	if (word != ALERT_SAY_NEVER)
		err = alert_event_add(d, a->id, word == ALERT_SAY_OPEN,
			projects, now);
	/* One that was told as over late counts as told now. */
	if (word == ALERT_SAY_OPEN || (word == ALERT_SAY_OVER &&
	    a->told != ALERT_TOLD_OPEN))
		a->told_at = now;
	if (word != ALERT_SAY_NEVER)
		a->told = word == ALERT_SAY_OPEN ? ALERT_TOLD_OPEN :
			ALERT_TOLD_OVER;
	a->told_count = a->count;
	return err != 0 ? err : alert_told_set(d, a);
}

static int
tales_write(const struct alert_teller *t, struct db *d, struct tales *tales,
	const struct webhook_owner *owners, size_t n, int64_t now)
{
	int err = t->webhook ? calls_add(t, d, tales, NULL, now) : 0;

	for (size_t i = 0; err == 0 && i < n; i++)
		err = calls_add(t, d, tales, owners[i].project, now);
	for (size_t i = 0; err == 0 && i < tales->len; i++)
		err = settle(d, &tales->alerts[i], tales->words[i],
			tales->projects[i], now);
	return err;
}

static int
tales_tell(const struct alert_teller *t, struct tales *tales, int64_t now,
	struct fault *f)
{
	AUTO_FREE struct webhook_owner *owners = NULL;
	size_t n = 0;
	struct db *d;
	int err;

	if (!tales_whose(t, tales))
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = post_settings_webhook_owners(t->ledger, &owners, &n);
	if (err != 0)
		return fault_set(f, err, "The webhooks can not be read.");
	d = ledger_write_begin(t->ledger, f);
	if (d == NULL)
		return f->err;
	err = tales_write(t, d, tales, owners, n, now);
	return ledger_write_end(t->ledger, err, f);
}

void
alerts_tell(const struct alert_teller *t, int64_t now)
{
	struct alert_settings s;
	struct tales tales = { .len = 0 };
	struct fault f = { 0 };

	alert_settings_read(t->ledger, &s);
	if (tales_read(t, &s, now, &tales)) {
		if (tales_tell(t, &tales, now, &f) == 0)
			ledger_changed(t->ledger);
		else
			log_event(LOG_LEVEL_ERROR, "alerts-not-told", "why",
			    f.detail[0] != '\0' ? f.detail :
			    err_title(f.err), NULL);
	}
	tales_free(&tales);
}
