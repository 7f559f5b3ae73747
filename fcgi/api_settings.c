/* SPDX-License-Identifier: ISC */
/* api_settings: what administrators set for the whole service. */
#include "fcgi/api.h"

#include "fcgi/settings.h"

int
api_settings_checks_get(struct request *r, struct reply *p, struct fault *f)
{
	struct health_ranges ranges;
	int err = settings_ranges(r->app->ledger, &ranges, f);

	return err != 0 ? err :
	    reply_json(p, 200, settings_ranges_to_json(&ranges));
}

int
api_settings_checks_put(struct request *r, struct reply *p, struct fault *f)
{
	struct health_ranges ranges;
	int err = settings_ranges_from_json(r->body, &ranges, f);

	if (err == 0)
		err = settings_ranges_set(r->app->ledger, &ranges, f);
	return err != 0 ? err :
	    reply_json(p, 200, settings_ranges_to_json(&ranges));
}

int
api_settings_retention_get(struct request *r, struct reply *p,
	struct fault *f)
{
	struct retention retention;

	retention_read(r->app->ledger, &retention);
	return reply_json(p, 200, settings_retention_to_json(&retention));
}

int
api_settings_retention_put(struct request *r, struct reply *p,
	struct fault *f)
{
	struct retention retention;
	int err = settings_retention_from_json(r->body, &retention, f);

	if (err == 0)
		err = settings_retention_set(r->app->ledger, &retention, f);
	return err != 0 ? err :
	    reply_json(p, 200, settings_retention_to_json(&retention));
}
