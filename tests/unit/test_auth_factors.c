/* SPDX-License-Identifier: ISC */
/* Second factors: changing codes, recovery codes, and who must have one. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/factors.h"
#include "auth/proof.h"
#include "auth/proof.h"
#include "auth_fixture.h"

#define LOGIN "{\"email\":\"bob@example.org\",\"password\":\"" PASSWORD "\""

static int64_t begun_at;	/* the step in which the test began */

static int
setup(void **state)
{
	begun_at = time(NULL) / TOTP_STEP;
	fixture_setup(state);
	fixture_user(*state, "ada", true);
	fixture_user(*state, "bob", false);
	return 0;
}

/* RFC 6238, appendix B, SHA-1; of its eight digits the last six. */
static void
vectors(void **state)
{
	static const struct { int64_t time; const char *code; } known[] = {
		{ 59, "287082" }, { 1111111109, "081804" },
		{ 1111111111, "050471" }, { 1234567890, "005924" },
		{ 2000000000, "279037" }, { 20000000000, "353130" },
	};
	const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	char code[TOTP_DIGITS + 1];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(totp_code(secret, TOTP_SECRET,
		    known[i].time / TOTP_STEP, code), 0);
		assert_string_equal(code, known[i].code);
	}
}

static void
window_of_one_step(void **state)
{
	const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	time_t now = 1234567890;
	int64_t step = now / TOTP_STEP;
	char code[TOTP_DIGITS + 1];

	for (int64_t at = step - 3; at <= step + 3; at++) {
		bool near = at >= step - 1 && at <= step + 1;

		totp_code(secret, TOTP_SECRET, at, code);
		assert_int_equal(totp_match(secret, TOTP_SECRET, code, now, 0),
		    near ? at : 0);
		assert_int_equal(totp_match(secret, TOTP_SECRET, code, now,
		    at), 0);
	}
	assert_int_equal(totp_match(secret, TOTP_SECRET, "", now, 0), 0);
	assert_int_equal(totp_match(secret, TOTP_SECRET, "0059245", now, 0),
	    0);
}

static void
what_a_qr_code_says(void **state)
{
	const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	char text[TOTP_TEXT_SIZE], uri[TOTP_URI_SIZE];

	assert_int_equal(totp_text(secret, text), 0);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	totp_uri(text, "a&b@example.org", uri);
	assert_string_equal(uri, "otpauth://totp/Mollymawk:"
	    "a%26b%40example%2Eorg?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	    "&issuer=Mollymawk&algorithm=SHA1&digits=6&period=30");
}

/* ---- as asked ---- */

/* The first byte of what five bits of base32 stand for, and so on. */
static void
base32_decode(const char *text, uint8_t out[TOTP_SECRET])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint64_t bits = 0;
	int have = 0, n = 0;

	for (; *text != '\0'; text++) {
		bits = bits << 5 | (uint64_t)(strchr(letters, *text) -
		    letters);
		have += 5;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	assert_int_equal(n, TOTP_SECRET);
}

/*
 * The code of the step that is so many behind the one in which the test began:
 * 0 or 1, good for 30 seconds at least.
 */
static const char *
code_of(const uint8_t secret[TOTP_SECRET], int behind)
{
	static char code[TOTP_DIGITS + 1];

	totp_code(secret, TOTP_SECRET, begun_at + behind, code);
	return code;
}

static const char *
args_code(const char *code)
{
	static char args[128];

	snprintf(args, sizeof(args), "{\"code\":\"%s\"}", code);
	return args;
}

static const char *
login_args(const char *otp)
{
	static char args[256];

	snprintf(args, sizeof(args), LOGIN ",\"otp\":\"%s\"}", otp);
	return args;
}

/*
 * Sets up codes for whose cookie it is: the secret, and the recovery codes,
 * owned. The code of the first step is used up.
 */
static struct json_object *
enrol(struct fixture *x, const char *cookie, uint8_t secret[TOTP_SECRET])
{
	struct json_object *begun = ask_ok(x, cookie, "totp-begin", NULL);

	base32_decode(text_at(begun, "secret"), secret);
	json_object_put(begun);
	return ask_ok(x, cookie, "totp-confirm", args_code(code_of(secret,
	    0)));
}

static void
not_in_force_until_confirmed(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	struct json_object *begun, *o;
	uint8_t secret[TOTP_SECRET];

	ask_refused(x, cookie, "totp-confirm", args_code("123456"),
	    "conflict");
	begun = ask_ok(x, cookie, "totp-begin", NULL);
	base32_decode(text_at(begun, "secret"), secret);
	json_object_put(begun);
	json_object_put(ask_ok(x, NULL, "login", LOGIN "}"));
	ask_field(x, cookie, "totp-confirm", args_code("12345"), "code");
	json_object_put(ask_ok(x, NULL, "login", LOGIN "}"));
	o = ask_ok(x, cookie, "me-get", NULL);
	assert_string_equal(text_at(o, "me.second_factor.totp"), "false");
	json_object_put(o);
	o = ask_ok(x, cookie, "totp-confirm", args_code(code_of(secret, 0)));
	assert_int_equal(strlen(text_at(o, "recovery_codes.9")),
	    RECOVERY_SIZE - 1);
	assert_string_equal(text_at(o, "recovery_codes.10"), "");
	json_object_put(o);
	ask_refused(x, NULL, "login", LOGIN "}", "second-factor");
	free(cookie);
}

static void
each_step_once(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob"), code[TOTP_DIGITS + 1];
	uint8_t secret[TOTP_SECRET];
	struct json_object *o;

	json_object_put(enrol(x, cookie, secret));
	/* Not even the one that confirmed it. */
	ask_refused(x, NULL, "login", login_args(code_of(secret, 0)),
	    "bad-second-factor");
	snprintf(code, sizeof(code), "%s", code_of(secret, 1));
	o = ask_ok(x, NULL, "login", login_args(code));
	assert_string_equal(text_at(o, "session.user.name"), "bob");
	json_object_put(o);
	ask_refused(x, NULL, "login", login_args(code), "bad-second-factor");
	/* Only behind the right password does anybody learn of it. */
	ask_refused(x, NULL, "login", "{\"email\":\"bob@example.org\","
	    "\"password\":\"wrong\"}", "bad-login");
	free(cookie);
}

static void
recovery_codes_are_good_once(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob"), typed[2 * RECOVERY_SIZE];
	uint8_t secret[TOTP_SECRET];
	struct json_object *codes = enrol(x, cookie, secret), *more;

	json_object_put(ask_ok(x, NULL, "login", login_args(text_at(codes,
	    "recovery_codes.0"))));
	ask_refused(x, NULL, "login", login_args(text_at(codes,
	    "recovery_codes.0")), "bad-second-factor");
	/* As people type. */
	snprintf(typed, sizeof(typed), " %s ", text_at(codes,
	    "recovery_codes.1"));
	for (char *p = typed; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	json_object_put(ask_ok(x, NULL, "login", login_args(typed)));
	more = ask_ok(x, cookie, "me-get", NULL);
	assert_int_equal(int_at(more,
	    "me.second_factor.recovery_codes"), RECOVERY_CODES - 2);
	json_object_put(more);
	more = ask_ok(x, cookie, "recovery-make", NULL);
	ask_refused(x, NULL, "login", login_args(text_at(codes,
	    "recovery_codes.2")), "bad-second-factor");
	json_object_put(ask_ok(x, NULL, "login", login_args(text_at(more,
	    "recovery_codes.9"))));
	json_object_put(codes);
	json_object_put(more);
	free(cookie);
}

/* A second factor can not be guessed faster than a password. */
static void
wrong_codes_wait(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	uint8_t secret[TOTP_SECRET];
	struct fault f = { 0 };
	int tries = 0;

	json_object_put(enrol(x, cookie, secret));
	while (f.err != ERR_RATE) {
		struct json_object *o = ask(x, NULL, "login",
		    login_args("000000"));

		f.err = err_from_code(text_at(o, "error.code"));
		assert_true(f.err == ERR_RATE || f.err == ERR_BAD_FACTOR);
		json_object_put(o);
		/* The password alone makes up for nothing. */
		o = ask(x, NULL, "login", LOGIN "}");
		assert_string_equal(text_at(o, "ok.access"), "");
		json_object_put(o);
		tries++;
	}
	assert_in_range(tries, PROOF_FREE + 1, PROOF_FREE + 6);
	free(cookie);
}

static void
confirming_needs_it_too(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob"), args[128];
	uint8_t secret[TOTP_SECRET];

	json_object_put(ask_ok(x, cookie, "session-confirm",
	    "{\"password\":\"" PASSWORD "\"}"));
	json_object_put(enrol(x, cookie, secret));
	ask_refused(x, cookie, "session-confirm",
	    "{\"password\":\"" PASSWORD "\"}", "second-factor");
	ask_refused(x, cookie, "session-confirm", "{\"password\":\""
	    PASSWORD "\",\"otp\":\"000000\"}", "bad-second-factor");
	snprintf(args, sizeof(args), "{\"password\":\"" PASSWORD "\","
	    "\"otp\":\"%s\"}", code_of(secret, 1));
	json_object_put(ask_ok(x, cookie, "session-confirm", args));
	ask_field(x, cookie, "session-confirm", "{}", "password");
	free(cookie);
}

/* Another device instead: the old one is good until the new one is. */
static void
a_new_secret_replaces(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	uint8_t old[TOTP_SECRET], new[TOTP_SECRET];
	struct json_object *begun;

	json_object_put(enrol(x, cookie, old));
	begun = ask_ok(x, cookie, "totp-begin", NULL);
	base32_decode(text_at(begun, "secret"), new);
	json_object_put(begun);
	json_object_put(ask_ok(x, NULL, "login", login_args(code_of(old, 1))));
	json_object_put(ask_ok(x, cookie, "totp-confirm", args_code(code_of(
	    new, 0))));
	ask_refused(x, NULL, "login", login_args(code_of(old, 1)),
	    "bad-second-factor");
	json_object_put(ask_ok(x, NULL, "login", login_args(code_of(new, 1))));
	json_object_put(ask_ok(x, cookie, "totp-remove", NULL));
	json_object_put(ask_ok(x, NULL, "login", LOGIN "}"));
	ask_refused(x, cookie, "totp-remove", NULL, "not-found");
	ask_refused(x, cookie, "recovery-make", NULL, "conflict");
	free(cookie);
}

static void
secrets_are_sealed(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	uint8_t secret[TOTP_SECRET];
	struct json_object *codes = enrol(x, cookie, secret);
	sqlite3_stmt *stmt = db_query(x->db, "SELECT secret FROM totp"
	    " WHERE instr(secret, ?) = 0", "b", secret, sizeof(secret));

	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(sqlite3_column_bytes(stmt, 0), TOTP_SECRET +
	    KEYRING_OVERHEAD);
	db_done(stmt);
	stmt = db_query(x->db, "SELECT count(*), max(length(hash))"
	    " FROM recovery_code", "");
	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(sqlite3_column_int(stmt, 0), RECOVERY_CODES);
	assert_int_equal(sqlite3_column_int(stmt, 1), 32);
	db_done(stmt);
	json_object_put(codes);
	free(cookie);
}

#define REQUIRE "{\"required_for_admins\":true}"

static void
administrators_who_must_have_one(void **state)
{
	struct fixture *x = *state;
	char *ada = fixture_cookie(x, "ada"), *eve;
	char *token = fixture_token(x, ada, "\"scopes\":"
	    "[\"project:read\",\"instance:admin\"]");
	uint8_t secret[TOTP_SECRET];
	struct json_object *o;

	fixture_user(x, "eve", true);
	eve = fixture_cookie(x, "eve");
	ask_refused(x, ada, "second-factor-set", REQUIRE, "conflict");
	json_object_put(enrol(x, eve, secret));
	json_object_put(ask_ok(x, eve, "second-factor-set", REQUIRE));
	/* The one without: enrols, and nothing else. */
	ask_refused(x, ada, "second-factor-get", NULL,
	    "second-factor-required");
	ask_refused(x, ada, "project-list", NULL, "second-factor-required");
	ask_refused(x, token, "second-factor-get", NULL, "forbidden");
	o = ask_ok(x, token, "whoami", NULL);
	assert_string_equal(text_at(o, "session.user.admin"), "false");
	json_object_put(o);
	o = ask_ok(x, NULL, "login", "{\"email\":\"ada@example.org\","
	    "\"password\":\"" PASSWORD "\"}");
	assert_string_equal(text_at(o, "session.enrol"), "true");
	assert_string_equal(text_at(o, "session.user.admin"), "false");
	json_object_put(o);
	json_object_put(enrol(x, ada, secret));
	o = ask_ok(x, ada, "second-factor-get", NULL);
	assert_string_equal(text_at(o, "required_for_admins"), "true");
	json_object_put(o);
	ask_refused(x, ada, "totp-remove", NULL, "conflict");
	json_object_put(ask_ok(x, token, "project-list", NULL));
	json_object_put(ask_ok(x, ada, "second-factor-set",
	    "{\"required_for_admins\":false}"));
	json_object_put(ask_ok(x, ada, "totp-remove", NULL));
	free(ada);
	free(eve);
	free(token);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(window_of_one_step),
		cmocka_unit_test(what_a_qr_code_says),
		WITH(not_in_force_until_confirmed),
		WITH(each_step_once),
		WITH(recovery_codes_are_good_once),
		WITH(wrong_codes_wait),
		WITH(confirming_needs_it_too),
		WITH(a_new_secret_replaces),
		WITH(secrets_are_sealed),
		WITH(administrators_who_must_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
