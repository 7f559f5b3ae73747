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
pair_add(struct pair **list, size_t *n, struct json_object *policy,
	const char *project)
{
	struct json_object *block = json_member(json_member(policy, "policy",
		json_type_object), "block", json_type_int);
	struct pair *more = reallocarray(*list, *n + 1, sizeof(*more));

	if (more == NULL)
		return false;
	*list = more;
	more += (*n)++;
	*more = (struct pair){ .block = block == NULL ? -1 :
		json_object_get_int64(block) };
	snprintf(more->instance, sizeof(more->instance), "%s",
	    json_member_text(policy, "instance", ALB_LABEL_MAX));
	snprintf(more->project, sizeof(more->project), "%s", project);
	return true;
}

static size_t
length(struct json_object *list)
{
	return list == NULL ? 0 : json_object_array_length(list);
}

bool
pairs_read(struct json_object *projects, struct pair **out, size_t *n)
{
	bool ok = true;

	*out = NULL;
	*n = 0;
	for (size_t i = 0; ok && i < length(projects); i++) {
		struct json_object *p = json_object_array_get_idx(projects, i);
		struct json_object *list = json_member(p, "policies",
			json_type_array);
		const char *name = json_member_text(p, "name", ALB_LABEL_MAX);

		for (size_t k = 0; ok && k < length(list); k++)
			ok = pair_add(out, n, json_object_array_get_idx(list,
			    k), name);
	}
	if (!ok)
		free(*out);
	else if (*n > 0)
		qsort(*out, *n, sizeof(**out), pair_compare);
	return ok;
}

bool
pairs_have(const struct pair *items, size_t n, const char *instance,
	const char *project)
{
	struct pair key;

	snprintf(key.instance, sizeof(key.instance), "%s", instance);
	snprintf(key.project, sizeof(key.project), "%s", project);
	return n > 0 && bsearch(&key, items, n, sizeof(key), pair_compare) !=
		NULL;
}

static struct pairs *
pairs_new(struct json_object *projects)
{
	struct pairs *pairs = calloc(1, sizeof(*pairs));

	if (pairs == NULL || !pairs_read(projects, &pairs->items,
	    &pairs->len)) {
		free(pairs);
		return NULL;
	}
	answer_init(&pairs->answer, pairs_free);
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
		err = auth_all(r->auth, &r->who, "project-list", NULL,
		    &projects, f);
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
