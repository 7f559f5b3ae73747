/* SPDX-License-Identifier: ISC */
/* auth_client: questions to the authority; see client.h. */
#include "auth/client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "albatross/json.h"
#include "auth/pattern.h"
#include "base/message.h"
#include "base/text.h"

#define TIMEOUT_MS 30000

struct auth_client {
	char *path;
	int fd;			/* -1: not connected */
};

struct auth_client *
auth_client_new(const char *path)
{
	struct auth_client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->fd = -1;
	c->path = strdup(path);
	if (c->path != NULL)
		return c;
	free(c);
	return NULL;
}

static void
client_close(struct auth_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

void
auth_client_rest(struct auth_client *c)
{
	client_close(c);
}

void
auth_client_free(struct auth_client *c)
{
	if (c == NULL)
		return;
	client_close(c);
	free(c->path);
	free(c);
}

/*
 * An idle connection that can be read has ended: an authority that was
 * restarted closed it. Found before sending, so that no request is ever sent
 * twice.
 */
static void
client_check(struct auth_client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	if (c->fd >= 0 && poll(&p, 1, 0) != 0)
		client_close(c);
}

/*
 * Sends, on a new connection when the idle one turns out to be broken: a
 * message that could not be sent whole was not acted upon. One that was sent is
 * never sent again.
 */
static int
client_send(struct auth_client *c, struct json_object *request)
{
	bool fresh;

	client_check(c);
	do {
		fresh = c->fd < 0;
		if (fresh)
			c->fd = message_connect(c->path);
		if (c->fd < 0)
			return -1;
		if (message_send(c->fd, request) == 0)
			return 0;
		if (errno == EMSGSIZE)
			return -1;
		client_close(c);
	} while (!fresh);
	return -1;
}

/*
 * Headers and paths are bytes; the authority takes UTF-8. What is not, is
 * nothing it knows either: it gets "?" to refuse.
 */
static void
add_text(struct json_object *o, const char *key, const char *value)
{
	if (value != NULL && !utf8_valid(value, strlen(value)))
		value = "?";
	json_add_str(o, key, value);
}

static struct json_object *
request_make(const char *op, const struct auth_who *who,
	struct json_object *args)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "op", op);
	if (args != NULL)
		json_object_object_add(o, "args", args);
	if (who == NULL)
		return o;
	add_text(o, "cookie", who->cookie);
	add_text(o, "bearer", who->bearer);
	add_text(o, "address", who->address);
	add_text(o, "user_agent", who->user_agent);
	add_text(o, "device", who->device);
	add_text(o, "request_id", who->request_id);
	add_text(o, "change", who->change);
	add_text(o, "about", who->about);
	return o;
}

static int
unavailable(struct fault *f, const char *why)
{
	return fault_set(f, ERR_AUTHORITY,
	    "The authority does not answer (%s); try again.", why);
}

/* ---- answers ---- */

struct error {
	const char *code;
	const char *detail;
	int64_t wait;
	struct json_objects fields;
};

static const struct json_field error_fields[] = {
	{ .name = "code", .type = JSON_STRING, .required = true,
	  .offset = offsetof(struct error, code) },
	{ .name = "detail", .type = JSON_STRING,
	  .offset = offsetof(struct error, detail) },
	{ .name = "wait", .type = JSON_INT, .min = 0, .max = INT_MAX,
	  .offset = offsetof(struct error, wait) },
	{ .name = "fields", .type = JSON_OBJECTS,
	  .offset = offsetof(struct error, fields),
	  .fields = json_fault_fields,
	  .item_size = sizeof(struct json_fault_field) },
	{ .name = NULL },
};

struct answer {
	struct json_object *ok;
	struct json_object *error;
};

static const struct json_field answer_fields[] = {
	{ .name = "ok", .type = JSON_OBJECT,
	  .offset = offsetof(struct answer, ok) },
	{ .name = "error", .type = JSON_OBJECT,
	  .offset = offsetof(struct answer, error) },
	{ .name = NULL },
};

static int
error_take(struct json_object *o, struct fault *f)
{
	struct error e = { 0 };
	struct fault bad = { 0 };

	if (json_read(o, error_fields, &e, "", &bad) != 0) {
		json_free(error_fields, &e);
		return unavailable(f, "not understood");
	}
	fault_set(f, err_from_code(e.code), "%s", e.detail == NULL ? "" :
	    e.detail);
	f->wait = (int)e.wait;
	json_take_faults(&e.fields, f);
	json_free(error_fields, &e);
	return f->err;
}

static int
answer_take(struct json_object *o, struct json_object **reply,
	struct fault *f)
{
	struct answer a = { 0 };
	struct fault bad = { 0 };

	if (json_read(o, answer_fields, &a, "", &bad) != 0 ||
	    (a.ok == NULL) == (a.error == NULL))
		return unavailable(f, "not understood");
	if (a.error != NULL)
		return error_take(a.error, f);
	if (reply != NULL)
		*reply = json_object_get(a.ok);
	return 0;
}

int
auth_call(struct auth_client *c, const char *op, const struct auth_who *who,
	struct json_object *args, struct json_object **reply,
	struct fault *f)
{
	AUTO_JSON struct json_object *request = request_make(op, who, args);
	AUTO_JSON struct json_object *answer = NULL;

	if (reply != NULL)
		*reply = NULL;
	if (client_send(c, request) < 0) {
		if (errno == EMSGSIZE)
			return fault_set(f, ERR_TOO_LARGE,
			    "The request is too large.");
		return unavailable(f, strerror(errno));
	}
	answer = message_receive(c->fd, TIMEOUT_MS);
	if (answer == NULL) {
		int why = errno;

		/* What comes late must not be the next one's answer. */
		client_close(c);
		return unavailable(f, why == 0 ? "it was restarted" :
		    strerror(why));
	}
	return answer_take(answer, reply, f);
}

/* ---- authorize ---- */

struct grant_json {
	const char *user;
	const char *user_name;
	const char *token;
	bool admin;
	int64_t expires;
	struct json_strings names;
};

#define PLACE(field) .offset = offsetof(struct grant_json, field)

static const struct json_field grant_fields[] = {
	{ .name = "user", .type = JSON_STRING, .required = true, .max = 36,
	  PLACE(user) },
	{ .name = "user_name", .type = JSON_STRING, .required = true,
	  .max = 63, PLACE(user_name) },
	{ .name = "token", .type = JSON_STRING, .required = true, .max = 36,
	  PLACE(token) },
	{ .name = "admin", .type = JSON_BOOL, .required = true,
	  PLACE(admin) },
	{ .name = "expires", .type = JSON_INT, .required = true,
	  .max = INT64_MAX, PLACE(expires) },
	{ .name = "names", .type = JSON_STRINGS, .max = PATTERN_SIZE - 1,
	  .count_max = 32, PLACE(names) },
	{ .name = NULL },
};

_Static_assert(sizeof(((struct auth_grant *)0)->names) >= 32 * PATTERN_SIZE,
	"all patterns of a token fit");

bool
auth_grant_covers(const struct auth_grant *g, const char *name)
{
	return patterns_match(g->names, name);
}

static void
grant_fill(const struct grant_json *in, struct auth_grant *out)
{
	size_t len = 0;

	snprintf(out->user, sizeof(out->user), "%s", in->user);
	snprintf(out->user_name, sizeof(out->user_name), "%s",
	    in->user_name);
	snprintf(out->token, sizeof(out->token), "%s", in->token);
	out->admin = in->admin;
	out->expires = in->expires;
	out->names[0] = '\0';
	for (size_t i = 0; i < in->names.len; i++)
		len += (size_t)snprintf(out->names + len,
		    sizeof(out->names) - len, "%s%s", i == 0 ? "" : " ",
		    in->names.items[i]);
}

static void
add_place(struct json_object *args, const char *instance, const char *project)
{
	add_text(args, "instance", instance);
	add_text(args, "project", project);
}

/* args is taken. */
static int
authorize_ask(struct auth_client *c, const char *op,
	const struct auth_who *who, struct json_object *args,
	struct auth_grant *grant, struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct grant_json g = { 0 };
	struct fault bad = { 0 };
	int err = auth_call(c, op, who, args, &reply, f);

	if (err != 0)
		return err;
	err = json_read(reply, grant_fields, &g, "", &bad);
	if (err == 0)
		grant_fill(&g, grant);
	json_free(grant_fields, &g);
	return err == 0 ? 0 : unavailable(f, "not understood");
}

static struct json_object *
authorize_args(const char *scope, const char *instance, const char *project,
	const char *name)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "scope", scope);
	add_place(args, instance, project);
	add_text(args, "name", name);
	return args;
}

int
auth_authorize(struct auth_client *c, const struct auth_who *who,
	const char *scope, const char *instance, const char *project,
	const char *name, struct auth_grant *grant, struct fault *f)
{
	if (scope == NULL)
		return authorize_ask(c, "identify", who, NULL, grant, f);
	return authorize_ask(c, "authorize", who, authorize_args(scope,
	    instance, project, name), grant, f);
}

int
auth_authorize_archived(struct auth_client *c, const struct auth_who *who,
	const char *scope, const char *instance, const char *project,
	const char *name, struct auth_grant *grant, struct fault *f)
{
	struct json_object *args = authorize_args(scope, instance, project,
		name);

	json_add_bool(args, "archived", true);
	return authorize_ask(c, "authorize", who, args, grant, f);
}

/* ---- grants ---- */

struct made_json {
	const char *grant;
	const char *id;
	int64_t expires;
};

static const struct json_field made_fields[] = {
	{ .name = "grant", .type = JSON_STRING, .required = true,
	  .max = AUTH_GRANT_SIZE - 1,
	  .offset = offsetof(struct made_json, grant) },
	{ .name = "id", .type = JSON_STRING, .required = true, .max = 36,
	  .offset = offsetof(struct made_json, id) },
	{ .name = "expires", .type = JSON_INT, .required = true,
	  .max = INT64_MAX, .offset = offsetof(struct made_json, expires) },
	{ .name = NULL },
};

/* args is taken. */
static int
grant_ask(struct auth_client *c, const char *op, const struct auth_who *who,
	struct json_object *args, char secret[AUTH_GRANT_SIZE],
	time_t *expires, struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct made_json made = { 0 };
	struct fault bad = { 0 };
	int err = auth_call(c, op, who, args, &reply, f);

	if (err != 0)
		return err;
	err = json_read(reply, made_fields, &made, "", &bad);
	if (err == 0) {
		snprintf(secret, AUTH_GRANT_SIZE, "%s", made.grant);
		*expires = made.expires;
	}
	/* The tree's copy: json-c would only free it. */
	if (made.grant != NULL)
		explicit_bzero((char *)(uintptr_t)made.grant,
		    strlen(made.grant));
	return err == 0 ? 0 : unavailable(f, "not understood");
}

/* The place as arguments. */
static struct json_object *
place_args(const char *instance, const char *project, const char *name)
{
	struct json_object *args = json_object_new_object();

	add_place(args, instance, project);
	add_text(args, "name", name);
	return args;
}

void
auth_change_refused(struct auth_client *c, const struct auth_who *who, int err,
	const char *instance, const char *project, const char *name)
{
	struct json_object *args = place_args(instance, project, name);
	struct fault f = { 0 };

	json_add_str(args, "code", err_code(err));
	auth_call(c, "change-refused", who, args, NULL, &f);
}

int
auth_grant_make(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *name,
	char secret[AUTH_GRANT_SIZE], struct fault *f)
{
	time_t expires;

	return grant_ask(c, "grant-make", who, place_args(instance, project,
	    name), secret, &expires, f);
}

int
auth_volume_grant_make(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *volume,
	char secret[AUTH_GRANT_SIZE], struct fault *f)
{
	time_t expires;

	return grant_ask(c, "volume-grant-make", who, place_args(instance,
	    project, volume), secret, &expires, f);
}

int
auth_standing_make(struct auth_client *c, const struct auth_who *who,
	const char *kind, const char *instance, const char *project,
	const char *name, char secret[AUTH_GRANT_SIZE], time_t *expires,
	struct fault *f)
{
	struct json_object *args = place_args(instance, project, name);

	json_add_str(args, "kind", kind);
	return grant_ask(c, "standing-grant-make", who, args, secret,
	    expires, f);
}

int
auth_grant_end(struct auth_client *c, const char *secret, struct fault *f)
{
	const struct auth_who who = { .bearer = secret };

	return auth_call(c, "grant-end", &who, NULL, NULL, f);
}

/* ---- mint ---- */

struct mint_json {
	const char *host;
	int64_t port;
	const char *server_ca;
	struct json_strings chain;
	const char *key;
	struct json_object *policy;
};

#undef PLACE
#define PLACE(field) .offset = offsetof(struct mint_json, field)

static const struct json_field mint_fields[] = {
	{ .name = "host", .type = JSON_STRING, .required = true, .max = 255,
	  PLACE(host) },
	{ .name = "port", .type = JSON_INT, .required = true, .min = 1,
	  .max = 65535, PLACE(port) },
	{ .name = "server_ca", .type = JSON_STRING, .required = true,
	  PLACE(server_ca) },
	{ .name = "chain", .type = JSON_STRINGS, .required = true,
	  .count_max = ALB_CHAIN_MAX, PLACE(chain) },
	{ .name = "key", .type = JSON_STRING, .required = true, PLACE(key) },
	{ .name = "policy", .type = JSON_OBJECT, PLACE(policy) },
	{ .name = NULL },
};

void
auth_mint_free(struct auth_mint *m)
{
	free(m->server_ca);
	m->server_ca = NULL;
	alb_chain_free(&m->chain);
	alb_policy_free(&m->policy);
}

/* Text to bytes in memory that GnuTLS frees; the plain copy is wiped. */
static int
datum_take(const char *text, gnutls_datum_t *out)
{
	size_t len;
	uint8_t *bytes = base64_decode(text, &len);

	if (bytes == NULL)
		return -1;
	out->data = gnutls_malloc(len == 0 ? 1 : len);
	if (out->data != NULL) {
		memcpy(out->data, bytes, len);
		out->size = (unsigned)len;
	}
	explicit_bzero(bytes, len);
	free(bytes);
	return out->data == NULL ? -1 : 0;
}

static int
mint_take(const struct mint_json *in, struct auth_mint *m)
{
	struct fault bad = { 0 };

	snprintf(m->host, sizeof(m->host), "%s", in->host);
	m->port = (int)in->port;
	m->server_ca = strdup(in->server_ca);
	if (m->server_ca == NULL || datum_take(in->key, &m->chain.key) < 0)
		return -1;
	for (size_t i = 0; i < in->chain.len; i++) {
		if (datum_take(in->chain.items[i], &m->chain.certs[i]) < 0)
			return -1;
		m->chain.ncerts++;
	}
	if (in->policy == NULL)
		return 0;
	return alb_policy_from_json(in->policy, "", &m->policy, &bad) == 0 ?
		0 : -1;
}

static int
mint_read(struct json_object *reply, struct auth_mint *m, struct fault *f)
{
	struct mint_json in = { 0 };
	struct fault bad = { 0 };
	int rc = json_read(reply, mint_fields, &in, "", &bad);

	if (rc == 0)
		rc = mint_take(&in, m);
	/* The tree's copy of the key: json-c would only free it. */
	if (in.key != NULL)
		explicit_bzero((char *)(uintptr_t)in.key, strlen(in.key));
	json_free(mint_fields, &in);
	if (rc == 0)
		return 0;
	auth_mint_free(m);
	return unavailable(f, "not understood");
}

int
auth_mint(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *label,
	const struct alb_command *command, struct auth_mint *m,
	struct fault *f)
{
	return auth_mint_trial(c, who, instance, project, label, command,
	    NULL, m, f);
}

int
auth_mint_trial(struct auth_client *c, const struct auth_who *who,
	const char *instance, const char *project, const char *label,
	const struct alb_command *command, const struct alb_policy *policy,
	struct auth_mint *m, struct fault *f)
{
	struct json_object *args = json_object_new_object();
	AUTO_JSON struct json_object *reply = NULL;
	int err;

	*m = (struct auth_mint){ 0 };
	add_place(args, instance, project);
	add_text(args, "label", label);
	json_object_object_add(args, "command", alb_command_to_json(command));
	if (policy != NULL)
		json_object_object_add(args, "policy",
		    alb_policy_to_json(policy));
	err = auth_call(c, who == NULL ? "watch-mint" : "mint", who, args,
	    &reply, f);
	return err != 0 ? err : mint_read(reply, m, f);
}

int
auth_try(struct auth_client *c, const struct auth_who *who,
	struct json_object *form, enum alb_level level, struct auth_mint *m,
	struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	int err;

	*m = (struct auth_mint){ 0 };
	json_add_str(form, "level", alb_level_text(level));
	err = auth_call(c, "instance-try", who, json_object_get(form), &reply,
	    f);
	return err != 0 ? err : mint_read(reply, m, f);
}

/* ---- lists ---- */

/* The page that args ask for goes behind all; *more: args ask for the next. */
static int
page_ask(struct auth_client *c, const struct auth_who *who, const char *op,
	struct json_object *args, struct json_object *all, bool *more,
	struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct json_object *list;
	int err = auth_call(c, op, who, json_object_get(args), &reply, f);
	size_t n;

	if (err != 0)
		return err;
	list = json_member(reply, "items", json_type_array);
	if (list == NULL)
		return unavailable(f, "not understood");
	n = json_object_array_length(list);
	for (size_t i = 0; i < n; i++)
		json_object_array_add(all, json_object_get(
		    json_object_array_get_idx(list, i)));
	*more = n > 0 && json_object_get_boolean(json_member(reply, "more",
	    json_type_boolean));
	if (*more)
		json_add_str(args, "after", json_member_text(
		    json_object_array_get_idx(list, n - 1), "name",
		    ALB_LABEL_MAX));
	return 0;
}

int
auth_all(struct auth_client *c, const struct auth_who *who, const char *op,
	struct json_object *args, struct json_object **out, struct fault *f)
{
	AUTO_JSON struct json_object *asked = args != NULL ? args :
		json_object_new_object();
	struct json_object *all = json_object_new_array();
	bool more = true;
	int err = 0;

	while (err == 0 && more)
		err = page_ask(c, who, op, asked, all, &more, f);
	if (err != 0)
		json_object_put(all);
	*out = err == 0 ? all : NULL;
	return err;
}

/* ---- what an instance gives ---- */

/* The page behind that of all; its policies are moved there. */
static int
given_page(struct auth_client *c, const struct auth_who *who,
	const char *instance, struct json_object *all,
	struct json_object **out, struct fault *f)
{
	size_t n = json_object_array_length(all);
	struct json_object *args = json_object_new_object(), *list;
	int err;

	json_add_str(args, "name", instance);
	if (n > 0)
		json_add_str(args, "after", json_member_text(
		    json_object_array_get_idx(all, n - 1), "project",
		    ALB_LABEL_MAX));
	err = auth_call(c, "instance-given", who, args, out, f);
	if (err != 0)
		return err;
	list = json_member(*out, "policies", json_type_array);
	for (size_t i = 0; list != NULL && i < json_object_array_length(list);
	    i++)
		json_object_array_add(all, json_object_get(
		    json_object_array_get_idx(list, i)));
	return 0;
}

int
auth_given(struct auth_client *c, const struct auth_who *who,
	const char *instance, struct json_object **out, struct fault *f)
{
	struct json_object *all = json_object_new_array();
	int err;

	*out = NULL;
	err = given_page(c, who, instance, all, out, f);
	while (err == 0 && json_object_array_length(all) > 0 &&
	    json_object_get_boolean(json_member(*out, "more",
	    json_type_boolean))) {
		json_object_put(*out);
		*out = NULL;
		err = given_page(c, who, instance, all, out, f);
	}
	if (err != 0) {
		json_object_put(all);
		return err;
	}
	json_object_object_add(*out, "policies", all);
	return 0;
}

/* ---- what there is to be watched ---- */

int
auth_revision(struct auth_client *c, int64_t *out, struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	struct json_object *value;
	int err = auth_call(c, "revision", NULL, NULL, &reply, f);

	if (err != 0)
		return err;
	value = json_member(reply, "revision", json_type_int);
	if (value == NULL)
		return unavailable(f, "not understood");
	*out = json_object_get_int64(value);
	return 0;
}

/* One page: what there is behind the project after, "" for the first. */
static int
watch_page(struct auth_client *c, const char *after, struct json_object **out,
	struct fault *f)
{
	struct json_object *args = json_object_new_object();
	int err;

	if (*after != '\0')
		json_add_str(args, "after", after);
	err = auth_call(c, "watch-list", NULL, args, out, f);
	if (err != 0 || json_member(*out, "projects", json_type_array) != NULL)
		return err;
	json_object_put(*out);
	*out = NULL;
	return unavailable(f, "not understood");
}

/* The projects of page move behind those of all; is there more behind? */
static bool
watch_append(struct json_object *all, struct json_object *page)
{
	struct json_object *to = json_member(all, "projects",
	    json_type_array);
	struct json_object *from = json_member(page, "projects",
	    json_type_array);
	size_t n = json_object_array_length(from);

	for (size_t i = 0; all != page && i < n; i++)
		json_object_array_add(to, json_object_get(
		    json_object_array_get_idx(from, i)));
	return n > 0 && json_object_get_boolean(json_member(page, "more",
	    json_type_boolean));
}

/* Name of the last project so far; borrowed. */
static const char *
watch_last(struct json_object *all)
{
	struct json_object *list = json_member(all, "projects",
	    json_type_array);
	size_t n = json_object_array_length(list);

	return json_member_text(json_object_array_get_idx(list, n - 1),
	    "name", ALB_LABEL_MAX);
}

int
auth_watch_list(struct auth_client *c, struct json_object **out,
	struct fault *f)
{
	struct json_object *all, *page;
	int err = watch_page(c, "", &all, f);
	bool more;

	*out = NULL;
	if (err != 0)
		return err;
	for (more = watch_append(all, all); more && err == 0;) {
		err = watch_page(c, watch_last(all), &page, f);
		if (err == 0) {
			more = watch_append(all, page);
			json_object_put(page);
		}
	}
	if (err == 0)
		json_object_object_del(all, "more");
	else
		json_object_put(all);
	*out = err == 0 ? all : NULL;
	return err;
}
