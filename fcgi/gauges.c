/* SPDX-License-Identifier: ISC */
/* gauges: the statistics of all instances; see gauges.h. */
#include "fcgi/gauges.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/client.h"
#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/gauge_source.h"
#include "fcgi/rounds.h"
#include "fcgi/state_dir.h"

#define LOOK_S 2		/* for instances that come and go */
#define SWEEP_MS (60 * 60 * INT64_C(1000))
#define DAY_S (24 * 60 * 60)

struct gauges {
	struct app *app;
	int root;			/* STATE/metrics */
	struct auth_client *auth;	/* of the rounds */
	struct rounds *rounds;
	int64_t revision;		/* of the list of them; -1: none */
	int64_t swept;			/* ms since 1970 */
	pthread_mutex_t lock;
	struct gauge_source **sources;	/* owned, each of them too */
	size_t n;
};

const char *
gauges_state_name(enum gauges_state state)
{
	static const char *const names[] = { [GAUGES_OFF] = "off",
		[GAUGES_LIVE] = "live", [GAUGES_DISPLACED] = "displaced" };

	return names[state];
}

/* With the lock. */
static struct gauge_source *
source_find(const struct gauges *g, const char *instance)
{
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(gauge_source_instance(g->sources[i]),
		    instance) == 0)
			return g->sources[i];
	return NULL;
}

bool
gauges_latest(struct gauges *g, const char *instance, const char *project,
	const char *name, struct gauge *out)
{
	struct gauge_source *s;
	bool found;

	pthread_mutex_lock(&g->lock);
	s = source_find(g, instance);
	found = s != NULL && gauge_source_latest(s, project, name, out);
	pthread_mutex_unlock(&g->lock);
	return found;
}

void
gauges_status(struct gauges *g, const char *instance,
	struct gauges_status *out)
{
	struct gauge_source *s;

	*out = (struct gauges_status){ .state = GAUGES_OFF };
	pthread_mutex_lock(&g->lock);
	s = source_find(g, instance);
	if (s != NULL)
		gauge_source_status(s, out);
	pthread_mutex_unlock(&g->lock);
}

void
gauges_again(struct gauges *g, const char *instance)
{
	struct gauge_source *s;

	pthread_mutex_lock(&g->lock);
	s = source_find(g, instance);
	if (s != NULL)
		gauge_source_again(s);
	pthread_mutex_unlock(&g->lock);
	rounds_wake(g->rounds);
}

int
gauges_root(const struct gauges *g)
{
	return g->root;
}

/* ---- instances come and go ---- */

/* Takes out what is no more; the threads end while the lock is free. */
static void
sources_drop(struct gauges *g, struct json_object *instances)
{
	struct gauge_source *gone;

	do {
		gone = NULL;
		pthread_mutex_lock(&g->lock);
		for (size_t i = 0; i < g->n && gone == NULL; i++)
			if (!json_list_has(instances, "name",
			    gauge_source_instance(g->sources[i]))) {
				gone = g->sources[i];
				g->sources[i] = g->sources[--g->n];
			}
		pthread_mutex_unlock(&g->lock);
		if (gone != NULL)
			gauge_source_free(gone);
	} while (gone != NULL);
}

/* False when there is no memory, or no thread. */
static bool
source_add(struct gauges *g, const char *instance)
{
	struct gauge_source **more, *s = NULL;

	pthread_mutex_lock(&g->lock);
	more = reallocarray(g->sources, g->n + 1, sizeof(*more));
	if (more != NULL) {
		g->sources = more;
		s = gauge_source_new(g->app, g->root, instance);
	}
	if (s != NULL)
		g->sources[g->n++] = s;
	pthread_mutex_unlock(&g->lock);
	return s != NULL;
}

/* Only the rounds add and remove: they may look without the lock. */
static bool
sources_add(struct gauges *g, struct json_object *instances)
{
	bool ok = true;

	for (size_t i = 0; i < json_object_array_length(instances); i++) {
		const char *name = json_member_text(json_object_array_get_idx(
		    instances, i), "name", ALB_LABEL_MAX);

		if (alb_label_valid(name) && source_find(g, name) == NULL)
			ok = source_add(g, name) && ok;
	}
	return ok;
}

static void
sources_look(struct gauges *g)
{
	AUTO_JSON struct json_object *list = NULL;
	struct json_object *instances;
	struct fault f = { 0 };
	int64_t revision;

	if (auth_revision(g->auth, &revision, &f) != 0 ||
	    revision == g->revision ||
	    auth_watch_list(g->auth, &list, &f) != 0)
		return;
	instances = json_member(list, "instances", json_type_array);
	if (instances == NULL)
		return;
	sources_drop(g, instances);
	if (sources_add(g, instances))
		g->revision = revision;
}

static void
look(void *arg)
{
	struct gauges *g = arg;
	int64_t now = wall_ms();

	if (g->auth == NULL)
		g->auth = auth_client_new(g->app->config->auth_socket);
	if (g->auth != NULL)
		sources_look(g);
	if (now - g->swept < SWEEP_MS && now >= g->swept)
		return;
	g->swept = now;
	gauge_file_sweep(g->root, now / 1000 - GAUGE_DAYS * DAY_S);
}

/* ---- begin and end ---- */

static int
root_open(const char *state_dir)
{
	AUTO_FD int state = state_dir_open(AT_FDCWD, state_dir);

	return state < 0 ? -1 : state_dir_open(state, "metrics");
}

struct gauges *
gauges_new(struct app *app, struct fault *f)
{
	struct gauges *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		return NULL;
	}
	g->app = app;
	g->revision = -1;
	pthread_mutex_init(&g->lock, NULL);
	g->root = root_open(app->config->state_dir);
	if (g->root < 0)
		fault_set(f, ERR_INTERNAL, "The directory %s/metrics can not "
		    "be used.", app->config->state_dir);
	else
		g->rounds = rounds_new(look, g, LOOK_S);
	if (g->rounds != NULL)
		return g;
	if (f->err == ERR_OK)
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	gauges_free(g);
	return NULL;
}

void
gauges_free(struct gauges *g)
{
	if (g == NULL)
		return;
	rounds_free(g->rounds);
	/* All at once: each may have to wait for its time limits. */
	for (size_t i = 0; i < g->n; i++)
		gauge_source_end(g->sources[i]);
	for (size_t i = 0; i < g->n; i++)
		gauge_source_free(g->sources[i]);
	free(g->sources);
	auth_client_free(g->auth);
	if (g->root >= 0)
		close(g->root);
	pthread_mutex_destroy(&g->lock);
	free(g);
}
