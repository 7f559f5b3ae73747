/* SPDX-License-Identifier: ISC */
/* api_bulk: updates of many unikernels. */
#include "fcgi/api.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/bulk.h"
#include "fcgi/update_work.h"
#include "fcgi/updater.h"

struct item_form {
	const char *instance, *project, *name;
};

struct form {
	struct json_objects items;
	int64_t at_once;
	bool stop;
};

#define LABEL(member)							\
	{ .name = #member, .type = JSON_STRING, .required = true,	\
	  .max = ALB_LABEL_MAX, .check = alb_label_check,		\
	  .offset = offsetof(struct item_form, member) }

static const struct json_field item_fields[] = {
	LABEL(instance), LABEL(project), LABEL(name), { .name = NULL }
};

static const struct json_field form_fields[] = {
	{ .name = "items", .type = JSON_OBJECTS, .required = true,
	  .count_max = BULK_ITEMS_MAX, .fields = item_fields,
	  .item_size = sizeof(struct item_form),
	  .offset = offsetof(struct form, items) },
	{ .name = "at_once", .type = JSON_INT, .min = 1,
	  .max = BULK_AT_ONCE_MAX, .offset = offsetof(struct form, at_once) },
	{ .name = "stop_at_failure", .type = JSON_BOOL,
	  .offset = offsetof(struct form, stop) },
	{ .name = NULL }
};

static void
names_fold(const struct form *form, struct bulk_item *items)
{
	const struct item_form *from = form->items.items;

	for (size_t i = 0; i < form->items.len; i++) {
		(void)alb_label_fold(from[i].instance, items[i].instance);
		(void)alb_label_fold(from[i].project, items[i].project);
		(void)alb_label_fold(from[i].name, items[i].name);
	}
}

static bool
item_same(const struct bulk_item *a, const struct bulk_item *b)
{
	return strcmp(a->name, b->name) == 0 &&
		strcmp(a->project, b->project) == 0 &&
		strcmp(a->instance, b->instance) == 0;
}

static void
items_check(const struct bulk_item *items, size_t n, struct fault *f)
{
	char field[32];

	if (n == 0)
		fault_field(f, "items", "must name at least one unikernel");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (item_same(&items[i], &items[k])) {
				snprintf(field, sizeof(field), "items[%zu]",
				    i);
				fault_field(f, field, "is there twice");
			}
}

/* What each is updated with: all are given, or none is kept. */
static int
grants_make(struct request *r, struct bulk_item *items, size_t n,
	struct fault *f)
{
	struct fault unused, one = { 0 };
	char field[32];
	size_t i;

	for (i = 0; i < n && one.err == 0; i++)
		(void)auth_grant_make(r->auth, &r->who, items[i].instance,
		    items[i].project, items[i].name, items[i].grant, &one);
	if (one.err == 0)
		return 0;
	snprintf(field, sizeof(field), "items[%zu]", i - 1);
	fault_field(&one, field, "%.190s", one.detail);
	while (i-- > 0)
		if (items[i].grant[0] != '\0')
			(void)auth_grant_end(r->auth, items[i].grant,
			    &unused);
	*f = one;
	return f->err;
}

static int
bulk_make(struct request *r, const struct form *form,
	struct bulk_item *items, int64_t *id, struct fault *f)
{
	struct bulk b = { .user = r->grant.user,
		.user_name = r->grant.user_name, .at_once = form->at_once,
		.stop = form->stop, .items = items, .len = form->items.len };
	int err;

	names_fold(form, items);
	items_check(items, b.len, f);
	err = f->err != 0 ? f->err : grants_make(r, items, b.len, f);
	if (err == 0)
		err = bulk_add(r->app->ledger, &b, f);
	*id = b.id;
	return err;
}

static int
show(struct request *r, struct reply *p, int status, int64_t id,
	struct fault *f)
{
	struct json_object *o = bulk_json(r->app->ledger, r->grant.user, id);

	return o == NULL ? fault_set(f, ERR_NOT_FOUND, "There is no such "
	    "update of many.") : reply_json(p, status, o);
}

int
api_bulk_post(struct request *r, struct reply *p, struct fault *f)
{
	struct form form = { .at_once = 2, .stop = true };
	AUTO_FREE struct bulk_item *items = calloc(BULK_ITEMS_MAX,
		sizeof(*items));
	int64_t id = 0;
	int err = items == NULL ? fault_set(f, ERR_NO_MEMORY,
		"Out of memory.") : json_read(r->body, form_fields, &form,
		"", f);

	if (err == 0)
		err = bulk_make(r, &form, items, &id, f);
	json_free(form_fields, &form);
	if (items != NULL)
		explicit_bzero(items, BULK_ITEMS_MAX * sizeof(*items));
	if (err != 0)
		return err;
	updater_wake(r->app->updater);
	reply_header(p, "Location", "/api/v1/updates/%lld", (long long)id);
	return show(r, p, 202, id, f);
}

int
api_bulk_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "items", bulk_list_json(r->app->ledger,
	    r->grant.user));
	return reply_json(p, 200, o);
}

static int
id_read(const struct request *r, int64_t *id, struct fault *f)
{
	return int_parse(r->item, 1, INT64_MAX, id) == 0 ? 0 : fault_set(f,
	    ERR_NOT_FOUND, "There is no such update of many.");
}

int
api_bulk_get(struct request *r, struct reply *p, struct fault *f)
{
	int64_t id;
	int err = id_read(r, &id, f);

	return err != 0 ? err : show(r, p, 200, id, f);
}

int
api_bulk_delete(struct request *r, struct reply *p, struct fault *f)
{
	int64_t id;
	int err = id_read(r, &id, f);

	if (err == 0)
		err = bulk_stop(r->app->ledger, r->grant.user, id, f);
	if (err != 0)
		return err;
	update_skip_rest(r->app, r->auth);
	return show(r, p, 200, id, f);
}
