/* SPDX-License-Identifier: ISC */
/*
 * json: JSON from untrusted hands. json_parse first scans the text strictly
 * (RFC 8259, UTF-8, depth <= 16, no duplicate key, no NUL inside a string: all
 * of which json-c's strict mode lets through), then lets json-c build the
 * tree. json_read fills a struct from an object by a declared list of fields
 * and refuses what is not declared; handlers never walk JSON by hand.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/err.h"

DEFINE_CLEANUP(struct json_object, json_object_put)
#define AUTO_JSON CLEANUP(json_object_put_p)

/*
 * The scan alone: 0, or -1 with what is wrong and at which byte in why
 * (whysize bytes, may be 0).
 */
int json_scan(const char *text, size_t len, char *why, size_t whysize);

/* An object owned by the caller, or NULL with ERR_BAD_JSON in f. */
struct json_object *json_parse(const char *text, size_t len, struct fault *f);

enum json_type_want {
	JSON_STRING,	/* const char *, borrowed from the tree */
	JSON_INT,	/* int64_t */
	JSON_BOOL,	/* bool */
	JSON_INTS,	/* struct json_ints */
	JSON_STRINGS,	/* struct json_strings */
	JSON_OBJECT,	/* struct json_object *, borrowed, not looked into */
	JSON_OBJECTS,	/* struct json_objects, each read by .fields */
};

/* Lists: items is owned and freed by json_free. */
struct json_ints { int64_t *items; size_t len; };
struct json_strings { const char **items; size_t len; };
struct json_objects { void *items; size_t len; };

struct json_field {
	const char *name;		/* NULL ends the list of fields */
	enum json_type_want type;
	bool required;
	size_t offset;			/* of the destination */
	size_t given;			/* offset of a bool, 0: none */
	/* JSON_INT and JSON_INTS: the value. JSON_STRING: bytes. */
	int64_t min, max;
	size_t count_max;		/* lists: items; 0: 64 */
	/* JSON_STRING and JSON_STRINGS: more to hold; says why not, or NULL */
	const char *(*check)(const char *value);
	/* JSON_OBJECTS: fields and size of one item */
	const struct json_field *fields;
	size_t item_size;
};

/*
 * Reads object into dest (zeroed by the caller, or holding defaults) as fields
 * say. Every fault is collected, with its path behind prefix ("" for none):
 * wrong type, out of range, unknown key, missing key. null counts as not
 * given. Returns 0 or ERR_INVALID; free with json_free in both cases. What is
 * borrowed lives as long as object.
 */
int json_read(struct json_object *object, const struct json_field *fields,
	void *dest, const char *prefix, struct fault *f);
/* Frees the lists that json_read put into dest. */
void json_free(const struct json_field *fields, void *dest);

/* The fields of a fault that came as a list of {"field", "message"}. */
struct json_fault_field { const char *field, *message; };
extern const struct json_field json_fault_fields[];
/* Adds those of a list that was read so to f. */
void json_take_faults(const struct json_objects *list, struct fault *f);

/*
 * Members of what others wrote, in which what is not known is passed over:
 * borrowed, NULL when it is not there or of another type; its text, "" when it
 * is none of at most max bytes. o may be anything.
 */
struct json_object *json_member(struct json_object *o, const char *key,
	enum json_type type);
const char *json_member_text(struct json_object *o, const char *key,
	size_t max);
/* Has one of the objects in the list that text, which is not ""? */
bool json_list_has(struct json_object *list, const char *key,
	const char *text);

/* Writers, no more than json-c with fewer words; a NULL string is null. */
void json_add_str(struct json_object *o, const char *key, const char *value);
void json_add_int(struct json_object *o, const char *key, int64_t value);
void json_add_bool(struct json_object *o, const char *key, bool value);
void json_add_nonzero(struct json_object *o, const char *key,
	int64_t value);	/* null for 0 */
/* RFC 3339 UTC, null for 0; the second one of milliseconds since 1970. */
void json_add_time(struct json_object *o, const char *key, time_t value);
void json_add_time_ms(struct json_object *o, const char *key, int64_t ms);
/*
 * Adds o, which is taken, to a list whose items have used bytes so far, which
 * o's are added to; false: it would be more than budget, and not the only one.
 */
bool json_list_fit(struct json_object *list, struct json_object *o,
	size_t budget, size_t *used);
/* Without spaces, owned; NULL for NULL, or when out of memory. */
char *json_text(struct json_object *o);

#endif
