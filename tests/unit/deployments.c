/* SPDX-License-Identifier: ISC */
/* deployments: see deployments.h. */
#include "tests/unit/deployments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void
deployment_put(struct ledger *l, const struct row *row)
{
	int64_t created = (int64_t)row->created * 1000;
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);
	int err;

	assert_non_null(d);
	err = db_run(d, "INSERT INTO deployment (instance, project, name,"
	    " number, state, source, of_number, because, rolled_back_by,"
	    " previous, current, replaced, user_id, user_name, token_id,"
	    " image, image_size, config, auto_rollback, grace,"
	    " previous_image, created, ended) VALUES ('i1', ?1, ?2, ?3, ?4,"
	    " 'upload', 0, 0, 0, ?5, ?6, 0, 'u', 'ada', '', ?7, 0, '{}',"
	    " 1, 3, ?8, ?9, CASE WHEN ?10 THEN NULL ELSE ?9 END)",
	    "ttitiittii", row->project == NULL ? "ada" : row->project,
	    row->name, row->number, row->state, row->previous,
	    (int64_t)row->current, row->image, row->previous_image, created,
	    (int64_t)row->open);
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
