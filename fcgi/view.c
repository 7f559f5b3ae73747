/* SPDX-License-Identifier: ISC */
/* view: what a credential may see; see view.h. */
#include "fcgi/view.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/api.h"

#define PLACE_SIZE (2 * ALB_LABEL_MAX + 2)

struct view {
	atomic_int refs;
	bool all;		/* an administrator's session */
	bool admin;		/* holds instance:admin */
	unsigned scopes;	/* a bit per place in the list below */
	struct auth_grant grant;	/* for its names */
	/* "instance", "/project" and "instance/project", sorted; owned. */
	char **places;
	size_t len;
};

static const char *const scopes[] = { "unikernel:read", "volume:read",
	"instance:read" };
#define SCOPES (sizeof(scopes) / sizeof(scopes[0]))
#define EACH ((1U << SCOPES) - 1)
#define ADMIN "instance:admin"

struct view *
view_get(const struct view *v)
{
	struct view *held = (struct view *)v;

	atomic_fetch_add(&held->refs, 1);
	return held;
}

void
view_put(struct view *v)
{
	if (v == NULL || atomic_fetch_sub(&v->refs, 1) != 1)
		return;
	for (size_t i = 0; i < v->len; i++)
		free(v->places[i]);
	free(v->places);
	free(v);
}

/* ---- made out of what the authority says ---- */

static bool
place_add(struct view *v, const char *instance, const char *project)
{
	char text[PLACE_SIZE];
	char **places = reallocarray(v->places, v->len + 1, sizeof(*places));

	if (places == NULL)
		return false;
	v->places = places;
	snprintf(text, sizeof(text), "%s%s%s", instance,
	    *project == '\0' ? "" : "/", project);
	places[v->len] = strdup(text);
	return places[v->len] != NULL && ++v->len > 0;
}

static bool
instances_take(struct view *v, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *name = api_text(json_object_array_get_idx(list,
			i), "name");

		if (name != NULL && !place_add(v, name, ""))
			return false;
	}
	return true;
}

static bool
project_take(struct view *v, struct json_object *project)
{
	struct json_object *list = api_member(project, "policies");
	const char *name = api_text(project, "name"), *instance;

	if (name == NULL || list == NULL)
		return true;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		instance = api_text(json_object_array_get_idx(list, i),
			"instance");
		if (instance != NULL && !place_add(v, instance, name))
			return false;
	}
	return place_add(v, "", name);
}

static bool
projects_take(struct view *v, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!project_take(v, json_object_array_get_idx(list, i)))
			return false;
	return true;
}

/*
 * A token's scopes, of which first gets one that it has, if any; and whether an
 * administrator's acts as one with it.
 */
static unsigned
scopes_take(struct json_object *list, const char **first, bool *admin)
{
	unsigned held = 0;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(list, i));
		int at = word_find(scopes, (int)SCOPES, name);

		*admin |= strcmp(name, "instance:admin") == 0;
		if (at < 0)
			continue;
		held |= 1U << at;
		*first = scopes[at];
	}
	return held;
}

static void
person_take(struct view *v, struct json_object *session)
{
	struct json_object *user = api_member(session, "user");

	v->admin = json_object_get_boolean(api_member(user, "admin"));
	v->all = v->admin;
	v->scopes = EACH;
	snprintf(v->grant.user, sizeof(v->grant.user), "%s",
	    json_member_text(user, "id", 36));
	snprintf(v->grant.user_name, sizeof(v->grant.user_name), "%s",
	    json_member_text(user, "name", 63));
	v->grant.admin = v->admin;
	v->grant.expires = (time_t)json_object_get_int64(api_member(session,
	    "expires"));
}

/* What a token is narrowed to, only authorize says. */
static int
token_take(struct view *v, struct auth_client *auth,
	const struct auth_who *who, struct json_object *list,
	struct fault *f)
{
	const char *first = NULL;
	bool admin = false;
	int err;

	v->scopes = scopes_take(list, &first, &admin);
	if (first == NULL)
		return fault_set(f, ERR_FORBIDDEN,
		    "The token may read nothing of what is told here.");
	err = auth_authorize(auth, who, first, NULL, NULL, NULL, &v->grant,
		f);
	v->admin = admin && v->grant.admin;
	return err;
}

static int
who_ask(struct view *v, struct auth_client *auth, const struct auth_who *who,
	struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct json_object *session, *list;
	int err = auth_call(auth, "whoami", who, NULL, &reply, f);

	if (err != 0)
		return err;
	session = api_member(reply, "session");
	list = api_member(session, "scopes");
	if (list != NULL)
		return token_take(v, auth, who, list, f);
	person_take(v, session);
	return 0;
}

static int
places_ask(struct view *v, struct auth_client *auth,
	const struct auth_who *who, const char *op, bool (*take)(
	struct view *v, struct json_object *list), struct fault *f)
{
	AUTO_JSON struct json_object *list = NULL;
	int err = auth_all(auth, who, op, NULL, &list, f);

	if (err == 0 && !take(v, list))
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return err;
}

static int
text_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
view_make(struct auth_client *auth, const struct auth_who *who,
	struct view **out, struct auth_grant *grant, struct fault *f)
{
	struct view *v = calloc(1, sizeof(*v));
	int err;

	if (v == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	atomic_init(&v->refs, 1);
	err = who_ask(v, auth, who, f);
	if (err == 0 && !v->all)
		err = places_ask(v, auth, who, "instance-list",
			instances_take, f);
	if (err == 0 && !v->all)
		err = places_ask(v, auth, who, "project-list",
			projects_take, f);
	if (err != 0) {
		view_put(v);
		return err;
	}
	if (v->len > 0)
		qsort(v->places, v->len, sizeof(*v->places), text_compare);
	*grant = v->grant;
	*out = v;
	return 0;
}

/* ---- looked at ---- */

bool
view_equal(const struct view *a, const struct view *b)
{
	if (a->all != b->all || a->admin != b->admin ||
	    a->scopes != b->scopes || a->len != b->len ||
	    strcmp(a->grant.names, b->grant.names) != 0)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (strcmp(a->places[i], b->places[i]) != 0)
			return false;
	return true;
}

bool
view_is_admin(const struct view *v)
{
	return v->admin;
}

bool
view_covers_name(const struct view *v, const char *name)
{
	return auth_grant_covers(&v->grant, name);
}

static bool
place_seen(const struct view *v, const char *instance, const char *project)
{
	char text[PLACE_SIZE];
	const char *key = text;

	snprintf(text, sizeof(text), "%s%s%s", instance,
	    *project == '\0' ? "" : "/", project);
	return v->len > 0 && bsearch(&key, v->places, v->len,
		sizeof(*v->places), text_compare) != NULL;
}

bool
view_covers(const struct view *v, const char *scope, const char *instance,
	const char *project, const char *name)
{
	int at = word_find(scopes, (int)SCOPES, scope);
	bool held = at < 0 ? v->admin && strcmp(scope, ADMIN) == 0 :
		(v->scopes & 1U << at) != 0;

	if (!held)
		return false;
	if (!v->all && *instance != '\0' &&
	    !place_seen(v, instance, project))
		return false;
	return *name == '\0' || view_covers_name(v, name);
}

/* What a kind of subject is nothing without; NULL: of many kinds. */
static const char *
scope_of(enum feed_kind feed)
{
	if (feed == FEED_INSTANCES)
		return "instance:read";
	return feed == FEED_OPERATIONS || feed == FEED_ALERTS ? NULL :
		"unikernel:read";
}

int
view_allows(const struct view *v, const struct subject *s, struct fault *f)
{
	const char *scope = scope_of(s->feed);
	bool seen;

	if (scope != NULL && !view_covers(v, scope, "", "", ""))
		return fault_set(f, ERR_FORBIDDEN,
		    "%s needs the scope %s.", s->text, scope);
	if (s->instance[0] != '\0')
		seen = view_covers(v, "unikernel:read", s->instance,
			s->project, s->name);
	else
		seen = v->all || s->project[0] == '\0' ||
			place_seen(v, "", s->project);
	return seen ? 0 : fault_set(f, ERR_NOT_FOUND,
	    "There is nothing to be seen of %s.", s->text);
}
