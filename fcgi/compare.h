/* SPDX-License-Identifier: ISC */
/*
 * compare: what runs beside what it could become: two images as far as they
 * are known, and the differences of their builds as the builder tells them.
 */
#ifndef FCGI_COMPARE_H
#define FCGI_COMPARE_H

#include "fcgi/update.h"

/* One of the two. */
struct compare_side {
	char digest[IMAGE_DIGEST_LEN + 1];	/* "" when not known */
	int64_t size;				/* bytes; 0: not known */
	bool has_devices;
	struct build_devices devices;
	bool has_build;
	struct build build;
};

/*
 * Completes a side by what the store has under its digest, and by what the
 * ledger knows of the build (s: the builders).
 */
void compare_side_fill(struct app *app, const struct builder_settings *s,
	const char *project, struct compare_side *side);
/* The whole comparison, owned. Asks the builder when both have a build. */
struct json_object *compare_json(struct app *app,
	const struct builder_settings *s, const struct compare_side *left,
	const struct compare_side *right);
/* {"digest", "size", "devices", "build"} */
struct json_object *compare_side_json(const struct builder_settings *s,
	const struct compare_side *side);

#endif
