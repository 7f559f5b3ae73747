/* SPDX-License-Identifier: ISC */
/* problem: faults as JSON, and back; see problem.h. */
#include "fcgi/problem.h"

#include <stdio.h>

#include "fcgi/clean.h"

struct json_object *
problem_fields(const struct fault *f)
{
	struct json_object *list = json_object_new_array(), *o;

	for (size_t i = 0; i < f->nfields; i++) {
		o = json_object_new_object();
		clean_add(o, "field", f->fields[i].field);
		clean_add(o, "message", f->fields[i].message);
		json_object_array_add(list, o);
	}
	return list;
}

char *
problem_text(const struct fault *why)
{
	struct json_object *o = json_object_new_object();
	char *text;

	json_add_str(o, "code", err_code(why->err));
	json_add_str(o, "title", err_title(why->err));
	clean_add(o, "detail", why->detail);
	if (why->albatross[0] != '\0')
		clean_add(o, "albatross", why->albatross);
	json_object_object_add(o, "errors", problem_fields(why));
	text = json_text(o);
	json_object_put(o);
	return text;
}

struct error {
	const char *code;
	const char *title;
	const char *detail;
	const char *albatross;
	struct json_objects errors;
};

static const struct json_field error_fields[] = {
	{ .name = "code", .type = JSON_STRING,
	  .offset = offsetof(struct error, code) },
	{ .name = "title", .type = JSON_STRING,
	  .offset = offsetof(struct error, title) },
	{ .name = "detail", .type = JSON_STRING,
	  .offset = offsetof(struct error, detail) },
	{ .name = "albatross", .type = JSON_STRING,
	  .offset = offsetof(struct error, albatross) },
	{ .name = "errors", .type = JSON_OBJECTS,
	  .offset = offsetof(struct error, errors), .fields = json_fault_fields,
	  .item_size = sizeof(struct json_fault_field) },
	{ .name = NULL },
};

void
problem_fault(const char *text, struct fault *f)
{
	AUTO_JSON struct json_object *o = text == NULL ? NULL :
		json_tokener_parse(text);
	struct error e = { 0 };
	struct fault bad = { 0 };

	*f = (struct fault){ 0 };
	if (o == NULL)
		return;
	if (json_read(o, error_fields, &e, "", &bad) != 0 || e.code == NULL) {
		fault_set(f, ERR_INTERNAL, "The reason can not be read.");
		json_free(error_fields, &e);
		return;
	}
	fault_set(f, err_from_code(e.code), "%s", e.detail == NULL ? "" :
	    e.detail);
	snprintf(f->albatross, sizeof(f->albatross), "%s",
	    e.albatross == NULL ? "" : e.albatross);
	json_take_faults(&e.errors, f);
	json_free(error_fields, &e);
}
