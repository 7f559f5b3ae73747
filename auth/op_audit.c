/* SPDX-License-Identifier: ISC */
/* op_audit: looking through the audit log, and what others refused. */
#include <stdio.h>
#include <string.h>

#include "auth/ops.h"
#include "auth/pattern.h"

#define LIMIT_MAX 500
/* What one question looks through at most, and about what it answers. */
#define ROWS_LOOKED 20000
#define BYTES_MAX (96 * 1024)
#define FILTER_MAX 256

/* ---- audit-list ---- */

struct list_args {
	const char *actor;	/* a person's name or id; "-": nobody */
	const char *action;
	const char *result;	/* a code, "ok", or "refused": all but ok */
	const char *target;	/* occurs in it */
	int64_t from;		/* seconds since 1970, with both ends */
	int64_t to;
	int64_t before;		/* id */
	int64_t limit;
};

#define TEXT(field) \
	{ .name = #field, .type = JSON_STRING, .max = FILTER_MAX, \
	  .offset = offsetof(struct list_args, field) }
#define NUMBER(field, most) \
	{ .name = #field, .type = JSON_INT, .max = most, \
	  .offset = offsetof(struct list_args, field) }

static const struct json_field list_fields[] = {
	TEXT(actor), TEXT(action), TEXT(result), TEXT(target),
	NUMBER(from, INT64_MAX), NUMBER(to, INT64_MAX),
	NUMBER(before, INT64_MAX), NUMBER(limit, LIMIT_MAX),
	{ .name = NULL },
};

static const char select_rows[] =
	"SELECT id, time, action, result, user_id, user_name, credential,"
	" address, request_id, target, detail FROM audit"
	" WHERE id < ? AND id >= ? AND time >= ? AND time <= ?"
	" AND (? = '' OR user_name = ? OR user_id = ?"
	"  OR (? = '-' AND user_id IS NULL))"
	" AND (? = '' OR action = ?)"
	" AND (? = '' OR result = ? OR (? = 'refused' AND result <> 'ok'))"
	" AND (? = '%%' OR target LIKE ? ESCAPE '!')"
	" ORDER BY id DESC";

/*
 * Ids from first on and below *end may fit. Clocks are set back at times, so
 * they are the first and last of all rows of that time.
 */
static int64_t
bounds_find(struct db *d, const struct list_args *in, int64_t *end)
{
	int64_t last = db_number(in->to == 0 ?
		db_query(d, "SELECT max(id) FROM audit", "") :
		db_query(d, "SELECT max(id) FROM audit WHERE time <= ?", "i",
		    in->to), 0);

	*end = in->before != 0 && in->before <= last ? in->before : last + 1;
	return in->from == 0 ? 1 : db_number(db_query(d, "SELECT min(id)"
	    " FROM audit WHERE time >= ?", "i", in->from), *end);
}

static const char *
given(const char *s)
{
	return s == NULL ? "" : s;
}

static sqlite3_stmt *
rows_query(struct db *d, const struct list_args *in, int64_t first,
	int64_t end)
{
	const char *actor = given(in->actor), *action = given(in->action);
	const char *result = given(in->result);
	char target[2 * FILTER_MAX + 3];

	pattern_like(given(in->target), target);
	return db_query(d, select_rows, "iiiittttttttttt", end, first,
	    in->from, in->to == 0 ? INT64_MAX : in->to, actor, actor, actor,
	    actor, action, action, result, result, result, target, target);
}

static const char *
add_text(struct json_object *o, const char *key, sqlite3_stmt *stmt,
	int column, size_t *bytes)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	*bytes += s == NULL ? 0 : strlen(s);
	json_add_str(o, key, s);
	return s;
}

/* "session:ID"; rows of before it was so have the id alone. */
static void
add_credential(struct json_object *o, const char *s)
{
	const char *colon = s == NULL ? NULL : strchr(s, ':');
	struct json_object *credential;
	char kind[16];

	if (s == NULL)
		return;
	credential = json_object_new_object();
	snprintf(kind, sizeof(kind), "%.*s", colon == NULL ? 5 :
	    (int)(colon - s), colon == NULL ? "token" : s);
	json_add_str(credential, "kind", kind);
	json_add_str(credential, "id", colon == NULL ? s : colon + 1);
	json_object_object_add(o, "credential", credential);
}

static struct json_object *
row_to_json(sqlite3_stmt *stmt, size_t *bytes)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "id", sqlite3_column_int64(stmt, 0));
	json_add_int(o, "time", sqlite3_column_int64(stmt, 1));
	add_text(o, "action", stmt, 2, bytes);
	add_text(o, "result", stmt, 3, bytes);
	add_text(o, "actor_id", stmt, 4, bytes);
	add_text(o, "actor", stmt, 5, bytes);
	json_object_object_add(o, "credential", NULL);
	add_credential(o, (const char *)sqlite3_column_text(stmt, 6));
	add_text(o, "address", stmt, 7, bytes);
	add_text(o, "request_id", stmt, 8, bytes);
	add_text(o, "target", stmt, 9, bytes);
	add_text(o, "detail", stmt, 10, bytes);
	*bytes += 256;
	return o;
}

/* What fits; *next is the id to go on before, 0 at the end. */
static int
rows_take(sqlite3_stmt *stmt, int64_t limit, struct json_object *items,
	int64_t *next)
{
	size_t bytes = 0;
	int rc;

	while ((rc = db_step(stmt)) == 1) {
		json_object_array_add(items, row_to_json(stmt, &bytes));
		if (bytes < BYTES_MAX &&
		    json_object_array_length(items) < (size_t)limit)
			continue;
		*next = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
		return 0;
	}
	return rc < 0 ? ERR_INTERNAL : 0;
}

static int
list(struct request *r, const void *in, struct json_object *out)
{
	const struct list_args *args = in;
	const struct place anywhere = { 0 };
	struct json_object *items = json_object_new_array();
	int64_t end, next, least, first;
	struct spot spot;
	int err;

	json_object_object_add(out, "items", items);
	err = identity_allowed(r->db, &r->who, SCOPE_AUDIT_READ, &anywhere,
	    &spot, r->f);
	if (err != 0)
		return err;
	least = bounds_find(r->db, args, &end);
	first = end - least > ROWS_LOOKED ? end - ROWS_LOOKED : least;
	next = first;
	err = rows_take(rows_query(r->db, args, first, end),
	    args->limit == 0 ? LIMIT_MAX : args->limit, items, &next);
	if (err != 0)
		return fault_set(r->f, err, "The audit log can not be read.");
	json_add_nonzero(out, "next", next > least ? next : 0);
	return 0;
}

/* ---- change-refused ---- */

struct refused_args {
	const char *code;
	const char *instance;
	const char *project;
	const char *name;
};

#undef TEXT
#define TEXT(field, must) \
	{ .name = #field, .type = JSON_STRING, .required = must, .max = 1024, \
	  .offset = offsetof(struct refused_args, field) }

static const struct json_field refused_fields[] = {
	TEXT(code, true), TEXT(instance, false), TEXT(project, false),
	TEXT(name, false), { .name = NULL },
};

/*
 * mollymawk-fcgi refused a change without asking: no credential, one of the
 * wrong kind, another site's request. Answered with that refusal, which ops.c
 * makes a row of.
 */
static int
change_refused(struct request *r, const void *in, struct json_object *out)
{
	const struct refused_args *args = in;
	int err = err_from_code(args->code);

	return fault_set(r->f, err, "It was refused.");
}

const struct op audit_ops[] = {
	{ .name = "audit-list", .who = OP_ANY, .reads = true,
	  .fields = list_fields, .size = sizeof(struct list_args),
	  .run = list },
	{ .name = "change-refused", .who = OP_MAYBE,
	  .fields = refused_fields, .size = sizeof(struct refused_args),
	  .run = change_refused },
	{ .name = NULL },
};
