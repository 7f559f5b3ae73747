/* SPDX-License-Identifier: ISC */
/* settings: see settings.h; one row each, as JSON. */
#include "auth/settings.h"

#include <string.h>

int
setting_get(struct db *d, const char *name, struct json_object **out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT body FROM setting"
	    " WHERE name = ?", "t", name);
	int rc = db_step(stmt);
	struct fault f = { 0 };

	*out = NULL;
	if (rc != 1)
		return rc == 0 ? 0 : ERR_INTERNAL;
	*out = json_parse(db_text(stmt, 0), strlen(db_text(stmt, 0)), &f);
	db_done(stmt);
	return *out != NULL ? 0 : ERR_INTERNAL;
}

int
setting_set(struct db *d, const char *name, struct json_object *body)
{
	const char *text = json_object_to_json_string_ext(body,
	    JSON_C_TO_STRING_PLAIN);
	int err;

	if (text == NULL)
		return ERR_NO_MEMORY;
	err = db_run(d, "UPDATE setting SET body = ? WHERE name = ?", "tt",
	    text, name);
	if (err == 0 && db_changes(d) == 0)
		err = db_run(d, "INSERT INTO setting (body, name)"
		    " VALUES (?, ?)", "tt", text, name);
	return err;
}
