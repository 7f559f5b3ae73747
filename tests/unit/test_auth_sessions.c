/* SPDX-License-Identifier: ISC */
/* Sessions: refreshing, what a stolen secret does, and ending at once. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/proof.h"
#include "auth/sessions.h"
#include "base/message.h"

#define NOW 1800000000

static struct account account;

static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "bob", false);
	assert_int_equal(account_by_email(x->db, "bob@example.org", &account),
	    0);
	return 0;
}

static struct session_grant
open_session(struct fixture *x)
{
	struct session_from from = { "192.0.2.1", "test", NULL };
	struct session_grant grant;
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_non_null(d);
	assert_int_equal(session_open(d, x->a->refresh_key, &account, &from,
	    NOW, &grant), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	return grant;
}

static enum session_outcome
refresh(struct fixture *x, const char *secret, time_t now,
	struct session_grant *out)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);
	enum session_outcome outcome;
	struct account who;

	assert_non_null(d);
	outcome = session_refresh(d, x->a->refresh_key, secret, now, out,
	    &who);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	return outcome;
}

static void
secrets_change(void **state)
{
	struct fixture *x = *state;
	struct session_grant first = open_session(x), second, third;

	assert_int_equal(first.refresh_expires, NOW + SESSION_IDLE);
	assert_int_equal(refresh(x, first.refresh, NOW + 60, &second),
	    SESSION_REFRESHED);
	assert_string_not_equal(first.refresh, second.refresh);
	assert_string_equal(first.id, second.id);
	assert_int_equal(refresh(x, second.refresh, NOW + 120, &third),
	    SESSION_REFRESHED);
}

/* Two tabs with the same cookie jar: both get the same new secret. */
static void
two_tabs_may_refresh_at_once(void **state)
{
	struct fixture *x = *state;
	struct session_grant first = open_session(x), second, other;

	assert_int_equal(refresh(x, first.refresh, NOW + 60, &second),
	    SESSION_REFRESHED);
	assert_int_equal(refresh(x, first.refresh, NOW + 60 + SESSION_GRACE,
	    &other), SESSION_REFRESHED);
	assert_string_equal(second.refresh, other.refresh);
	assert_int_equal(refresh(x, second.refresh, NOW + 120, &other),
	    SESSION_REFRESHED);
}

static void
reuse_ends_the_session(void **state)
{
	struct fixture *x = *state;
	struct session_grant first = open_session(x), second, other;

	assert_int_equal(refresh(x, first.refresh, NOW + 60, &second),
	    SESSION_REFRESHED);
	assert_int_equal(refresh(x, first.refresh, NOW + 61 + SESSION_GRACE,
	    &other), SESSION_REUSED);
	/* For the thief and for the owner. */
	assert_int_equal(refresh(x, second.refresh, NOW + 120, &other),
	    SESSION_ENDED);
}

static void
older_than_the_last_is_reuse_too(void **state)
{
	struct fixture *x = *state;
	struct session_grant first = open_session(x), second, other;

	refresh(x, first.refresh, NOW + 1, &second);
	refresh(x, second.refresh, NOW + 2, &other);
	assert_int_equal(refresh(x, first.refresh, NOW + 3, &other),
	    SESSION_REUSED);
}

/* What was never ours ends nothing: knowing an id is no weapon. */
static void
forged_secrets_change_nothing(void **state)
{
	struct fixture *x = *state;
	struct session_grant first = open_session(x), out;
	char forged[REFRESH_SIZE];
	size_t len = strlen(first.refresh);

	for (size_t i = 0; i < len; i++) {
		memcpy(forged, first.refresh, sizeof(forged));
		forged[i] = forged[i] == '7' ? '8' : '7';
		assert_int_equal(refresh(x, forged, NOW + 60, &out),
		    SESSION_UNKNOWN);
	}
	assert_int_equal(refresh(x, "", NOW, &out), SESSION_UNKNOWN);
	assert_int_equal(refresh(x, "mmr_", NOW, &out), SESSION_UNKNOWN);
	assert_int_equal(refresh(x, first.refresh, NOW + 60, &out),
	    SESSION_REFRESHED);
}

static void
idle_and_absolute_ends(void **state)
{
	struct fixture *x = *state;
	struct session_grant idle = open_session(x), grant = open_session(x);
	time_t now = NOW;

	assert_int_equal(refresh(x, idle.refresh, NOW + SESSION_IDLE + 1,
	    &idle), SESSION_ENDED);
	while (now + SESSION_IDLE < NOW + SESSION_LONGEST) {
		now += SESSION_IDLE;
		assert_int_equal(refresh(x, grant.refresh, now, &grant),
		    SESSION_REFRESHED);
	}
	assert_int_equal(grant.refresh_expires, NOW + SESSION_LONGEST);
	assert_int_equal(refresh(x, grant.refresh, NOW + SESSION_LONGEST,
	    &grant), SESSION_ENDED);
}

static void
logout_acts_at_once(void **state)
{
	struct fixture *x = *state;
	char *one = fixture_cookie(x, "bob"), *two = fixture_cookie(x, "bob");
	int64_t before = store_revision(x->db);

	json_object_put(ask_ok(x, one, "logout", NULL));
	ask_refused(x, one, "whoami", NULL, "unauthenticated");
	json_object_put(ask_ok(x, two, "whoami", NULL));
	assert_true(store_revision(x->db) > before);
	free(one);
	free(two);
}

static void
new_password_ends_all(void **state)
{
	struct fixture *x = *state;
	struct session_grant grant = open_session(x);
	char *cookie = fixture_cookie(x, "bob");
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(account_password(d, account.id, x->hash), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	ask_refused(x, cookie, "whoami", NULL, "unauthenticated");
	assert_int_equal(refresh(x, grant.refresh, NOW + 1, &grant),
	    SESSION_UNKNOWN);
	free(cookie);
}

/* The generation alone ends tokens, were their session still there. */
static void
generation_and_disabling_end(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "bob");
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	db_run(d, "UPDATE account SET generation = generation + 1", "");
	database_write_end(x->a->store, 0, &f);
	ask_refused(x, cookie, "whoami", NULL, "unauthenticated");
	free(cookie);
	cookie = fixture_cookie(x, "bob");
	json_object_put(ask_ok(x, cookie, "whoami", NULL));
	d = database_write_begin(x->a->store, &f);
	db_run(d, "UPDATE account SET disabled = 1", "");
	database_write_end(x->a->store, 0, &f);
	ask_refused(x, cookie, "whoami", NULL, "unauthenticated");
	/* Only who knows the password learns why. */
	ask_refused(x, NULL, "login", "{\"email\":\"bob@example.org\","
	    "\"password\":\"" PASSWORD "\"}", "forbidden");
	ask_refused(x, NULL, "login", "{\"email\":\"bob@example.org\","
	    "\"password\":\"wrong horse\"}", "bad-login");
	free(cookie);
}

static void
rotate(struct fixture *x)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(signing_rotate(d, &x->a->keyring, time(NULL)), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
}

static void
keys_rotate(void **state)
{
	struct fixture *x = *state;
	char *old = fixture_cookie(x, "bob"), *new;

	json_object_put(ask_ok(x, old, "whoami", NULL));
	rotate(x);
	json_object_put(ask_ok(x, old, "whoami", NULL));
	new = fixture_cookie(x, "bob");
	json_object_put(ask_ok(x, new, "whoami", NULL));
	/* Twice: the oldest is gone at once, cached or not. */
	rotate(x);
	ask_refused(x, old, "whoami", NULL, "unauthenticated");
	json_object_put(ask_ok(x, new, "whoami", NULL));
	free(old);
	free(new);
}

static int64_t
keys_count(struct fixture *x, const char *sql)
{
	return db_number(db_query(x->db, sql, ""), -1);
}

#define KEYS "SELECT count(*) FROM signing_key"

static void
tend(struct fixture *x, const char *first)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(db_run(d, first, ""), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	assert_int_equal(authority_tend(x->a, &f), 0);
}

/* The next key is there before it signs, and is the one that signs next. */
static void
the_next_key_waits(void **state)
{
	struct fixture *x = *state;
	sqlite3_stmt *stmt;
	char next[32];

	assert_int_equal(keys_count(x, KEYS), 2);
	stmt = db_query(x->db, "SELECT kid FROM signing_key"
	    " WHERE activated IS NULL", "");
	assert_int_equal(db_step(stmt), 1);
	db_copy(stmt, 0, next, sizeof(next));
	db_done(stmt);
	rotate(x);
	assert_int_equal(keys_count(x, KEYS), 3);
	stmt = db_query(x->db, "SELECT 1 FROM signing_key WHERE kid = ?"
	    " AND activated IS NOT NULL AND retired IS NULL", "t", next);
	assert_int_equal(db_step(stmt), 1);
	db_done(stmt);
	rotate(x);
	assert_int_equal(keys_count(x, KEYS), 3);
}

/* By the clock alone, with nobody signing in. */
static void
keys_rotate_when_they_are_old(void **state)
{
	struct fixture *x = *state;
	char *old = fixture_cookie(x, "bob"), *new;

	tend(x, "SELECT 1");
	assert_int_equal(keys_count(x, KEYS), 2);
	assert_int_equal(audit_rows(x, "keys-rotate", NULL, NULL, NULL), 0);
	tend(x, "UPDATE signing_key SET activated = activated - 31 * 86400");
	assert_int_equal(audit_rows(x, "keys-rotate", "ok", NULL,
	    "by the clock"), 1);
	assert_int_equal(keys_count(x, KEYS " WHERE retired IS NOT NULL"), 1);
	assert_int_equal(keys_count(x, KEYS), 3);
	json_object_put(ask_ok(x, old, "whoami", NULL));
	new = fixture_cookie(x, "bob");
	/* What the previous one signed has expired long before it goes. */
	tend(x, "UPDATE signing_key SET retired = retired - 3600");
	assert_int_equal(keys_count(x, KEYS), 2);
	ask_refused(x, old, "whoami", NULL, "unauthenticated");
	json_object_put(ask_ok(x, new, "whoami", NULL));
	free(old);
	free(new);
}

/* A database of before there was a next key gets one. */
static void
the_next_key_is_made_where_it_lacks(void **state)
{
	struct fixture *x = *state;

	tend(x, "DELETE FROM signing_key WHERE activated IS NULL");
	assert_int_equal(keys_count(x, KEYS), 2);
	tend(x, "DELETE FROM signing_key WHERE activated IS NULL");
	rotate(x);
	assert_int_equal(keys_count(x, KEYS), 3);
}

/* Reads stay reads: a use is written every few minutes, and shown. */
static void
last_use_of_a_session(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	struct json_object *list;

	tend(x, "UPDATE session SET last_used = 1000, last_used_from = 'far'");
	json_object_put(ask_ok(x, bob, "whoami", NULL));
	list = ask_ok(x, bob, "session-list", NULL);
	assert_true(int_at(list, "items.0.last_used") >= time(NULL) - 60);
	assert_string_equal(text_at(list, "items.0.last_used_from"),
	    "192.0.2.1");
	json_object_put(list);
	assert_int_equal(keys_count(x, "SELECT count(*) FROM account"
	    " WHERE last_seen > 1000"), 1);
	tend(x, "UPDATE session SET last_used_from = 'near'");
	json_object_put(ask_ok(x, bob, "whoami", NULL));
	list = ask_ok(x, bob, "session-list", NULL);
	assert_string_equal(text_at(list, "items.0.last_used_from"), "near");
	json_object_put(list);
	free(bob);
}

/* Who signs in all the time sees the newest, and where they are. */
static void
many_sessions_are_listed(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	struct json_object *list;

	tend(x, "INSERT INTO session (id, user_id, salt, counter, rotated,"
	    " created, expires, address, user_agent, method)"
	    " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 1000) SELECT 'one of many ' || i, user_id, salt,"
	    " counter, rotated, created + 1, expires, address,"
	    " hex(zeroblob(127)), method FROM session, n");
	list = ask_ok(x, bob, "session-list", NULL);
	assert_string_equal(text_at(list, "items.0.current"), "true");
	assert_int_equal(json_object_array_length(json_member(list, "items",
	    json_type_array)), SESSIONS_LISTED);
	assert_true(strlen(json_object_to_json_string(list)) < MESSAGE_MAX);
	json_object_put(list);
	free(bob);
}

static void
age_proofs(struct fixture *x)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	db_run(d, "UPDATE session SET proved = proved - ?", "i",
	    (int64_t)PROOF_SECONDS);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
}

#define NEW_TOKEN "{\"name\":\"x\",\"scopes\":[\"unikernel:read\"]," \
	"\"expires_in\":60}"

static void
power_is_given_to_who_proved_who_they_are(void **state)
{
	struct fixture *x = *state;
	char *one = fixture_cookie(x, "bob"), *two = fixture_cookie(x, "bob");
	struct json_object *o;

	json_object_put(ask_ok(x, one, "token-create", NEW_TOKEN));
	age_proofs(x);
	ask_refused(x, one, "token-create", NEW_TOKEN, "confirmation-needed");
	json_object_put(ask_ok(x, one, "token-list", NULL));
	ask_field(x, one, "session-confirm", "{\"password\":\"wrong\"}",
	    "password");
	ask_refused(x, one, "token-create", NEW_TOKEN, "confirmation-needed");
	o = ask_ok(x, one, "session-confirm",
	    "{\"password\":\"" PASSWORD "\"}");
	assert_true(int_at(o, "session.proved") >= time(NULL) - 5);
	json_object_put(o);
	json_object_put(ask_ok(x, one, "token-create", NEW_TOKEN));
	/* That session alone. */
	ask_refused(x, two, "token-create", NEW_TOKEN, "confirmation-needed");
	free(one);
	free(two);
}

#define NEW_PASSWORD "{\"current\":\"" PASSWORD "\"," \
	"\"password\":\"" PASSWORD "\"}"

/* It asks for the password alone, which may not be all that proves it. */
static void
a_new_password_proves_nothing(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *renewed;
	struct json_object *o;

	age_proofs(x);
	o = ask_ok(x, bob, "me-password", NEW_PASSWORD);
	renewed = strdup(text_at(o, "access"));
	json_object_put(o);
	ask_refused(x, renewed, "token-create", NEW_TOKEN,
	    "confirmation-needed");
	free(renewed);
	free(bob);
}

/* Nor does it let anybody guess on at the second factor. */
static void
a_new_password_forgets_no_failures(void **state)
{
	struct fixture *x = *state;
	struct backoff_count count = { .free = PROOF_FREE - 2 };
	char *bob = fixture_cookie(x, "bob");
	struct json_object *o;
	time_t now;

	for (int i = 0; i < PROOF_FREE - 1; i++)
		ask_field(x, bob, "session-confirm",
		    "{\"password\":\"wrong\"}", "password");
	o = ask_ok(x, bob, "session-list", NULL);
	snprintf(count.who, sizeof(count.who), "session %s",
	    text_at(o, "items.0.id"));
	json_object_put(o);
	json_object_put(ask_ok(x, bob, "me-password", NEW_PASSWORD));
	/* One more that would not make anybody wait, were it the first. */
	now = time(NULL);
	assert_int_equal(backoff_try(&x->a->backoff, &count, 1, now), 0);
	assert_true(backoff_wait(&x->a->backoff, &count, 1, now) > 0);
	free(bob);
}

/* Nor does whoever has the cookie guess on, nor is the owner kept out. */
static void
confirming_waits_after_failures(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	const char *code = "";
	int tries = 0;

	while (strcmp(code, "too-many-requests") != 0) {
		struct json_object *o = ask(x, bob, "session-confirm",
		    "{\"password\":\"wrong\"}");

		code = strcmp(text_at(o, "error.code"), "invalid-input") == 0 ?
		    "invalid-input" : "too-many-requests";
		assert_string_equal(text_at(o, "error.code"), code);
		json_object_put(o);
		assert_in_range(++tries, 1, PROOF_FREE + 6);
	}
	json_object_put(ask_ok(x, NULL, "login", "{\"email\":"
	    "\"bob@example.org\",\"password\":\"" PASSWORD "\"}"));
	free(bob);
}

static void
login_and_refresh_as_asked(void **state)
{
	struct fixture *x = *state;
	struct json_object *in, *again;
	char args[256];

	in = ask_ok(x, NULL, "login", "{\"email\":\"BOB@example.org\","
	    "\"password\":\"" PASSWORD "\"}");
	assert_string_equal(text_at(in, "session.user.name"), "bob");
	assert_string_equal(text_at(in, "session.via"), "session");
	assert_string_equal(text_at(in, "session.projects.0.name"), "bob");
	assert_string_equal(text_at(in, "session.projects.0.role"), "owner");
	snprintf(args, sizeof(args), "{\"refresh\":\"%s\"}",
	    text_at(in, "refresh"));
	again = ask_ok(x, NULL, "refresh", args);
	json_object_put(ask_ok(x, text_at(again, "access"), "whoami", NULL));
	ask_refused(x, NULL, "refresh", "{\"refresh\":\"mmr_x\"}",
	    "unauthenticated");
	json_object_put(in);
	json_object_put(again);
}

/* Whether the account is there or not. */
static void
failed_logins_wait(void **state)
{
	struct fixture *x = *state;
	static const char *const wrong[] = {
		"{\"email\":\"bob@example.org\",\"password\":\"wrong\"}",
		"{\"email\":\"nobody@example.org\",\"password\":\"wrong\"}",
	};

	for (size_t i = 0; i < 2; i++) {
		const char *code = "";
		int tries = 0;

		while (strcmp(code, "too-many-requests") != 0) {
			struct json_object *o = ask(x, NULL, "login",
			    wrong[i]);

			code = strcmp(text_at(o, "error.code"), "bad-login") ==
			    0 ? "bad-login" : "too-many-requests";
			assert_string_equal(text_at(o, "error.code"), code);
			json_object_put(o);
			tries++;
		}
		/* A slow machine sits out the first waits by being slow. */
		assert_in_range(tries, PROOF_FREE + 1, PROOF_FREE + 6);
	}
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH(secrets_change),
		WITH(two_tabs_may_refresh_at_once),
		WITH(reuse_ends_the_session),
		WITH(older_than_the_last_is_reuse_too),
		WITH(forged_secrets_change_nothing),
		WITH(idle_and_absolute_ends),
		WITH(logout_acts_at_once),
		WITH(new_password_ends_all),
		WITH(generation_and_disabling_end),
		WITH(keys_rotate),
		WITH(the_next_key_waits),
		WITH(keys_rotate_when_they_are_old),
		WITH(the_next_key_is_made_where_it_lacks),
		WITH(last_use_of_a_session),
		WITH(many_sessions_are_listed),
		WITH(power_is_given_to_who_proved_who_they_are),
		WITH(a_new_password_proves_nothing),
		WITH(a_new_password_forgets_no_failures),
		WITH(confirming_waits_after_failures),
		WITH(login_and_refresh_as_asked),
		WITH(failed_logins_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
