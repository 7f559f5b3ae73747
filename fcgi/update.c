/* SPDX-License-Identifier: ISC */
/* update: see update.h. */
#include "fcgi/update.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/build_store.h"
#include "fcgi/updater.h"

/* ---- what is known ---- */

static bool
by_builder(struct ledger *l, const struct builder *b, const char *sha256,
	struct update_state *out)
{
	char uuid[BUILD_UUID_LEN + 1];
	int64_t asked;

	build_of_find(l, b->name, sha256, uuid, &asked);
	if (asked != 0 && (out->checked == 0 || asked < out->checked))
		out->checked = asked;
	if (uuid[0] == '\0' ||
	    build_find(l, b->name, uuid, &out->running) != 0)
		return false;
	out->known = true;
	build_latest_find(l, b->name, out->running.job,
	    out->running.platform, uuid, &out->checked);
	out->has_latest = uuid[0] != '\0' &&
		build_find(l, b->name, uuid, &out->latest) == 0;
	return true;
}

void
update_known(struct ledger *l, const struct builder_settings *s,
	const char *sha256, struct update_state *out)
{
	*out = (struct update_state){ 0 };
	if (strlen(sha256) != IMAGE_DIGEST_LEN)
		return;
	for (size_t i = 0; i < s->len; i++)
		if (by_builder(l, &s->items[i], sha256, out))
			break;
	if (!out->has_latest)
		return;
	out->other_platform = strcmp(out->running.platform,
	    out->latest.platform) != 0;
	out->available = !out->other_platform && out->latest.binary &&
		strcmp(out->running.uuid, out->latest.uuid) != 0 &&
		out->latest.started > out->running.started;
}

static bool
is_old(int64_t asked, int64_t max_age)
{
	int64_t now = wall_ms();

	return asked == 0 || asked > now || now - asked >= max_age;
}

int
update_ask(struct app *app, const struct builder *b, const char *sha256,
	int64_t max_age, struct fault *f)
{
	AUTO_FREE struct build *build = malloc(2 * sizeof(*build));
	char uuid[BUILD_UUID_LEN + 1];
	int64_t asked;
	int err = 0;

	if (build == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	build_of_find(app->ledger, b->name, sha256, uuid, &asked);
	if (is_old(asked, max_age))
		err = builders_build_of(app->builders, b, sha256, build, f);
	else if (uuid[0] == '\0')
		return 0;
	else
		err = build_find(app->ledger, b->name, uuid, build);
	if (err == 0) {
		build_latest_find(app->ledger, b->name, build->job,
		    build->platform, uuid, &asked);
		if (is_old(asked, max_age))
			err = builders_latest(app->builders, b, build->job,
			    build->platform, &build[1], f);
	}
	if (err != ERR_NOT_FOUND)
		return err;
	*f = (struct fault){ 0 };
	return 0;
}

void
update_ask_all(struct app *app, const struct builder_settings *s,
	const char *sha256, int64_t max_age, struct fault *f)
{
	char uuid[BUILD_UUID_LEN + 1];
	struct fault one;
	int64_t unused;

	if (strlen(sha256) != IMAGE_DIGEST_LEN)
		return;
	for (size_t i = 0; i < s->len; i++) {
		one = (struct fault){ 0 };
		if (update_ask(app, &s->items[i], sha256, max_age, &one) != 0)
			*f = one;
		build_of_find(app->ledger, s->items[i].name, sha256, uuid,
		    &unused);
		if (uuid[0] != '\0')
			break;
	}
}

static struct json_object *
short_json(const struct update_state *u)
{
	struct json_object *o;

	if (!u->known)
		return NULL;
	o = json_object_new_object();
	json_add_str(o, "builder", u->running.builder);
	json_add_str(o, "job", u->running.job);
	json_add_str(o, "build", u->running.uuid);
	json_add_str(o, "platform", u->running.platform);
	json_add_time_ms(o, "started_at", u->running.started);
	json_add_bool(o, "available", u->available);
	json_add_str(o, "latest", u->has_latest ? u->latest.uuid : NULL);
	json_add_time_ms(o, "latest_started_at", u->latest.started);
	return o;
}

void
update_show(struct app *app, const struct builder_settings *s,
	struct json_object *unikernel)
{
	AUTO_FREE struct update_state *u = malloc(sizeof(*u));
	const char *sha256 = json_member_text(unikernel, "digest",
		IMAGE_DIGEST_LEN);

	if (u != NULL) {
		updater_seen(app->updater, sha256);
		update_known(app->ledger, s, sha256, u);
	}
	json_object_object_add(unikernel, "update", u == NULL ? NULL :
	    short_json(u));
}

/* ---- the image of a build ---- */

static int
build_text(const struct build *b, char **out, struct fault *f)
{
	AUTO_JSON struct json_object *o = json_object_new_object();

	json_add_str(o, "builder", b->builder);
	json_add_str(o, "job", b->job);
	json_add_str(o, "build", b->uuid);
	json_add_str(o, "platform", b->platform);
	json_add_time_ms(o, "started_at", b->started);
	free(*out);
	*out = json_text(o);
	return *out != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

static int
image_take(struct plan *p, const struct builder *builder,
	const struct build *build, struct fault *f)
{
	struct app *app = p->r->app;
	int err;

	/* It can take a while; the authority is for those who ask. */
	auth_client_rest(p->r->auth);
	err = build_text(build, &p->build, f);
	if (err == 0)
		err = builders_image(app->builders, builder, build,
			p->r->project, &p->image, f);
	if (err != 0)
		return err;
	p->has_image = true;
	memcpy(p->digest, p->image.sha256, sizeof(p->digest));
	return 0;
}

int
update_build_take(struct plan *p, const char *builder, const char *job,
	const char *uuid, const char *field, struct fault *f)
{
	AUTO_FREE struct build *build = malloc(sizeof(*build));
	struct builder site;
	int err = build == NULL ? fault_set(f, ERR_NO_MEMORY,
		"Out of memory.") : builder_settings_find(
		p->r->app->ledger, builder, &site, f);

	if (err == 0)
		err = builders_build(p->r->app->builders, &site, job, uuid,
			build, f);
	if (err == 0 && !build->binary)
		err = fault_set(f, ERR_NOT_FOUND, "That build has no image.");
	if (err == 0)
		err = image_take(p, &site, build, f);
	if (err != ERR_NOT_FOUND)
		return err;
	f->err = ERR_INVALID;
	return fault_field(f, field, "%.190s", f->detail);
}

/* ---- to the newest ---- */

static int
nothing_newer(const struct plan *p, const struct update_state *u,
	struct fault *f)
{
	if (!u->known)
		return fault_set(f, ERR_CONFLICT, "No builder knows the image "
		    "that %s runs, so there is no newer build of it. Name the "
		    "build to go to.", p->r->name);
	if (!u->has_latest)
		return fault_set(f, ERR_CONFLICT, "%s tells no newest build "
		    "of %s.", u->running.builder, u->running.job);
	if (u->other_platform)
		return fault_set(f, ERR_CONFLICT, "The newest build of %s is "
		    "for %s, what runs is for %s. Name the build to go to.",
		    u->running.job, u->latest.platform, u->running.platform);
	return fault_set(f, ERR_CONFLICT, "%s runs the newest build of %s.",
	    p->r->name, u->running.job);
}

static int
latest_take(struct plan *p, const struct builder_settings *s,
	struct update_state *u, struct fault *f)
{
	struct app *app = p->r->app;
	struct fault asking = { 0 };

	update_ask_all(app, s, p->expect, 0, &asking);
	update_known(app->ledger, s, p->expect, u);
	if (!u->available && asking.err != 0) {
		*f = asking;
		return f->err;
	}
	if (!u->available)
		return nothing_newer(p, u, f);
	return image_take(p, builder_settings_get(s, u->latest.builder),
	    &u->latest, f);
}

int
update_latest_take(struct plan *p, struct fault *f)
{
	AUTO_FREE struct builder_settings *s = builder_settings_load(
		p->r->app->ledger, f);
	AUTO_FREE struct update_state *u = malloc(sizeof(*u));
	int err;

	if (s == NULL)
		return f->err;
	if (u == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = unikernel_digest(p->r->app->upstream, &p->ask, p->expect, f);
	return err != 0 ? err : latest_take(p, s, u, f);
}

int
update_fill(struct plan *p, struct fault *f)
{
	char running[IMAGE_DIGEST_LEN + 1];
	int err = plan_from_running(p, running, f);

	if (err != 0)
		return err;
	if (p->config.type != ALB_SOLO5)
		return fault_set(f, ERR_CONFLICT, "%s has no image that could "
		    "be updated.", p->r->name);
	if (p->expect[0] != '\0' && strcmp(p->expect, running) != 0)
		return fault_set(f, ERR_CONFLICT, "%s runs another image than "
		    "a moment ago; look at it and try again.", p->r->name);
	return 0;
}

int
update_post(struct request *r, struct reply *reply, struct fault *f)
{
	const char *wanted = r->body == NULL ? "{}" :
		json_object_to_json_string_ext(r->body,
		JSON_C_TO_STRING_PLAIN);
	struct plan p;
	int64_t id = 0;
	int err;

	plan_init(&p, r);
	p.source = DEPLOYED_UPDATE;
	err = plan_conditions_read(&p, f);
	if (err == 0)
		err = plan_options_read(&p, f);
	/* Once it is carried out, there is nothing newer to be found. */
	if (err == 0)
		err = plan_repeated(&p, wanted, &id, f);
	if (err == 0 && id == 0)
		err = plan_update_read(&p, f);
	if (err == 0)
		err = plan_run(&p, reply, wanted, update_fill, f);
	plan_free(&p);
	return err;
}
