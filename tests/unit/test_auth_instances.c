/* SPDX-License-Identifier: ISC */
/*
 * Instances in the authority: trying what a form says with nothing stored,
 * changing them, and what is left behind.
 */
#include "config.h"

#include "auth_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/host.h"
#include "auth/instances.h"
#include "base/text.h"

static char *root, *bob;
static char *one, *one_key, *two, *two_key;

static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	ca_pem(&one, &one_key);
	ca_pem(&two, &two_key);
	return 0;
}

static int
teardown(void **state)
{
	free(root);
	free(bob);
	free(one);
	free(one_key);
	free(two);
	free(two_key);
	return fixture_teardown(state);
}

/* A form as text, until the next call; NULL is left out. */
static const char *
form(const char *host, const char *certificate, const char *key,
	const char *server_ca)
{
	static struct json_object *o;

	json_object_put(o);
	o = json_object_new_object();
	json_add_str(o, "name", "Box");
	json_add_int(o, "port", 1025);
	if (host != NULL)
		json_add_str(o, "host", host);
	if (certificate != NULL)
		json_add_str(o, "certificate", certificate);
	if (key != NULL)
		json_add_str(o, "key", key);
	if (server_ca != NULL)
		json_add_str(o, "server_ca", server_ca);
	return json_object_to_json_string(o);
}

/* The same, to be tried. */
static const char *
trial(const char *form_text, bool change, const char *level)
{
	static struct json_object *o;

	json_object_put(o);
	o = json_tokener_parse(form_text);
	json_add_bool(o, "change", change);
	json_add_str(o, "level", level);
	return json_object_to_json_string(o);
}

static gnutls_x509_crt_t
crt_pem(const char *pem)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem,
		(unsigned)strlen(pem) };
	gnutls_x509_crt_t c;

	gnutls_x509_crt_init(&c);
	assert_int_equal(gnutls_x509_crt_import(c, &data,
	    GNUTLS_X509_FMT_PEM), 0);
	return c;
}

/* The leaf of an answer to try or mint: was it signed by the CA? */
static void
check_leaf(struct json_object *answer, const char *ca_text, bool by_it)
{
	gnutls_x509_crt_t ca = crt_pem(ca_text), leaf;
	gnutls_datum_t der;
	unsigned status = 0;
	uint8_t *bytes;
	size_t len;

	bytes = base64_decode(text_at(answer, "chain.0"), &len);
	assert_non_null(bytes);
	der = (gnutls_datum_t){ bytes, (unsigned)len };
	gnutls_x509_crt_init(&leaf);
	assert_int_equal(gnutls_x509_crt_import(leaf, &der,
	    GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_verify(leaf, &ca, 1, 0, &status), 0);
	assert_int_equal(status == 0, by_it);
	gnutls_x509_crt_deinit(leaf);
	gnutls_x509_crt_deinit(ca);
	free(bytes);
}

static int64_t
rows(struct fixture *x, const char *action)
{
	return audit_rows(x, action, "ok", NULL, NULL);
}

static void
trying_stores_nothing(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;
	int64_t before = rows(x, "instance-try");

	o = ask_ok(x, root, "instance-try", trial(form("h.example", one,
	    one_key, NULL), false, "2.7"));
	assert_string_equal(text_at(o, "host"), "h.example");
	assert_int_equal(int_at(o, "port"), 1025);
	check_leaf(o, one, true);
	/* The CA's key stays. */
	assert_null(strstr(json_object_to_json_string(o), "PRIVATE"));
	json_object_put(o);
	assert_int_equal(rows(x, "instance-try"), before + 1);
	ask_refused(x, root, "instance-get", "{\"name\":\"box\"}",
	    "not-found");
	ask_refused(x, bob, "instance-try", trial(form("h", one, one_key,
	    NULL), false, "2.7"), "forbidden");
	ask_refused(x, NULL, "instance-try", trial(form("h", one, one_key,
	    NULL), false, "2.7"), "unauthenticated");
	ask_field(x, root, "instance-try", trial(form("h", NULL, one_key,
	    NULL), false, "2.7"), "certificate");
	ask_field(x, root, "instance-try", trial(form("h", one, NULL,
	    NULL), false, "2.7"), "key");
	ask_field(x, root, "instance-try", trial(form(NULL, one, one_key,
	    NULL), false, "2.7"), "host");
	ask_field(x, root, "instance-try", trial(form("h", one, two_key,
	    NULL), false, "2.7"), "key");
	ask_field(x, root, "instance-try", trial(form("h", one, one_key,
	    one_key), false, "2.7"), "server_ca");
	ask_field(x, root, "instance-try", trial(form("h", one, one_key,
	    NULL), false, "9"), "level");
}

static const char info[] = "{\"instance\":\"box\",\"label\":\"\","
	"\"command\":{\"kind\":\"unikernel-info\"}}";

/* Signed with that CA from now on? */
static void
check_signs(struct fixture *x, const char *ca)
{
	struct json_object *o = ask_ok(x, root, "mint", info);

	check_leaf(o, ca, true);
	json_object_put(o);
}

/* A token that is for some instances adds no others. */
static void
narrowed_tokens_add_none(void **state)
{
	struct fixture *x = *state;
	char *token;

	fixture_instance(x, root, "other");
	token = fixture_token(x, root, "\"scopes\":[\"instance:admin\"],"
	    "\"instances\":[\"other\"]");
	ask_refused(x, token, "instance-add", form("h", one, one_key, NULL),
	    "forbidden");
	ask_refused(x, token, "instance-try", trial(form("h", one, one_key,
	    NULL), false, "2.7"), "forbidden");
	free(token);
	token = fixture_token(x, root, "\"scopes\":[\"instance:admin\"]");
	json_object_put(ask_ok(x, token, "instance-add", form("h", one,
	    one_key, NULL)));
	free(token);
}

static void
changing(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;

	fixture_instance(x, root, "box");
	json_object_put(ask_ok(x, root, "instance-level",
	    "{\"name\":\"box\",\"level\":\"2.7\"}"));
	o = ask_ok(x, root, "instance-change",
	    "{\"name\":\"Box\",\"title\":\"In the cellar\"}");
	assert_string_equal(text_at(o, "instance.title"), "In the cellar");
	assert_string_equal(text_at(o, "instance.name"), "box");
	json_object_put(o);
	/* A member knows its title, too, and no more. */
	ask_refused(x, bob, "instance-change",
	    "{\"name\":\"box\",\"title\":\"mine\"}", "forbidden");
	ask_field(x, root, "instance-change",
	    "{\"name\":\"box\",\"title\":\"a\\u0007b\"}", "title");
	ask_refused(x, root, "instance-change",
	    "{\"name\":\"other\",\"title\":\"x\"}", "not-found");
	/* Kept: what a form leaves. Newer servers are not asked as old ones. */
	ask_field(x, root, "instance-change", form(NULL, two, NULL, NULL),
	    "key");
	ask_field(x, root, "instance-change", form(NULL, NULL, two_key,
	    NULL), "certificate");
	o = ask_ok(x, root, "instance-get", "{\"name\":\"box\"}");
	ask_field(x, root, "instance-try", trial(form(text_at(o,
	    "instance.host"), NULL, NULL, NULL), true, "2.5"), "level");
	json_object_put(o);
	o = ask_ok(x, root, "instance-try", trial(form("elsewhere", NULL,
	    NULL, NULL), true, "2.5"));
	assert_string_equal(text_at(o, "host"), "elsewhere");
	json_object_put(o);
	o = ask_ok(x, root, "instance-try", trial(form(NULL, two, two_key,
	    NULL), true, "2.7"));
	check_leaf(o, two, true);
	json_object_put(o);
	/* Nothing of it was stored, and then it is; the title stays. */
	o = ask_ok(x, root, "mint", info);
	check_leaf(o, two, false);
	json_object_put(o);
	o = ask_ok(x, root, "instance-change", form("2001:db8::7", two,
	    two_key, NULL));
	assert_string_equal(text_at(o, "instance.host"), "2001:db8::7");
	assert_string_equal(text_at(o, "instance.title"), "In the cellar");
	json_object_put(o);
	check_signs(x, two);
	/* The key is still there when only the address changes. */
	json_object_put(ask_ok(x, root, "instance-change", form("h", NULL,
	    NULL, one)));
	o = ask_ok(x, root, "mint", info);
	check_leaf(o, two, true);
	assert_string_equal(text_at(o, "host"), "h");
	assert_non_null(strstr(text_at(o, "server_ca"), "BEGIN"));
	json_object_put(o);
	o = ask_ok(x, root, "instance-get", "{\"name\":\"box\"}");
	assert_non_null(strstr(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), "\"server_ca\":true"));
	json_object_put(o);
	o = ask_ok(x, root, "instance-change", form(NULL, NULL, NULL, ""));
	assert_non_null(strstr(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), "\"server_ca\":false"));
	json_object_put(o);
	assert_int_equal(rows(x, "instance-change"), 4);
}

static void
leaves(void **state)
{
	struct fixture *x = *state;
	char *token, *all;
	struct json_object *o;

	fixture_instance(x, root, "box");
	fixture_instance(x, root, "other");
	json_object_put(ask_ok(x, root, "project-add",
	    "{\"name\":\"team\"}"));
	fixture_policy(x, root, "box", "team", "{\"unikernels\":1,"
	    "\"memory\":64,\"cpus\":[0],\"bridges\":[]}");
	token = fixture_token(x, root, "\"scopes\":[\"unikernel:read\"],"
	    "\"instances\":[\"box\",\"other\"]");
	all = fixture_token(x, root, "\"scopes\":[\"unikernel:read\"]");
	o = ask_ok(x, root, "instance-leaves", "{\"name\":\"box\"}");
	assert_string_equal(text_at(o, "leaves.projects.0"), "team");
	assert_string_equal(text_at(o, "leaves.tokens.0.user"), "root");
	assert_string_equal(text_at(o, "leaves.tokens.1.user"), "");
	json_object_put(o);
	ask_refused(x, bob, "instance-leaves", "{\"name\":\"box\"}",
	    "forbidden");
	/* What stood for what was there does not for another of that name. */
	o = ask_ok(x, root, "standing-grant-make", "{\"kind\":\"updates\","
	    "\"instance\":\"box\",\"project\":\"team\",\"name\":\"web\"}");
	json_object_put(ask_ok(x, root, "instance-remove",
	    "{\"name\":\"box\"}"));
	fixture_instance(x, root, "box");
	ask_refused(x, text_at(o, "grant"), "grant-make",
	    "{\"instance\":\"box\",\"project\":\"team\",\"name\":\"web\"}",
	    "unauthenticated");
	json_object_put(o);
	free(token);
	free(all);
}

static void
hosts(void **state)
{
	static const char *const good[] = { "h", "server.example.org",
		"server.example.org.", "a_b.example", "192.0.2.7",
		"2001:db8::7", "::1", "fe80::1%eth0", "xn--bcher-kva.example" };
	static const char *const bad[] = { "", "a b", "https://h", "[::1]",
		"h:1025", "192.0.2", "192.0.2.300", "1.2.3.4.5", "-h", "a..b",
		".a", "2001:db8::g", "fe80::1%", "h/x", "b\xc3\xbc" "cher" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (alb_host_check(good[i]) != NULL)
			fail_msg("%s: %s", good[i], alb_host_check(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (alb_host_check(bad[i]) == NULL)
			fail_msg("%s is taken", bad[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trying_stores_nothing),
		TEST(narrowed_tokens_add_none),
		TEST(changing),
		TEST(leaves),
		cmocka_unit_test(hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
