/* SPDX-License-Identifier: ISC */
/* post_settings: see post_settings.h. */
#include "fcgi/post_settings.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/settings.h"
#include "fcgi/web_url.h"

#define MAIL "mail"
#define WEBHOOK "webhook"
#define ROW_SIZE (sizeof(WEBHOOK) + 1 + ALB_LABEL_MAX)

static const char *const tls_names[] = { [MAIL_STARTTLS] = "starttls",
	[MAIL_TLS] = "tls", [MAIL_PLAIN] = "none" };
#define TLS_NAMES (sizeof(tls_names) / sizeof(tls_names[0]))

static bool
tls_find(const char *name, enum mail_tls *out)
{
	for (size_t i = 0; i < TLS_NAMES; i++) {
		if (strcmp(tls_names[i], name) == 0) {
			*out = (enum mail_tls)i;
			return true;
		}
	}
	return false;
}

/* ---- what is sent ---- */

struct mail_form {
	const char *server, *tls, *from, *user, *password;
};

static const char *
check_server(const char *value)
{
	char host[MAIL_SERVER_MAX + 1];
	int port;

	return mail_server_split(value, host, &port) == 0 ? NULL :
		"must be like smtp://mail.example.org:587";
}

static const char *
check_tls(const char *value)
{
	enum mail_tls tls;

	return tls_find(value, &tls) ? NULL :
		"must be \"starttls\", \"tls\" or \"none\"";
}

static const char *
check_secret(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return "must have no control characters";
	return NULL;
}

static const struct json_field mail_fields[] = {
	{ "server", JSON_STRING, .min = 8, .max = MAIL_SERVER_MAX,
	  .check = check_server, .offset = offsetof(struct mail_form, server) },
	{ "tls", JSON_STRING, .min = 1, .max = 16, .check = check_tls,
	  .offset = offsetof(struct mail_form, tls) },
	{ "from", JSON_STRING, .min = 3, .max = MAIL_ADDRESS_MAX,
	  .check = mail_address_check,
	  .offset = offsetof(struct mail_form, from) },
	{ "user", JSON_STRING, .max = MAIL_USER_MAX, .check = check_secret,
	  .offset = offsetof(struct mail_form, user) },
	{ "password", JSON_STRING, .max = MAIL_PASSWORD_MAX,
	  .check = check_secret,
	  .offset = offsetof(struct mail_form, password) },
	{ .name = NULL }
};

struct webhook_form {
	const char *url, *secret;
};

static const struct json_field webhook_fields[] = {
	{ "url", JSON_STRING, .min = 8, .max = WEBHOOK_URL_MAX,
	  .check = web_url_check,
	  .offset = offsetof(struct webhook_form, url) },
	{ "secret", JSON_STRING, .min = 1, .max = WEBHOOK_SECRET_MAX,
	  .check = check_secret,
	  .offset = offsetof(struct webhook_form, secret) },
	{ .name = NULL }
};

static void
text_set(char *out, size_t size, const char *value)
{
	snprintf(out, size, "%s", value == NULL ? "" : value);
}

/* Left out is kept, null is none. */
static void
secret_set(char *out, size_t size, struct json_object *o, const char *key,
	const char *value)
{
	if (json_object_object_get_ex(o, key, NULL))
		text_set(out, size, value);
}

/* What belongs together, beyond what each field says. */
static void
mail_check(const struct mail_settings *s, struct fault *f)
{
	char host[MAIL_SERVER_MAX + 1];
	int port;

	if (s->server[0] == '\0')
		return;
	(void)mail_server_split(s->server, host, &port);
	if (s->tls == MAIL_PLAIN && !host_is_loopback(host))
		fault_field(f, "tls", "must not be \"none\" for a server "
		    "elsewhere");
	if (s->from[0] == '\0')
		fault_field(f, "from", "is missing");
	if (s->user[0] == '\0' && s->password[0] != '\0')
		fault_field(f, "user", "is missing for this password");
}

static bool
same_login(const struct mail_settings *a, const struct mail_settings *b)
{
	return strcmp(a->server, b->server) == 0 && a->tls == b->tls &&
		strcmp(a->user, b->user) == 0;
}

int
post_settings_mail_take(struct json_object *o, struct mail_settings *s,
	struct fault *f)
{
	const struct mail_settings before = *s;
	struct mail_form in = { .tls = "starttls" };
	int err = json_read(o, mail_fields, &in, "", f);

	if (err != 0)
		return err;
	text_set(s->server, sizeof(s->server), in.server);
	text_set(s->from, sizeof(s->from), in.from);
	text_set(s->user, sizeof(s->user), in.user);
	(void)tls_find(in.tls, &s->tls);
	secret_set(s->password, sizeof(s->password), o, "password",
	    in.password);
	if (s->server[0] == '\0')
		s->password[0] = '\0';
	mail_check(s, f);
	if (s->password[0] != '\0' && in.password == NULL &&
	    !same_login(&before, s))
		fault_field(f, "password", "must be given again for another "
		    "server, encryption or user");
	return f->err;
}

int
post_settings_webhook_take(struct json_object *o,
	const struct web_reach *reach, struct webhook_settings *s,
	struct fault *f)
{
	struct webhook_form in = { 0 };
	int err = json_read(o, webhook_fields, &in, "", f);
	const char *why = err != 0 || reach == NULL || in.url == NULL ? NULL :
		web_reach_check(reach, in.url);

	if (why != NULL)
		err = fault_field(f, "url", "%s", why);
	if (err != 0)
		return err;
	text_set(s->url, sizeof(s->url), in.url);
	secret_set(s->secret, sizeof(s->secret), o, "secret", in.secret);
	return 0;
}

/* ---- what is shown ---- */

struct json_object *
post_settings_mail_show(const struct mail_settings *s, bool folder)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "server", text_or_null(s->server));
	json_add_str(o, "tls", tls_names[s->tls]);
	json_add_str(o, "from", text_or_null(s->from));
	json_add_str(o, "user", text_or_null(s->user));
	json_add_bool(o, "password_set", s->password[0] != '\0');
	json_add_bool(o, "folder", folder);
	return o;
}

struct json_object *
post_settings_webhook_show(const struct webhook_settings *s)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "url", text_or_null(s->url));
	json_add_bool(o, "secret_set", s->secret[0] != '\0');
	return o;
}

/* ---- what is kept: the form of what is sent ---- */

int
post_settings_mail(struct ledger *l, struct mail_settings *out,
	struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	int err = settings_get(l, MAIL, &o, f);

	*out = (struct mail_settings){ .tls = MAIL_STARTTLS };
	return err != 0 || o == NULL ? err :
		post_settings_mail_take(o, out, f);
}

int
post_settings_mail_set(struct ledger *l, const struct mail_settings *s,
	struct fault *f)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "server", text_or_null(s->server));
	json_add_str(o, "tls", tls_names[s->tls]);
	json_add_str(o, "from", text_or_null(s->from));
	json_add_str(o, "user", text_or_null(s->user));
	json_add_str(o, "password", text_or_null(s->password));
	return settings_put(l, MAIL, o, f);
}

/* The row in which it is kept. */
static void
webhook_row(const char *project, char row[ROW_SIZE])
{
	snprintf(row, ROW_SIZE, WEBHOOK "%s%s", project == NULL ? "" : "/",
	    project == NULL ? "" : project);
}

int
post_settings_webhook(struct ledger *l, const char *project,
	struct webhook_settings *out, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	char row[ROW_SIZE];
	int err;

	webhook_row(project, row);
	err = settings_get(l, row, &o, f);
	*out = (struct webhook_settings){ .url = "" };
	return err != 0 || o == NULL ? err :
		post_settings_webhook_take(o, NULL, out, f);
}

int
post_settings_webhook_set(struct ledger *l, const char *project,
	const struct webhook_settings *s, struct fault *f)
{
	char row[ROW_SIZE];
	struct json_object *o = json_object_new_object();

	webhook_row(project, row);
	json_add_str(o, "url", text_or_null(s->url));
	json_add_str(o, "secret", text_or_null(s->secret));
	return settings_put(l, row, o, f);
}

static bool
owner_take(sqlite3_stmt *s, void *row)
{
	struct webhook_owner *owner = row;

	db_copy(s, 0, owner->project, sizeof(owner->project));
	return true;
}

/* 0 comes after the slash. */
int
post_settings_webhook_owners(struct ledger *l, struct webhook_owner **out,
	size_t *n)
{
	struct db *d = ledger_read_begin(l);
	void *list;
	int err = db_rows(db_query(d, "SELECT substr(name, 9) FROM setting"
	    " WHERE name > 'webhook/' AND name < 'webhook0'"
	    " AND body NOT LIKE '{\"url\":null%'", ""),
	    sizeof(struct webhook_owner), owner_take, &list, n);

	ledger_read_end(l);
	*out = list;
	return err;
}
