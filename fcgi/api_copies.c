/* SPDX-License-Identifier: ISC */
/* api_copies: saved copies of volumes: made, listed, put back, by schedule. */
#include "fcgi/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/copy_rule.h"
#include "fcgi/copy_work.h"
#include "fcgi/deploy.h"
#include "fcgi/keeper.h"
#include "fcgi/sight.h"
#include "fcgi/week.h"

#define LIST_LIMIT 100
#define BATCH 50

/* ---- saving and restoring ---- */

struct save_form {
	const char *place, *note;
	bool stop;
};

static const char *
check_place(const char *s)
{
	return copy_place_find(s) >= 0 ? NULL : "must be local or s3";
}

static const struct json_field save_fields[] = {
	{ "place", JSON_STRING, .max = 16, .check = check_place,
	  .offset = offsetof(struct save_form, place) },
	{ "note", JSON_STRING, .max = COPY_NOTE_MAX,
	  .offset = offsetof(struct save_form, note) },
	{ "stop", JSON_BOOL, .offset = offsetof(struct save_form, stop) },
	{ .name = NULL }
};

static int
work_answer(struct request *r, struct reply *p, struct copy_wish *wish,
	struct fault *f)
{
	int64_t wait = 0, id = 0;
	int err = request_query_int(r, "wait", 0, DEPLOY_WAIT_MAX, &wait, f);

	wish->instance = r->instance;
	wish->project = r->project;
	wish->name = r->name;
	if (err == 0)
		err = copy_work_begin(r->app, r->auth, &r->who, &r->grant,
			wish, &id, f);
	return err != 0 ? err : api_operation_answer(r, p, id, wait, f);
}

int
api_copies_post(struct request *r, struct reply *p, struct fault *f)
{
	struct save_form in = { .place = "local" };
	struct copy_wish wish = { .kind = OPERATION_SAVE,
		.cause = "manual" };
	int err = r->body == NULL ? 0 : json_read(r->body, save_fields, &in,
		"", f);

	if (err != 0)
		return err;
	wish.place = in.place;
	wish.note = in.note;
	wish.stop = in.stop;
	return work_answer(r, p, &wish, f);
}

static const struct json_field restore_fields[] = {
	{ "copy", JSON_INT, .required = true, .min = 1, .max = INT64_MAX,
	  .offset = offsetof(struct copy_wish, copy) },
	{ "safe", JSON_BOOL, .offset = offsetof(struct copy_wish, safe) },
	{ "stop", JSON_BOOL, .offset = offsetof(struct copy_wish, stop) },
	{ "create", JSON_BOOL, .offset = offsetof(struct copy_wish, create) },
	{ .name = NULL }
};

/* A copy that who asks may handle so. */
static int
copy_find(struct request *r, int64_t id, const char *scope, struct copy *out,
	struct fault *f)
{
	static const char none[] = "There is no such copy.";
	struct auth_who who = request_changing(r);
	struct auth_grant grant;
	int err = copy_get(r->app->ledger, id, out, f);

	if (err == 0)
		err = auth_authorize(r->auth, &r->who, "volume:read",
			out->instance, out->project, out->name, &grant, f);
	/* Whether it exists is not theirs to know. */
	if (err == ERR_FORBIDDEN || err == ERR_NO_POLICY ||
	    err == ERR_NOT_FOUND)
		return fault_set(f, ERR_NOT_FOUND, none);
	if (err == 0 && strcmp(scope, "volume:read") != 0)
		err = auth_authorize_archived(r->auth, &who, scope,
			out->instance, out->project, out->name, &grant, f);
	return err;
}

int
api_copies_restore(struct request *r, struct reply *p, struct fault *f)
{
	struct copy_wish wish = { .kind = OPERATION_RESTORE };
	struct copy c;
	int err = json_read(r->body, restore_fields, &wish, "", f);

	if (err == 0)
		err = copy_find(r, wish.copy, "volume:read", &c, f);
	return err != 0 ? err : work_answer(r, p, &wish, f);
}

/* ---- the list ---- */

/* What of it is wanted; "" for any. */
struct listing_of {
	const char *instance, *project;		/* or NULL */
	char volume[ALB_LABEL_MAX + 1];
	int64_t below;
};

static int
listing_read(struct request *r, const struct page *page,
	struct listing_of *out, struct fault *f)
{
	const char *volume = request_query(r, "volume"), *why;

	*out = (struct listing_of){ .instance = r->instance,
		.project = r->project, .below = INT64_MAX };
	if (volume != NULL) {
		why = alb_label_fold(volume, out->volume);
		if (why != NULL)
			return fault_field(f, "volume", "%s", why);
	}
	if (page->after[0] != '\0' && int_parse(page->after, 1, INT64_MAX,
	    &out->below) < 0)
		return fault_field(f, "cursor", "is not one that was given "
		    "out");
	return 0;
}

static struct copy *
batch(struct ledger *l, const struct listing_of *of, size_t *n)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT "
	    COPY_COLUMNS " FROM volume_copy WHERE state = 'kept' AND id < ?"
	    " AND instance = coalesce(?, instance)"
	    " AND project = coalesce(?, project)"
	    " AND name = coalesce(?, name) ORDER BY id DESC LIMIT ?",
	    "ittti", of->below, of->instance, of->project,
	    text_or_null(of->volume), (int64_t)BATCH);
	void *list;

	(void)db_rows(s, sizeof(struct copy), copy_row_take, &list, n);
	ledger_read_end(l);
	return list;
}

/* What may be seen of one batch, until the page is full. */
static int
batch_take(struct request *r, struct sights *sights, const struct copy *list,
	size_t n, struct json_object *items, int64_t limit, int64_t *last,
	bool *more, struct fault *f)
{
	bool seen;
	int err = 0;

	for (size_t i = 0; err == 0 && i < n && !*more; i++) {
		err = sights_look(sights, r, "volume:read", list[i].instance,
			list[i].project, list[i].name, &seen, f);
		if (!seen)
			continue;
		*more = json_object_array_length(items) == (size_t)limit;
		if (*more)
			break;
		json_object_array_add(items, copy_json(&list[i]));
		*last = list[i].id;
	}
	return err;
}

static int
items_collect(struct request *r, struct listing_of *of, int64_t limit,
	struct json_object *items, int64_t *next, struct fault *f)
{
	struct sights sights = { 0 };
	bool more = false;
	int64_t last = 0;
	size_t n = BATCH;
	int err = 0;

	while (err == 0 && !more && n == BATCH) {
		AUTO_FREE struct copy *list = batch(r->app->ledger, of, &n);

		err = batch_take(r, &sights, list, n, items, limit, &last,
			&more, f);
		if (n > 0)
			of->below = list[n - 1].id;
	}
	sights_free(&sights);
	*next = more ? last : 0;
	return err;
}

int
api_copies_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *items, *o;
	struct listing_of of;
	struct page page;
	char key[24];
	int64_t next;
	int err = page_read(r, LIST_LIMIT, &page, f);

	if (err == 0)
		err = listing_read(r, &page, &of, f);
	if (err != 0)
		return err;
	items = json_object_new_array();
	err = items_collect(r, &of, page.limit, items, &next, f);
	if (err != 0) {
		json_object_put(items);
		return err;
	}
	snprintf(key, sizeof(key), "%" PRId64, next);
	o = json_object_new_object();
	json_object_object_add(o, "items", items);
	json_object_object_add(o, "next", next == 0 ? NULL :
	    page_cursor(key));
	return reply_json(p, 200, o);
}

/* ---- one ---- */

int
api_copy_of(struct request *r, const char *scope, struct copy *out,
	struct fault *f)
{
	int64_t id;

	if (int_parse(r->item, 1, INT64_MAX, &id) < 0)
		return fault_set(f, ERR_NOT_FOUND, "There is no such copy.");
	return copy_find(r, id, scope, out, f);
}

int
api_copies_get(struct request *r, struct reply *p, struct fault *f)
{
	struct copy c;
	int err = api_copy_of(r, "volume:read", &c, f);

	return err != 0 ? err : reply_json(p, 200, copy_json(&c));
}

/* What a restore under way was to put in is not taken away from it. */
static int
unused_check(struct request *r, const struct copy *c, struct fault *f)
{
	int64_t id = copy_work_using(r->app, c->id);

	return id == 0 ? 0 : fault_set(f, ERR_CONFLICT, "It is being used "
	    "(operation %" PRId64 "); wait for its end, or stop it.", id);
}

int
api_copies_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct copy c;
	int err = api_copy_of(r, "volume:write", &c, f);

	if (err == 0)
		err = unused_check(r, &c, f);
	if (err == 0)
		err = copy_remove(r->app, &c, f);
	if (err != 0)
		return err;
	log_event(LOG_LEVEL_INFO, "copy-removed", "by", r->grant.user_name,
	    "instance", c.instance, "project", c.project, "volume", c.name,
	    NULL);
	return reply_empty(p, 204);
}

/* ---- the schedule ---- */

static int
rule_show(struct request *r, struct reply *p, struct fault *f)
{
	struct copy_rule rule;
	int err = copy_rule_get(r->app->ledger, r->instance, r->project,
		r->name, &rule);

	if (err != 0)
		return fault_set(f, err, "No copies of %s are saved by "
		    "themselves.", r->name);
	err = reply_json(p, 200, copy_rule_json(&rule));
	explicit_bzero(rule.grant, sizeof(rule.grant));
	return err;
}

int
api_copies_schedule_get(struct request *r, struct reply *p, struct fault *f)
{
	return rule_show(r, p, f);
}

/* The grant that ends is its giver's: this tells who did it. */
static void
rule_log(struct request *r, const char *what)
{
	log_event(LOG_LEVEL_INFO, what, "by", r->grant.user_name, "instance",
	    r->instance, "project", r->project, "volume", r->name, NULL);
}

/* Ends the grant of the schedule that was; that it is lost already is fine. */
static void
grant_drop(struct request *r, struct copy_rule *rule)
{
	struct fault unused = { 0 };

	if (rule->grant[0] != '\0')
		(void)auth_grant_end(r->auth, rule->grant, &unused);
	explicit_bzero(rule->grant, sizeof(rule->grant));
}

/* That it is there is known before a permission is given for it. */
static int
volume_check(struct request *r, struct fault *f)
{
	const struct ask a = unikernel_ask(r);
	struct volume v;

	return volume_find(r->app->upstream, &a, &v, f);
}

static int
rule_make(struct request *r, struct copy_rule *rule, struct fault *f)
{
	int64_t now = wall_ms();
	time_t expires = 0;
	int err;

	snprintf(rule->instance, sizeof(rule->instance), "%s", r->instance);
	snprintf(rule->project, sizeof(rule->project), "%s", r->project);
	snprintf(rule->name, sizeof(rule->name), "%s", r->name);
	snprintf(rule->user_name, sizeof(rule->user_name), "%s",
	    r->grant.user_name);
	rule->given = now;
	rule->next = (int64_t)week_next(rule->days, rule->at,
	    (time_t)(now / 1000)) * 1000;
	err = auth_standing_make(r->auth, &r->who, "copies", r->instance,
	    r->project, r->name, rule->grant, &expires, f);
	rule->expires = (int64_t)expires * 1000;
	return err;
}

int
api_copies_schedule_put(struct request *r, struct reply *p, struct fault *f)
{
	struct copy_rule rule = { .at = 0 }, old = { .at = 0 };
	int err = copy_rule_from_json(r->body, &rule, f);

	if (err == 0)
		err = volume_check(r, f);
	if (err == 0)
		err = rule_make(r, &rule, f);
	if (err != 0)
		return err;
	(void)copy_rule_get(r->app->ledger, r->instance, r->project, r->name,
	    &old);
	err = copy_rule_set(r->app->ledger, &rule, f);
	grant_drop(r, err == 0 ? &old : &rule);
	explicit_bzero(rule.grant, sizeof(rule.grant));
	if (err != 0)
		return err;
	rule_log(r, "schedule-set");
	keeper_wake(r->app->keeper);
	return rule_show(r, p, f);
}

int
api_copies_schedule_delete(struct request *r, struct reply *p,
	struct fault *f)
{
	struct copy_rule old;
	int err = copy_rule_get(r->app->ledger, r->instance, r->project,
		r->name, &old);

	if (err == ERR_NOT_FOUND)
		return reply_empty(p, 204);
	if (err == 0)
		err = copy_rule_remove(r->app->ledger, r->instance,
			r->project, r->name, f);
	if (err != 0)
		return f->err != 0 ? err : fault_set(f, err, "The schedule "
		    "can not be read.");
	grant_drop(r, &old);
	rule_log(r, "schedule-removed");
	return reply_empty(p, 204);
}
