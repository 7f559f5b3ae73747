/* SPDX-License-Identifier: ISC */
/* page: limit, cursor, and a page cut out of a list; see page.h. */
#include "fcgi/page.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void
page_key(const char *instance, const char *project, const char *name,
	char key[PAGE_KEY_MAX + 1])
{
	snprintf(key, PAGE_KEY_MAX + 1, "%s %s %s", instance, project, name);
}

/* The cursor is the key in hex: opaque enough, and safe in a query. */
static int
cursor_decode(const char *cursor, char key[PAGE_KEY_MAX + 1])
{
	size_t len = strlen(cursor);

	if (len == 0 || len % 2 != 0 || len / 2 > PAGE_KEY_MAX ||
	    hex_decode(cursor, key, len / 2) < 0)
		return -1;
	key[len / 2] = '\0';
	return strlen(key) == len / 2 ? 0 : -1;
}

int
page_read(const struct request *r, int64_t limit_default, struct page *p,
	struct fault *f)
{
	const char *cursor = request_query(r, "cursor");

	*p = (struct page){ .limit = limit_default };
	(void)request_query_int(r, "limit", 1, PAGE_LIMIT_MAX, &p->limit, f);
	if (cursor != NULL && cursor_decode(cursor, p->after) < 0)
		fault_field(f, "cursor", "is not one that was given out");
	return f->err;
}

struct json_object *
page_cursor(const char *key)
{
	char hex[2 * PAGE_KEY_MAX + 1];
	size_t len = strnlen(key, PAGE_KEY_MAX);

	hex_encode(key, len, hex);
	return json_object_new_string(hex);
}

static const char *
item_key(struct json_object *item, const char *key)
{
	struct json_object *value = NULL;
	const char *text = NULL;

	json_object_object_get_ex(item, key, &value);
	if (json_object_is_type(value, json_type_string))
		text = json_object_get_string(value);
	return text == NULL ? "" : text;
}

struct keyed {
	const char *key;
	struct json_object *item;	/* borrowed from the list */
};

static int
keyed_compare(const void *a, const void *b)
{
	return strcmp(((const struct keyed *)a)->key,
	    ((const struct keyed *)b)->key);
}

/* Owned, in order; NULL when out of memory. */
static struct keyed *
items_order(struct json_object *items, const char *key)
{
	size_t n = json_object_array_length(items), i;
	struct keyed *list = calloc(n + 1, sizeof(*list));

	for (i = 0; list != NULL && i < n; i++) {
		list[i].item = json_object_array_get_idx(items, i);
		list[i].key = item_key(list[i].item, key);
	}
	if (list != NULL)
		qsort(list, n, sizeof(*list), keyed_compare);
	return list;
}

struct json_object *
page_list(struct json_object *items, const char *key, const struct page *p)
{
	size_t n = json_object_array_length(items), i, last = 0;
	AUTO_FREE struct keyed *list = items_order(items, key);
	struct json_object *out, *cut, *next = NULL;

	if (list == NULL) {
		json_object_put(items);
		return NULL;
	}
	cut = json_object_new_array();
	for (i = 0; i < n && next == NULL; i++) {
		if (strcmp(list[i].key, p->after) <= 0)
			continue;
		if (json_object_array_length(cut) == (size_t)p->limit) {
			next = page_cursor(list[last].key);
			continue;
		}
		json_object_array_add(cut, json_object_get(list[i].item));
		last = i;
	}
	out = json_object_new_object();
	json_object_object_add(out, "items", cut);
	json_object_object_add(out, "next", next);
	json_object_put(items);
	return out;
}
