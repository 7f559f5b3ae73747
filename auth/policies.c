/* SPDX-License-Identifier: ISC */
/* policies: what projects may use on instances; see policies.h. */
#include "auth/policies.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/json.h"

const char *
policy_state_name(enum policy_state state)
{
	static const char *const names[] = { "applied", "pending", "drift" };

	return names[state];
}

/* ---- rows ---- */

/* Policies are kept as text which is the same for what is the same. */
static char *
policy_text(const struct alb_policy *p)
{
	AUTO_JSON struct json_object *o = alb_policy_to_json(p);

	return json_text(o);
}

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

/* One that allows nothing is what a policy that was removed leaves behind. */
static bool
is_empty(const char *body)
{
	struct alb_policy p;
	bool empty;

	if (policy_parse(body, &p) != 0)
		return false;
	empty = p.unikernels == 0 && p.memory == 0 && p.ncpus == 0 &&
		p.nbridges == 0 && p.block == 0;
	alb_policy_free(&p);
	return empty;
}

/* A row, its text borrowed; "" for null. */
struct row {
	const char *body;	/* ours */
	const char *earlier;	/* what albatross had when ours was set */
	const char *seen;	/* what it has */
	const char *refused;
	bool confirmed;		/* ours was seen there */
	bool over_commit;
	time_t changed;
};

#define COLUMNS "y.body, y.earlier, y.seen, y.refused, y.confirmed," \
	" y.over_commit, y.changed"
#define COLUMN_COUNT 7

static struct row
row_read(sqlite3_stmt *stmt, int at)
{
	return (struct row){
		.body = db_text(stmt, at),
		.earlier = db_text(stmt, at + 1),
		.seen = db_text(stmt, at + 2),
		.refused = db_text(stmt, at + 3),
		.confirmed = sqlite3_column_int(stmt, at + 4) != 0,
		.over_commit = sqlite3_column_int(stmt, at + 5) != 0,
		.changed = sqlite3_column_int64(stmt, at + 6),
	};
}

static enum policy_state
row_state(const struct row *row, time_t now)
{
	bool late = now - row->changed < POLICY_LATE;

	if (row->seen[0] == '\0')
		return POLICY_PENDING;
	if (strcmp(row->seen, row->body) == 0)
		return POLICY_APPLIED;
	if (row->refused[0] != '\0')
		return POLICY_DRIFT;
	if (strcmp(row->seen, row->earlier) == 0 && (!row->confirmed || late))
		return POLICY_PENDING;
	return !row->confirmed && is_empty(row->seen) ? POLICY_PENDING :
		POLICY_DRIFT;
}

void
allowance_free(struct allowance *a)
{
	alb_policy_free(&a->policy);
	alb_policy_free(&a->seen);
	free(a->refused);
	*a = (struct allowance){ 0 };
}

static int
row_take(const struct row *row, time_t now, struct allowance *out)
{
	*out = (struct allowance){ .state = row_state(row, now),
		.over_commit = row->over_commit, .changed = row->changed };
	if (policy_parse(row->body, &out->policy) != 0)
		return ERR_INTERNAL;
	/* What it has may be nothing that we would ever send. */
	out->has_seen = row->seen[0] != '\0' &&
		policy_parse(row->seen, &out->seen) == 0;
	if (row->refused[0] != '\0')
		out->refused = strdup(row->refused);
	return 0;
}

int
policy_get(struct db *d, const struct spot *spot, time_t now,
	struct allowance *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT " COLUMNS " FROM policy y"
	    " WHERE y.project_id = ? AND y.instance_id = ?", "tt",
	    spot->project_id, spot->instance_id);
	int rc = db_step(stmt), err;
	struct row row;

	*out = (struct allowance){ 0 };
	if (rc != 1)
		return rc == 0 ? ERR_NO_POLICY : ERR_INTERNAL;
	row = row_read(stmt, 0);
	err = row_take(&row, now, out);
	db_done(stmt);
	return err;
}

void
allowance_show(const struct allowance *a, struct json_object *out)
{
	json_object_object_add(out, "policy", alb_policy_to_json(&a->policy));
	json_add_bool(out, "over_commit", a->over_commit);
	json_add_str(out, "state", policy_state_name(a->state));
	json_add_int(out, "changed", a->changed);
	json_object_object_add(out, "albatross", a->has_seen ?
	    alb_policy_to_json(&a->seen) : NULL);
	json_add_str(out, "refused", a->refused);
}

/* ---- changes ---- */

static int
row_insert(struct db *d, const struct spot *spot,
	const struct policy_form *form, const char *body, const char *found,
	time_t now)
{
	return db_run(d, "INSERT INTO policy (project_id, instance_id, body,"
	    " earlier, seen, confirmed, over_commit, changed)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "tttttiii", spot->project_id,
	    spot->instance_id, body, found, form->applied ? body : found,
	    (int64_t)form->applied, (int64_t)form->over_commit, (int64_t)now);
}

/* What albatross has now, or had of ours, is the one before. */
static int
row_update(struct db *d, const struct spot *spot,
	const struct policy_form *form, const char *body, const char *found,
	time_t now)
{
	int err = db_run(d, "UPDATE policy SET earlier = COALESCE(?, seen,"
		" body), seen = COALESCE(?, seen), confirmed = 0, body = ?,"
		" over_commit = ?, changed = ?, refused = NULL"
		" WHERE project_id = ? AND instance_id = ?", "tttiitt", found,
		found, body, (int64_t)form->over_commit, (int64_t)now,
		spot->project_id, spot->instance_id);

	if (err == 0 && db_changes(d) == 0)
		return ERR_NOT_FOUND;
	if (err == 0 && form->applied)
		err = db_run(d, "UPDATE policy SET seen = body, confirmed = 1"
		    " WHERE project_id = ? AND instance_id = ?", "tt",
		    spot->project_id, spot->instance_id);
	return err;
}

int
policy_set(struct db *d, const struct spot *spot,
	const struct policy_form *form, time_t now)
{
	char *body = policy_text(form->policy);
	char *found = form->found == NULL ? NULL : policy_text(form->found);
	int err = body == NULL ? ERR_NO_MEMORY :
		row_update(d, spot, form, body, found, now);

	if (err == ERR_NOT_FOUND)
		err = row_insert(d, spot, form, body, found, now);
	free(body);
	free(found);
	return err != 0 ? err : store_revise(d);
}

int
policy_remove(struct db *d, const struct spot *spot)
{
	int err = db_run(d, "DELETE FROM policy WHERE project_id = ?"
		" AND instance_id = ?", "tt", spot->project_id,
		spot->instance_id);

	return err != 0 ? err : store_revise(d);
}

int
policy_refused(struct db *d, const struct spot *spot, const char *words)
{
	int err = db_run(d, "UPDATE policy SET refused = ?"
		" WHERE project_id = ? AND instance_id = ?", "ttt", words,
		spot->project_id, spot->instance_id);

	return err != 0 ? err : store_revise(d);
}

/* ---- lists ---- */

static struct json_object *
body_json(const char *body)
{
	struct fault f = { 0 };

	return json_parse(body, strlen(body), &f);
}

struct json_object *
policy_list(struct db *d, const struct identity *who, const char *project_id,
	time_t now)
{
	struct json_object *items = json_object_new_array(), *o;
	sqlite3_stmt *stmt = db_query(d, "SELECT i.name, " COLUMNS
	    " FROM policy y JOIN instance i ON i.id = y.instance_id"
	    " WHERE y.project_id = ? ORDER BY i.name", "t", project_id);
	struct row row;

	while (db_step(stmt) == 1) {
		if (who->token.id[0] != '\0' && !token_covers_instance(
		    &who->token.limits, db_text(stmt, 0)))
			continue;
		row = row_read(stmt, 1);
		o = json_object_new_object();
		json_add_str(o, "instance", db_text(stmt, 0));
		json_object_object_add(o, "policy", body_json(row.body));
		json_add_bool(o, "over_commit", row.over_commit);
		json_add_str(o, "state", policy_state_name(row_state(&row,
		    now)));
		json_object_array_add(items, o);
	}
	return items;
}

static struct json_object *
item_make(sqlite3_stmt *stmt, time_t now)
{
	struct row row = row_read(stmt, 1);
	struct allowance a;
	struct json_object *o = NULL;

	if (row_take(&row, now, &a) == 0) {
		o = json_object_new_object();
		json_add_str(o, "project", db_text(stmt, 0));
		allowance_show(&a, o);
	}
	allowance_free(&a);
	return o;
}

struct json_object *
policy_list_on(struct db *d, const char *instance_id, const char *after,
	size_t budget, time_t now, bool *more)
{
	struct json_object *items = json_object_new_array(), *o;
	sqlite3_stmt *stmt = db_query(d, "SELECT p.name, " COLUMNS
	    " FROM policy y JOIN project p ON p.id = y.project_id"
	    " WHERE y.instance_id = ? AND p.name > ? ORDER BY p.name", "tt",
	    instance_id, after);
	size_t used = 0;

	*more = false;
	while (!*more && db_step(stmt) == 1) {
		o = item_make(stmt, now);
		*more = o != NULL && !json_list_fit(items, o, budget, &used);
	}
	db_done(stmt);
	return items;
}

/* ---- sums ---- */

static void
sum_add(int64_t *sum, int64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = INT64_MAX;
}

void
given_add(struct given *sum, const struct alb_policy *p)
{
	sum_add(&sum->unikernels, p->unikernels);
	sum_add(&sum->memory, p->memory);
	if (p->has_block)
		sum_add(&sum->block, p->block);
}

int
policy_given(struct db *d, const char *instance_id, const char *project_id,
	struct given *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT body FROM policy"
	    " WHERE instance_id = ? AND project_id <> ?", "tt", instance_id,
	    project_id == NULL ? "" : project_id);
	struct alb_policy p;
	int rc, err = 0;

	*out = (struct given){ 0 };
	while ((rc = db_step(stmt)) == 1) {
		if (policy_parse(db_text(stmt, 0), &p) != 0) {
			err = ERR_INTERNAL;
			continue;
		}
		given_add(out, &p);
		alb_policy_free(&p);
	}
	return rc < 0 ? ERR_INTERNAL : err;
}

/* ---- what albatross has ---- */

int
policy_root(struct db *d, const char *instance_id, struct alb_policy *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT root FROM instance"
	    " WHERE id = ? AND root IS NOT NULL", "t", instance_id);
	int rc = db_step(stmt), err;

	*out = (struct alb_policy){ 0 };
	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	err = policy_parse(db_text(stmt, 0), out);
	db_done(stmt);
	return err;
}

static bool
root_differs(struct db *d, const struct policy_sight *s)
{
	struct alb_policy known;
	bool differs;

	if (s->root == NULL)
		return false;
	differs = policy_root(d, s->instance_id, &known) != 0 ||
		!alb_policy_equal(&known, s->root);
	alb_policy_free(&known);
	return differs;
}

static int
root_write(struct db *d, const struct policy_sight *s)
{
	char *text = policy_text(s->root);
	int err = text == NULL ? ERR_NO_MEMORY : db_run(d, "UPDATE instance"
		" SET root = ? WHERE id = ?", "tt", text, s->instance_id);

	free(text);
	return err;
}

static sqlite3_stmt *
rows_within(struct db *d, const struct policy_sight *s)
{
	return db_query(d, "SELECT p.name, y.project_id, " COLUMNS
	    " FROM policy y JOIN project p ON p.id = y.project_id"
	    " WHERE y.instance_id = ? AND p.name > ?"
	    " AND (? = '' OR p.name <= ?) ORDER BY p.name", "tttt",
	    s->instance_id, s->after, s->until, s->until);
}

/* Of a project, owned; "" for none, NULL when out of memory. */
static char *
sight_of(const struct policy_sight *s, const char *project)
{
	struct json_object *o = json_member(s->policies, project,
		json_type_object);
	struct alb_policy p = { 0 };
	struct fault f = { 0 };
	char *text;

	if (o == NULL)
		return strdup("");
	text = alb_policy_from_json(o, "", &p, &f) == 0 ? policy_text(&p) :
		json_text(o);
	alb_policy_free(&p);
	return text;
}

static bool
row_differs(const struct row *row, const char *seen)
{
	return strcmp(row->seen, seen) != 0 ||
		(!row->confirmed && strcmp(row->body, seen) == 0);
}

bool
policy_sight_differs(struct db *d, const struct policy_sight *s)
{
	sqlite3_stmt *stmt = rows_within(d, s);
	bool differs = false;

	if (root_differs(d, s)) {
		db_done(stmt);
		return true;
	}
	while (!differs && db_step(stmt) == 1) {
		struct row row = row_read(stmt, 2);
		char *seen = sight_of(s, db_text(stmt, 0));

		differs = seen != NULL && row_differs(&row, seen);
		free(seen);
		if (differs)
			db_done(stmt);
	}
	return differs;
}

/* One row whose sight is another now. */
struct change {
	char project[ALB_LABEL_MAX + 1];
	char project_id[37];
	char *seen;		/* owned */
	bool confirmed;		/* it is ours */
	enum policy_state was, is;
};

static bool
change_make(sqlite3_stmt *stmt, const struct policy_sight *s, time_t now,
	struct change *out)
{
	struct row row = row_read(stmt, 2);
	char *seen = sight_of(s, db_text(stmt, 0));
	bool ours;

	*out = (struct change){ .seen = seen };
	if (seen == NULL || !row_differs(&row, seen))
		return false;
	db_copy(stmt, 0, out->project, sizeof(out->project));
	db_copy(stmt, 1, out->project_id, sizeof(out->project_id));
	ours = strcmp(row.body, seen) == 0;
	out->was = row_state(&row, now);
	row.seen = seen;
	row.confirmed = row.confirmed || ours;
	if (ours)
		row.refused = "";
	out->confirmed = ours;
	out->is = row_state(&row, now);
	return true;
}

static int
change_write(struct db *d, const struct policy_sight *s,
	const struct change *c)
{
	int err = db_run(d, "UPDATE policy SET seen = ?"
		" WHERE project_id = ? AND instance_id = ?", "ttt",
		c->seen[0] == '\0' ? NULL : c->seen, c->project_id,
		s->instance_id);

	if (err == 0 && c->confirmed)
		err = db_run(d, "UPDATE policy SET confirmed = 1,"
		    " refused = NULL WHERE project_id = ?"
		    " AND instance_id = ?", "tt", c->project_id,
		    s->instance_id);
	if (err == 0 && c->was != c->is)
		err = s->tell(s->arg, d, c->project, c->is);
	return err;
}

int
policy_sight_take(struct db *d, const struct policy_sight *s, time_t now)
{
	sqlite3_stmt *stmt = rows_within(d, s);
	struct change *changes = NULL, *more, one;
	size_t n = 0;
	int err = root_differs(d, s) ? root_write(d, s) : 0;

	while (err == 0 && db_step(stmt) == 1) {
		if (!change_make(stmt, s, now, &one)) {
			free(one.seen);
			continue;
		}
		more = reallocarray(changes, n + 1, sizeof(*more));
		if (more == NULL) {
			free(one.seen);
			db_done(stmt);
			err = ERR_NO_MEMORY;
			continue;
		}
		changes = more;
		changes[n++] = one;
	}
	for (size_t i = 0; i < n; i++) {
		if (err == 0)
			err = change_write(d, s, &changes[i]);
		free(changes[i].seen);
	}
	free(changes);
	return err != 0 || n == 0 ? err : store_revise(d);
}
