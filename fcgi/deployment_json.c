/* SPDX-License-Identifier: ISC */
/* deployment_json: deployments as the API shows them. */
#include "fcgi/deployment.h"

#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "base/text.h"
#include "fcgi/changes.h"
#include "fcgi/problem.h"

/* JSON of our own making; NULL when there is none. */
static struct json_object *
stored(const char *text)
{
	return text == NULL ? NULL : json_tokener_parse(text);
}

static void
add_by(struct json_object *o, const struct deployment *d)
{
	struct json_object *by = json_object_new_object();

	json_add_str(by, "user", d->user);
	json_add_str(by, "name", d->user_name);
	json_add_str(by, "token", text_or_null(d->token));
	json_object_object_add(o, "by", by);
}

static void
add_image(struct json_object *o, struct images *images,
	const struct deployment *d)
{
	struct json_object *image = NULL;

	if (d->image[0] != '\0') {
		image = json_object_new_object();
		json_add_str(image, "sha256", d->image);
		json_add_int(image, "size", (int64_t)d->image_size);
		json_add_bool(image, "stored", images_has(images, d->project,
		    d->image, NULL));
	}
	json_object_object_add(o, "image", image);
}

/* The lines of the excerpt. */
static void
add_log(struct json_object *o, const struct deployment *d)
{
	struct json_object *lines = json_object_new_array();
	const char *at = d->log == NULL ? "" : d->log;

	while (*at != '\0') {
		size_t len = strcspn(at, "\n");

		json_object_array_add(lines,
		    json_object_new_string_len(at, (int)len));
		at += len + (at[len] == '\n');
	}
	json_object_object_add(o, "log", lines);
}

static void
add_relations(struct json_object *o, const struct deployment *d)
{
	json_add_str(o, "source", deployment_source_text(d->source));
	json_add_nonzero(o, "of", d->of);
	json_add_nonzero(o, "because", d->because);
	json_add_nonzero(o, "rolled_back_by", d->rolled_back_by);
	json_add_nonzero(o, "previous", d->previous);
	json_add_bool(o, "replaced", d->replaced);
	json_add_bool(o, "auto_rollback", d->auto_rollback);
	json_add_int(o, "grace", d->grace);
	json_add_str(o, "link", text_or_null(d->link));
}

static struct json_object *
step_json(sqlite3_stmt *stmt)
{
	struct json_object *o = json_object_new_object();
	int64_t begun = sqlite3_column_int64(stmt, 1);
	int64_t ended = sqlite3_column_int64(stmt, 2);

	json_add_str(o, "step", db_text(stmt, 0));
	json_add_time_ms(o, "begun_at", begun);
	if (ended == 0)
		json_object_object_add(o, "ms", NULL);
	else
		json_add_int(o, "ms", ended < begun ? 0 : ended - begun);
	json_add_str(o, "result", text_or_null(db_text(stmt, 3)));
	json_add_str(o, "detail", text_or_null(db_text(stmt, 4)));
	return o;
}

static void
add_steps(struct json_object *o, struct ledger *l, const struct deployment *d)
{
	struct json_object *steps = json_object_new_array();
	sqlite3_stmt *stmt = db_query(ledger_read_begin(l), "SELECT step,"
	    " begun, ended, result, detail FROM step WHERE deployment_id = ?"
	    " ORDER BY seq", "i", d->id);

	while (db_step(stmt) == 1)
		json_object_array_add(steps, step_json(stmt));
	ledger_read_end(l);
	json_object_object_add(o, "steps", steps);
}

/* Against the deployment before it, for what a person wants to know first. */
static void
add_changes(struct json_object *o, struct ledger *l,
	const struct deployment *d)
{
	AUTO_JSON struct json_object *from = NULL, *to = stored(d->config);
	struct deployment before;
	struct json_object *changes = NULL;

	if (deployment_before(l, d, &before) == 0) {
		from = stored(before.config);
		changes = config_changes(from, to, before.image, d->image);
		deployment_free(&before);
	}
	json_object_object_add(o, "changes", changes);
}

struct json_object *
deployment_json(struct ledger *l, struct images *images,
	const struct deployment *d, bool whole)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "id", d->id);
	json_add_str(o, "instance", d->instance);
	json_add_str(o, "project", d->project);
	json_add_str(o, "name", d->name);
	json_add_int(o, "number", d->number);
	json_add_str(o, "state", deployment_state_text(d->state));
	json_add_bool(o, "final", deployment_is_final(d->state));
	json_add_bool(o, "current", d->current);
	add_relations(o, d);
	add_by(o, d);
	add_image(o, images, d);
	json_object_object_add(o, "build", stored(d->build));
	json_object_object_add(o, "config", stored(d->config));
	json_object_object_add(o, "check", stored(d->check));
	json_add_time_ms(o, "created_at", d->created);
	json_add_time_ms(o, "ended_at", d->ended);
	json_object_object_add(o, "error", stored(d->error));
	add_log(o, d);
	if (whole) {
		add_steps(o, l, d);
		add_changes(o, l, d);
	}
	return o;
}

struct json_object *
deployment_list_json(struct ledger *l, struct images *images,
	const char *instance, const char *project, const char *name,
	int64_t before, int limit, int64_t *next)
{
	struct json_object *items = json_object_new_array();
	struct deployment d;

	*next = 0;
	for (int i = 0; deployment_below(l, instance, project, name, before,
	    &d) == 0; i++) {
		if (i == limit) {
			*next = before;
			deployment_free(&d);
			break;
		}
		before = d.number;
		json_object_array_add(items,
		    deployment_json(l, images, &d, true));
		deployment_free(&d);
	}
	return items;
}

static struct json_object *
mark_json(sqlite3_stmt *stmt)
{
	struct json_object *o = json_object_new_object();
	char text[128];

	snprintf(text, sizeof(text), "Deployment %lld (%s): %s",
	    (long long)sqlite3_column_int64(stmt, 0), db_text(stmt, 1),
	    db_text(stmt, 2));
	json_add_time_ms(o, "time", sqlite3_column_int64(stmt, 3));
	json_add_str(o, "kind", "deployment");
	json_add_str(o, "text", text);
	json_add_int(o, "deployment", sqlite3_column_int64(stmt, 0));
	return o;
}

struct json_object *
deployment_marks_json(struct ledger *l, const char *instance,
	const char *project, const char *name, int64_t from_ms, int64_t to_ms,
	int limit)
{
	struct json_object *marks = json_object_new_array();
	struct db *db = ledger_read_begin(l);
	sqlite3_stmt *stmt = db_query(db, "SELECT number, source, state,"
	    " created FROM deployment WHERE instance = ? AND project = ?"
	    " AND name = ? AND state <> 'refused' AND created BETWEEN ? AND ?"
	    " ORDER BY number DESC LIMIT ?", "tttiii", instance, project,
	    name, from_ms, to_ms, (int64_t)limit);

	while (db_step(stmt) == 1)
		json_object_array_add(marks, mark_json(stmt));
	ledger_read_end(l);
	return marks;
}

char *
deployment_config_text(const struct alb_config *c)
{
	AUTO_JSON struct json_object *o = alb_config_to_json(c);

	return json_text(o);
}

int
deployment_config(const char *text, struct alb_config *out)
{
	AUTO_JSON struct json_object *o = stored(text);
	struct fault f = { 0 };
	int err;

	alb_config_init(out);
	if (o == NULL)
		return ERR_NO_MEMORY;
	err = alb_config_from_json(o, "", out, &f);
	if (err != 0)
		alb_config_free(out);
	return err == ERR_INVALID ? ERR_INTERNAL : err;
}

void
deployment_fault(const struct deployment *d, struct fault *f)
{
	problem_fault(d->error, f);
}

/* ---- volumes in configurations ---- */

static bool
config_names(const char *text, const char *volume)
{
	struct alb_config c;
	bool named = false;

	if (text == NULL || deployment_config(text, &c) != 0)
		return false;
	for (size_t i = 0; i < c.nblocks && !named; i++)
		named = strcmp(alb_block_volume(&c.blocks[i]), volume) == 0;
	alb_config_free(&c);
	return named;
}

int
deployment_naming(struct ledger *l, const char *instance,
	const char *project, const char *volume, struct deployment *out)
{
	int64_t after = 0;
	int err;

	while ((err = deployment_open_after(l, after, out)) == 0) {
		if (strcmp(out->instance, instance) == 0 &&
		    strcmp(out->project, project) == 0 &&
		    (config_names(out->config, volume) ||
		    config_names(out->previous_config, volume)))
			return 0;
		after = out->id;
		deployment_free(out);
	}
	return err;
}
