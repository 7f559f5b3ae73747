/* SPDX-License-Identifier: ISC */
/* log_settings: see log_settings.h. */
#include "fcgi/log_settings.h"

#include "fcgi/settings.h"

#define LOGS "logs"

static const struct log_settings defaults = { .keep = true, .megabytes = 8,
	.total_megabytes = 4096, .days = 90 };

static const struct json_field fields[] = {
	{ "keep", JSON_BOOL, .offset = offsetof(struct log_settings, keep) },
	{ "megabytes", JSON_INT, .min = 1, .max = LOG_MEGABYTES_MAX,
	  .offset = offsetof(struct log_settings, megabytes) },
	{ "total_megabytes", JSON_INT, .min = 1, .max = LOG_TOTAL_MAX,
	  .offset = offsetof(struct log_settings, total_megabytes) },
	{ "days", JSON_INT, .min = 1, .max = 3650,
	  .offset = offsetof(struct log_settings, days) },
	{ .name = NULL }
};

int
log_settings_from_json(struct json_object *o, struct log_settings *out,
	struct fault *f)
{
	int err;

	*out = defaults;
	err = json_read(o, fields, out, "", f);
	if (err == 0 && out->total_megabytes < out->megabytes)
		err = fault_field(f, "total_megabytes", "must be at least "
		    "what one unikernel may have");
	return err;
}

struct json_object *
log_settings_to_json(const struct log_settings *s)
{
	struct json_object *o = json_object_new_object();

	json_add_bool(o, "keep", s->keep);
	json_add_int(o, "megabytes", s->megabytes);
	json_add_int(o, "total_megabytes", s->total_megabytes);
	json_add_int(o, "days", s->days);
	return o;
}

int
log_settings_get(struct ledger *l, struct log_settings *out, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	int err = settings_get(l, LOGS, &o, f);

	*out = defaults;
	return err != 0 || o == NULL ? err : log_settings_from_json(o, out, f);
}

int
log_settings_set(struct ledger *l, const struct log_settings *s,
	struct fault *f)
{
	return settings_put(l, LOGS, log_settings_to_json(s), f);
}
