/* SPDX-License-Identifier: ISC */
/* changes: see changes.h. */
#include "fcgi/changes.h"

#include <stdio.h>
#include <string.h>

#define FIELD_SIZE 160

static struct json_object *
member(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	if (o != NULL && json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, key, &value);
	return value;
}

static void
add_change(struct json_object *list, const char *field,
	struct json_object *from, struct json_object *to)
{
	struct json_object *o;

	if (json_object_equal(from, to))
		return;
	o = json_object_new_object();
	json_add_str(o, "field", field);
	json_object_object_add(o, "from", json_object_get(from));
	json_object_object_add(o, "to", json_object_get(to));
	json_object_array_add(list, o);
}

static size_t
length(struct json_object *array)
{
	return array == NULL ? 0 : json_object_array_length(array);
}

/* What has a place: one by one. */
static void
add_places(struct json_object *list, const char *key,
	struct json_object *from, struct json_object *to)
{
	size_t n = length(from) > length(to) ? length(from) : length(to);
	char field[FIELD_SIZE];

	for (size_t i = 0; i < n; i++) {
		snprintf(field, sizeof(field), "%s[%zu]", key, i);
		add_change(list, field,
		    i < length(from) ? json_object_array_get_idx(from, i) :
		    NULL, i < length(to) ? json_object_array_get_idx(to, i) :
		    NULL);
	}
}

static const char *
name_of(struct json_object *device)
{
	struct json_object *name = member(device, "name");

	return name == NULL ? "" : json_object_get_string(name);
}

static struct json_object *
device_find(struct json_object *array, const char *name)
{
	for (size_t i = 0; i < length(array); i++) {
		struct json_object *o = json_object_array_get_idx(array, i);

		if (strcmp(name_of(o), name) == 0)
			return o;
	}
	return NULL;
}

/* What has a name: those of the one list, and those of the other alone. */
static void
add_devices(struct json_object *list, const char *key,
	struct json_object *from, struct json_object *to)
{
	char field[FIELD_SIZE];
	size_t i;

	for (i = 0; i < length(from); i++) {
		struct json_object *o = json_object_array_get_idx(from, i);

		snprintf(field, sizeof(field), "%s.%s", key, name_of(o));
		add_change(list, field, o, device_find(to, name_of(o)));
	}
	for (i = 0; i < length(to); i++) {
		struct json_object *o = json_object_array_get_idx(to, i);

		snprintf(field, sizeof(field), "%s.%s", key, name_of(o));
		if (device_find(from, name_of(o)) == NULL)
			add_change(list, field, NULL, o);
	}
}

static void
add_member(struct json_object *list, const char *key,
	struct json_object *from, struct json_object *to)
{
	from = member(from, key);
	to = member(to, key);
	if (strcmp(key, "arguments") == 0)
		add_places(list, key, from, to);
	else if (strcmp(key, "networks") == 0 || strcmp(key, "volumes") == 0)
		add_devices(list, key, from, to);
	else
		add_change(list, key, from, to);
}

static struct json_object *
digest(const char *text)
{
	return *text == '\0' ? NULL : json_object_new_string(text);
}

struct json_object *
config_changes(struct json_object *from, struct json_object *to,
	const char *from_image, const char *to_image)
{
	static const char *const keys[] = { "type", "memory", "cpus",
		"arguments", "networks", "volumes", "fail_behaviour",
		"exit_codes", "startup", "add_name", "vcpus",
		"boot_partition" };
	struct json_object *list = json_object_new_array();
	AUTO_JSON struct json_object *old = digest(from_image);
	AUTO_JSON struct json_object *new = digest(to_image);

	add_change(list, "image", old, new);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		add_member(list, keys[i], from, to);
	return list;
}
