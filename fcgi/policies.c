/* SPDX-License-Identifier: ISC */
/* policies: see policies.h. */
#include "fcgi/policies.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/flight.h"

struct policies {
	pthread_mutex_t lock;
	int64_t asked;		/* flight_now; 0: never */
	struct policy_use *list;
	size_t n;
};

struct policies *
policies_new(void)
{
	struct policies *p = calloc(1, sizeof(*p));

	if (p != NULL)
		pthread_mutex_init(&p->lock, NULL);
	return p;
}

void
policies_free(struct policies *p)
{
	if (p == NULL)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p->list);
	free(p);
}

static int
compare(const void *a, const void *b)
{
	const struct policy_use *x = a, *y = b;
	int c = strcmp(x->instance, y->instance);

	return c != 0 ? c : strcmp(x->project, y->project);
}

/* ---- what the authority says ---- */

static size_t
length(struct json_object *list)
{
	return list == NULL ? 0 : json_object_array_length(list);
}

static void
use_take(struct policy_use *use, const char *project, struct json_object *o)
{
	struct json_object *policy = json_member(o, "policy",
		json_type_object);

	*use = (struct policy_use){
		.unikernels = json_object_get_int64(json_member(policy,
		    "unikernels", json_type_int)),
		.memory = json_object_get_int64(json_member(policy, "memory",
		    json_type_int)) };
	snprintf(use->instance, sizeof(use->instance), "%s",
	    json_member_text(o, "instance", ALB_LABEL_MAX));
	snprintf(use->project, sizeof(use->project), "%s", project);
}

static struct policy_use *
project_take(struct policy_use *list, size_t *n, struct json_object *o)
{
	struct json_object *policies = json_member(o, "policies",
		json_type_array);
	struct policy_use *more;

	more = reallocarray(list, *n + length(policies) + 1, sizeof(*more));
	if (more == NULL)
		return list;
	for (size_t i = 0; i < length(policies); i++)
		use_take(&more[(*n)++], json_member_text(o, "name",
		    ALB_LABEL_MAX), json_object_array_get_idx(policies, i));
	return more;
}

static void
ask(struct policies *p, struct auth_client *auth)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct json_object *projects;
	struct policy_use *list = NULL;
	struct fault f = { 0 };
	size_t n = 0;

	if (auth_watch_list(auth, &reply, &f) != 0)
		return;
	projects = json_member(reply, "projects", json_type_array);
	for (size_t i = 0; i < length(projects); i++)
		list = project_take(list, &n, json_object_array_get_idx(
		    projects, i));
	if (n > 0)
		qsort(list, n, sizeof(*list), compare);
	free(p->list);
	p->list = list;
	p->n = n;
}

struct policy_use *
policies_list(struct policies *p, struct auth_client *auth, size_t *n)
{
	struct policy_use *list;

	pthread_mutex_lock(&p->lock);
	if (p->asked == 0 || flight_now() - p->asked >= POLICIES_FRESH_MS) {
		/* Also when it fails: not at every scrape then. */
		p->asked = flight_now();
		ask(p, auth);
	}
	*n = p->n;
	list = calloc(p->n + 1, sizeof(*list));
	if (list == NULL)
		*n = 0;
	else if (p->n > 0)
		memcpy(list, p->list, p->n * sizeof(*list));
	pthread_mutex_unlock(&p->lock);
	return list;
}

struct policy_use *
policy_find(struct policy_use *list, size_t n, const char *instance,
	const char *project)
{
	struct policy_use key;

	if (n == 0)
		return NULL;
	snprintf(key.instance, sizeof(key.instance), "%s", instance);
	snprintf(key.project, sizeof(key.project), "%s", project);
	return bsearch(&key, list, n, sizeof(*list), compare);
}
