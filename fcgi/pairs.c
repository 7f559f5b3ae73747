/* SPDX-License-Identifier: ISC */
/* pairs: see pairs.h. */
#include "fcgi/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/api.h"
#include "fcgi/states.h"
#include "fcgi/upstream.h"

#define WAIT_MS 6000

static void
pairs_free(struct answer *a)
{
	free(((struct pairs *)a)->items);
	free(a);
}

static int
pair_compare(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;
	int order = strcmp(p->instance, q->instance);

	return order != 0 ? order : strcmp(p->project, q->project);
}

static bool
pairs_add(struct pairs *pairs, struct json_object *entry, const char *project)
{
	const char *instance = api_text(entry, "instance");
	struct json_object *block = api_member(api_member(entry, "policy"),
		"block");
	struct pair *items;

	if (instance == NULL || project == NULL)
		return true;
	items = reallocarray(pairs->items, pairs->len + 1, sizeof(*items));
	if (items == NULL)
		return false;
	pairs->items = items;
	snprintf(items[pairs->len].instance, sizeof(items->instance), "%s",
	    instance);
	snprintf(items[pairs->len].project, sizeof(items->project), "%s",
	    project);
	items[pairs->len].block = block == NULL ? -1 :
		json_object_get_int64(block);
	pairs->len++;
	return true;
}

static struct pairs *
pairs_new(struct json_object *projects)
{
	struct pairs *pairs = calloc(1, sizeof(*pairs));
	bool ok = pairs != NULL;

	for (size_t i = 0; ok && i < json_object_array_length(projects); i++) {
		struct json_object *p = json_object_array_get_idx(projects, i);
		struct json_object *list = api_member(p, "policies");

		for (size_t k = 0; ok && k < json_object_array_length(list);
		    k++)
			ok = pairs_add(pairs, json_object_array_get_idx(list,
			    k), api_text(p, "name"));
	}
	if (!ok) {
		if (pairs != NULL)
			pairs_free(&pairs->answer);
		return NULL;
	}
	answer_init(&pairs->answer, pairs_free);
	if (pairs->len > 0)
		qsort(pairs->items, pairs->len, sizeof(*pairs->items),
		    pair_compare);
	return pairs;
}

int
pairs_get(struct request *r, struct pairs **out, struct fault *f)
{
	struct json_object *projects;
	struct answer *a;
	struct flight *flight;
	char key[FLIGHT_KEY_MAX + 1];
	bool lead;
	int err;

	snprintf(key, sizeof(key), "%s %s %u", r->grant.user, r->grant.token,
	    states_generation(r->app->states));
	err = flight_join(upstream_flights(r->app->upstream), key, &a, &flight,
		&lead, f);
	if (err == 0 && a == NULL && lead) {
		err = api_ask(r, "project-list", NULL, "items", &projects, f);
		if (err == 0) {
			*out = pairs_new(projects);
			json_object_put(projects);
			if (*out == NULL)
				err = fault_set(f, ERR_NO_MEMORY,
				    "Out of memory.");
		}
		flight_land(flight, err != 0 ? NULL :
		    answer_get(&(*out)->answer), f);
		flight_leave(flight);
		return err;
	}
	if (err == 0 && a == NULL) {
		err = flight_wait(flight, flight_now() + WAIT_MS, &a, f);
		flight_leave(flight);
	}
	*out = (struct pairs *)a;
	return err;
}

bool
pair_wanted(const struct pair *pair, const char *instance,
	const char *project)
{
	return (instance == NULL || strcmp(instance, pair->instance) == 0) &&
	    (project == NULL || strcmp(project, pair->project) == 0);
}
