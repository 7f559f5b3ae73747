/* SPDX-License-Identifier: ISC */
/* api_invitations: links by which somebody may register. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "fcgi/letters.h"
#include "fcgi/post.h"

#define DAY 86400
#define DAYS_DEFAULT 7
#define DAYS_MAX 30
#define ID_MAX 64

static void
invitation_show(struct request *r, struct json_object *o)
{
	api_time(o, "created", "created_at");
	api_time(o, "expires", "expires_at");
}

int
api_invitations_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args = json_object_new_object();

	if (r->project != NULL)
		json_add_str(args, "project", r->project);
	return api_list_of(r, p, "invitation-list", args, "id",
	    invitation_show, f);
}

/* ---- giving one ---- */

struct invitation {
	const char *email, *project, *role;
	int64_t days;
};

static const struct json_field invitation_fields[] = {
	{ "email", JSON_STRING, .min = 1, .max = 254,
	  .offset = offsetof(struct invitation, email) },
	{ "project", JSON_STRING, .min = 1, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct invitation, project) },
	{ "role", JSON_STRING, .min = 1, .max = 16,
	  .offset = offsetof(struct invitation, role) },
	{ "expires_in_days", JSON_INT, .min = 1, .max = DAYS_MAX,
	  .offset = offsetof(struct invitation, days) },
	{ .name = NULL }
};

static struct json_object *
invitation_args(const struct invitation *in)
{
	struct json_object *args = json_object_new_object();

	if (in->email != NULL)
		json_add_str(args, "email", in->email);
	if (in->project != NULL)
		json_add_str(args, "project", in->project);
	if (in->role != NULL)
		json_add_str(args, "role", in->role);
	json_add_int(args, "expires_in", in->days * DAY);
	return args;
}

/* To the address it is for, if it is for one. */
static int
invitation_mail(struct request *r, struct json_object *answer,
	struct fault *f)
{
	struct json_object *o = api_member(answer, "invitation");
	struct letter_text letter = { .kind = LETTER_INVITATION,
		.to = api_text(o, "email"), .by = api_text(o, "invited_by"),
		.project = api_text(o, "project"),
		.secret = api_text(answer, "secret"),
		.expires = json_object_get_int64(api_member(o, "expires")) };

	return letter.to == NULL || !post_mail_ready(r->app) ? 0 :
		letter_send(r->app, &letter, f);
}

static void
link_add(struct request *r, struct json_object *answer)
{
	struct buf link;

	buf_init(&link, 1024);
	buf_putf(&link, "%s/invitation#secret=%s", r->app->origin,
	    api_text(answer, "secret"));
	json_add_str(answer, "link", buf_str(&link));
	json_object_object_del(answer, "secret");
	buf_free(&link);
}

int
api_invitations_post(struct request *r, struct reply *p, struct fault *f)
{
	struct invitation in = { .days = DAYS_DEFAULT };
	struct json_object *answer = NULL;
	int err = json_read(r->body, invitation_fields, &in, "", f);

	if (err == 0)
		err = auth_call(r->auth, "invitation-add", &r->who,
		    invitation_args(&in), &answer, f);
	if (err == 0)
		err = invitation_mail(r, answer, f);
	if (err != 0) {
		json_object_put(answer);
		return err;
	}
	link_add(r, answer);
	invitation_show(r, api_member(answer, "invitation"));
	return reply_json(p, 201, answer);
}

int
api_invitations_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;

	if (strlen(r->item) > ID_MAX)
		return fault_set(f, ERR_NOT_FOUND,
		    "There is no such invitation.");
	args = json_object_new_object();
	json_add_str(args, "id", r->item);
	return api_do(r, p, "invitation-remove", args, f);
}
