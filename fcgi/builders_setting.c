/* SPDX-License-Identifier: ISC */
/* builders_setting: which builders are set; see builders.h. */
#include "fcgi/builders.h"

#include <stdio.h>
#include <string.h>

#include "fcgi/build_store.h"
#include "fcgi/settings.h"

#define SETTING "builders"
#define MINUTES 60
#define DEFAULT_NAME "robur"
#define DEFAULT_URL "https://builds.robur.coop"

struct item {
	const char *name;
	const char *url;
	struct json_strings hosts;
};

struct form {
	struct json_objects builders;
	int64_t minutes;
};

static const struct json_field item_fields[] = {
	{ "name", JSON_STRING, .required = true, .min = 1,
	  .max = ALB_LABEL_MAX, .check = alb_label_check,
	  .offset = offsetof(struct item, name) },
	{ "url", JSON_STRING, .required = true, .min = 1,
	  .max = BUILDER_URL_MAX, .check = builder_url_check,
	  .offset = offsetof(struct item, url) },
	{ "redirect_hosts", JSON_STRINGS, .min = 1, .max = BUILDER_HOST_MAX,
	  .count_max = BUILDER_HOSTS_MAX, .check = builder_host_check,
	  .offset = offsetof(struct item, hosts) },
	{ .name = NULL }
};

static const struct json_field form_fields[] = {
	{ "builders", JSON_OBJECTS, .required = true,
	  .count_max = BUILDERS_MAX, .fields = item_fields,
	  .item_size = sizeof(struct item),
	  .offset = offsetof(struct form, builders) },
	{ "check_minutes", JSON_INT, .min = 5, .max = 10080,
	  .offset = offsetof(struct form, minutes) },
	{ .name = NULL }
};

static void
item_take(const struct item *item, struct builder *out)
{
	size_t len = strlen(item->url);

	while (len > 0 && item->url[len - 1] == '/')
		len--;
	*out = (struct builder){ .nhosts = item->hosts.len };
	(void)alb_label_fold(item->name, out->name);
	snprintf(out->url, sizeof(out->url), "%.*s", (int)len, item->url);
	for (size_t i = 0; i < item->hosts.len; i++)
		snprintf(out->hosts[i], sizeof(out->hosts[i]), "%s",
		    item->hosts.items[i]);
}

static void
names_check(const struct builder_settings *s, struct fault *f)
{
	char field[48];

	for (size_t i = 0; i < s->len; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->items[i].name, s->items[k].name) == 0) {
				snprintf(field, sizeof(field),
				    "builders[%zu].name", i);
				fault_field(f, field, "is there twice");
			}
}

int
builder_settings_from_json(struct json_object *o,
	struct builder_settings *out, struct fault *f)
{
	struct form form = { .minutes = MINUTES };
	int err = json_read(o, form_fields, &form, "", f);

	*out = (struct builder_settings){ .minutes = form.minutes };
	if (err == 0) {
		const struct item *items = form.builders.items;

		for (size_t i = 0; i < form.builders.len; i++)
			item_take(&items[i], &out->items[out->len++]);
		names_check(out, f);
		err = f->err;
	}
	json_free(form_fields, &form);
	return err;
}

struct json_object *
builder_settings_to_json(const struct builder_settings *s)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < s->len; i++) {
		const struct builder *b = &s->items[i];
		struct json_object *item = json_object_new_object();
		struct json_object *hosts = json_object_new_array();

		for (size_t k = 0; k < b->nhosts; k++)
			json_object_array_add(hosts,
			    json_object_new_string(b->hosts[k]));
		json_add_str(item, "name", b->name);
		json_add_str(item, "url", b->url);
		json_object_object_add(item, "redirect_hosts", hosts);
		json_object_array_add(list, item);
	}
	json_object_object_add(o, "builders", list);
	json_add_int(o, "check_minutes", s->minutes);
	return o;
}

static int
setting_read(struct ledger *l, struct builder_settings *out, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	int err = settings_get(l, SETTING, &o, f);

	if (err != 0)
		return err;
	if (o != NULL)
		return builder_settings_from_json(o, out, f);
	*out = (struct builder_settings){ .len = 1, .minutes = MINUTES };
	snprintf(out->items[0].name, sizeof(out->items[0].name), "%s",
	    DEFAULT_NAME);
	snprintf(out->items[0].url, sizeof(out->items[0].url), "%s",
	    DEFAULT_URL);
	return 0;
}

struct builder_settings *
builder_settings_load(struct ledger *l, struct fault *f)
{
	struct builder_settings *s = malloc(sizeof(*s));

	if (s == NULL)
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	else if (setting_read(l, s, f) == 0)
		return s;
	free(s);
	return NULL;
}

/* What those said that are not set any more, or are elsewhere now. */
static int
others_forget(struct ledger *l, const struct builder_settings *s,
	struct fault *f)
{
	AUTO_FREE struct builder_settings *old = builder_settings_load(l, f);
	int err = old == NULL ? f->err : 0;

	for (size_t i = 0; err == 0 && i < old->len; i++) {
		const struct builder *b = builder_settings_get(s,
			old->items[i].name);

		if (b == NULL || strcmp(b->url, old->items[i].url) != 0)
			err = build_forget(l, old->items[i].name, f);
	}
	return err;
}

int
builder_settings_set(struct ledger *l, const struct builder_settings *s,
	struct fault *f)
{
	int err = others_forget(l, s, f);

	return err != 0 ? err :
	    settings_put(l, SETTING, builder_settings_to_json(s), f);
}

const struct builder *
builder_settings_get(const struct builder_settings *s, const char *name)
{
	for (size_t i = 0; i < s->len; i++)
		if (strcmp(s->items[i].name, name) == 0)
			return &s->items[i];
	return NULL;
}

int
builder_settings_find(struct ledger *l, const char *name,
	struct builder *out, struct fault *f)
{
	AUTO_FREE struct builder_settings *s = builder_settings_load(l, f);
	const struct builder *found;

	if (s == NULL)
		return f->err;
	found = builder_settings_get(s, name);
	if (found != NULL)
		*out = *found;
	return found != NULL ? 0 : fault_set(f, ERR_NOT_FOUND,
	    "There is no builder %.100s.", name);
}
