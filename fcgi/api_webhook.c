/* SPDX-License-Identifier: ISC */
/*
 * api_webhook: which program is told what happens: of all by administrators, of
 * a project (r->project) by its owners.
 */
#include "fcgi/api.h"

#include <string.h>

#include "base/text.h"
#include "fcgi/outbox.h"
#include "fcgi/post.h"
#include "fcgi/post_settings.h"

int
api_webhook_get(struct request *r, struct reply *p, struct fault *f)
{
	struct webhook_settings s;
	int err = post_settings_webhook(r->app->ledger, r->project, &s, f);

	if (err == 0)
		err = reply_json(p, 200, post_settings_webhook_show(&s));
	explicit_bzero(&s, sizeof(s));
	return err;
}

int
api_webhook_put(struct request *r, struct reply *p, struct fault *f)
{
	struct ledger *l = r->app->ledger;
	struct webhook_settings s;
	struct web_reach reach;
	int err = post_settings_webhook(l, r->project, &s, f);

	if (err == 0)
		err = web_reach_read(l, &reach, f);
	if (err == 0)
		err = post_settings_webhook_take(r->body, r->project == NULL ?
		    NULL : &reach, &s, f);
	if (err == 0)
		err = post_settings_webhook_set(l, r->project, &s, f);
	if (err == 0)
		err = reply_json(p, 200, post_settings_webhook_show(&s));
	explicit_bzero(&s, sizeof(s));
	return err;
}

int
api_webhook_delete(struct request *r, struct reply *p, struct fault *f)
{
	const struct webhook_settings none = { .url = "" };
	int err = post_settings_webhook_set(r->app->ledger, r->project,
		&none, f);

	if (err == 0)
		err = outbox_drop(r->app->ledger, OUTBOX_PROJECT, r->project,
		    f);
	return err != 0 ? err : reply_empty(p, 204);
}

int
api_webhook_test(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *o = json_object_new_object();
	AUTO_FREE char *body = NULL;
	struct webhook_call call = { .event = "test", .mark = r->id };
	int err;

	json_add_str(o, "event", call.event);
	json_add_str(o, "link", r->app->origin);
	json_add_time_ms(o, "at", wall_ms());
	body = json_text(o);
	if (body == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	call.body = body;
	err = post_webhook(r->app, r->project, &call, f);
	return err != 0 ? err : api_sent(p);
}
