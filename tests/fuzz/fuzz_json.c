/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as JSON: what json_scan takes, json-c's strict mode takes too, and
 * what json-c then writes is taken again and is the same. Any object can be
 * read by a declared list of fields, and a refusal says which field and why.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tests/fuzz/fuzz.h"

struct item {
	const char *name;
	int64_t size;
};

struct thing {
	const char *name;
	int64_t memory;
	bool has_memory;
	bool on;
	struct json_ints cpus;
	struct json_strings words;
	struct json_objects items;
	struct json_object *rest;
};

static const struct json_field item_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true, .max = 20,
	  .offset = offsetof(struct item, name) },
	{ .name = "size", .type = JSON_INT, .min = 1, .max = 1000,
	  .offset = offsetof(struct item, size) },
	{ 0 }
};

static const struct json_field thing_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true, .min = 1,
	  .max = 20, .offset = offsetof(struct thing, name) },
	{ .name = "memory", .type = JSON_INT, .min = 1, .max = INT64_MAX - 1,
	  .offset = offsetof(struct thing, memory),
	  .given = offsetof(struct thing, has_memory) },
	{ .name = "on", .type = JSON_BOOL,
	  .offset = offsetof(struct thing, on) },
	{ .name = "cpus", .type = JSON_INTS, .max = 1023,
	  .offset = offsetof(struct thing, cpus) },
	{ .name = "words", .type = JSON_STRINGS, .max = 20, .count_max = 4,
	  .offset = offsetof(struct thing, words) },
	{ .name = "items", .type = JSON_OBJECTS, .fields = item_fields,
	  .item_size = sizeof(struct item),
	  .offset = offsetof(struct thing, items) },
	{ .name = "rest", .type = JSON_OBJECT,
	  .offset = offsetof(struct thing, rest) },
	{ 0 }
};

static void
read_thing(struct json_object *o)
{
	struct thing t = { 0 };
	struct fault f = { 0 };
	int rc = json_read(o, thing_fields, &t, "", &f);

	if (rc == 0 && (f.nfields != 0 || t.name == NULL ||
	    strlen(t.name) > 20 || t.words.len > 4 ||
	    (t.has_memory && t.memory < 1)))
		abort();
	if (rc != 0 && (rc != ERR_INVALID || f.nfields == 0))
		abort();
	for (size_t i = 0; i < f.nfields; i++)
		if (f.fields[i].message[0] == '\0')
			abort();
	json_free(thing_fields, &t);
}

static void
again(struct json_object *o)
{
	struct json_object *back;
	struct fault f = { 0 };
	const char *text;
	size_t len;

	text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (text == NULL)
		abort();
	back = json_parse(text, len, &f);
	if (back == NULL || !json_object_equal(o, back))
		abort();
	json_object_put(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct fault f = { 0 };
	struct json_object *o;
	char why[80] = "";
	bool accepted = json_scan(text, size, why, sizeof(why)) == 0;

	if (accepted != (why[0] == '\0'))
		abort();
	o = json_parse(text, size, &f);
	/* Only an object is parsed, and an object opens with a brace. */
	if ((o != NULL) != (accepted &&
	    text[strspn(text, " \t\r\n")] == '{'))
		abort();
	if (o == NULL && (f.err != ERR_BAD_JSON || f.detail[0] == '\0'))
		abort();
	if (o == NULL)
		return 0;
	again(o);
	read_thing(o);
	json_object_put(o);
	return 0;
}
