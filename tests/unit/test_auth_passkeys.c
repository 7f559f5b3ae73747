/* SPDX-License-Identifier: ISC */
/* Passkeys: what is taken from an authenticator, and what is not. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/challenges.h"
#include "auth_fixture.h"
#include "authenticator.h"
#include "base/text.h"

#define CHALLENGE "a challenge of the test"

static struct relying relying;

static struct authenticator_said said;

static int
group_setup(void **state)
{
	relying_set(&relying, AUTHENTICATOR_ORIGIN);
	return 0;
}

/* ---- whom they are for ---- */

static void
hosts_with_passkeys(void **state)
{
	static const struct {
		const char *url, *origin, *id;
		bool usable;
	} known[] = {
		{ "https://mm.example.org", "https://mm.example.org",
		  "mm.example.org", true },
		{ "https://MM.example.org:443/", "https://mm.example.org",
		  "mm.example.org", true },
		{ "https://mm.example.org:8443",
		  "https://mm.example.org:8443", "mm.example.org", true },
		{ "http://localhost:8080", "http://localhost:8080",
		  "localhost", true },
		{ "http://mm.localhost:80", "http://mm.localhost",
		  "mm.localhost", true },
		{ "http://mm.example.org", "http://mm.example.org",
		  "mm.example.org", false },
		{ "https://192.0.2.1", "https://192.0.2.1", "192.0.2.1",
		  false },
		{ "http://127.0.0.1:8080", "http://127.0.0.1:8080",
		  "127.0.0.1", false },
		{ "https://[2001:db8::1]:8443",
		  "https://[2001:db8::1]:8443", "[2001:db8::1]", false },
		{ "https://mm.example.org:4", "https://mm.example.org:4",
		  "mm.example.org", true },
		{ "https://[2001:db8::1", "", "", false },
		{ "ftp://mm.example.org", "", "", false },
		{ "https://", "", "", false },
		{ NULL, "", "", false },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct relying r;

		relying_set(&r, known[i].url);
		assert_string_equal(r.origin, known[i].origin);
		assert_string_equal(r.id, known[i].id);
		assert_int_equal(r.usable, known[i].usable);
	}
}

/* ---- what browsers and authenticators say ---- */

static int
client(enum webauthn_type type, const char *text)
{
	uint8_t challenge[WEBAUTHN_CHALLENGE_MAX];
	struct webauthn_bytes bytes = { (const uint8_t *)text, strlen(text) };
	size_t len;

	return webauthn_client(&relying, type, bytes, challenge, &len);
}

/* As Chromium wrote it. */
#define RECORDED(type, origin, more) \
	"{\"type\":\"" type "\",\"challenge\":\"AAECAw\",\"origin\":\"" \
	origin "\"" more "}"

static void
what_the_browser_says(void **state)
{
	assert_int_equal(client(WEBAUTHN_GET, RECORDED("webauthn.get",
	    AUTHENTICATOR_ORIGIN, ",\"crossOrigin\":false,"
	    "\"other_keys_can_be_added_here\":\"do not compare\"")), 0);
	assert_int_equal(client(WEBAUTHN_CREATE, RECORDED("webauthn.create",
	    AUTHENTICATOR_ORIGIN, "")), 0);
	assert_int_equal(client(WEBAUTHN_GET, RECORDED("webauthn.create",
	    AUTHENTICATOR_ORIGIN, "")), -1);
	assert_int_equal(client(WEBAUTHN_GET, RECORDED("webauthn.get",
	    "http://localhost:8081", "")), -1);
	assert_int_equal(client(WEBAUTHN_GET, RECORDED("webauthn.get",
	    "http://localhost:8080.example.org", "")), -1);
	assert_int_equal(client(WEBAUTHN_GET, RECORDED("webauthn.get",
	    AUTHENTICATOR_ORIGIN, ",\"crossOrigin\":true")), -1);
	assert_int_equal(client(WEBAUTHN_GET, RECORDED("webauthn.get",
	    AUTHENTICATOR_ORIGIN, ",\"type\":\"webauthn.get\"")), -1);
	assert_int_equal(client(WEBAUTHN_GET, "{\"type\":\"webauthn.get\","
	    "\"origin\":\"" AUTHENTICATOR_ORIGIN "\"}"), -1);
	assert_int_equal(client(WEBAUTHN_GET, "{\"type\":\"webauthn.get\","
	    "\"challenge\":\"A+==\",\"origin\":\"" AUTHENTICATOR_ORIGIN
	    "\"}"), -1);
	assert_int_equal(client(WEBAUTHN_GET, ""), -1);
}

/* Registers a: its credential. */
static struct webauthn_credential
credential_of(struct authenticator *a)
{
	struct webauthn_credential c;

	authenticator_create(a, CHALLENGE, strlen(CHALLENGE), &said);
	assert_int_equal(webauthn_register(&relying, said_data(&said), &c), 0);
	assert_int_equal(c.key.algorithm, a->algorithm);
	assert_int_equal(c.id_len, sizeof(a->id));
	assert_memory_equal(c.id, a->id, sizeof(a->id));
	assert_int_equal(c.count, a->count);
	return c;
}

static int
verify(const struct webauthn_credential *c, uint32_t *count)
{
	return webauthn_verify(&relying, &c->key, said_client(&said),
	    said_data(&said), said_signature(&said), count);
}

static void
every_kind_of_key(void **state)
{
	for (int i = 0; i < WEBAUTHN_ALGORITHMS; i++) {
		struct authenticator a, other;
		struct webauthn_credential c, not_it;
		uint32_t count = 0;

		authenticator_new(&a, webauthn_algorithms[i]);
		authenticator_new(&other, webauthn_algorithms[i]);
		c = credential_of(&a);
		not_it = credential_of(&other);
		authenticator_get(&a, CHALLENGE, strlen(CHALLENGE), &said);
		assert_int_equal(verify(&c, &count), 0);
		assert_int_equal(count, a.count);
		assert_int_equal(verify(&not_it, &count), -1);
		/* Every part of it is signed. */
		said.data[36] ^= 1;
		assert_int_equal(verify(&c, &count), -1);
		said.data[36] ^= 1;
		said.client[20] ^= 1;
		assert_int_equal(verify(&c, &count), -1);
		said.client[20] ^= 1;
		said.signature[said.signature_len - 1] ^= 1;
		assert_int_equal(verify(&c, &count), -1);
		authenticator_free(&a);
		authenticator_free(&other);
	}
}

/* Of use for us, but not as it should be: neither new nor in use. */
static void
refused_both_times(const char *host, uint8_t flags)
{
	struct authenticator a;
	struct webauthn_credential c, again;
	uint32_t count;

	authenticator_new(&a, webauthn_algorithms[0]);
	c = credential_of(&a);
	a.host = host;
	a.flags = flags;
	authenticator_create(&a, CHALLENGE, strlen(CHALLENGE), &said);
	assert_int_equal(webauthn_register(&relying, said_data(&said),
	    &again), -1);
	authenticator_get(&a, CHALLENGE, strlen(CHALLENGE), &said);
	assert_int_equal(verify(&c, &count), -1);
	authenticator_free(&a);
}

static void
for_another_host_or_nobody_there(void **state)
{
	refused_both_times("example.org", 5);
	refused_both_times("localhost", 4);
	refused_both_times("localhost", 1);
}

static void
cut_off(void **state)
{
	struct authenticator a;
	struct webauthn_credential c;

	authenticator_new(&a, webauthn_algorithms[0]);
	authenticator_create(&a, CHALLENGE, strlen(CHALLENGE), &said);
	while (said.data_len-- > 0)
		assert_int_equal(webauthn_register(&relying,
		    said_data(&said), &c), -1);
	authenticator_free(&a);
}

/* Extensions that say to be larger than all memory are not looked into. */
static void
far_too_long(void **state)
{
	static const uint8_t map[] = { 0xba, 0xba, 0xba, 0xba, 0xba };
	struct authenticator a;
	struct webauthn_credential c;
	uint32_t count;

	authenticator_new(&a, webauthn_algorithms[0]);
	c = credential_of(&a);
	said.data[32] |= 0x80;
	memcpy(said.data + said.data_len, map, sizeof(map));
	said.data_len += sizeof(map);
	assert_int_equal(webauthn_register(&relying, said_data(&said), &c),
	    -1);
	a.flags |= 0x80;
	authenticator_get(&a, CHALLENGE, strlen(CHALLENGE), &said);
	memcpy(said.data + said.data_len, map, sizeof(map));
	said.data_len += sizeof(map);
	assert_int_equal(verify(&c, &count), -1);
	authenticator_free(&a);
}

/* A point that is not on the curve is no key. */
static void
no_key(void **state)
{
	struct authenticator a;
	struct webauthn_credential c;

	authenticator_new(&a, webauthn_algorithms[0]);
	authenticator_create(&a, CHALLENGE, strlen(CHALLENGE), &said);
	said.data[said.data_len - 1] ^= 1;
	assert_int_equal(webauthn_register(&relying, said_data(&said), &c),
	    -1);
	authenticator_free(&a);
}

/* ---- challenges ---- */

static void
challenges_once_for_one_thing(void **state)
{
	struct challenges c;
	uint8_t one[CHALLENGE_BYTES], two[CHALLENGE_BYTES];
	time_t now = 1800000000;

	assert_int_equal(challenges_init(&c), 0);
	assert_int_equal(challenge_make(&c, "a", now, one), 0);
	assert_int_equal(challenge_make(&c, "a", now, two), 0);
	assert_memory_not_equal(one, two, CHALLENGE_BYTES);
	assert_true(challenge_good(&c, "a", one, CHALLENGE_BYTES, now));
	assert_false(challenge_good(&c, "b", one, CHALLENGE_BYTES, now));
	assert_false(challenge_good(&c, "a", one, CHALLENGE_BYTES - 1, now));
	assert_true(challenge_good(&c, "a", one, CHALLENGE_BYTES,
	    now + CHALLENGE_SECONDS - 1));
	assert_false(challenge_good(&c, "a", one, CHALLENGE_BYTES,
	    now + CHALLENGE_SECONDS));
	assert_true(challenge_take(&c, one, now));
	assert_false(challenge_take(&c, one, now + CHALLENGE_SECONDS - 1));
	assert_true(challenge_take(&c, two, now));
	for (size_t i = 0; i < CHALLENGE_BYTES; i++) {
		two[i] ^= 1;
		assert_false(challenge_good(&c, "a", two, CHALLENGE_BYTES,
		    now));
		two[i] ^= 1;
	}
	challenges_free(&c);
}

/* When none can be remembered, none is taken; later there is room again. */
static void
challenges_are_bounded(void **state)
{
	struct challenges c;
	uint8_t one[CHALLENGE_BYTES];
	time_t now = 1800000000;

	assert_int_equal(challenges_init(&c), 0);
	for (int i = 0; i < CHALLENGES_USED; i++) {
		assert_int_equal(challenge_make(&c, "a", now, one), 0);
		assert_true(challenge_take(&c, one, now));
	}
	challenge_make(&c, "a", now, one);
	assert_false(challenge_take(&c, one, now));
	now += CHALLENGE_SECONDS;
	challenge_make(&c, "a", now, one);
	assert_true(challenge_take(&c, one, now));
	challenges_free(&c);
}

/* ---- as asked ---- */

static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	relying_set(&x->a->relying, AUTHENTICATOR_ORIGIN);
	fixture_user(x, "bob", false);
	fixture_user(x, "eve", false);
	return 0;
}

/* The challenge that op asks to be signed, owned. */
static uint8_t *
challenge_of(struct fixture *x, const char *cookie, const char *op,
	size_t *len)
{
	struct json_object *o = ask_ok(x, cookie, op, NULL);
	uint8_t *challenge = base64_decode(text_at(o, "challenge"), len);

	assert_string_equal(text_at(o, "rp_id"), "localhost");
	assert_non_null(challenge);
	json_object_put(o);
	return challenge;
}

static void
add_bytes(struct json_object *o, const char *key, struct webauthn_bytes b)
{
	char *text = base64_encode(b.data, b.len);

	assert_non_null(text);
	json_add_str(o, key, text);
	free(text);
}

/* The arguments as text, until the next call. */
static const char *
args_text(struct json_object *o)
{
	static char args[8192];

	snprintf(args, sizeof(args), "%s", json_object_to_json_string(o));
	json_object_put(o);
	return args;
}

static const char *
add_args(const char *name)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "name", name);
	add_bytes(o, "client_data", said_client(&said));
	add_bytes(o, "authenticator_data", said_data(&said));
	return args_text(o);
}

static const char *
show_args(const struct authenticator *a, const char *handle)
{
	struct json_object *o = json_object_new_object();

	add_bytes(o, "id", (struct webauthn_bytes){ a->id, sizeof(a->id) });
	add_bytes(o, "client_data", said_client(&said));
	add_bytes(o, "authenticator_data", said_data(&said));
	add_bytes(o, "signature", said_signature(&said));
	json_add_str(o, "user_handle", handle);
	return args_text(o);
}

/* Adds a passkey of whose cookie it is: the answer, owned. */
static struct json_object *
add(struct fixture *x, const char *cookie, struct authenticator *a,
	const char *name)
{
	size_t len;
	uint8_t *challenge = challenge_of(x, cookie, "passkey-begin", &len);

	authenticator_create(a, challenge, len, &said);
	free(challenge);
	return ask_ok(x, cookie, "passkey-add", add_args(name));
}

/* Has a sign a challenge for signing in. */
static void
show(struct fixture *x, struct authenticator *a)
{
	size_t len;
	uint8_t *challenge = challenge_of(x, NULL, "passkey-challenge", &len);

	authenticator_get(a, challenge, len, &said);
	free(challenge);
}

static void
signing_in(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	struct authenticator a;
	struct json_object *o;

	authenticator_new(&a, webauthn_algorithms[0]);
	o = add(x, cookie, &a, "my phone");
	assert_string_equal(text_at(o, "passkey.name"), "my phone");
	assert_int_not_equal(strlen(text_at(o, "recovery_codes.9")), 0);
	/* It is a second factor: the password alone is not enough now. */
	ask_refused(x, NULL, "login", "{\"email\":\"bob@example.org\","
	    "\"password\":\"" PASSWORD "\"}", "second-factor");
	json_object_put(o);
	show(x, &a);
	o = ask_ok(x, NULL, "passkey-login", show_args(&a, NULL));
	assert_string_equal(text_at(o, "session.user.name"), "bob");
	assert_string_equal(text_at(o, "session.enrol"), "false");
	json_object_put(o);
	/* The same again is none, and neither is the challenge. */
	ask_refused(x, NULL, "passkey-login", show_args(&a, NULL),
	    "bad-login");
	o = ask_ok(x, cookie, "passkey-list", NULL);
	assert_int_not_equal(int_at(o, "items.0.last_used"), 0);
	json_object_put(o);
	authenticator_free(&a);
	free(cookie);
}

static void
refused(struct fixture *x, const struct authenticator *a)
{
	ask_refused(x, NULL, "passkey-login", show_args(a, NULL),
	    "bad-login");
}

static void
not_signing_in(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	struct authenticator a, other;
	uint32_t count;

	authenticator_new(&a, webauthn_algorithms[0]);
	authenticator_new(&other, webauthn_algorithms[0]);
	json_object_put(add(x, cookie, &a, "key"));
	/* Not registered; and another key under a known name. */
	show(x, &other);
	refused(x, &other);
	refused(x, &a);
	a.origin = "http://localhost:8081";
	show(x, &a);
	refused(x, &a);
	a.origin = AUTHENTICATOR_ORIGIN;
	a.flags = 1;
	show(x, &a);
	refused(x, &a);
	a.flags = 5;
	/* A challenge that is not ours, and one for something else. */
	authenticator_get(&a, CHALLENGE, strlen(CHALLENGE), &said);
	refused(x, &a);
	{
		size_t len;
		uint8_t *c = challenge_of(x, cookie, "passkey-begin", &len);

		authenticator_get(&a, c, len, &said);
		free(c);
	}
	refused(x, &a);
	/* Of somebody else, it says. */
	show(x, &a);
	ask_refused(x, NULL, "passkey-login", show_args(&a, "AAAA"),
	    "bad-login");
	count = a.count;
	show(x, &a);
	json_object_put(ask_ok(x, NULL, "passkey-login", show_args(&a,
	    NULL)));
	/* A copy does not know how often the other was used. */
	a.count = count;
	show(x, &a);
	refused(x, &a);
	show(x, &a);
	json_object_put(ask_ok(x, NULL, "passkey-login", show_args(&a,
	    NULL)));
	authenticator_free(&a);
	authenticator_free(&other);
	free(cookie);
}

/* As arguments of session-confirm, until the next call. */
static const char *
confirm_args(const struct authenticator *a)
{
	static char args[8192];

	snprintf(args, sizeof(args), "{\"passkey\":%s}", show_args(a, NULL));
	return args;
}

static void
confirming(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *eve = fixture_cookie(x, "eve");
	struct authenticator a;

	authenticator_new(&a, webauthn_algorithms[0]);
	json_object_put(add(x, bob, &a, "key"));
	show(x, &a);
	json_object_put(ask_ok(x, bob, "session-confirm", confirm_args(&a)));
	ask_refused(x, bob, "session-confirm", confirm_args(&a),
	    "bad-login");
	show(x, &a);
	ask_refused(x, eve, "session-confirm", confirm_args(&a),
	    "bad-login");
	ask_field(x, bob, "session-confirm", "{\"passkey\":{}}",
	    "passkey.signature");
	authenticator_free(&a);
	free(bob);
	free(eve);
}

/* Many do not count at all: they say 0 always. */
static void
without_a_count(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	struct authenticator a;

	authenticator_new(&a, webauthn_algorithms[1]);
	a.count = 0;
	json_object_put(add(x, cookie, &a, "key"));
	for (int i = 0; i < 2; i++) {
		show(x, &a);
		json_object_put(ask_ok(x, NULL, "passkey-login",
		    show_args(&a, NULL)));
	}
	authenticator_free(&a);
	free(cookie);
}

static void
not_added(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *eve = fixture_cookie(x, "eve");
	struct authenticator a;
	uint8_t *challenge;
	size_t len;

	authenticator_new(&a, webauthn_algorithms[0]);
	/* A challenge of somebody else; of nobody. */
	challenge = challenge_of(x, eve, "passkey-begin", &len);
	authenticator_create(&a, challenge, len, &said);
	ask_refused(x, bob, "passkey-add", add_args("key"), "invalid-input");
	json_object_put(ask_ok(x, eve, "passkey-add", add_args("key")));
	ask_refused(x, eve, "passkey-add", add_args("key"), "invalid-input");
	free(challenge);
	/* The same key twice. */
	challenge = challenge_of(x, bob, "passkey-begin", &len);
	authenticator_create(&a, challenge, len, &said);
	ask_refused(x, bob, "passkey-add", add_args("key"), "conflict");
	ask_field(x, bob, "passkey-add", add_args("  "), "name");
	free(challenge);
	authenticator_free(&a);
	free(bob);
	free(eve);
}

static void
ones_own(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *eve = fixture_cookie(x, "eve");
	char args[128];
	struct authenticator a;
	struct json_object *o;

	authenticator_new(&a, webauthn_algorithms[0]);
	o = add(x, bob, &a, "key");
	snprintf(args, sizeof(args), "{\"id\":\"%s\",\"name\":\"mine\"}",
	    text_at(o, "passkey.id"));
	ask_refused(x, eve, "passkey-rename", args, "not-found");
	json_object_put(o);
	o = ask_ok(x, bob, "passkey-rename", args);
	assert_string_equal(text_at(o, "passkey.name"), "mine");
	snprintf(args, sizeof(args), "{\"id\":\"%s\"}",
	    text_at(o, "passkey.id"));
	json_object_put(o);
	ask_refused(x, eve, "passkey-remove", args, "not-found");
	o = ask_ok(x, eve, "passkey-list", NULL);
	assert_string_equal(text_at(o, "items.0.id"), "");
	json_object_put(o);
	json_object_put(ask_ok(x, bob, "passkey-remove", args));
	show(x, &a);
	refused(x, &a);
	/* The password alone is enough again. */
	json_object_put(ask_ok(x, NULL, "login", "{\"email\":"
	    "\"bob@example.org\",\"password\":\"" PASSWORD "\"}"));
	authenticator_free(&a);
	free(bob);
	free(eve);
}

static void
not_with_an_address(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");

	relying_set(&x->a->relying, "https://192.0.2.1");
	ask_refused(x, NULL, "passkey-challenge", NULL, "conflict");
	ask_refused(x, cookie, "passkey-begin", NULL, "conflict");
	free(cookie);
}

static void
of_who_is_disabled(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	struct authenticator a;
	struct fault f = { 0 };
	struct db *d;

	authenticator_new(&a, webauthn_algorithms[0]);
	json_object_put(add(x, cookie, &a, "key"));
	show(x, &a);
	d = database_write_begin(x->a->store, &f);
	db_run(d, "UPDATE account SET disabled = 1", "");
	database_write_end(x->a->store, 0, &f);
	ask_refused(x, NULL, "passkey-login", show_args(&a, NULL),
	    "forbidden");
	authenticator_free(&a);
	free(cookie);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_with_passkeys),
		cmocka_unit_test(what_the_browser_says),
		cmocka_unit_test(every_kind_of_key),
		cmocka_unit_test(for_another_host_or_nobody_there),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(far_too_long),
		cmocka_unit_test(no_key),
		cmocka_unit_test(challenges_once_for_one_thing),
		cmocka_unit_test(challenges_are_bounded),
		WITH(signing_in),
		WITH(not_signing_in),
		WITH(confirming),
		WITH(without_a_count),
		WITH(not_added),
		WITH(ones_own),
		WITH(not_with_an_address),
		WITH(of_who_is_disabled),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
