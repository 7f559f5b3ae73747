/* SPDX-License-Identifier: ISC */
/* api_images: images by their SHA-256, kept per project. */
#include "fcgi/api.h"

#include <string.h>
#include <time.h>

#include "base/text.h"
#include "fcgi/deploy.h"
#include "fcgi/multipart.h"
#include "fcgi/retention.h"

#define LIST_LIMIT 100

/* What the ledger says of a project's images. */
struct uses {
	struct retention rule;
	time_t since, now;
	struct json_object *needed, *users;	/* owned */
};

static void
uses_free(struct uses *u)
{
	json_object_put(u->needed);
	json_object_put(u->users);
}

/* Of one image, or of all (NULL). */
static int
uses_read(struct request *r, const char *sha256, struct uses *u,
	struct fault *f)
{
	struct db *d;

	*u = (struct uses){ .now = time(NULL) };
	retention_read(r->app->ledger, &u->rule);
	d = ledger_read_begin(r->app->ledger);
	u->since = retention_since(&u->rule, u->now);
	u->needed = retention_needed(d, &u->rule, r->project, sha256,
	    u->since);
	u->users = retention_users(d, r->project, sha256);
	ledger_read_end(r->app->ledger);
	if (u->needed != NULL && u->users != NULL)
		return 0;
	uses_free(u);
	return fault_set(f, ERR_INTERNAL, "The ledger can not be read.");
}

/* Adds what is not in the image itself. */
static void
uses_add(struct json_object *o, const struct image_entry *e,
	const struct uses *u)
{
	struct json_object *users = api_member(u->users, e->sha256);

	json_add_time(o, "stored_at", e->stored);
	json_object_object_add(o, "used_by", users == NULL ?
	    json_object_new_array() : json_object_get(users));
	json_add_bool(o, "kept", retention_keeps(e, u->needed, u->since,
	    u->now));
}

static struct json_object *
image_json(struct image_file *file, const struct image_entry *e,
	const struct uses *u)
{
	struct alb_image image;
	struct fault unreadable = { 0 };
	struct json_object *o;

	/* What albatross ran need not be what we can read. */
	if (alb_image_read(file->fd, file->size, &image, &unreadable) != 0)
		image = (struct alb_image){ .target = NULL };
	o = deploy_image_json(file, &image);
	uses_add(o, e, u);
	return o;
}

/* Answers with an image of the store, and closes it. */
static int
send_image(struct request *r, struct reply *p, int status,
	struct image_file *file, struct fault *f)
{
	struct image_entry e;
	struct uses u;
	int err = images_stat(r->app->images, r->project, file->sha256, &e, f);

	if (err == 0)
		err = uses_read(r, file->sha256, &u, f);
	if (err == 0) {
		err = reply_json(p, status, image_json(file, &e, &u));
		uses_free(&u);
	}
	image_file_close(file);
	return err;
}

/* The one part "image" of a multipart body. */
static int
receive_part(struct request *r, struct image_file *out, struct fault *f)
{
	AUTO_FREE struct multipart *m = malloc(sizeof(*m));
	const char *name = NULL;
	int err;

	if (m == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = multipart_init(m, r->content_type, request_source, r, f);
	if (err == 0)
		err = multipart_next(m, &name, f);
	if (err == 0 && (name == NULL || strcmp(name, "image") != 0))
		err = fault_field(f, "image", "is missing");
	return err != 0 ? err : deploy_receive(r, m, out, f);
}

int
api_images_post(struct request *r, struct reply *p, struct fault *f)
{
	struct image_file file = { .fd = -1 };
	int err;

	if (strcmp(r->media_type, "multipart/form-data") == 0)
		err = receive_part(r, &file, f);
	else
		err = deploy_receive(r, NULL, &file, f);
	if (err != 0)
		return err;
	return send_image(r, p, file.was_there ? 200 : 201, &file, f);
}

int
api_images_get(struct request *r, struct reply *p, struct fault *f)
{
	struct image_file file = { .fd = -1 };
	int err = images_open(r->app->images, r->project, r->item, &file, f);

	return err != 0 ? err : send_image(r, p, 200, &file, f);
}

/* ---- the list ---- */

/* What orders and pages it; the rest is only looked up for the page. */
static struct json_object *
entries_json(const struct image_entry *list, size_t n, const struct uses *u)
{
	struct json_object *items = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "sha256", list[i].sha256);
		uses_add(o, &list[i], u);
		json_object_array_add(items, o);
	}
	return items;
}

static void
member_move(struct json_object *from, struct json_object *to, const char *key)
{
	json_object_object_add(to, key, api_take(from, key));
}

/* Adds what is in the image; false when it is gone. */
static bool
item_complete(struct request *r, struct json_object *item)
{
	struct image_file file = { .fd = -1 };
	struct alb_image image;
	struct fault f = { 0 };
	struct json_object *o;

	if (images_look(r->app->images, r->project, api_text(item, "sha256"),
	    &file, &f) != 0)
		return false;
	if (alb_image_read(file.fd, file.size, &image, &f) != 0)
		image = (struct alb_image){ .target = NULL };
	image_file_close(&file);
	o = deploy_image_json(&file, &image);
	member_move(o, item, "size");
	member_move(o, item, "target");
	member_move(o, item, "abi_version");
	member_move(o, item, "devices");
	json_object_put(o);
	return true;
}

static void
page_complete(struct request *r, struct json_object *page)
{
	struct json_object *items = api_member(page, "items");
	size_t i = 0;

	while (i < json_object_array_length(items)) {
		if (item_complete(r, json_object_array_get_idx(items, i)))
			i++;
		else
			json_object_array_del_idx(items, i, 1);
	}
}

int
api_images_list(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_FREE struct image_entry *list = NULL;
	struct json_object *o;
	struct page page;
	struct uses u;
	size_t n;
	int err = page_read(r, LIST_LIMIT, &page, f);

	if (err == 0)
		err = images_list(r->app->images, r->project, &list, &n, f);
	if (err == 0)
		err = uses_read(r, NULL, &u, f);
	if (err != 0)
		return err;
	o = page_list(entries_json(list, n, &u), "sha256", &page);
	uses_free(&u);
	if (o != NULL)
		page_complete(r, o);
	return reply_json(p, 200, o);
}

/* ---- removing ---- */

static int
in_use(const struct json_object *needed, const char *sha256, struct fault *f)
{
	if (!json_object_object_get_ex(needed, sha256, NULL))
		return 0;
	return fault_set(f, ERR_CONFLICT, "The image %s runs, or is one to go "
	    "back to.", sha256);
}

/* Inside the transaction no deployment can come to name it. */
static int
remove_unneeded(struct request *r, struct db *d, const struct retention *rule,
	const char *sha256, struct fault *f)
{
	AUTO_JSON struct json_object *needed = retention_needed(d, rule,
		r->project, sha256, 0);
	int err;

	if (needed == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The ledger can not be read.");
	err = in_use(needed, sha256, f);
	return err != 0 ? err : images_remove(r->app->images, r->project,
	    sha256, 0, 0, f);
}

int
api_images_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct retention rule;
	struct image_entry e;
	struct db *d;
	int err = images_stat(r->app->images, r->project, r->item, &e, f);

	if (err != 0)
		return err;
	retention_read(r->app->ledger, &rule);
	d = ledger_write_begin(r->app->ledger, f);
	if (d == NULL)
		return f->err;
	err = ledger_write_end(r->app->ledger,
	    remove_unneeded(r, d, &rule, e.sha256, f), f);
	return err != 0 ? err : reply_empty(p, 204);
}

/* ---- what runs ---- */

static int
send_file(struct request *r, struct reply *p, const struct image_file *file)
{
	reply_header(p, "ETag", "\"%s\"", file->sha256);
	reply_header(p, "Content-Disposition",
	    "attachment; filename=\"%s-%.16s.img\"", r->name, file->sha256);
	return reply_file(p, 200, "application/octet-stream", file->fd,
	    file->size);
}

int
api_images_running(struct request *r, struct reply *p, struct fault *f)
{
	struct ask ask = unikernel_ask(r);
	struct image_file file = { .fd = -1 };
	char digest[IMAGE_DIGEST_LEN + 1];
	struct alb_wire w;
	bool solo5;
	int err = unikernel_find(r->app->upstream, &ask, &w, NULL, f);

	if (err != 0)
		return err;
	solo5 = w.infos[0].digest_len == IMAGE_DIGEST_LEN / 2;
	if (solo5)
		hex_encode(w.infos[0].digest, IMAGE_DIGEST_LEN / 2, digest);
	alb_wire_free(&w);
	if (!solo5)
		return fault_set(f, ERR_NOT_FOUND, "%s runs from a volume: it "
		    "has no image.", r->name);
	err = image_fetch(r->app->images, r->app->upstream, &ask, digest,
	    &file, f);
	if (err == 0)
		err = send_file(r, p, &file);
	image_file_close(&file);
	return err;
}
