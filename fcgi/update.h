/* SPDX-License-Identifier: ISC */
/*
 * update: from what runs to another build of it. Which build an image is, and
 * whether there is a newer one, is read from the ledger; asking the builders
 * is done beside (update_ask).
 */
#ifndef FCGI_UPDATE_H
#define FCGI_UPDATE_H

#include "fcgi/builders.h"
#include "fcgi/deploy.h"

/* What is known of an image that runs. */
struct update_state {
	bool known;		/* running is its build */
	struct build running;
	bool has_latest;	/* latest is the newest of its job */
	struct build latest;
	bool available;		/* and that is newer, on the same platform */
	bool other_platform;	/* latest is of another one */
	int64_t checked;	/* ms since 1970, the oldest answer; 0: never */
};

/* From the ledger alone; sha256 of 64 digits or "". */
void update_known(struct ledger *l, const struct builder_settings *s,
	const char *sha256, struct update_state *out);
/*
 * Asks a builder about an image, unless it was asked within the last max_age
 * milliseconds. 0, whether it knows the image or not; ERR_BUILDER, ERR_BUSY.
 */
int update_ask(struct app *app, const struct builder *b, const char *sha256,
	int64_t max_age, struct fault *f);
/* All of them, until one knows it; f says what the last one that failed. */
void update_ask_all(struct app *app, const struct builder_settings *s,
	const char *sha256, int64_t max_age, struct fault *f);

/*
 * Adds "update" to a unikernel as the API shows it (unikernel_running), null
 * when nothing is known; and sees to it that more will be.
 */
void update_show(struct app *app, const struct builder_settings *s,
	struct json_object *unikernel);

/*
 * The image of a build for a plan: downloaded and checked unless it is there.
 * 0, or as builders_image; ERR_NOT_FOUND becomes ERR_INVALID at field.
 */
int update_build_take(struct plan *p, const char *builder, const char *job,
	const char *uuid, const char *field, struct fault *f);
/*
 * Completes a plan to update what runs under its name to the newest build. 0;
 * ERR_CONFLICT: there is none that is newer, or no builder knows the image.
 */
int update_latest_take(struct plan *p, struct fault *f);
/* The fill of such a plan. */
int update_fill(struct plan *p, struct fault *f);

/* POST .../update, as a handler. */
int update_post(struct request *r, struct reply *p, struct fault *f);

#endif
