/* SPDX-License-Identifier: ISC */
/* compare: see compare.h. */
#include "fcgi/compare.h"

#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/clean.h"

/* What the image itself says, which is worth more than what is told of it. */
static void
image_look(struct app *app, const char *project, struct compare_side *side)
{
	struct image_file file;
	struct alb_image image;
	struct fault unreadable = { 0 };

	if (side->digest[0] == '\0' || images_look(app->images, project,
	    side->digest, &file, &unreadable) != 0)
		return;
	side->size = (int64_t)file.size;
	if (alb_image_read(file.fd, file.size, &image, &unreadable) == 0) {
		side->has_devices = true;
		side->devices.len = image.ndevices;
		memcpy(side->devices.items, image.devices,
		    image.ndevices * sizeof(image.devices[0]));
	}
	image_file_close(&file);
}

void
compare_side_fill(struct app *app, const struct builder_settings *s,
	const char *project, struct compare_side *side)
{
	AUTO_FREE struct update_state *u = malloc(sizeof(*u));

	if (u != NULL && !side->has_build) {
		update_known(app->ledger, s, side->digest, u);
		side->has_build = u->known;
		side->build = u->running;
	}
	image_look(app, project, side);
	if (!side->has_devices && side->has_build &&
	    side->build.has_devices) {
		side->has_devices = true;
		side->devices = side->build.devices;
	}
}

static struct json_object *
side_build(const struct builder_settings *s, const struct compare_side *side)
{
	const struct builder *site = builder_settings_get(s,
		side->build.builder);
	struct build_file file = { .size = side->size };

	memcpy(file.sha256, side->digest, sizeof(file.sha256));
	return build_to_json(&side->build, site == NULL ? NULL : site->url,
	    &file);
}

struct json_object *
compare_side_json(const struct builder_settings *s,
	const struct compare_side *side)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "digest", text_or_null(side->digest));
	json_add_nonzero(o, "size", side->size);
	json_object_object_add(o, "devices", !side->has_devices ? NULL :
	    build_devices_to_json(&side->devices));
	json_object_object_add(o, "build", !side->has_build ? NULL :
	    side_build(s, side));
	return o;
}

/* The members of a comparison without one, and why. */
static void
without(struct json_object *o, const char *why)
{
	static const char *const keys[] = { "packages", "system_packages",
		"environment", "opam", "sources", "sources_detail" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_object_add(o, keys[i], NULL);
	clean_add(o, "detail", why);
}

static void
builds_add(struct app *app, const struct builder_settings *s,
	const struct compare_side *left, const struct compare_side *right,
	struct json_object *o)
{
	const struct builder *site = !left->has_build ? NULL :
		builder_settings_get(s, left->build.builder);
	struct fault f = { 0 };
	int err;

	if (site == NULL || !right->has_build) {
		without(o, "One of both is of no known build: only the images "
		    "themselves are compared.");
		return;
	}
	if (strcmp(left->build.builder, right->build.builder) != 0) {
		without(o, "They are of two builders, which do not compare "
		    "with each other.");
		return;
	}
	err = builders_compare(app->builders, site, left->build.uuid,
	    right->build.uuid, o, &f);
	if (err == ERR_NOT_FOUND)
		without(o, "The builder has no comparison of these two.");
	else if (err != 0)
		without(o, f.detail);
	else
		json_object_object_add(o, "detail", NULL);
}

struct json_object *
compare_json(struct app *app, const struct builder_settings *s,
	const struct compare_side *left, const struct compare_side *right)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "left", compare_side_json(s, left));
	json_object_object_add(o, "right", compare_side_json(s, right));
	json_object_object_add(o, "devices", !left->has_devices ||
	    !right->has_devices ? NULL : build_devices_diff(&left->devices,
	    &right->devices));
	builds_add(app, s, left, right, o);
	return o;
}
