/* SPDX-License-Identifier: ISC */
/* api_volumes: block devices, made and removed. */
#include "fcgi/api.h"

#include <inttypes.h>
#include <string.h>

#include "fcgi/listing.h"
#include "fcgi/unikernel.h"
#include "fcgi/volume.h"

int
api_volumes_list(struct request *r, struct reply *p, struct fault *f)
{
	struct listing l = { .kind = LISTING_VOLUMES,
		.instance = r->instance, .project = r->project,
		.q = request_query(r, "q") };
	struct fault no = { 0 };
	struct auth_grant unused;
	int err = auth_authorize(r->auth, &r->who, "unikernel:read",
		r->instance, r->project, NULL, &unused, &no);

	/* Not everybody who sees volumes sees unikernels. */
	if (err == ERR_FORBIDDEN)
		l.kind = LISTING_VOLUMES_ALONE;
	else if (err != 0)
		return fault_set(f, err, "%s", no.detail);
	return listing_reply(r, p, &l, f);
}

int
api_volumes_get(struct request *r, struct reply *p, struct fault *f)
{
	struct ask ask = unikernel_ask(r);
	struct json_object *users;
	struct volume v;
	int err = volume_find(r->app->upstream, &ask, &v, f);

	if (err == 0)
		err = volume_users(r->app->upstream, &ask, &users, f);
	return err != 0 ? err : reply_json(p, 200, volume_json(r->app, &v,
	    users));
}

/* ---- making ---- */

struct new_volume {
	int64_t size;
};

static const struct json_field new_fields[] = {
	{ .name = "size", .type = JSON_INT, .required = true, .min = 1,
	  .max = ALB_SIZE_MAX, .offset = offsetof(struct new_volume, size) },
	{ .name = NULL }
};

/* One that is there already is as good as made, or in the way. */
static int
there_already(const struct request *r, const struct volume *v, int64_t size,
	struct fault *f)
{
	const char *none = request_param(r, "HTTP_IF_NONE_MATCH");

	if (none != NULL && strcmp(none, "*") == 0)
		return fault_set(f, ERR_PRECONDITION, "The volume %s is "
		    "there already.", v->name);
	if (v->size == size)
		return 0;
	return fault_set(f, ERR_CONFLICT, "The volume %s has %" PRId64
	    " MB, and albatross can not resize one: save a copy, restore it "
	    "to a new volume of the size you want, and use that one.",
	    v->name, v->size);
}

static int
make(struct request *r, struct reply *p, const struct ask *ask, int64_t size,
	struct fault *f)
{
	struct json_object *users = NULL;
	struct volume v;
	int err = volume_find(r->app->upstream, ask, &v, f);
	bool there = err == 0;

	if (there)
		err = there_already(r, &v, size, f);
	if (err == ERR_NOT_FOUND) {
		*f = (struct fault){ 0 };
		err = volume_create(r->app, ask, size, r->grant.user_name, f);
		v.size = size;
	}
	if (err == 0 && there)
		err = volume_users(r->app->upstream, ask, &users, f);
	if (err != 0)
		return err;
	if (!there)
		reply_header(p, "Location", "/api/v1/volumes/%s/%s/%s",
		    v.instance, v.project, v.name);
	return reply_json(p, there ? 200 : 201, volume_json(r->app, &v,
	    there ? users : json_object_new_array()));
}

int
api_volumes_put(struct request *r, struct reply *p, struct fault *f)
{
	struct new_volume form = { 0 };
	struct ask ask = unikernel_ask(r);
	int err = json_read(r->body, new_fields, &form, "", f);

	if (err == 0)
		err = upstream_volume_claim(r->app->upstream, &ask, f);
	if (err != 0)
		return err;
	err = make(r, p, &ask, form.size, f);
	upstream_volume_release(r->app->upstream, &ask);
	return err;
}

/* ---- removing ---- */

int
api_volumes_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct ask ask = unikernel_ask(r);
	struct volume v;
	int err = upstream_volume_claim(r->app->upstream, &ask, f);

	if (err != 0)
		return err;
	err = volume_find(r->app->upstream, &ask, &v, f);
	if (err == 0)
		err = volume_idle(r->app->upstream, &ask, &v, "deleted", f);
	if (err == 0)
		err = volume_remove(r->app, &ask, f);
	upstream_volume_release(r->app->upstream, &ask);
	return err != 0 ? err : reply_empty(p, 204);
}
