/* SPDX-License-Identifier: ISC */
/* settings: what administrators set for the whole service; in the ledger. */
#ifndef FCGI_SETTINGS_H
#define FCGI_SETTINGS_H

#include "base/json.h"
#include "fcgi/health_address.h"
#include "fcgi/ledger.h"
#include "fcgi/retention.h"

#define SETTINGS_RANGES_MAX 64

struct address_ranges {
	struct range items[SETTINGS_RANGES_MAX];
	size_t len;
};

/*
 * One row of the settings: 0 with an owned object in *out, NULL when it was
 * never set; or an err. settings_put takes o.
 */
int settings_get(struct ledger *l, const char *name, struct json_object **out,
	struct fault *f);
int settings_put(struct ledger *l, const char *name, struct json_object *o,
	struct fault *f);

/*
 * Ranges of addresses: where health checks may go besides a unikernel's own
 * addresses, who may read /metrics, and where webhooks of projects may go
 * besides public addresses. 0 or an err.
 */
#define SETTING_CHECKS "health-checks"
#define SETTING_METRICS "metrics"
#define SETTING_WEBHOOKS "project-webhooks"

int settings_ranges(struct ledger *l, const char *setting,
	struct address_ranges *out, struct fault *f);
int settings_ranges_set(struct ledger *l, const char *setting,
	const struct address_ranges *r, struct fault *f);

/* 0 or an err. What is kept of images is read by retention_read. */
int settings_retention_set(struct ledger *l, const struct retention *r,
	struct fault *f);

/* {"allowed": [CIDR]} and {"deployments", "days"}; 0 or ERR_INVALID. */
int settings_ranges_from_json(struct json_object *o,
	struct address_ranges *out, struct fault *f);
struct json_object *settings_ranges_to_json(const struct address_ranges *r);
int settings_retention_from_json(struct json_object *o, struct retention *out,
	struct fault *f);
struct json_object *settings_retention_to_json(const struct retention *r);

#endif
