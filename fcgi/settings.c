/* SPDX-License-Identifier: ISC */
/* settings: see settings.h; one row each, as JSON. */
#include "fcgi/settings.h"

#include <stdio.h>
#include <string.h>

#define RETENTION "retention"

static const char *
check_range(const char *value)
{
	struct range r;

	return range_parse(value, &r) == 0 ? NULL : "must be a range such as "
		"10.0.0.0/8 or 2001:db8::/32, without bits behind its prefix";
}

static const struct json_field ranges_fields[] = {
	{ "allowed", JSON_STRINGS, .required = true, .min = 1,
	  .max = RANGE_TEXT_SIZE - 1, .count_max = SETTINGS_RANGES_MAX,
	  .check = check_range },
	{ .name = NULL }
};

static const struct json_field retention_fields[] = {
	{ "deployments", JSON_INT, .required = true, .min = 1, .max = 1000,
	  .offset = offsetof(struct retention, deployments) },
	{ "days", JSON_INT, .required = true, .min = 0, .max = 3650,
	  .offset = offsetof(struct retention, days) },
	{ .name = NULL }
};

int
settings_ranges_from_json(struct json_object *o, struct address_ranges *out,
	struct fault *f)
{
	struct json_strings list = { 0 };
	int err = json_read(o, ranges_fields, &list, "", f);

	out->len = 0;
	for (size_t i = 0; err == 0 && i < list.len; i++)
		(void)range_parse(list.items[i], &out->items[out->len++]);
	json_free(ranges_fields, &list);
	return err;
}

struct json_object *
settings_ranges_to_json(const struct address_ranges *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char text[RANGE_TEXT_SIZE];

	for (size_t i = 0; i < r->len; i++) {
		range_format(&r->items[i], text);
		json_object_array_add(list, json_object_new_string(text));
	}
	json_object_object_add(o, "allowed", list);
	return o;
}

int
settings_retention_from_json(struct json_object *o, struct retention *out,
	struct fault *f)
{
	*out = (struct retention){ 0 };
	return json_read(o, retention_fields, out, "", f);
}

struct json_object *
settings_retention_to_json(const struct retention *r)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "deployments", r->deployments);
	json_add_int(o, "days", r->days);
	return o;
}

int
settings_get(struct ledger *l, const char *name, struct json_object **out,
	struct fault *f)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *s = db_query(d,
	    "SELECT body FROM setting WHERE name = ?", "t", name);
	int rc = s == NULL ? -1 : db_step(s), err = 0;

	*out = NULL;
	if (rc < 0)
		err = db_fault(d, f);
	if (rc > 0) {
		const char *text = db_text(s, 0);

		*out = json_parse(text, strlen(text), f);
		err = *out == NULL ? f->err : 0;
		db_done(s);
	}
	ledger_read_end(l);
	return err;
}

int
settings_put(struct ledger *l, const char *name, struct json_object *o,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err = f->err;

	if (d != NULL) {
		err = db_run(d, "INSERT INTO setting (name, body) VALUES "
		    "(?, ?) ON CONFLICT (name) DO UPDATE SET "
		    "body = excluded.body", "tt", name,
		    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
		err = ledger_write_end(l, err, f);
	}
	json_object_put(o);
	return err;
}

int
settings_ranges(struct ledger *l, const char *setting,
	struct address_ranges *out, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	int err = settings_get(l, setting, &o, f);

	out->len = 0;
	return err != 0 || o == NULL ? err :
		settings_ranges_from_json(o, out, f);
}

int
settings_ranges_set(struct ledger *l, const char *setting,
	const struct address_ranges *r, struct fault *f)
{
	return settings_put(l, setting, settings_ranges_to_json(r), f);
}

int
settings_retention_set(struct ledger *l, const struct retention *r,
	struct fault *f)
{
	return settings_put(l, RETENTION, settings_retention_to_json(r), f);
}
