/* SPDX-License-Identifier: ISC */
#include "config.h"	/* for asprintf */

/* veil: values become references again; see veil.h. */
#include "fcgi/veil.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/array.h"
#include "base/reference.h"
#include "base/text.h"

#define BYTES 32		/* of the key, and of a MAC */

struct mark {
	char project[ALB_LABEL_MAX + 1];
	char name[REFERENCE_NAME];
	uint8_t mac[BYTES];
};

struct marks {
	int64_t revision;
	bool known;
	uint8_t key[BYTES];
	struct mark *items;	/* by project; owned */
	size_t len, cap;
};

struct veil {
	pthread_rwlock_t lock;
	struct marks marks;
};

struct veil *
veil_new(void)
{
	struct veil *v = calloc(1, sizeof(*v));

	if (v != NULL)
		pthread_rwlock_init(&v->lock, NULL);
	return v;
}

static void
marks_free(struct marks *m)
{
	free(m->items);
	explicit_bzero(m, sizeof(*m));
}

void
veil_free(struct veil *v)
{
	if (v == NULL)
		return;
	marks_free(&v->marks);
	pthread_rwlock_destroy(&v->lock);
	free(v);
}

/* ---- the marks ---- */

static int
not_understood(struct fault *f)
{
	return fault_set(f, ERR_AUTHORITY, "The authority's answer about "
	    "secrets was not understood.");
}

/* ["name", "mac"] */
static bool
mark_read(struct json_object *o, const char *project, struct mark *out)
{
	const char *name, *mac;

	if (!json_object_is_type(o, json_type_array) ||
	    json_object_array_length(o) != 2)
		return false;
	name = json_object_get_string(json_object_array_get_idx(o, 0));
	mac = json_object_get_string(json_object_array_get_idx(o, 1));
	if (name == NULL || mac == NULL)
		return false;
	snprintf(out->project, sizeof(out->project), "%s", project);
	snprintf(out->name, sizeof(out->name), "%s", name);
	return hex_decode(mac, out->mac, BYTES) == 0;
}

static bool
project_read(struct json_object *o, struct marks *m)
{
	struct json_object *list = json_member(o, "marks", json_type_array);
	const char *project = json_member_text(o, "name", ALB_LABEL_MAX);
	size_t n = list == NULL ? 0 : json_object_array_length(list);

	if (list == NULL || *project == '\0')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!array_grow((void **)&m->items, &m->cap, m->len,
		    sizeof(*m->items)) || !mark_read(
		    json_object_array_get_idx(list, i), project,
		    &m->items[m->len]))
			return false;
		m->len++;
	}
	return true;
}

/* One page of them; *more: what the next one begins behind, or "". */
static int
page_read(struct json_object *reply, struct marks *m,
	char after[ALB_LABEL_MAX + 1], struct fault *f)
{
	struct json_object *list = json_member(reply, "projects",
		json_type_array);
	size_t n = list == NULL ? 0 : json_object_array_length(list);
	bool more = json_object_get_boolean(json_member(reply, "more",
	    json_type_boolean));

	if (list == NULL || hex_decode(json_member_text(reply, "key",
	    2 * BYTES), m->key, BYTES) != 0)
		return not_understood(f);
	for (size_t i = 0; i < n; i++)
		if (!project_read(json_object_array_get_idx(list, i), m))
			return not_understood(f);
	after[0] = '\0';
	if (more && n > 0)
		snprintf(after, ALB_LABEL_MAX + 1, "%s", json_member_text(
		    json_object_array_get_idx(list, n - 1), "name",
		    ALB_LABEL_MAX));
	return 0;
}

static int
page_ask(struct auth_client *auth, const char *after, const int64_t *known,
	struct json_object **reply, int64_t *revision, struct fault *f)
{
	struct json_object *args = json_object_new_object(), *value;
	int err;

	json_add_str(args, "after", after);
	if (known != NULL)
		json_add_int(args, "known", *known);
	err = auth_call(auth, "secret-marks", NULL, args, reply, f);
	if (err != 0)
		return err;
	value = json_member(*reply, "revision", json_type_int);
	if (value == NULL)
		return not_understood(f);
	*revision = json_object_get_int64(value);
	return 0;
}

/*
 * All of them. A secret that is written between two pages makes the revision
 * of the first too old, and the next one who looks asks again.
 */
static int
marks_ask(struct auth_client *auth, struct json_object *first,
	struct marks *m, struct fault *f)
{
	char after[ALB_LABEL_MAX + 1];
	int err = page_read(first, m, after, f);

	while (err == 0 && after[0] != '\0') {
		AUTO_JSON struct json_object *reply = NULL;
		int64_t revision;

		err = page_ask(auth, after, NULL, &reply, &revision, f);
		if (err == 0)
			err = page_read(reply, m, after, f);
	}
	return err;
}

/* Asked each time: what was written a moment ago is a secret too. */
static int
marks_renew(struct veil *v, struct auth_client *auth, struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct marks m = { 0 }, old;
	int64_t known;
	bool any;
	int err;

	pthread_rwlock_rdlock(&v->lock);
	known = v->marks.revision;
	any = v->marks.known;
	pthread_rwlock_unlock(&v->lock);
	err = page_ask(auth, "", any ? &known : NULL, &reply, &m.revision, f);
	if (err != 0 || (any && m.revision == known))
		return err;
	err = marks_ask(auth, reply, &m, f);
	if (err != 0) {
		marks_free(&m);
		return err;
	}
	m.known = true;
	pthread_rwlock_wrlock(&v->lock);
	old = v->marks;
	/* Another thread may have been faster, and later. */
	if (!old.known || old.revision < m.revision)
		v->marks = m;
	else
		old = m;
	pthread_rwlock_unlock(&v->lock);
	marks_free(&old);
	return 0;
}

/* ---- arguments ---- */

/* What the text is the value of; with the lock. NULL: of nothing. */
static const struct mark *
mark_find(const struct marks *m, const char *project, const char *text)
{
	uint8_t mac[BYTES];

	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, m->key, BYTES, text,
	    strlen(text), mac) < 0)
		return NULL;
	for (size_t i = 0; i < m->len; i++)
		if (strcmp(m->items[i].project, project) == 0 &&
		    bytes_equal(m->items[i].mac, mac, BYTES))
			return &m->items[i];
	return NULL;
}

/* Owned, or NULL when out of memory. */
static char *
reference_write(const char *argument, size_t front, const char *name)
{
	char *text;

	if (asprintf(&text, "%.*s" REFERENCE_FORMAT, (int)front, argument,
	    name) < 0)
		return NULL;
	return text;
}

static int
argument_veil(const struct marks *m, const char *project, char **argument)
{
	const char *value = reference_value(*argument);
	const struct mark *mark = mark_find(m, project, *argument);
	size_t front = 0;
	char *text;

	if (mark == NULL && value != NULL) {
		mark = mark_find(m, project, value);
		front = (size_t)(value - *argument);
	}
	if (mark == NULL)
		return 0;
	text = reference_write(*argument, front, mark->name);
	if (text == NULL)
		return ERR_NO_MEMORY;
	explicit_bzero(*argument, strlen(*argument));
	free(*argument);
	*argument = text;
	return 0;
}

static bool
has_marks(const struct marks *m, const char *project)
{
	for (size_t i = 0; i < m->len; i++)
		if (strcmp(m->items[i].project, project) == 0)
			return true;
	return false;
}

static int
config_veil(const struct marks *m, const char *project, struct alb_config *c)
{
	int err = 0;

	if (!has_marks(m, project))
		return 0;
	for (size_t i = 0; i < c->narguments && err == 0; i++)
		err = argument_veil(m, project, &c->arguments[i]);
	return err;
}

static int
veil_fault(int err, struct fault *f)
{
	return err == 0 ? 0 : fault_set(f, err, "Out of memory.");
}

int
veil_config(struct veil *v, struct auth_client *auth, const char *project,
	struct alb_config *c, struct fault *f)
{
	int err;

	if (c->narguments == 0)
		return 0;
	err = marks_renew(v, auth, f);
	if (err != 0)
		return err;
	pthread_rwlock_rdlock(&v->lock);
	err = config_veil(&v->marks, project, c);
	pthread_rwlock_unlock(&v->lock);
	return veil_fault(err, f);
}

static bool
has_arguments(const struct alb_wire *w)
{
	for (size_t i = 0; i < w->ninfos; i++)
		if (w->infos[i].config.narguments > 0)
			return true;
	return false;
}

int
veil_infos(struct veil *v, struct auth_client *auth, struct alb_wire *w,
	struct fault *f)
{
	int err;

	if (!has_arguments(w))
		return 0;
	err = marks_renew(v, auth, f);
	if (err != 0)
		return err;
	pthread_rwlock_rdlock(&v->lock);
	for (size_t i = 0; i < w->ninfos && err == 0; i++)
		err = config_veil(&v->marks, w->infos[i].name.path,
		    &w->infos[i].config);
	pthread_rwlock_unlock(&v->lock);
	return veil_fault(err, f);
}
