/* SPDX-License-Identifier: ISC */
/* api_settings: what administrators set for the whole service. */
#include "fcgi/api.h"

#include <stdio.h>

#include "base/text.h"
#include "fcgi/alert_settings.h"
#include "fcgi/copy_settings.h"
#include "fcgi/post.h"
#include "fcgi/post_settings.h"
#include "fcgi/settings.h"

int
api_settings_alerts_get(struct request *r, struct reply *p, struct fault *f)
{
	struct alert_settings s;
	int err = alert_settings_get(r->app->ledger, &s, f);

	return err != 0 ? err : reply_json(p, 200, alert_settings_show(&s));
}

int
api_settings_alerts_put(struct request *r, struct reply *p, struct fault *f)
{
	struct alert_settings s;
	int err = alert_settings_get(r->app->ledger, &s, f);

	if (err == 0)
		err = alert_settings_take(r->body, &s, f);
	if (err == 0)
		err = alert_settings_set(r->app->ledger, &s, f);
	return err != 0 ? err : reply_json(p, 200, alert_settings_show(&s));
}

static int
ranges_get(struct request *r, struct reply *p, const char *setting,
	struct fault *f)
{
	struct address_ranges ranges;
	int err = settings_ranges(r->app->ledger, setting, &ranges, f);

	return err != 0 ? err :
	    reply_json(p, 200, settings_ranges_to_json(&ranges));
}

static int
ranges_put(struct request *r, struct reply *p, const char *setting,
	struct fault *f)
{
	struct address_ranges ranges;
	int err = settings_ranges_from_json(r->body, &ranges, f);

	if (err == 0)
		err = settings_ranges_set(r->app->ledger, setting, &ranges,
		    f);
	return err != 0 ? err :
	    reply_json(p, 200, settings_ranges_to_json(&ranges));
}

int
api_settings_checks_get(struct request *r, struct reply *p, struct fault *f)
{
	return ranges_get(r, p, SETTING_CHECKS, f);
}

int
api_settings_checks_put(struct request *r, struct reply *p, struct fault *f)
{
	return ranges_put(r, p, SETTING_CHECKS, f);
}

int
api_settings_webhooks_get(struct request *r, struct reply *p, struct fault *f)
{
	return ranges_get(r, p, SETTING_WEBHOOKS, f);
}

int
api_settings_webhooks_put(struct request *r, struct reply *p, struct fault *f)
{
	return ranges_put(r, p, SETTING_WEBHOOKS, f);
}

int
api_settings_metrics_get(struct request *r, struct reply *p, struct fault *f)
{
	return ranges_get(r, p, SETTING_METRICS, f);
}

int
api_settings_metrics_put(struct request *r, struct reply *p, struct fault *f)
{
	return ranges_put(r, p, SETTING_METRICS, f);
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

/* ---- where saved copies of volumes go ---- */

#define STORE_TEST_S 15		/* for each request of the test */

int
api_settings_copies_get(struct request *r, struct reply *p, struct fault *f)
{
	struct copy_settings s;
	int err = copy_settings_get(r->app->ledger, &s, f);

	if (err == 0)
		err = reply_json(p, 200, copy_settings_show(&s));
	copy_settings_wipe(&s);
	return err;
}

int
api_settings_copies_put(struct request *r, struct reply *p, struct fault *f)
{
	struct copy_settings s;
	int err = copy_settings_get(r->app->ledger, &s, f);

	if (err == 0)
		err = copy_settings_take(r->body, &s, f);
	if (err == 0)
		err = copy_settings_set(r->app->ledger, &s, f);
	if (err == 0)
		err = reply_json(p, 200, copy_settings_show(&s));
	copy_settings_wipe(&s);
	return err;
}

int
api_settings_copies_test(struct request *r, struct reply *p, struct fault *f)
{
	const struct s3_watch watch = { .seconds = STORE_TEST_S };
	struct copy_settings s;
	int err = copy_settings_get(r->app->ledger, &s, f);

	if (err == 0)
		err = copy_settings_test(&s, &watch, f);
	copy_settings_wipe(&s);
	return err != 0 ? err : reply_empty(p, 204);
}

/* ---- by what people are told ---- */

static int
mail_show(struct request *r, struct reply *p, const struct mail_settings *s)
{
	return reply_json(p, 200, post_settings_mail_show(s,
	    r->app->config->mail_dir != NULL));
}

int
api_settings_mail_get(struct request *r, struct reply *p, struct fault *f)
{
	struct mail_settings s;
	int err = post_settings_mail(r->app->ledger, &s, f);

	return err != 0 ? err : mail_show(r, p, &s);
}

int
api_settings_mail_put(struct request *r, struct reply *p, struct fault *f)
{
	struct mail_settings s;
	int err = post_settings_mail(r->app->ledger, &s, f);

	if (err == 0)
		err = post_settings_mail_take(r->body, &s, f);
	if (err == 0)
		err = post_settings_mail_set(r->app->ledger, &s, f);
	return err != 0 ? err : mail_show(r, p, &s);
}

struct mail_test {
	const char *to;
};

static const struct json_field mail_test_fields[] = {
	{ "to", JSON_STRING, .required = true, .min = 3,
	  .max = MAIL_ADDRESS_MAX, .check = mail_address_check,
	  .offset = offsetof(struct mail_test, to) },
	{ .name = NULL }
};

int
api_settings_mail_test(struct request *r, struct reply *p, struct fault *f)
{
	struct mail_test in = { 0 };
	struct mail m = { .subject = "A test mail of Mollymawk",
		.mark = r->id, .at = wall_ms() };
	char text[APP_URL_MAX + 80];
	int err = json_read(r->body, mail_test_fields, &in, "", f);

	if (err != 0)
		return err;
	snprintf(text, sizeof(text), "Mails of %s arrive.\n", r->app->origin);
	m.to = in.to;
	m.text = text;
	err = post_mail(r->app, &m, f);
	return err != 0 ? err : api_sent(p);
}

/* What the authority decides by is kept there. */
static int
registration_reply(struct request *r, struct reply *p, const char *op,
	struct json_object *args, struct fault *f)
{
	struct json_object *o;
	int err = api_ask(r, op, args, "registration", &o, f);

	return err != 0 ? err : reply_json(p, 200, o);
}

int
api_settings_registration_get(struct request *r, struct reply *p,
	struct fault *f)
{
	return registration_reply(r, p, "registration-get", NULL, f);
}

int
api_settings_registration_put(struct request *r, struct reply *p,
	struct fault *f)
{
	struct json_object *args = json_object_new_object();

	json_object_object_add(args, "registration",
	    json_object_get(r->body));
	return registration_reply(r, p, "registration-set", args, f);
}
