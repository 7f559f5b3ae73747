/* SPDX-License-Identifier: ISC */
/* alert_settings: when there is an alert, and how often it is told. */
#ifndef FCGI_ALERT_SETTINGS_H
#define FCGI_ALERT_SETTINGS_H

#include <stdint.h>

#include "base/json.h"
#include "fcgi/ledger.h"

struct alert_settings {
	int64_t quiet_minutes;		/* one is told once in them, 0..10080 */
	int64_t policy_percent;		/* more is an alert, 50..100 */
	int64_t certificate_days;	/* fewer are, 1..365 */
	int64_t instance_down_minutes;	/* as long is, 0..1440 */
	int64_t stopped_minutes;	/* a unikernel is, 0..1440 */
	int64_t group_seconds;		/* what is told together, 0..300 */
};

/* What was never set is as by default. 0 or an err. */
int alert_settings_get(struct ledger *l, struct alert_settings *out,
	struct fault *f);
/* The same for threads: what can not be read is as by default. */
void alert_settings_read(struct ledger *l, struct alert_settings *out);
int alert_settings_set(struct ledger *l, const struct alert_settings *s,
	struct fault *f);

/* On top of what is set in *s: 0 or ERR_INVALID. */
int alert_settings_take(struct json_object *o, struct alert_settings *s,
	struct fault *f);
struct json_object *alert_settings_show(const struct alert_settings *s);

#endif
