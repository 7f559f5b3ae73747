/* SPDX-License-Identifier: ISC */
/* policy_look: what policies albatross has; see policy_look.h. */
#include "fcgi/policy_look.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/json.h"
#include "base/buf.h"
#include "fcgi/clean.h"
#include "fcgi/flight.h"

#define WAIT_MS 30000
/* The authority may have been restored: what is the same is told again. */
#define AGAIN_MS (5 * 60 * 1000)
/* Of one message: JSON, and keys of an object, of which 128 are taken. */
#define PART_MAX (96 * 1024)
#define PART_KEYS 100
#define SIGHT_MAX (16 << 20)

/* What was told of an instance last. */
struct told {
	struct told *next;
	char instance[ALB_LABEL_MAX + 1];
	char *text;		/* owned; NULL: nothing */
	int64_t when;		/* flight_now */
	uint64_t generation;	/* counts what was forgotten */
};

struct policy_looks {
	struct flights *flights;
	pthread_mutex_t lock;
	struct told *first;
};

struct policy_looks *
policy_looks_new(void)
{
	struct policy_looks *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	/* An answer is for those who wait for it alone. */
	l->flights = flights_new(0);
	if (l->flights != NULL)
		return l;
	policy_looks_free(l);
	return NULL;
}

void
policy_looks_free(struct policy_looks *l)
{
	struct told *t;

	if (l == NULL)
		return;
	while ((t = l->first) != NULL) {
		l->first = t->next;
		free(t->text);
		free(t);
	}
	flights_free(l->flights);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* With the lock held; NULL when out of memory. */
static struct told *
told_get(struct policy_looks *l, const char *instance)
{
	struct told *t = l->first;

	while (t != NULL && strcmp(t->instance, instance) != 0)
		t = t->next;
	if (t != NULL)
		return t;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	snprintf(t->instance, sizeof(t->instance), "%s", instance);
	t->next = l->first;
	l->first = t;
	return t;
}

void
policy_look_forget(struct upstream *u, const char *instance)
{
	struct policy_looks *l = upstream_looks(u);
	struct told *t;

	flight_forget(l->flights, instance);
	pthread_mutex_lock(&l->lock);
	t = told_get(l, instance);
	if (t != NULL) {
		free(t->text);
		t->text = NULL;
		t->generation++;
	}
	pthread_mutex_unlock(&l->lock);
}

/* ---- of an answer ---- */

static const struct alb_policy *
policy_at(const struct alb_wire *w, const char *path)
{
	if (w->payload != ALB_PAYLOAD_POLICIES)
		return NULL;
	for (size_t i = 0; i < w->npolicies; i++)
		if (strcmp(w->policies[i].name.path, path) == 0 &&
		    w->policies[i].name.label[0] == '\0')
			return &w->policies[i].policy;
	return NULL;
}

const struct alb_policy *
policy_of_root(const struct alb_wire *w)
{
	return policy_at(w, "");
}

const struct alb_policy *
policy_of_project(const struct alb_wire *w, const char *project)
{
	return policy_at(w, project);
}

/* ---- telling ---- */

static int
by_name(const void *a, const void *b)
{
	const struct alb_named_policy *const *x = a, *const *y = b;

	return strcmp((*x)->name.path, (*y)->name.path);
}

/* Those of projects, by name: owned; NULL when out of memory. */
static const struct alb_named_policy **
projects_sorted(const struct alb_wire *w, size_t *n)
{
	const struct alb_named_policy **list = calloc(w->npolicies + 1,
		sizeof(*list));

	*n = 0;
	for (size_t i = 0; list != NULL && i < w->npolicies; i++)
		if (w->policies[i].name.label[0] == '\0' &&
		    alb_label_valid(w->policies[i].name.path))
			list[(*n)++] = &w->policies[i];
	if (*n > 1)
		qsort(list, *n, sizeof(*list), by_name);
	return list;
}

/* The parts of a message each, and all of it as text. */
struct parts {
	struct json_object *list;	/* of arguments */
	struct json_object *policies;	/* of the last one, borrowed */
	size_t used;
	struct buf text;
};

static void
part_begin(struct parts *p, const char *instance, const char *after)
{
	struct json_object *args = json_object_new_object();

	p->policies = json_object_new_object();
	p->used = 0;
	json_add_str(args, "instance", instance);
	json_add_str(args, "after", after);
	json_object_object_add(args, "policies", p->policies);
	json_object_array_add(p->list, args);
}

static void
part_end(struct parts *p, const char *until)
{
	size_t last = json_object_array_length(p->list) - 1;

	json_add_str(json_object_array_get_idx(p->list, last), "until",
	    until);
}

static void
parts_add(struct parts *p, const char *instance,
	const struct alb_named_policy *one, const char *before)
{
	struct json_object *o = alb_policy_to_json(&one->policy);
	const char *text = json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN);

	if (p->used > 0 && (p->used + strlen(text) > PART_MAX ||
	    json_object_object_length(p->policies) >= PART_KEYS)) {
		part_end(p, before);
		part_begin(p, instance, before);
	}
	p->used += strlen(text) + strlen(one->name.path) + 8;
	buf_putf(&p->text, "%s=%s\n", one->name.path, text);
	json_object_object_add(p->policies, one->name.path, o);
}

static int
parts_make(struct parts *p, const char *instance, const struct alb_wire *w)
{
	const struct alb_policy *root = policy_of_root(w);
	const struct alb_named_policy **list;
	struct json_object *o;
	size_t n;

	list = projects_sorted(w, &n);
	if (list == NULL)
		return -1;
	part_begin(p, instance, "");
	if (root != NULL) {
		o = alb_policy_to_json(root);
		buf_putf(&p->text, "=%s\n", json_object_to_json_string_ext(o,
		    JSON_C_TO_STRING_PLAIN));
		json_object_object_add(json_object_array_get_idx(p->list, 0),
		    "root", o);
	}
	for (size_t i = 0; i < n; i++)
		parts_add(p, instance, list[i], i == 0 ? "" :
		    list[i - 1]->name.path);
	part_end(p, "");
	free(list);
	return buf_ok(&p->text) ? 0 : -1;
}

static int
parts_send(const struct parts *p, struct auth_client *auth, struct fault *f)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < json_object_array_length(p->list);
	    i++)
		err = auth_call(auth, "watch-policies", NULL, json_object_get(
		    json_object_array_get_idx(p->list, i)), NULL, f);
	return err;
}

/* Is it what was told last, not long ago? *generation: of what is known. */
static bool
is_told(struct policy_looks *l, const char *instance, const char *text,
	uint64_t *generation)
{
	struct told *t;
	bool same;

	pthread_mutex_lock(&l->lock);
	t = told_get(l, instance);
	same = t != NULL && t->text != NULL && strcmp(t->text, text) == 0 &&
		flight_now() - t->when < AGAIN_MS;
	*generation = t == NULL ? 0 : t->generation;
	pthread_mutex_unlock(&l->lock);
	return same;
}

static void
told_set(struct policy_looks *l, const char *instance, const char *text,
	uint64_t generation)
{
	struct told *t;

	pthread_mutex_lock(&l->lock);
	t = told_get(l, instance);
	/* What was forgotten meanwhile stays so. */
	if (t != NULL && t->generation == generation) {
		free(t->text);
		t->text = strdup(text);
		t->when = flight_now();
	}
	pthread_mutex_unlock(&l->lock);
}

static int
parts_tell(struct policy_looks *l, struct auth_client *auth,
	const char *instance, const struct parts *p, struct fault *f)
{
	const char *text = buf_str((struct buf *)(uintptr_t)&p->text);
	uint64_t generation;
	int err;

	if (is_told(l, instance, text, &generation))
		return 0;
	err = parts_send(p, auth, f);
	if (err == 0)
		told_set(l, instance, text, generation);
	return err;
}

int
policy_tell(struct upstream *u, struct auth_client *auth,
	const char *instance, const struct alb_wire *w, struct fault *f)
{
	struct parts p = { .list = json_object_new_array() };
	int err;

	buf_init(&p.text, SIGHT_MAX);
	err = parts_make(&p, instance, w) != 0 ?
		fault_set(f, ERR_NO_MEMORY, "Out of memory.") :
		parts_tell(upstream_looks(u), auth, instance, &p, f);
	buf_free(&p.text);
	json_object_put(p.list);
	return err;
}

void
policy_tell_refused(const struct ask *a, const char *words)
{
	struct json_object *args = json_object_new_object();
	struct fault f = { 0 };
	char shown[600];

	clean_copy(shown, sizeof(shown), words);
	json_add_str(args, "instance", a->instance);
	json_add_str(args, "project", a->project);
	json_add_str(args, "words", shown);
	(void)auth_call(a->auth, "watch-refused", NULL, args, NULL, &f);
}

/* ---- looking ---- */

static void
sight_free(struct answer *a)
{
	free(a);
}

static int
ask(struct upstream *u, struct auth_client *auth, const char *instance,
	struct fault *f)
{
	const struct ask a = { auth, NULL, instance, NULL, "" };
	struct alb_wire w;
	int err = upstream_policies(u, &a, &w, f);

	if (err == ERR_ALB_UNSUPPORTED || err == ERR_ALB_INCOMPATIBLE) {
		*f = (struct fault){ 0 };
		return 0;
	}
	if (err != 0)
		return err;
	err = policy_tell(u, auth, instance, &w, f);
	alb_wire_free(&w);
	return err;
}

/* The one who asks for all. */
static int
lead_look(struct upstream *u, struct auth_client *auth, const char *instance,
	struct flight *flight, struct fault *f)
{
	struct answer *a = malloc(sizeof(*a));
	int err = a == NULL ? fault_set(f, ERR_NO_MEMORY, "Out of memory.") :
		ask(u, auth, instance, f);

	if (err == 0) {
		answer_init(a, sight_free);
	} else {
		free(a);
		a = NULL;
	}
	flight_land(flight, a, f);
	return err;
}

int
policy_look(struct upstream *u, struct auth_client *auth,
	const char *instance, struct fault *f)
{
	struct flight *flight;
	struct answer *a;
	bool lead;
	int err = flight_join(upstream_looks(u)->flights, instance, &a,
		&flight, &lead, f);

	if (err != 0)
		return err;
	if (a == NULL && lead)
		err = lead_look(u, auth, instance, flight, f);
	else if (a == NULL)
		err = flight_wait(flight, flight_now() + WAIT_MS, &a, f);
	if (flight != NULL)
		flight_leave(flight);
	answer_put(a);
	return err;
}
