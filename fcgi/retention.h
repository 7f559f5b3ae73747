/* SPDX-License-Identifier: ISC */
/*
 * retention: which images of the store are still needed. Needed is what a
 * deployment under way names (also as what ran before), what is current and
 * the one before it, and the last few of each unikernel; kept is also what was
 * stored or deployed in the last days. The rest is collected (collector.h).
 *
 * No image is taken from under a deployment: who makes one first opens its
 * image, which counts as used for IMAGE_HOLD seconds, then adds the row; who
 * removes one looks at both inside one write transaction of the ledger. So
 * either the row is seen, or the image was just used.
 */
#ifndef FCGI_RETENTION_H
#define FCGI_RETENTION_H

#include "base/json.h"
#include "fcgi/images.h"
#include "fcgi/ledger.h"

struct retention {
	int64_t deployments;	/* of each unikernel, at least 1 */
	int64_t days;
};

/* The setting, or 10 deployments and 30 days. */
void retention_read(struct ledger *l, struct retention *out);
/* Seconds since 1970: what was stored or deployed later is kept. */
time_t retention_since(const struct retention *t, time_t now);

/*
 * The digests that project needs, as the keys of an owned object; of sha256
 * (or NULL: of all) alone. since: with those of later deployments, 0: without.
 * d is inside a begin. NULL when the ledger can not be read.
 */
struct json_object *retention_needed(struct db *d, const struct retention *t,
	const char *project, const char *sha256, time_t since);
/*
 * Who uses them: an owned object with, by digest, a list of {instance, name,
 * number, current}: of each unikernel the current deployment, or the last,
 * that names it. NULL as above.
 */
struct json_object *retention_users(struct db *d, const char *project,
	const char *sha256);

/* Whether an image is kept; needed is of retention_needed. */
bool retention_keeps(const struct image_entry *e, struct json_object *needed,
	time_t since, time_t now);

#endif
