/* SPDX-License-Identifier: ISC */
/* json: parsing behind the strict scan, and declared reading; see json.h. */
#include "base/json.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define COUNT_MAX_DEFAULT 64
#define PATH_SIZE 96

struct json_object *
json_parse(const char *text, size_t len, struct fault *f)
{
	struct json_tokener *tokener;
	struct json_object *o;
	char why[80];

	if (len > INT_MAX || json_scan(text, len, why, sizeof(why)) < 0) {
		fault_set(f, ERR_BAD_JSON, "The JSON is not acceptable: %s.",
		    len > INT_MAX ? "too long" : why);
		return NULL;
	}
	tokener = json_tokener_new_ex(32);
	if (tokener == NULL) {
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		return NULL;
	}
	/*
	 * The scan was stricter than json-c's strict mode, which in 0.18
	 * refuses every byte beyond ASCII.
	 */
	o = json_tokener_parse_ex(tokener, text, (int)len);
	/* A number at the very end is only complete when the end is seen. */
	if (o == NULL && json_tokener_get_error(tokener) ==
	    json_tokener_continue)
		o = json_tokener_parse_ex(tokener, "", 1);
	json_tokener_free(tokener);
	if (o == NULL || !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		fault_set(f, ERR_BAD_JSON, "The JSON must be an object.");
		return NULL;
	}
	return o;
}

/* One place in the input, for reading it and for naming it in a fault. */
struct place {
	char path[PATH_SIZE];
	const struct json_field *field;
	struct json_object *value;
	struct fault *fault;
};

static void
place_fault(const struct place *p, const char *message)
{
	fault_field(p->fault, p->path, "%s", message);
}

static bool
read_string(const struct place *p, const char **out)
{
	const struct json_field *field = p->field;
	int64_t len;
	const char *why;

	if (!json_object_is_type(p->value, json_type_string)) {
		place_fault(p, "must be a string");
		return false;
	}
	*out = json_object_get_string(p->value);
	len = json_object_get_string_len(p->value);
	if ((size_t)len != strlen(*out)) {
		place_fault(p, "must not contain U+0000");
		return false;
	}
	if (len < field->min || (field->max != 0 && len > field->max)) {
		fault_field(p->fault, p->path, "must have %" PRId64
		    " to %" PRId64 " bytes", field->min, field->max);
		return false;
	}
	why = field->check == NULL ? NULL : field->check(*out);
	if (why != NULL)
		place_fault(p, why);
	return why == NULL;
}

static bool
read_int(const struct place *p, int64_t *out)
{
	if (!json_object_is_type(p->value, json_type_int)) {
		place_fault(p, "must be a whole number");
		return false;
	}
	*out = json_object_get_int64(p->value);
	if (*out < p->field->min || *out > p->field->max) {
		fault_field(p->fault, p->path, "must be %" PRId64 " to %"
		    PRId64, p->field->min, p->field->max);
		return false;
	}
	return true;
}

static bool
read_bool(const struct place *p, bool *out)
{
	if (!json_object_is_type(p->value, json_type_boolean)) {
		place_fault(p, "must be true or false");
		return false;
	}
	*out = json_object_get_boolean(p->value);
	return true;
}

/* Item i of a list as a place of its own. */
static struct place
place_item(const struct place *list, size_t i)
{
	struct place item = *list;

	item.value = json_object_array_get_idx(list->value, i);
	snprintf(item.path, sizeof(item.path), "%.70s[%zu]", list->path, i);
	return item;
}

static bool
read_object_item(const struct place *p, void *out)
{
	char prefix[PATH_SIZE];

	if (!json_object_is_type(p->value, json_type_object)) {
		place_fault(p, "must be an object");
		return false;
	}
	snprintf(prefix, sizeof(prefix), "%.94s.", p->path);
	return json_read(p->value, p->field->fields, out, prefix,
	    p->fault) == 0;
}

static bool
read_item(const struct place *item, void *out)
{
	switch (item->field->type) {
	case JSON_INTS:
		return read_int(item, out);
	case JSON_STRINGS:
		return read_string(item, out);
	default:
		return read_object_item(item, out);
	}
}

static size_t
item_size(const struct json_field *field)
{
	switch (field->type) {
	case JSON_INTS:
		return sizeof(int64_t);
	case JSON_STRINGS:
		return sizeof(const char *);
	default:
		return field->item_size;
	}
}

/* The three lists have one layout: a pointer and a count. */
static bool
read_list(const struct place *p, struct json_objects *out)
{
	size_t most = p->field->count_max == 0 ? COUNT_MAX_DEFAULT :
		p->field->count_max;
	size_t size = item_size(p->field), n;
	bool ok = true;

	if (!json_object_is_type(p->value, json_type_array)) {
		place_fault(p, "must be a list");
		return false;
	}
	n = json_object_array_length(p->value);
	if (n > most) {
		fault_field(p->fault, p->path, "must have at most %zu items",
		    most);
		return false;
	}
	out->items = calloc(n == 0 ? 1 : n, size);
	if (out->items == NULL) {
		fault_set(p->fault, ERR_NO_MEMORY, "Out of memory.");
		return false;
	}
	for (out->len = 0; out->len < n; out->len++) {
		struct place item = place_item(p, out->len);

		if (!read_item(&item, (char *)out->items + out->len * size))
			ok = false;
	}
	return ok;
}

_Static_assert(sizeof(struct json_ints) == sizeof(struct json_objects) &&
	sizeof(struct json_strings) == sizeof(struct json_objects) &&
	offsetof(struct json_ints, len) == offsetof(struct json_objects, len) &&
	offsetof(struct json_strings, len) ==
	offsetof(struct json_objects, len), "lists share one layout");

static bool
read_object(const struct place *p, struct json_object **out)
{
	if (!json_object_is_type(p->value, json_type_object)) {
		place_fault(p, "must be an object");
		return false;
	}
	*out = p->value;
	return true;
}

static bool
read_value(const struct place *p, void *out)
{
	switch (p->field->type) {
	case JSON_STRING:
		return read_string(p, out);
	case JSON_INT:
		return read_int(p, out);
	case JSON_BOOL:
		return read_bool(p, out);
	case JSON_OBJECT:
		return read_object(p, out);
	default:
		return read_list(p, out);
	}
}

static void
read_field(struct json_object *object, const struct json_field *field,
	void *dest, const char *prefix, struct fault *f)
{
	struct place p = { .field = field, .fault = f };

	snprintf(p.path, sizeof(p.path), "%.60s%.34s", prefix, field->name);
	json_object_object_get_ex(object, field->name, &p.value);
	if (p.value == NULL) {
		if (field->required)
			place_fault(&p, "is missing");
		return;
	}
	if (read_value(&p, (char *)dest + field->offset) && field->given != 0)
		*(bool *)((char *)dest + field->given) = true;
}

static bool
is_declared(const struct json_field *fields, const char *name)
{
	for (; fields->name != NULL; fields++)
		if (strcmp(fields->name, name) == 0)
			return true;
	return false;
}

static void
refuse_unknown(struct json_object *object, const struct json_field *fields,
	const char *prefix, struct fault *f)
{
	char path[PATH_SIZE];

	json_object_object_foreach(object, key, value) {
		(void)value;
		if (is_declared(fields, key))
			continue;
		snprintf(path, sizeof(path), "%.60s%.34s", prefix, key);
		fault_field(f, path, "is not known here");
	}
}

int
json_read(struct json_object *object, const struct json_field *fields,
	void *dest, const char *prefix, struct fault *f)
{
	size_t before = f->nfields;

	refuse_unknown(object, fields, prefix, f);
	for (const struct json_field *field = fields; field->name != NULL;
	    field++)
		read_field(object, field, dest, prefix, f);
	return f->nfields == before && f->err == ERR_OK ? 0 : f->err;
}

void
json_free(const struct json_field *fields, void *dest)
{
	for (; fields->name != NULL; fields++) {
		struct json_objects *list = (void *)((char *)dest +
			fields->offset);

		if (fields->type == JSON_OBJECTS)
			for (size_t i = 0; i < list->len; i++)
				json_free(fields->fields, (char *)list->items +
				    i * fields->item_size);
		if (fields->type == JSON_INTS ||
		    fields->type == JSON_STRINGS ||
		    fields->type == JSON_OBJECTS) {
			free(list->items);
			*list = (struct json_objects){ 0 };
		}
	}
}

const struct json_field json_fault_fields[] = {
	{ .name = "field", .type = JSON_STRING, .required = true,
	  .offset = offsetof(struct json_fault_field, field) },
	{ .name = "message", .type = JSON_STRING, .required = true,
	  .offset = offsetof(struct json_fault_field, message) },
	{ .name = NULL },
};

void
json_take_faults(const struct json_objects *list, struct fault *f)
{
	const struct json_fault_field *fields = list->items;

	for (size_t i = 0; i < list->len; i++)
		fault_field(f, fields[i].field, "%s", fields[i].message);
}

struct json_object *
json_member(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *m = NULL;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &m) ||
	    !json_object_is_type(m, type))
		return NULL;
	return m;
}

const char *
json_member_text(struct json_object *o, const char *key, size_t max)
{
	struct json_object *m = json_member(o, key, json_type_string);

	if (m == NULL || (size_t)json_object_get_string_len(m) > max)
		return "";
	return json_object_get_string(m);
}

bool
json_list_has(struct json_object *list, const char *key, const char *text)
{
	size_t n = json_object_is_type(list, json_type_array) ?
		json_object_array_length(list) : 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(json_member_text(json_object_array_get_idx(list, i),
		    key, strlen(text)), text) == 0)
			return true;
	return false;
}

void
json_add_str(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key,
	    value == NULL ? NULL : json_object_new_string(value));
}

void
json_add_int(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

void
json_add_nonzero(struct json_object *o, const char *key, int64_t value)
{
	if (value == 0)
		json_object_object_add(o, key, NULL);
	else
		json_add_int(o, key, value);
}

void
json_add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void
json_add_time(struct json_object *o, const char *key, time_t value)
{
	char text[RFC3339_SIZE];

	rfc3339_format(value, -1, text);
	json_add_str(o, key, value == 0 ? NULL : text);
}

void
json_add_time_ms(struct json_object *o, const char *key, int64_t ms)
{
	char text[RFC3339_SIZE];

	if (ms != 0)
		rfc3339_format((time_t)(ms / 1000), (int)(ms % 1000), text);
	json_add_str(o, key, ms == 0 ? NULL : text);
}

bool
json_list_fit(struct json_object *list, struct json_object *o, size_t budget,
	size_t *used)
{
	size_t len = 0;

	json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &len);
	*used += len;
	if (*used > budget && json_object_array_length(list) > 0) {
		json_object_put(o);
		return false;
	}
	json_object_array_add(list, o);
	return true;
}

char *
json_text(struct json_object *o)
{
	return o == NULL ? NULL : strdup(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
}
