/* SPDX-License-Identifier: ISC */
/* auth_fixture: see auth_fixture.h. */
#include "config.h"

#include "auth_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "auth/sessions.h"

void
directory_remove(const char *dir)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(dir);

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

int
fixture_setup(void **state)
{
	/* Argon2 is slow on purpose: one hash serves all tests. */
	static char hash[PASSWORD_HASH_SIZE];
	struct fixture *x = calloc(1, sizeof(*x));
	struct fault f = { 0 };

	assert_non_null(x);
	if (hash[0] == '\0')
		assert_int_equal(password_hash(PASSWORD, hash), 0);
	memcpy(x->hash, hash, sizeof(hash));
	snprintf(x->dir, sizeof(x->dir), "/tmp/mollymawk-test.XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	assert_int_equal(authority_open(x->dir, &x->a, &f), 0);
	x->db = database_reader(x->a->store);
	assert_non_null(x->db);
	*state = x;
	return 0;
}

int
fixture_teardown(void **state)
{
	struct fixture *x = *state;

	db_close(x->db);
	authority_close(x->a);
	directory_remove(x->dir);
	free(x);
	return 0;
}

void
fixture_user(struct fixture *x, const char *name, bool admin)
{
	char email[128];
	struct account_form form = { .email = email, .name = name,
		.password = PASSWORD, .admin = admin };
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);
	struct account account;
	int err;

	assert_non_null(d);
	snprintf(email, sizeof(email), "%s@example.org", name);
	err = account_add(d, &form, x->hash, time(NULL), &account, &f);
	assert_int_equal(database_write_end(x->a->store, err, &f), 0);
}

char *
fixture_cookie(struct fixture *x, const char *name)
{
	struct session_from from = { "192.0.2.1", "test", NULL };
	struct access_claims claims = { .issued = time(NULL),
		.expires = time(NULL) + ACCESS_LIFETIME };
	struct session_grant grant;
	struct account account;
	struct access_key key;
	struct fault f = { 0 };
	char email[128], *token;
	struct db *d;

	snprintf(email, sizeof(email), "%s@example.org", name);
	d = database_write_begin(x->a->store, &f);
	assert_non_null(d);
	assert_int_equal(account_by_email(d, email, &account), 0);
	assert_int_equal(session_open(d, x->a->refresh_key, &account, &from,
	    time(NULL), &grant), 0);
	assert_int_equal(signing_current(d, &x->a->keyring, time(NULL),
	    &key), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	claims.generation = account.generation;
	memcpy(claims.user, account.id, sizeof(claims.user));
	memcpy(claims.session, grant.id, sizeof(claims.session));
	token = access_sign(&key, &claims);
	assert_non_null(token);
	return token;
}

static char *
datum_text(gnutls_datum_t *d)
{
	char *s = strndup((char *)d->data, d->size);

	assert_non_null(s);
	gnutls_free(d->data);
	return s;
}

void
ca_pem(char **certificate, char **key)
{
	gnutls_x509_privkey_t k;
	gnutls_x509_crt_t c;
	gnutls_datum_t out;

	assert_int_equal(gnutls_x509_privkey_init(&k), 0);
	assert_int_equal(gnutls_x509_privkey_generate(k,
	    GNUTLS_PK_EDDSA_ED25519, 0, 0), 0);
	assert_int_equal(gnutls_x509_crt_init(&c), 0);
	gnutls_x509_crt_set_version(c, 3);
	gnutls_x509_crt_set_serial(c, "\1\2\3", 3);
	gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, "ca",
	    2);
	gnutls_x509_crt_set_key(c, k);
	gnutls_x509_crt_set_basic_constraints(c, 1, -1);
	gnutls_x509_crt_set_key_usage(c, GNUTLS_KEY_KEY_CERT_SIGN);
	gnutls_x509_crt_set_activation_time(c, time(NULL) - 3600);
	gnutls_x509_crt_set_expiration_time(c, time(NULL) + 86400);
	assert_int_equal(gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA512, 0),
	    0);
	assert_int_equal(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_PEM,
	    &out), 0);
	*certificate = datum_text(&out);
	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(k,
	    GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &out), 0);
	*key = datum_text(&out);
	gnutls_x509_crt_deinit(c);
	gnutls_x509_privkey_deinit(k);
}

/* An answer to a message whose args are taken. */
static struct json_object *
ask_object(struct fixture *x, const char *credential, const char *op,
	struct json_object *args)
{
	struct json_object *message = json_object_new_object(), *answer;
	bool bearer = credential != NULL &&
	    strncmp(credential, "mm", 2) == 0;

	json_add_str(message, "op", op);
	json_object_object_add(message, "args", args);
	json_add_str(message, "cookie", bearer ? NULL : credential);
	json_add_str(message, "bearer", bearer ? credential : NULL);
	json_add_str(message, "address", "192.0.2.1");
	json_add_str(message, "request_id", "test");
	answer = ops_answer(x->a, x->db, message);
	json_object_put(message);
	assert_non_null(answer);
	return answer;
}

static struct json_object *
args_parse(const char *args)
{
	struct fault f = { 0 };
	struct json_object *o;

	if (args == NULL)
		return NULL;
	o = json_parse(args, strlen(args), &f);
	if (o == NULL)
		fail_msg("%s in %s", f.detail, args);
	return o;
}

struct json_object *
ask(struct fixture *x, const char *credential, const char *op,
	const char *args)
{
	return ask_object(x, credential, op, args_parse(args));
}

static struct json_object *
ok_take(struct json_object *answer, const char *op)
{
	struct json_object *ok;

	if (!json_object_object_get_ex(answer, "ok", &ok))
		fail_msg("%s: %s", op, json_object_to_json_string(answer));
	json_object_get(ok);
	json_object_put(answer);
	return ok;
}

struct json_object *
ask_ok(struct fixture *x, const char *credential, const char *op,
	const char *args)
{
	return ok_take(ask(x, credential, op, args), op);
}

void
ask_refused(struct fixture *x, const char *credential, const char *op,
	const char *args, const char *code)
{
	struct json_object *answer = ask(x, credential, op, args);

	if (strcmp(text_at(answer, "error.code"), code) != 0)
		fail_msg("%s %s: %s instead of %s", op, args == NULL ? "" :
		    args, json_object_to_json_string(answer), code);
	json_object_put(answer);
}

void
ask_field(struct fixture *x, const char *credential, const char *op,
	const char *args, const char *field)
{
	struct json_object *answer = ask(x, credential, op, args), *list;
	bool found = false;
	char path[64];

	list = json_object_object_get(json_object_object_get(answer, "error"),
	    "fields");
	for (size_t i = 0; list != NULL &&
	    i < json_object_array_length(list); i++) {
		snprintf(path, sizeof(path), "error.fields.%zu.field", i);
		found |= strcmp(text_at(answer, path), field) == 0;
	}
	if (!found)
		fail_msg("%s %s: no fault for %s in %s", op, args, field,
		    json_object_to_json_string(answer));
	json_object_put(answer);
}

void
fixture_instance(struct fixture *x, const char *cookie, const char *name)
{
	static char *certificate, *key;
	struct json_object *args = json_object_new_object();

	if (certificate == NULL)
		ca_pem(&certificate, &key);
	json_add_str(args, "name", name);
	json_add_str(args, "host", "127.0.0.1");
	json_add_int(args, "port", 1025);
	json_add_str(args, "certificate", certificate);
	json_add_str(args, "key", key);
	json_object_put(ok_take(ask_object(x, cookie, "instance-add", args),
	    "instance-add"));
}

void
fixture_policy(struct fixture *x, const char *cookie, const char *instance,
	const char *project, const char *policy)
{
	char args[1024];

	snprintf(args, sizeof(args), "{\"instance\":\"%s\",\"project\":\"%s\","
	    "\"policy\":%s}", instance, project, policy);
	json_object_put(ask_ok(x, cookie, "policy-set", args));
}

void
fixture_member(struct fixture *x, const char *cookie, const char *project,
	const char *name, const char *role)
{
	char args[512];

	snprintf(args, sizeof(args), "{\"project\":\"%s\",\"email\":"
	    "\"%s@example.org\",\"role\":\"%s\"}", project, name, role);
	json_object_put(ask_ok(x, cookie, "member-set", args));
}

const char *
text(const char *fmt, ...)
{
	static char texts[64][4096];
	static unsigned next;
	char *out = texts[next++ % 64];
	va_list ap;

	va_start(ap, fmt);
	assert_in_range(vsnprintf(out, sizeof(texts[0]), fmt, ap), 0,
	    sizeof(texts[0]) - 1);
	va_end(ap);
	return out;
}

static struct json_object *
node_at(struct json_object *o, const char *path)
{
	char word[64];

	while (o != NULL && *path != '\0') {
		size_t len = strcspn(path, ".");

		snprintf(word, sizeof(word), "%.*s", (int)len, path);
		if (json_object_is_type(o, json_type_array))
			o = json_object_array_get_idx(o,
			    (size_t)strtoul(word, NULL, 10));
		else
			o = json_object_object_get(o, word);
		path += len + (path[len] == '.');
	}
	return o;
}

const char *
text_at(struct json_object *o, const char *path)
{
	struct json_object *node = node_at(o, path);

	return node == NULL ? "" : json_object_get_string(node);
}

int64_t
int_at(struct json_object *o, const char *path)
{
	return json_object_get_int64(node_at(o, path));
}

int64_t
audit_rows(struct fixture *x, const char *action, const char *result,
	const char *target, const char *detail)
{
	return db_number(db_query(x->db, "SELECT COUNT(*) FROM audit"
	    " WHERE action = COALESCE(?, action)"
	    " AND result = COALESCE(?, result)"
	    " AND COALESCE(target, '') = COALESCE(?, target, '')"
	    " AND COALESCE(detail, '') = COALESCE(?, detail, '')", "tttt",
	    action, result, target, detail), -1);
}

char *
fixture_token(struct fixture *x, const char *cookie, const char *more)
{
	struct json_object *answer;
	char args[1024], *secret;

	snprintf(args, sizeof(args), "{\"name\":\"ci\",\"expires_in\":86400,"
	    "%s}", more);
	answer = ask_ok(x, cookie, "token-create", args);
	secret = strdup(text_at(answer, "secret"));
	json_object_put(answer);
	return secret;
}

const char *
may(const char *scope, const char *instance, const char *project,
	const char *name)
{
	static char args[512];

	snprintf(args, sizeof(args), "{\"scope\":\"%s\",\"instance\":\"%s\","
	    "\"project\":\"%s\",\"name\":\"%s\"}", scope, instance, project,
	    name);
	return args;
}
