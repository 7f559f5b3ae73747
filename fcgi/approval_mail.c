/* SPDX-License-Identifier: ISC */
/* approval_mail: see approval_mail.h. */
#include "fcgi/approval_mail.h"

#include <stdlib.h>

#include "auth/client.h"
#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/letters.h"
#include "fcgi/post.h"
#include "fcgi/rounds.h"

#define ROUND_S (10 * 60)

struct approval_mail {
	struct app *app;
	struct auth_client *auth;
	struct rounds *rounds;
};

static int
letter_to(struct approval_mail *a, struct json_object *who, int64_t waiting,
	struct fault *f)
{
	const struct letter_text l = { .kind = LETTER_WAITING,
		.to = json_member_text(who, "email", 254),
		.name = json_member_text(who, "name", 63),
		.waiting = waiting };

	if (l.to[0] == '\0')
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	return letter_send(a->app, &l, f);
}

/* Told first, then noted: a crash between tells twice rather than never. */
static int
tell(struct approval_mail *a, struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct json_object *to;
	int64_t waiting;
	int err = auth_call(a->auth, "approval-due", NULL, NULL, &answer, f);
	size_t n;

	if (err != 0)
		return err;
	waiting = json_object_get_int64(json_member(answer, "waiting",
	    json_type_int));
	to = json_member(answer, "to", json_type_array);
	n = to == NULL ? 0 : json_object_array_length(to);
	for (size_t i = 0; err == 0 && i < n; i++)
		err = letter_to(a, json_object_array_get_idx(to, i), waiting,
		    f);
	if (err == 0 && n > 0)
		err = auth_call(a->auth, "approval-told", NULL, NULL, NULL,
		    f);
	return err;
}

static void
look(void *arg)
{
	struct approval_mail *a = arg;
	struct fault f = { 0 };

	if (!post_mail_ready(a->app))
		return;
	if (tell(a, &f) != 0)
		log_event(LOG_LEVEL_WARNING, "approval-mail", "error",
		    f.detail, NULL);
	auth_client_rest(a->auth);
}

struct approval_mail *
approval_mail_new(struct app *app)
{
	struct approval_mail *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->app = app;
	a->auth = auth_client_new(app->config->auth_socket);
	if (a->auth != NULL)
		a->rounds = rounds_new(look, a, ROUND_S);
	if (a->rounds != NULL)
		return a;
	approval_mail_free(a);
	return NULL;
}

void
approval_mail_wake(struct approval_mail *a)
{
	rounds_wake(a->rounds);
}

void
approval_mail_free(struct approval_mail *a)
{
	if (a == NULL)
		return;
	rounds_free(a->rounds);
	auth_client_free(a->auth);
	free(a);
}
