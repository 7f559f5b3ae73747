/* SPDX-License-Identifier: ISC */
/* retention: see retention.h. */
#include "fcgi/retention.h"

#include <string.h>

#define DEPLOYMENTS_DEFAULT 10
#define DEPLOYMENTS_MAX 1000000
#define DAYS_DEFAULT 30
#define DAYS_MAX 36500
#define DAY 86400

static const struct json_field fields[] = {
	{ .name = "deployments", .type = JSON_INT, .min = 1,
	  .max = DEPLOYMENTS_MAX,
	  .offset = offsetof(struct retention, deployments) },
	{ .name = "days", .type = JSON_INT, .min = 0, .max = DAYS_MAX,
	  .offset = offsetof(struct retention, days) },
	{ .name = NULL }
};

static const struct retention defaults = {
	.deployments = DEPLOYMENTS_DEFAULT, .days = DAYS_DEFAULT,
};

/* What was checked when it was set, and is not trusted for that. */
static void
setting_read(const char *text, struct retention *out)
{
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);

	if (o == NULL || json_read(o, fields, out, "", &f) != 0)
		*out = defaults;
}

void
retention_read(struct ledger *l, struct retention *out)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *q = db_query(d,
	    "SELECT body FROM setting WHERE name = 'retention'", "");

	*out = defaults;
	if (q != NULL && db_step(q) == 1)
		setting_read(db_text(q, 0), out);
	if (q != NULL)
		db_done(q);
	ledger_read_end(l);
}

time_t
retention_since(const struct retention *t, time_t now)
{
	return now - (time_t)t->days * DAY;
}

/*
 * A deployment that was refused touched nothing, and counts for nothing. What
 * an operation under way has stopped is to be started again.
 */
static const char needed_sql[] =
"WITH ranked AS (SELECT instance, name, number, previous, image,"
"    previous_image, current, ended, created,"
"    row_number() OVER (PARTITION BY instance, name"
"      ORDER BY number DESC) AS place"
"  FROM deployment WHERE project = ?1 AND state <> 'refused'),"
" needed (image) AS ("
"  SELECT image FROM ranked WHERE place <= ?2 OR current = 1"
"    OR ended IS NULL OR created >= ?3"
"  UNION SELECT previous_image FROM ranked WHERE current = 1"
"    OR ended IS NULL OR created >= ?3"
"  UNION SELECT p.image FROM ranked c JOIN ranked p"
"    ON p.instance = c.instance AND p.name = c.name"
"    AND p.number = c.previous WHERE c.current = 1"
"  UNION SELECT coalesce(json_extract(u.value, '$.image'), '')"
"    FROM operation o, json_each(o.unikernels) u"
"    WHERE o.project = ?1 AND o.ended IS NULL)"
"SELECT image FROM needed WHERE image <> '' AND (?4 IS NULL OR image = ?4)";

struct json_object *
retention_needed(struct db *d, const struct retention *t,
	const char *project, const char *sha256, time_t since)
{
	sqlite3_stmt *q = db_query(d, needed_sql, "tiit", project,
	    t->deployments, since == 0 ? INT64_MAX : (int64_t)since * 1000,
	    sha256);
	struct json_object *o;
	int rc;

	if (q == NULL)
		return NULL;
	o = json_object_new_object();
	while ((rc = db_step(q)) == 1)
		json_object_object_add(o, db_text(q, 0), NULL);
	if (rc == 0)
		return o;
	json_object_put(o);
	return NULL;
}

static const char users_sql[] =
"SELECT image, instance, name, number, current FROM ("
"  SELECT image, instance, name, number, current,"
"    row_number() OVER (PARTITION BY image, instance, name"
"      ORDER BY current DESC, number DESC) AS place"
"  FROM deployment WHERE project = ?1 AND state <> 'refused'"
"    AND image <> '' AND (?2 IS NULL OR image = ?2))"
" WHERE place = 1 ORDER BY image, instance, name";

static void
user_add(struct json_object *users, sqlite3_stmt *q)
{
	struct json_object *list, *o = json_object_new_object();

	if (!json_object_object_get_ex(users, db_text(q, 0), &list)) {
		list = json_object_new_array();
		json_object_object_add(users, db_text(q, 0), list);
	}
	json_add_str(o, "instance", db_text(q, 1));
	json_add_str(o, "name", db_text(q, 2));
	json_add_int(o, "number", sqlite3_column_int64(q, 3));
	json_add_bool(o, "current", sqlite3_column_int64(q, 4) != 0);
	json_object_array_add(list, o);
}

struct json_object *
retention_users(struct db *d, const char *project, const char *sha256)
{
	sqlite3_stmt *q = db_query(d, users_sql, "tt", project, sha256);
	struct json_object *users;
	int rc;

	if (q == NULL)
		return NULL;
	users = json_object_new_object();
	while ((rc = db_step(q)) == 1)
		user_add(users, q);
	if (rc == 0)
		return users;
	json_object_put(users);
	return NULL;
}

bool
retention_keeps(const struct image_entry *e, struct json_object *needed,
	time_t since, time_t now)
{
	return e->stored >= since || e->used > now - IMAGE_HOLD ||
	    json_object_object_get_ex(needed, e->sha256, NULL);
}
