/* SPDX-License-Identifier: ISC */
/* deployments: see deployments.h. */
#include "tests/unit/deployments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/deployment.h"

static void
text_set(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text == NULL ? "" : text);
}

/* What a deployment only gets in its course. */
static void
course_set(struct ledger *l, int64_t id, const struct row *row)
{
	int64_t created = (int64_t)row->created * 1000;
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);
	int err;

	assert_non_null(d);
	err = db_run(d, "UPDATE deployment SET number = ?2, state = ?3,"
	    " previous = ?4, current = ?5, previous_image = ?6, created = ?7,"
	    " ended = CASE WHEN ?8 THEN NULL ELSE ?7 END WHERE id = ?1",
	    "iitiitii", id, row->number, row->state, row->previous,
	    (int64_t)row->current, row->previous_image, created,
	    (int64_t)row->open);
	assert_int_equal(ledger_write_end(l, err, &f), 0);
}

int
ledger_begin(char dir[FOLDER_SIZE], struct ledger **out)
{
	struct fault f = { 0 };

	folder_make(dir);
	return ledger_open(dir, out, &f) == 0 ? 0 : -1;
}

int
ledger_finish(const char *dir, struct ledger *l)
{
	ledger_close(l);
	return folder_remove(dir);
}

void
ledger_run(struct ledger *l, const char *sql)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);

	assert_non_null(d);
	assert_int_equal(ledger_write_end(l, db_run(d, sql, ""), &f), 0);
}

void
deployment_put(struct ledger *l, const struct row *row)
{
	struct deployment d;
	struct fault f = { 0 };

	deployment_init(&d);
	text_set(d.instance, sizeof(d.instance), "i1");
	text_set(d.project, sizeof(d.project),
	    row->project == NULL ? "ada" : row->project);
	text_set(d.name, sizeof(d.name), row->name);
	text_set(d.image, sizeof(d.image), row->image);
	d.config = strdup("{}");
	assert_int_equal(deployment_add(l, &d, &f), 0);
	course_set(l, d.id, row);
	deployment_free(&d);
}

void
deployments_clear(struct ledger *l)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);
	int err;

	assert_non_null(d);
	err = db_run(d, "DELETE FROM step", "");
	if (err == 0)
		err = db_run(d, "DELETE FROM deployment", "");
	assert_int_equal(ledger_write_end(l, err, &f), 0);
}

void
setting_put(struct ledger *l, const char *name, const char *body)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);
	int err;

	assert_non_null(d);
	err = db_run(d, "DELETE FROM setting WHERE name = ?1", "t", name);
	if (err == 0 && body != NULL)
		err = db_run(d, "INSERT INTO setting VALUES (?1, ?2)", "tt",
		    name, body);
	assert_int_equal(ledger_write_end(l, err, &f), 0);
}
