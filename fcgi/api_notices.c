/* SPDX-License-Identifier: ISC */
/* api_notices: how somebody wants to be told of updates and alerts. */
#include "fcgi/api.h"

#include <stdio.h>
#include <string.h>

#include "fcgi/notice_wish.h"
#include "fcgi/post.h"

static const char *
check_mode(const char *value)
{
	enum notice_mode mode;

	return notice_mode_parse(value, &mode) == 0 ? NULL :
		"must be \"off\", \"at-once\" or \"daily\"";
}

struct form {
	const char *updates, *alerts;
	bool alerts_all;
};

/* What is left out stays. */
static const struct json_field form_fields[] = {
	{ "updates", JSON_STRING, .min = 1, .max = 16, .check = check_mode,
	  .offset = offsetof(struct form, updates) },
	{ "alerts", JSON_STRING, .min = 1, .max = 16, .check = check_mode,
	  .offset = offsetof(struct form, alerts) },
	{ "alerts_all", JSON_BOOL,
	  .offset = offsetof(struct form, alerts_all) },
	{ .name = NULL }
};

/* Who asks: an owned session, of which *user is a part; or an err. */
static int
me(struct request *r, struct json_object **session, struct json_object **user,
	struct fault *f)
{
	int err = api_ask(r, "whoami", NULL, "session", session, f);

	if (err != 0)
		return err;
	*user = api_member(*session, "user");
	if (api_text(*user, "id") == NULL || api_text(*user, "email") == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	return 0;
}

static int
show(struct request *r, struct reply *p, struct json_object *user,
	const struct notice_wish *wish)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "updates", notice_mode_name(wish->mode));
	json_add_str(o, "alerts", notice_mode_name(wish->alerts));
	json_add_bool(o, "alerts_all", wish->alerts_all);
	json_add_str(o, "email", api_text(user, "email"));
	json_add_bool(o, "mail_set_up", post_mail_ready(r->app));
	return reply_json(p, 200, o);
}

int
api_notices_get(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *session = NULL;
	struct json_object *user;
	struct notice_wish wish;
	int err = me(r, &session, &user, f);

	if (err == 0)
		err = notice_wish_get(r->app->ledger, api_text(user, "id"),
		    &wish, f);
	if (err == 0)
		err = show(r, p, user, &wish);
	explicit_bzero(wish.credential, sizeof(wish.credential));
	return err;
}

static bool
is_wish(const struct notice_wish *w)
{
	return w->mode != NOTICE_OFF || w->alerts != NOTICE_OFF;
}

/* With each wish goes a new grant, for a year from now. */
static int
wish_make(struct request *r, const struct notice_wish *old,
	struct json_object *user, const struct notice_wish *new,
	struct fault *f)
{
	struct notice_wish wish = *new;
	struct fault g = { 0 };
	time_t expires;
	int err;

	if (!is_wish(new))
		return !is_wish(old) ? 0 :
			notice_wish_remove(r->app->ledger, old, f);
	snprintf(wish.user, sizeof(wish.user), "%s", api_text(user, "id"));
	err = auth_standing_make(r->auth, &r->who, "notices", NULL, NULL,
	    NULL, wish.credential, &expires, f);
	if (err != 0)
		return err;
	err = notice_wish_set(r->app->ledger, &wish, f);
	if (err != 0)
		(void)auth_grant_end(r->auth, wish.credential, &g);
	explicit_bzero(wish.credential, sizeof(wish.credential));
	return err;
}

/* On top of what is wished already. */
static int
wish_read(struct request *r, struct notice_wish *w, struct fault *f)
{
	struct form in = { .alerts_all = w->alerts_all };
	int err = json_read(r->body, form_fields, &in, "", f);

	if (err != 0)
		return err;
	if (in.updates != NULL)
		(void)notice_mode_parse(in.updates, &w->mode);
	if (in.alerts != NULL)
		(void)notice_mode_parse(in.alerts, &w->alerts);
	w->alerts_all = in.alerts_all;
	return 0;
}

int
api_notices_put(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *session = NULL;
	struct json_object *user;
	struct notice_wish old, new;
	struct fault g = { 0 };
	int err = me(r, &session, &user, f);

	if (err == 0)
		err = notice_wish_get(r->app->ledger, api_text(user, "id"),
		    &old, f);
	if (err != 0)
		return err;
	new = old;
	err = wish_read(r, &new, f);
	if (err == 0)
		err = wish_make(r, &old, user, &new, f);
	if (err == 0 && is_wish(&old))
		(void)auth_grant_end(r->auth, old.credential, &g);
	explicit_bzero(old.credential, sizeof(old.credential));
	explicit_bzero(new.credential, sizeof(new.credential));
	return err != 0 ? err : show(r, p, user, &new);
}
