/* SPDX-License-Identifier: ISC */
/* policies: what projects may use on instances; see policies.h. */
#include "auth/policies.h"

#include <string.h>

#include "albatross/json.h"

static int
policy_parse(const char *body, struct alb_policy *out)
{
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(body, strlen(body), &f);

	*out = (struct alb_policy){ 0 };
	if (o != NULL && alb_policy_from_json(o, "", out, &f) == 0)
		return 0;
	alb_policy_free(out);
	return ERR_INTERNAL;
}

int
policy_get(struct db *d, const struct spot *spot, struct alb_policy *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT body FROM policy"
	    " WHERE project_id = ? AND instance_id = ?", "tt",
	    spot->project_id, spot->instance_id);
	int rc = db_step(stmt), err;

	if (rc != 1)
		return rc == 0 ? ERR_NO_POLICY : ERR_INTERNAL;
	err = policy_parse(db_text(stmt, 0), out);
	db_done(stmt);
	return err;
}

int
policy_set(struct db *d, const struct spot *spot, const struct alb_policy *p,
	time_t now)
{
	AUTO_JSON struct json_object *o = alb_policy_to_json(p);
	const char *body;
	int err;

	if (o == NULL)
		return ERR_NO_MEMORY;
	body = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	err = db_run(d, "UPDATE policy SET body = ?, changed = ?"
	    " WHERE project_id = ? AND instance_id = ?", "titt", body,
	    (int64_t)now, spot->project_id, spot->instance_id);
	if (err == 0 && db_changes(d) == 0)
		err = db_run(d, "INSERT INTO policy (body, changed, project_id,"
		    " instance_id) VALUES (?, ?, ?, ?)", "titt", body,
		    (int64_t)now, spot->project_id, spot->instance_id);
	return err != 0 ? err : store_revise(d);
}

/* Sums stop at the largest number: they are shown, not reckoned with. */
static void
sum_add(int64_t *sum, int64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = INT64_MAX;
}

int
policy_given(struct db *d, const char *instance_id, struct given *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT body FROM policy"
	    " WHERE instance_id = ?", "t", instance_id);
	struct alb_policy p;
	int rc, err = 0;

	*out = (struct given){ 0 };
	while ((rc = db_step(stmt)) == 1) {
		if (policy_parse(db_text(stmt, 0), &p) != 0) {
			err = ERR_INTERNAL;
			continue;
		}
		sum_add(&out->unikernels, p.unikernels);
		sum_add(&out->memory, p.memory);
		if (p.has_block)
			sum_add(&out->block, p.block);
		alb_policy_free(&p);
	}
	return rc < 0 ? ERR_INTERNAL : err;
}
