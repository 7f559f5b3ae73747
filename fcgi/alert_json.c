/* SPDX-License-Identifier: ISC */
/* alert_json: alerts as the API, webhooks and mails show them. */
#include "fcgi/alert.h"

#include "base/text.h"
#include "fcgi/clean.h"

void
alert_put_link(struct buf *b, const char *origin, const struct alert *a)
{
	if (a->name[0] == '\0')
		buf_putf(b, "%s/alerts", origin);
	else
		buf_putf(b, "%s/unikernels/%s/%s/%s", origin, a->instance,
		    a->project, a->name);
}

struct json_object *
alert_json(const struct alert *a)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "id", a->id);
	json_add_str(o, "kind", alert_kind_name(a->kind));
	json_add_str(o, "severity", alert_severity(a->kind));
	json_add_str(o, "instance", a->instance);
	json_add_str(o, "project", text_or_null(a->project));
	json_add_str(o, "name", text_or_null(a->name));
	json_add_time_ms(o, "since", a->since);
	json_add_time_ms(o, "until", a->until);
	json_add_int(o, "count", a->count);
	clean_add(o, "detail", a->detail);
	json_add_time_ms(o, "silenced_until", a->silenced);
	return o;
}
