/* SPDX-License-Identifier: ISC */
/* beneath: see beneath.h. */
#include "fcgi/beneath.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/api.h"
#include "fcgi/app.h"
#include "fcgi/thread.h"
#include "fcgi/upstream.h"

#define THREADS_MAX 8
#define NAMED_MAX 3	/* in a sentence */

/* One look; the threads take one instance after the other. */
struct look {
	struct app *app;
	const char *name;		/* NULL: any */
	struct json_object *instances;	/* of the authority, borrowed */
	struct beneath *out;
	pthread_mutex_t lock;
	size_t next;
};

static bool
is_beneath(const struct alb_name *name, const char *top)
{
	size_t len = strcspn(name->path, ":");

	if (top == NULL)
		return true;
	return strlen(top) == len && memcmp(name->path, top, len) == 0;
}

/* With the lock. */
static void
item_add(struct look *l, const char *instance, const char *kind,
	const struct alb_name *name)
{
	struct json_object *o = json_object_new_object();
	char text[ALB_NAME_MAX + 2];

	alb_name_format(name, text);
	json_add_str(o, "instance", instance);
	json_add_str(o, "kind", kind);
	json_add_str(o, "name", text);
	json_object_array_add(l->out->items, o);
}

static void
infos_take(struct look *l, const char *instance, const struct alb_wire *w)
{
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < w->ninfos; i++)
		if (is_beneath(&w->infos[i].name, l->name))
			item_add(l, instance, "unikernel", &w->infos[i].name);
	pthread_mutex_unlock(&l->lock);
}

static void
blocks_take(struct look *l, const char *instance, const struct alb_wire *w)
{
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < w->nblocks; i++)
		if (is_beneath(&w->blocks[i].name, l->name))
			item_add(l, instance, "volume", &w->blocks[i].name);
	pthread_mutex_unlock(&l->lock);
}

static void
instance_look(struct look *l, struct auth_client *auth, const char *instance)
{
	const struct ask ask = { auth, NULL, instance, NULL, "" };
	struct upstream *u = l->app->upstream;
	struct fault f = { 0 };
	struct alb_wire w;
	int err = upstream_infos(u, &ask, true, &w, NULL, &f);

	if (err == 0) {
		infos_take(l, instance, &w);
		alb_wire_free(&w);
		err = upstream_blocks(u, &ask, true, &w, NULL, &f);
	}
	if (err == 0) {
		blocks_take(l, instance, &w);
		alb_wire_free(&w);
		return;
	}
	pthread_mutex_lock(&l->lock);
	json_object_array_add(l->out->errors, api_error(instance, &f));
	pthread_mutex_unlock(&l->lock);
}

/* NULL: that was the last one. */
static const char *
instance_next(struct look *l)
{
	const char *name = NULL;

	pthread_mutex_lock(&l->lock);
	if (l->next < json_object_array_length(l->instances))
		name = api_text(json_object_array_get_idx(l->instances,
		    l->next++), "name");
	pthread_mutex_unlock(&l->lock);
	return name;
}

static void *
look_main(void *arg)
{
	struct look *l = arg;
	struct auth_client *auth = auth_client_new(
		l->app->config->auth_socket);
	const char *instance;

	while (auth != NULL && (instance = instance_next(l)) != NULL)
		instance_look(l, auth, instance);
	auth_client_free(auth);
	return NULL;
}

/* The caller's thread takes its part, so threads that lack only cost time. */
static void
look_run(struct look *l, struct auth_client *auth)
{
	size_t n = json_object_array_length(l->instances);
	struct threads threads = { 0 };
	const char *instance;

	pthread_mutex_init(&l->lock, NULL);
	if (n > 1)
		(void)threads_start(&threads, n < THREADS_MAX ? (int)n - 1 :
		    THREADS_MAX, look_main, l);
	while ((instance = instance_next(l)) != NULL)
		instance_look(l, auth, instance);
	threads_join(&threads);
	pthread_mutex_destroy(&l->lock);
}

int
beneath_look(struct app *app, struct auth_client *auth, const char *name,
	struct beneath *out, struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct look l = { .app = app, .name = name, .out = out };
	int err = auth_watch_list(auth, &reply, f);

	*out = (struct beneath){ 0 };
	if (err != 0)
		return err;
	l.instances = json_member(reply, "instances", json_type_array);
	if (l.instances == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	out->items = json_object_new_array();
	out->errors = json_object_new_array();
	look_run(&l, auth);
	return 0;
}

void
beneath_free(struct beneath *b)
{
	json_object_put(b->items);
	json_object_put(b->errors);
	*b = (struct beneath){ 0 };
}

/* The first few of them. */
static void
items_name(struct json_object *items, struct fault *f)
{
	size_t n = json_object_array_length(items);

	for (size_t i = 0; i < n && i < NAMED_MAX; i++) {
		struct json_object *o = json_object_array_get_idx(items, i);

		fault_add(f, "%s %s %s on %s", i == 0 ? "" : ",",
		    api_text(o, "kind"), api_text(o, "name"),
		    api_text(o, "instance"));
	}
	fault_add(f, n > NAMED_MAX ? " and more." : ".");
}

int
beneath_check(const struct beneath *b, const char *what, bool whole,
	struct fault *f)
{
	struct json_object *o = json_object_array_get_idx(b->items, 0);

	if (o != NULL && whole) {
		fault_set(f, ERR_CONFLICT, "%s: albatross has", what);
		items_name(b->items, f);
		return f->err;
	}
	if (o != NULL)
		return fault_set(f, ERR_CONFLICT, "%s: instance %s has "
		    "something under it.", what, api_text(o, "instance"));
	o = json_object_array_get_idx(b->errors, 0);
	return o == NULL ? 0 : fault_set(f, err_from_code(api_text(o, "code")),
	    "%s: what instance %s has can not be told now. %s", what,
	    api_text(o, "instance"), api_text(o, "detail"));
}

/* ---- kept ---- */

struct beneath_memo {
	pthread_mutex_t lock;	/* held while it is asked: once is enough */
	int64_t at;		/* ms since 1970; 0: never */
	struct beneath seen;
};

struct beneath_memo *
beneath_memo_new(void)
{
	struct beneath_memo *m = calloc(1, sizeof(*m));

	if (m != NULL)
		pthread_mutex_init(&m->lock, NULL);
	return m;
}

void
beneath_memo_free(struct beneath_memo *m)
{
	if (m == NULL)
		return;
	beneath_free(&m->seen);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static void
memo_renew(struct app *app, struct auth_client *auth, struct beneath_memo *m)
{
	int64_t now = wall_ms();
	struct fault f = { 0 };

	if (m->at != 0 && now >= m->at && now - m->at < BENEATH_KEPT_MS)
		return;
	beneath_free(&m->seen);
	if (beneath_look(app, auth, NULL, &m->seen, &f) == 0)
		m->at = wall_ms();
}

bool
beneath_seen(struct app *app, struct auth_client *auth, const char *name)
{
	struct beneath_memo *m = app->beneath;
	size_t len = strlen(name);
	bool seen = false;

	pthread_mutex_lock(&m->lock);
	memo_renew(app, auth, m);
	for (size_t i = 0; m->seen.items != NULL && !seen &&
	    i < json_object_array_length(m->seen.items); i++) {
		const char *whole = api_text(json_object_array_get_idx(
		    m->seen.items, i), "name");

		seen = strncmp(whole, name, len) == 0 && whole[len] == ':';
	}
	pthread_mutex_unlock(&m->lock);
	return seen;
}
