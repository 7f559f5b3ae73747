/* SPDX-License-Identifier: ISC */
/* token_mail: see token_mail.h. */
#include "fcgi/token_mail.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/api.h"
#include "fcgi/notice_mail.h"
#include "fcgi/outbox.h"
#include "fcgi/post.h"
#include "fcgi/rounds.h"

#define ROUND_S (60 * 60)
#define SUBJECT_MAX 255
#define TEXT_MAX 4096

struct token_mail {
	struct app *app;
	struct auth_client *auth;
	struct rounds *rounds;
};

static void
put_text(struct buf *out, const char *origin, struct json_object *token)
{
	int64_t expires = json_object_get_int64(api_member(token, "expires"));

	buf_putf(out, "Hello %s,\n\nyour token \"%s\" expires at ",
	    api_text(token, "name"), api_text(token, "token"));
	notice_mail_time(expires * 1000, out);
	buf_putf(out, " UTC.\n\nWhat uses it stops working then. To go on, "
	    "make another one, give it to what\nuses this one, and revoke "
	    "this one:\n\n%s/tokens\n", origin);
}

/* Into the outbox: 0 or an err. */
static int
mail_post(struct token_mail *t, struct json_object *token, struct fault *f)
{
	struct db *d = ledger_write_begin(t->app->ledger, f);
	struct buf subject, text;
	int err;

	if (d == NULL)
		return f->err;
	buf_init(&subject, SUBJECT_MAX);
	buf_init(&text, TEXT_MAX);
	buf_putf(&subject, "Mollymawk: your token %s expires soon",
	    api_text(token, "token"));
	put_text(&text, t->app->origin, token);
	err = outbox_add_mail(d, api_text(token, "email"), &subject, &text,
	    wall_ms());
	err = ledger_write_end(t->app->ledger, err, f);
	if (err == 0)
		ledger_changed(t->app->ledger);
	return err;
}

/* Told first, then noted: a crash between tells twice rather than never. */
static int
token_tell(struct token_mail *t, struct json_object *token, struct fault *f)
{
	struct json_object *args;
	int err;

	if (api_text(token, "id") == NULL || api_text(token, "email") == NULL ||
	    api_text(token, "name") == NULL ||
	    api_text(token, "token") == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	err = mail_post(t, token, f);
	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_str(args, "id", api_text(token, "id"));
	return auth_call(t->auth, "token-warned", NULL, args, NULL, f);
}

/* As many as the authority says at a time: how many, or -1. */
static int
tell_some(struct token_mail *t, struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct json_object *items;
	size_t n;

	if (auth_call(t->auth, "token-expiring", NULL, NULL, &answer, f) != 0)
		return -1;
	items = api_member(answer, "items");
	n = json_object_is_type(items, json_type_array) ?
		json_object_array_length(items) : 0;
	for (size_t i = 0; i < n; i++)
		if (token_tell(t, json_object_array_get_idx(items, i), f) != 0)
			return -1;
	return (int)n;
}

static void
look(void *arg)
{
	struct token_mail *t = arg;
	struct fault f = { 0 };
	int n = 1;

	if (!post_mail_ready(t->app))
		return;
	while (n > 0 && !t->app->stopping)
		n = tell_some(t, &f);
	if (n < 0)
		log_event(LOG_LEVEL_WARNING, "token-mail", "error", f.detail,
		    NULL);
	/* An hour is long: the authority is for those who ask. */
	auth_client_rest(t->auth);
}

struct token_mail *
token_mail_new(struct app *app)
{
	struct token_mail *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->app = app;
	t->auth = auth_client_new(app->config->auth_socket);
	if (t->auth != NULL)
		t->rounds = rounds_new(look, t, ROUND_S);
	if (t->rounds != NULL)
		return t;
	token_mail_free(t);
	return NULL;
}

void
token_mail_free(struct token_mail *t)
{
	if (t == NULL)
		return;
	rounds_free(t->rounds);
	auth_client_free(t->auth);
	free(t);
}
