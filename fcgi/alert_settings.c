/* SPDX-License-Identifier: ISC */
/* alert_settings: see alert_settings.h. */
#include "fcgi/alert_settings.h"

#include "fcgi/settings.h"

#define ALERTS "alerts"

static const struct alert_settings usual = { .quiet_minutes = 60,
	.policy_percent = 90, .certificate_days = 30,
	.instance_down_minutes = 2, .stopped_minutes = 1, .group_seconds = 30 };

#define NUMBER(member, least, most)				\
	{ #member, JSON_INT, .min = (least), .max = (most),	\
	  .offset = offsetof(struct alert_settings, member) }

static const struct json_field fields[] = {
	NUMBER(quiet_minutes, 0, 7 * 24 * 60),
	NUMBER(policy_percent, 50, 100),
	NUMBER(certificate_days, 1, 365),
	NUMBER(instance_down_minutes, 0, 24 * 60),
	NUMBER(stopped_minutes, 0, 24 * 60),
	NUMBER(group_seconds, 0, 300),
	{ .name = NULL }
};

int
alert_settings_take(struct json_object *o, struct alert_settings *s,
	struct fault *f)
{
	return json_read(o, fields, s, "", f);
}

struct json_object *
alert_settings_show(const struct alert_settings *s)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "quiet_minutes", s->quiet_minutes);
	json_add_int(o, "policy_percent", s->policy_percent);
	json_add_int(o, "certificate_days", s->certificate_days);
	json_add_int(o, "instance_down_minutes", s->instance_down_minutes);
	json_add_int(o, "stopped_minutes", s->stopped_minutes);
	json_add_int(o, "group_seconds", s->group_seconds);
	return o;
}

int
alert_settings_get(struct ledger *l, struct alert_settings *out,
	struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	int err = settings_get(l, ALERTS, &o, f);

	*out = usual;
	return err != 0 || o == NULL ? err : alert_settings_take(o, out, f);
}

void
alert_settings_read(struct ledger *l, struct alert_settings *out)
{
	struct fault f = { 0 };

	if (alert_settings_get(l, out, &f) != 0)
		*out = usual;
}

int
alert_settings_set(struct ledger *l, const struct alert_settings *s,
	struct fault *f)
{
	return settings_put(l, ALERTS, alert_settings_show(s), f);
}
