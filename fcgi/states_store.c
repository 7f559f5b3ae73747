/* SPDX-License-Identifier: ISC */
/* states_store: what was seen, in the ledger; see states_place.h. */
#include "fcgi/states_place.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/ledger.h"

#define HALTED (SEEN_STOPPED + 1)	/* stopped by us */

static const char *const state_words[] = {
	[SEEN_NONE] = "none", [SEEN_RUNNING] = "running",
	[SEEN_STOPPED] = "stopped", [HALTED] = "halted",
};

/* ---- reading ---- */

struct seen_row {
	char instance[ALB_LABEL_MAX + 1];
	struct seen seen;	/* config is owned */
};

static void
restarts_read(const char *text, struct seen *s)
{
	AUTO_JSON struct json_object *list = json_tokener_parse(text);
	size_t n = !json_object_is_type(list, json_type_array) ? 0 :
		json_object_array_length(list);

	for (size_t i = 0; i < n && i < SEEN_RESTARTS; i++)
		s->restarts[s->restarts_all++] = json_object_get_int64(
		    json_object_array_get_idx(list, i));
}

/* A deployment that ended since it was written may have changed it. */
static bool
row_take(sqlite3_stmt *stmt, void *row)
{
	struct seen_row *out = row;
	struct seen *s = &out->seen;
	int state;

	*out = (struct seen_row){ .instance = "" };
	db_copy(stmt, 0, out->instance, sizeof(out->instance));
	db_copy(stmt, 1, s->project, sizeof(s->project));
	db_copy(stmt, 2, s->name, sizeof(s->name));
	state = word_read(state_words, HALTED + 1, db_text(stmt, 3));
	s->halted = state == HALTED;
	s->state = s->halted ? SEEN_STOPPED : (enum seen_state)state;
	db_copy(stmt, 4, s->digest, sizeof(s->digest));
	s->config = db_dup(stmt, 5);
	s->memory = sqlite3_column_int64(stmt, 6);
	s->started = sqlite3_column_int64(stmt, 7);
	s->stopped = sqlite3_column_int64(stmt, 8);
	restarts_read(db_text(stmt, 9), s);
	s->crash_loop = sqlite3_column_int(stmt, 10) != 0;
	s->settled = sqlite3_column_int(stmt, 11) != 0;
	s->touched = sqlite3_column_int(stmt, 12) != 0;
	return s->config != NULL;
}

static bool
row_place(struct states *s, struct seen_row *row)
{
	struct place *p = place_get(s, row->instance);
	struct seen *seen = p == NULL ? NULL : seen_get(&p->rows,
		row->seen.project, row->seen.name);

	if (seen == NULL)
		return false;
	*seen = row->seen;
	row->seen.config = NULL;
	(void)row_show(s, p, seen, NULL);
	return true;
}

static int
rows_load(struct states *s, struct fault *f)
{
	struct db *d = ledger_read_begin(s->app->ledger);
	struct seen_row *list;
	void *rows;
	size_t n;
	sqlite3_stmt *stmt = db_query(d, "SELECT u.instance, u.project,"
	    " u.name, u.state, u.digest, u.config, u.memory, u.started,"
	    " u.stopped, u.restarts, u.crash_loop, u.settled, EXISTS (SELECT 1"
	    " FROM deployment d WHERE d.instance = u.instance"
	    " AND d.project = u.project AND d.name = u.name"
	    " AND d.ended > u.at) FROM unikernel_seen u", "");
	int err = db_rows(stmt, sizeof(*list), row_take, &rows, &n);

	ledger_read_end(s->app->ledger);
	list = rows;
	for (size_t i = 0; i < n; i++) {
		if (err == 0 && !row_place(s, &list[i]))
			err = ERR_NO_MEMORY;
		free(list[i].seen.config);
	}
	free(list);
	return err == 0 ? 0 : fault_set(f, err, "What was seen of unikernels "
	    "can not be read.");
}

struct outage_row {
	char instance[ALB_LABEL_MAX + 1];
	struct outage outage;
};

static bool
outage_take(sqlite3_stmt *stmt, void *row)
{
	struct outage_row *out = row;
	struct outage *o = &out->outage;

	*out = (struct outage_row){ .instance = "" };
	db_copy(stmt, 0, out->instance, sizeof(out->instance));
	o->since = sqlite3_column_int64(stmt, 1);
	o->until = sqlite3_column_int64(stmt, 2);
	o->err = err_from_code(db_text(stmt, 3));
	db_copy(stmt, 4, o->detail, sizeof(o->detail));
	return true;
}

static int
outages_load(struct states *s, struct fault *f)
{
	struct db *d = ledger_read_begin(s->app->ledger);
	struct outage_row *list;
	struct place *p;
	void *rows;
	size_t n;
	sqlite3_stmt *stmt = db_query(d, "SELECT instance, since, until,"
	    " error, detail FROM instance_outage ORDER BY instance, since",
	    "");
	int err = db_rows(stmt, sizeof(*list), outage_take, &rows, &n);

	ledger_read_end(s->app->ledger);
	list = rows;
	for (size_t i = 0; err == 0 && i < n; i++) {
		p = place_get(s, list[i].instance);
		if (p == NULL)
			err = ERR_NO_MEMORY;
		else
			standing_outage(&p->standing, &list[i].outage);
	}
	free(list);
	return err == 0 ? 0 : fault_set(f, err, "When instances were away can "
	    "not be read.");
}

int
states_load(struct states *s, struct fault *f)
{
	int err;

	pthread_mutex_lock(&s->lock);
	err = rows_load(s, f);
	if (err == 0)
		err = outages_load(s, f);
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* ---- writing ---- */

/* Oldest first; owned. */
static char *
restarts_text(const struct seen *s)
{
	AUTO_JSON struct json_object *list = json_object_new_array();
	int64_t first = s->restarts_all < SEEN_RESTARTS ? 0 :
		s->restarts_all - SEEN_RESTARTS;

	for (int64_t i = first; i < s->restarts_all; i++)
		json_object_array_add(list, json_object_new_int64(
		    s->restarts[i % SEEN_RESTARTS]));
	return json_text(list);
}

static int
row_write(struct db *d, const char *instance, const struct seen *s)
{
	AUTO_FREE char *restarts = restarts_text(s);

	if (restarts == NULL)
		return ERR_NO_MEMORY;
	return db_run(d, "INSERT OR REPLACE INTO unikernel_seen (instance,"
	    " project, name, state, digest, config, memory, started, stopped,"
	    " restarts, crash_loop, settled, at)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ttttttiiitiii", instance, s->project, s->name,
	    state_words[s->halted ? HALTED : (int)s->state], s->digest,
	    s->config, s->memory, s->started, s->stopped, restarts,
	    (int64_t)s->crash_loop, (int64_t)s->settled, wall_ms());
}

static int
row_remove(struct db *d, const char *instance, const struct seen_event *e)
{
	return db_run(d, "DELETE FROM unikernel_seen WHERE instance = ?"
	    " AND project = ? AND name = ?", "ttt", instance, e->project,
	    e->name);
}

/* A row as it is now, with a configuration of its own; false: it is gone. */
static bool
row_copy(struct states *s, const char *instance, const struct seen_event *e,
	struct seen *out)
{
	const struct place *p;
	const struct seen *row;

	*out = (struct seen){ .config = NULL };
	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	row = p == NULL ? NULL : seen_find(&p->rows, e->project, e->name);
	if (row != NULL && row->state != SEEN_NONE) {
		*out = *row;
		out->config = strdup(row->config);
	}
	pthread_mutex_unlock(&s->lock);
	return out->config != NULL;
}

static void
not_saved(const struct fault *f)
{
	log_event(LOG_LEVEL_ERROR, "states-not-stored", "why", f->detail,
	    NULL);
}

void
rows_save(struct states *s, const char *instance,
	const struct seen_events *events)
{
	struct fault f = { 0 };
	struct seen row;
	struct db *d;
	int err = 0;

	pthread_mutex_lock(&s->saving);
	d = ledger_write_begin(s->app->ledger, &f);
	for (size_t i = 0; d != NULL && err == 0 && i < events->len; i++) {
		if (row_copy(s, instance, &events->items[i], &row))
			err = row_write(d, instance, &row);
		else
			err = row_remove(d, instance, &events->items[i]);
		free(row.config);
	}
	if (d != NULL)
		err = ledger_write_close(s->app->ledger, err,
		    "What was seen could not be stored.", &f);
	pthread_mutex_unlock(&s->saving);
	if (d == NULL || err != 0)
		not_saved(&f);
}

void
outage_save(struct states *s, const char *instance, const struct outage *o)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(s->app->ledger, &f);
	int err = 0;

	if (d != NULL)
		err = db_run(d, "INSERT OR REPLACE INTO instance_outage"
		    " (instance, since, until, error, detail)"
		    " VALUES (?, ?, ?, ?, ?)", "tiitt", instance, o->since,
		    o->until, err_code(o->err), o->detail);
	if (d != NULL && err == 0)
		err = db_run(d, "DELETE FROM instance_outage"
		    " WHERE instance = ? AND since <= (SELECT since FROM"
		    " instance_outage WHERE instance = ? ORDER BY since DESC"
		    " LIMIT 1 OFFSET ?)", "tti", instance, instance,
		    (int64_t)STANDING_OUTAGES);
	if (d != NULL)
		err = ledger_write_close(s->app->ledger, err,
		    "That an instance is away could not be stored.", &f);
	if (d == NULL || err != 0)
		not_saved(&f);
}

void
place_erase(struct states *s, const char *instance)
{
	struct fault f = { 0 };
	struct db *d;
	int err = 0;

	pthread_mutex_lock(&s->saving);
	d = ledger_write_begin(s->app->ledger, &f);
	if (d != NULL)
		err = db_run(d, "DELETE FROM unikernel_seen"
		    " WHERE instance = ?", "t", instance);
	if (d != NULL && err == 0)
		err = db_run(d, "DELETE FROM instance_outage"
		    " WHERE instance = ?", "t", instance);
	if (d != NULL)
		err = ledger_write_close(s->app->ledger, err,
		    "An instance could not be forgotten.", &f);
	pthread_mutex_unlock(&s->saving);
	if (d == NULL || err != 0)
		not_saved(&f);
}
