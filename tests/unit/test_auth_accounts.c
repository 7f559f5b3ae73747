/* SPDX-License-Identifier: ISC */
/*
 * People: registering without telling who is known, links that are good once,
 * invitations, new passwords, and what administrators may do with others.
 */
#include "config.h"

#include "auth_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/factors.h"
#include "auth/invitations.h"
#include "auth/links.h"

/* The text at a path of what an op answers; for a while. */
static const char *
said(struct fixture *x, const char *who, const char *op, const char *args,
	const char *path)
{
	struct json_object *o = ask_ok(x, who, op, args);
	const char *out = text("%s", text_at(o, path));

	json_object_put(o);
	return out;
}

static void
done(struct fixture *x, const char *who, const char *op, const char *args)
{
	json_object_put(ask_ok(x, who, op, args));
}

static void
sql(struct fixture *x, const char *statement)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_non_null(d);
	assert_int_equal(db_run(d, statement, ""), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
}

static int64_t
number(struct fixture *x, const char *query)
{
	return db_number(db_query(x->db, query, ""), -1);
}

static const char *
user_id(struct fixture *x, const char *name)
{
	sqlite3_stmt *stmt = db_query(x->db, "SELECT id FROM account"
	    " WHERE name = ?", "t", name);
	const char *out;

	assert_int_equal(db_step(stmt), 1);
	out = text("%s", db_text(stmt, 0));
	db_done(stmt);
	return out;
}

/* {"id": of NAME, ...} */
static const char *
about(struct fixture *x, const char *name, const char *more)
{
	return text("{\"id\":\"%s\"%s}", user_id(x, name), more);
}

static void
registration(struct fixture *x, const char *root, const char *settings)
{
	done(x, root, "registration-set", text("{\"registration\":%s}",
	    settings));
}

/* An administrator, signed in, and registration as told; owned. */
static char *
root_with(struct fixture *x, const char *settings)
{
	char *root;

	fixture_user(x, "root", true);
	root = fixture_cookie(x, "root");
	registration(x, root, settings);
	return root;
}

#define OPEN "{\"mode\":\"open\",\"approval\":false}"
#define MAIL ",\"mail\":true"

static const char *
comer(const char *email, const char *name, const char *more)
{
	return text("{\"email\":\"%s\",\"name\":\"%s\",\"password\":\""
	    PASSWORD "\"%s}", email, name, more);
}

static const char *
secret(const char *link, const char *more)
{
	return text("{\"secret\":\"%s\"%s}", link, more);
}

static void
login_is(struct fixture *x, const char *email, const char *password,
	const char *code)
{
	const char *args = text("{\"email\":\"%s\",\"password\":\"%s\"}",
	    email, password);

	if (code == NULL)
		done(x, NULL, "login", args);
	else
		ask_refused(x, NULL, "login", args, code);
}

/* ---- registering ---- */

static void
settings_decide_who_may_register(void **state)
{
	struct fixture *x = *state;
	char *root;

	/* Nobody decided: by invitation. */
	ask_refused(x, NULL, "register", comer("a@b.org", "a", MAIL),
	    "forbidden");
	root = root_with(x, "{\"mode\":\"closed\",\"approval\":false}");
	ask_refused(x, NULL, "register", comer("a@b.org", "a", MAIL),
	    "forbidden");
	ask_refused(x, root, "invitation-add", "{\"expires_in\":600}",
	    "conflict");
	registration(x, root, "{\"mode\":\"open\",\"approval\":true,"
	    "\"domains\":[\"Example.ORG\",\"b.org\"]}");
	ask_field(x, NULL, "register", comer("a@evil.b.org", "a", MAIL),
	    "email");
	assert_string_equal(said(x, NULL, "register", comer("A@B.org", "a",
	    MAIL), "next"), "verify");
	ask_field(x, root, "registration-set",
	    "{\"registration\":{\"mode\":\"any\",\"approval\":true}}", "mode");
	ask_field(x, root, "registration-set", "{\"registration\":{\"mode\":"
	    "\"open\",\"approval\":true,\"domains\":[\"@b.org\"]}}",
	    "domains[0]");
	assert_string_equal(said(x, root, "registration-get", NULL,
	    "registration.domains.0"), "example.org");
	assert_string_equal(said(x, NULL, "registration", NULL,
	    "registration"), "open");
	free(root);
}

static void
who_registers_gives_what_is_needed(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);

	ask_field(x, NULL, "register", comer("nobody", "a", MAIL), "email");
	ask_field(x, NULL, "register", comer("a@b.org", "-a", MAIL), "name");
	ask_field(x, NULL, "register", "{\"email\":\"a@b.org\",\"name\":"
	    "\"a\",\"password\":\"short\",\"mail\":true}", "password");
	ask_field(x, NULL, "register", comer("a@b.org", "a",
	    ",\"display_name\":\"a\\u0007b\"" MAIL), "display_name");
	ask_field(x, NULL, "register", comer("a@b.org", "root", MAIL),
	    "name");
	free(root);
}

/* The same words, whether the address is known or not; and the same names. */
static void
known_addresses_show_in_nothing(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);
	static const char *const emails[] = { "new@example.org",
		"bob@example.org" };
	int64_t people;

	fixture_user(x, "bob", false);
	people = number(x, "SELECT count(*) FROM account");
	for (int i = 0; i < 2; i++) {
		const char *email = emails[i];
		const char *one = i == 0 ? "one" : "uno";
		const char *two = i == 0 ? "two" : "duo";

		assert_string_equal(said(x, NULL, "register", comer(email,
		    one, MAIL), "next"), "verify");
		/* The name is taken now, */
		ask_field(x, NULL, "register", comer("x@example.org", one,
		    MAIL), "name");
		/* not for the same address, */
		done(x, NULL, "register", comer(email, one, MAIL));
		/* and free again when it asks for another. */
		done(x, NULL, "register", comer(email, two, MAIL));
		assert_string_equal(said(x, NULL, "register", comer(
		    "x@example.org", one, MAIL), "letter"), "verify");
		ask_refused(x, NULL, "register", comer("y@example.org",
		    two, MAIL), "conflict");
		ask_refused(x, NULL, "login", text("{\"email\":\"%s\","
		    "\"password\":\"wrong horse\"}", email), "bad-login");
	}
	/* new and x; nothing happened to bob. */
	assert_int_equal(number(x, "SELECT count(*) FROM account"),
	    people + 2);
	login_is(x, "bob@example.org", PASSWORD, NULL);
	/* What nobody opened goes, and so do the names. */
	sql(x, "UPDATE account SET created = 1 WHERE verified = 0");
	sql(x, "UPDATE name_hold SET expires = 1");
	done(x, NULL, "register", comer("z@example.org", "duo", MAIL));
	assert_int_equal(number(x, "SELECT count(*) FROM account"),
	    people + 1);
	free(root);
}

static void
mails_to_one_address_are_spaced(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);
	int n = 0;

	fixture_user(x, "bob", false);
	for (int i = 0; i < 12; i++) {
		struct json_object *o = ask_ok(x, NULL, "reset-start",
		    "{\"email\":\"bob@example.org\"}");

		n += strcmp(text_at(o, "letter"), "reset") == 0;
		json_object_put(o);
	}
	assert_in_range(n, 5, 8);
	/* Those that were sent are good all the same. */
	assert_int_equal(number(x, "SELECT count(*) FROM mail_link"), n);
	ask_refused(x, NULL, "register", comer("bob@example.org", "b", MAIL),
	    "too-many-requests");
	/* For somebody who is not known it is the same. */
	for (int i = 0; i < 12; i++)
		done(x, NULL, "reset-start",
		    "{\"email\":\"new@example.org\"}");
	ask_refused(x, NULL, "register", comer("new@example.org", "b", MAIL),
	    "too-many-requests");
	free(root);
}

static void
who_is_not_verified_or_approved_stays_out(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, "{\"mode\":\"open\",\"approval\":true}");
	const char *link = said(x, NULL, "register", comer("new@example.org",
	    "new", MAIL), "secret");

	login_is(x, "new@example.org", PASSWORD, "mail-not-verified");
	login_is(x, "new@example.org", "wrong horse", "bad-login");
	assert_int_equal(number(x, "SELECT count(*) FROM project"
	    " WHERE name = 'new'"), 0);
	ask_field(x, root, "project-add", "{\"name\":\"new\"}", "name");
	assert_string_equal(said(x, NULL, "verify", secret(link, ""), "next"),
	    "approval");
	login_is(x, "new@example.org", PASSWORD, "not-approved");
	login_is(x, "new@example.org", "wrong horse", "bad-login");
	assert_string_equal(said(x, root, "user-list", "{\"limit\":10,"
	    "\"state\":\"pending\"}", "items.0.name"), "new");
	ask_field(x, root, "user-set", about(x, "new",
	    ",\"approved\":false"), "approved");
	assert_string_equal(said(x, root, "user-set", about(x, "new",
	    ",\"approved\":true"), "user.state"), "active");
	login_is(x, "new@example.org", PASSWORD, NULL);
	assert_int_equal(number(x, "SELECT count(*) FROM project"
	    " WHERE name = 'new' AND personal = 1"), 1);
	free(root);
}

/* How many administrators are to be told now. */
static int
due(struct fixture *x)
{
	struct json_object *o = ask_ok(x, NULL, "approval-due", NULL);
	int n = (int)json_object_array_length(json_object_object_get(o, "to"));

	json_object_put(o);
	return n;
}

static void
comes(struct fixture *x, const char *name)
{
	const char *email = text("%s@example.org", name);
	const char *link = said(x, NULL, "register", comer(email, name, MAIL),
		"secret");

	done(x, NULL, "verify", secret(link, ""));
}

static void
who_waits_is_told_of_once_and_not_often(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, "{\"mode\":\"open\",\"approval\":true}");

	fixture_user(x, "second", true);
	fixture_user(x, "away", true);
	sql(x, "UPDATE account SET disabled = 1 WHERE name = 'away'");
	assert_int_equal(due(x), 0);
	comes(x, "one");
	assert_int_equal(due(x), 2);
	done(x, NULL, "approval-told", "{}");
	comes(x, "two");
	assert_int_equal(due(x), 0);
	/* An hour later. */
	sql(x, "UPDATE setting SET body = '{\"at\":1}'"
	    " WHERE name = 'approval-told'");
	assert_string_equal(said(x, NULL, "approval-due", "{}", "to.0.email"),
	    "root@example.org");
	assert_int_equal(due(x), 2);
	done(x, root, "user-set", about(x, "two", ",\"approved\":true"));
	/* The other one was told of. */
	assert_int_equal(due(x), 0);
	free(root);
}

static void
without_mail_nothing_is_verified(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);

	assert_string_equal(said(x, NULL, "register", comer("new@example.org",
	    "new", ",\"mail\":false"), "next"), "sign-in");
	login_is(x, "new@example.org", PASSWORD, NULL);
	free(root);
}

/* ---- links ---- */

struct racer {
	struct fixture *x;
	struct db *db;
	const char *op, *args, *who;
	bool won;
};

static void *
race_run(void *arg)
{
	struct racer *r = arg;
	struct json_object *message = json_object_new_object(), *answer, *o;

	json_add_str(message, "op", r->op);
	json_object_object_add(message, "args",
	    json_tokener_parse(r->args));
	if (r->who != NULL)
		json_add_str(message, "cookie", r->who);
	answer = ops_answer(r->x->a, r->db, message);
	r->won = json_object_object_get_ex(answer, "ok", &o);
	json_object_put(answer);
	json_object_put(message);
	return NULL;
}

/* How many of n that run at the same time succeed. */
static int
race(struct racer *racers, int n)
{
	pthread_t threads[8];
	int won = 0;

	assert_true(n <= 8);
	for (int i = 0; i < n; i++) {
		racers[i].db = database_reader(racers[i].x->a->store);
		assert_int_equal(pthread_create(&threads[i], NULL, race_run,
		    &racers[i]), 0);
	}
	for (int i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		db_close(racers[i].db);
		won += racers[i].won;
	}
	return won;
}

static void
a_link_is_good_once(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);
	const char *link = said(x, NULL, "register", comer("new@example.org",
	    "new", MAIL), "secret");
	struct racer racers[6];

	ask_refused(x, NULL, "verify", secret("mml_x", ""), "link-over");
	for (int i = 0; i < 6; i++)
		racers[i] = (struct racer){ .x = x, .op = "verify",
			.args = secret(link, "") };
	assert_int_equal(race(racers, 6), 1);
	ask_refused(x, NULL, "verify", secret(link, ""), "link-over");
	free(root);
}

static void
a_link_is_good_for_one_thing_and_a_while(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);
	const char *link = said(x, NULL, "register", comer("new@example.org",
	    "new", MAIL), "secret");
	const char *password = ",\"password\":\"" PASSWORD "2\"";
	const char *again;

	ask_refused(x, NULL, "reset-confirm", secret(link, password),
	    "link-over");
	again = said(x, NULL, "verify-again",
	    "{\"email\":\"new@example.org\"}", "secret");
	sql(x, "UPDATE mail_link SET expires = 1");
	ask_refused(x, NULL, "verify", secret(again, ""), "link-over");
	again = said(x, NULL, "verify-again",
	    "{\"email\":\"new@example.org\"}", "secret");
	done(x, NULL, "verify", secret(again, ""));
	/* Nothing is sent to who needs it no more, or is not known. */
	assert_string_equal(said(x, NULL, "verify-again",
	    "{\"email\":\"new@example.org\"}", "letter"), "");
	assert_string_equal(said(x, NULL, "verify-again",
	    "{\"email\":\"un@example.org\"}", "letter"), "");
	link = said(x, NULL, "reset-start", "{\"email\":\"new@example.org\"}",
	    "secret");
	ask_refused(x, NULL, "verify", secret(link, ""), "link-over");
	free(root);
}

static void
registering_again_begins_anew(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);
	const char *first = said(x, NULL, "register", comer("new@example.org",
	    "stranger", MAIL), "secret");
	const char *second = said(x, NULL, "register", comer(
	    "new@example.org", "new", MAIL), "secret");

	ask_refused(x, NULL, "verify", secret(first, ""), "link-over");
	done(x, NULL, "verify", secret(second, ""));
	assert_int_equal(number(x, "SELECT count(*) FROM account"
	    " WHERE name = 'stranger'"), 0);
	free(root);
}

/* Who was turned away does not come in by asking once more. */
static void
who_is_disabled_begins_nothing_anew(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);

	done(x, NULL, "register", comer("new@example.org", "new", MAIL));
	done(x, root, "user-set", about(x, "new", ",\"disabled\":true"));
	done(x, NULL, "register", comer("new@example.org", "again", MAIL));
	assert_int_equal(number(x, "SELECT count(*) FROM account"
	    " WHERE name = 'new' AND disabled = 1"), 1);
	assert_int_equal(number(x, "SELECT count(*) FROM account"
	    " WHERE name = 'again'"), 0);
	free(root);
}

static const char *
address_link(struct fixture *x, const char *name, const char *email)
{
	char link[TOKEN_LENGTH + 1];
	struct fault f = { 0 };
	time_t expires;
	const char *id = user_id(x, name);
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(database_write_end(x->a->store, link_make(d,
	    LINK_ADDRESS, id, email, time(NULL), link, &expires), &f), 0);
	return text("%s", link);
}

static void
an_address_changes_by_its_link(void **state)
{
	struct fixture *x = *state;
	const char *link, *taken, *old;

	fixture_user(x, "bob", false);
	fixture_user(x, "eve", false);
	old = said(x, NULL, "reset-start", "{\"email\":\"bob@example.org\"}",
	    "secret");
	taken = address_link(x, "bob", "eve@example.org");
	ask_refused(x, NULL, "verify", secret(taken, ""), "conflict");
	link = address_link(x, "bob", "robert@example.org");
	assert_string_equal(said(x, NULL, "verify", secret(link, ""),
	    "email"), "robert@example.org");
	login_is(x, "robert@example.org", PASSWORD, NULL);
	login_is(x, "bob@example.org", PASSWORD, "bad-login");
	ask_refused(x, NULL, "verify", secret(taken, ""), "link-over");
	/* What lies in the old mailbox opens nothing. */
	ask_refused(x, NULL, "reset-confirm", secret(old,
	    ",\"password\":\"" PASSWORD "2\""), "link-over");
}

/* Whoever registered with it first, without showing that it is theirs. */
static void
nobody_sits_on_an_address(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, OPEN);
	const char *link;

	fixture_user(x, "bob", false);
	done(x, NULL, "register", comer("robert@example.org", "stranger",
	    MAIL));
	link = address_link(x, "bob", "robert@example.org");
	done(x, NULL, "verify", secret(link, ""));
	login_is(x, "robert@example.org", PASSWORD, NULL);
	assert_int_equal(number(x, "SELECT count(*) FROM account"
	    " WHERE name = 'stranger'"), 0);
	free(root);
}

/* ---- invitations ---- */

static const char *
invite(struct fixture *x, const char *who, const char *more)
{
	return said(x, who, "invitation-add", text("{\"expires_in\":600%s}",
	    more), "secret");
}

static void
administrators_and_owners_invite(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, "{\"mode\":\"invitation\","
	    "\"approval\":true}");
	char *bob;
	const char *link, *by_bob;

	fixture_user(x, "bob", false);
	fixture_user(x, "eve", false);
	bob = fixture_cookie(x, "bob");
	ask_refused(x, bob, "invitation-add", "{\"expires_in\":600}",
	    "forbidden");
	ask_refused(x, bob, "invitation-add", "{\"expires_in\":600,"
	    "\"project\":\"eve\"}", "not-found");
	ask_refused(x, bob, "invitation-list", NULL, "forbidden");
	ask_field(x, root, "invitation-add", "{\"expires_in\":600,"
	    "\"role\":\"viewer\"}", "role");
	by_bob = invite(x, bob, ",\"project\":\"bob\","
	    "\"role\":\"deployer\"");
	link = invite(x, root, ",\"email\":\"New@example.org\"");
	assert_string_equal(said(x, bob, "invitation-list",
	    "{\"project\":\"bob\"}", "items.0.role"), "deployer");
	assert_string_equal(said(x, NULL, "invitation-look", secret(by_bob,
	    ""), "invitation.invited_by"), "bob");
	ask_field(x, NULL, "register", comer("other@example.org", "new",
	    text(",\"invitation\":\"%s\"" MAIL, link)), "email");
	/* Invited by an administrator: approved. */
	assert_string_equal(said(x, NULL, "verify", secret(said(x, NULL,
	    "register", comer("new@example.org", "new", text(
	    ",\"invitation\":\"%s\"" MAIL, link)), "secret"), ""), "next"),
	    "sign-in");
	ask_refused(x, NULL, "invitation-look", secret(link, ""),
	    "link-over");
	/* By somebody else: into the project, and to be approved. */
	assert_string_equal(said(x, NULL, "verify", secret(said(x, NULL,
	    "register", comer("two@example.org", "two", text(
	    ",\"invitation\":\"%s\"" MAIL, by_bob)), "secret"), ""), "next"),
	    "approval");
	assert_int_equal(number(x, "SELECT count(*) FROM member m JOIN account"
	    " a ON a.id = m.user_id WHERE a.name = 'two'"
	    " AND m.role = 'deployer'"), 1);
	free(bob);
	free(root);
}

/* Who owns a project takes no room from others, and floods nobody. */
static void
owners_invite_a_few(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, "{\"mode\":\"invitation\","
	    "\"approval\":true}"), *bob;
	const char *one = ",\"project\":\"bob\"";
	bool waits = false;

	fixture_user(x, "bob", false);
	bob = fixture_cookie(x, "bob");
	for (int i = 0; i < INVITATIONS_OWN; i++)
		invite(x, bob, one);
	ask_refused(x, bob, "invitation-add", text("{\"expires_in\":600%s}",
	    one), "conflict");
	invite(x, root, "");
	for (int i = 0; !waits && i < INVITATIONS_OWN + 6; i++) {
		struct json_object *o;

		sql(x, "DELETE FROM invitation");
		o = ask(x, bob, "invitation-add", text("{\"expires_in\":600,"
		    "\"email\":\"%d@example.org\"%s}", i, one));
		waits = strcmp(text_at(o, "error.code"),
		    "too-many-requests") == 0;
		json_object_put(o);
	}
	assert_true(waits);
	free(bob);
	free(root);
}

/* Several may come by one link; the first who is verified used it up. */
static void
an_invitation_is_used_up_once(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, "{\"mode\":\"invitation\","
	    "\"approval\":true}");
	const char *link = invite(x, root, "");
	const char *with = text(",\"invitation\":\"%s\"" MAIL, link);
	const char *one, *two;

	one = said(x, NULL, "register", comer("one@example.org", "one", with),
	    "secret");
	two = said(x, NULL, "register", comer("two@example.org", "two", with),
	    "secret");
	struct racer racers[2] = {
		{ .x = x, .op = "verify", .args = secret(one, "") },
		{ .x = x, .op = "verify", .args = secret(two, "") },
	};

	assert_int_equal(race(racers, 2), 1);
	assert_int_equal(number(x, "SELECT count(*) FROM account"), 2);
	ask_refused(x, NULL, "register", comer("three@example.org", "three",
	    with), "link-over");
	free(root);
}

static void
an_invitation_ends(void **state)
{
	struct fixture *x = *state;
	char *root = root_with(x, "{\"mode\":\"invitation\","
	    "\"approval\":true}");
	const char *link, *with, *mail, *id;
	char *bob;

	fixture_user(x, "bob", true);
	bob = fixture_cookie(x, "bob");
	/* Who gave it is no administrator any more. */
	link = invite(x, bob, "");
	with = text(",\"invitation\":\"%s\"" MAIL, link);
	mail = said(x, NULL, "register", comer("one@example.org", "one",
	    with), "secret");
	done(x, root, "user-set", about(x, "bob", ",\"admin\":false"));
	ask_refused(x, NULL, "invitation-look", secret(link, ""),
	    "link-over");
	ask_refused(x, NULL, "verify", secret(mail, ""), "link-over");
	login_is(x, "one@example.org", PASSWORD, "mail-not-verified");
	/* Taken back, who waited for it goes. */
	link = invite(x, root, "");
	with = text(",\"invitation\":\"%s\"" MAIL, link);
	mail = said(x, NULL, "register", comer("two@example.org", "two",
	    with), "secret");
	id = text("{\"id\":\"%s\"}", said(x, root, "invitation-list", NULL,
	    "items.0.id"));
	ask_refused(x, bob, "invitation-remove", id, "not-found");
	done(x, root, "invitation-remove", id);
	ask_refused(x, NULL, "verify", secret(mail, ""), "link-over");
	assert_int_equal(number(x, "SELECT count(*) FROM account"
	    " WHERE name = 'two'"), 0);
	/* An archived project takes nobody, until it is brought back. */
	done(x, root, "project-add", "{\"name\":\"team\"}");
	link = invite(x, root, ",\"project\":\"team\",\"role\":\"viewer\"");
	done(x, root, "project-set",
	    "{\"project\":\"team\",\"archived\":true}");
	ask_refused(x, NULL, "invitation-look", secret(link, ""),
	    "link-over");
	done(x, root, "project-set",
	    "{\"project\":\"team\",\"archived\":false}");
	assert_string_equal(said(x, NULL, "invitation-look", secret(link, ""),
	    "invitation.project"), "team");
	free(bob);
	free(root);
}

/* ---- new passwords ---- */

static const char *
new_password(const char *link, const char *password)
{
	return secret(link, text(",\"password\":\"%s\"", password));
}

static const char *
reset_link(struct fixture *x, const char *name)
{
	return said(x, NULL, "reset-start", text("{\"email\":"
	    "\"%s@example.org\"}", name), "secret");
}

static void
a_forgotten_password_is_replaced(void **state)
{
	struct fixture *x = *state;
	const char *link, *other;
	char *bob, *token;
	struct racer racers[3];

	fixture_user(x, "bob", false);
	bob = fixture_cookie(x, "bob");
	assert_string_equal(said(x, NULL, "reset-start",
	    "{\"email\":\"nobody@example.org\"}", "letter"), "");
	link = reset_link(x, "bob");
	other = reset_link(x, "bob");
	/* A password that is none leaves the link good. */
	ask_field(x, NULL, "reset-confirm", new_password(link, "short"),
	    "password");
	done(x, bob, "whoami", NULL);
	for (int i = 0; i < 3; i++)
		racers[i] = (struct racer){ .x = x, .op = "reset-confirm",
			.args = new_password(link, "another horse") };
	assert_int_equal(race(racers, 3), 1);
	ask_refused(x, bob, "whoami", NULL, "unauthenticated");
	login_is(x, "bob@example.org", PASSWORD, "bad-login");
	login_is(x, "bob@example.org", "another horse", NULL);
	ask_refused(x, NULL, "reset-confirm", new_password(other,
	    "third horse"), "link-over");
	/* Tokens go on, unless they are to end. */
	free(bob);
	bob = fixture_cookie(x, "bob");
	token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	done(x, NULL, "reset-confirm", new_password(reset_link(x, "bob"),
	    "another horse"));
	done(x, token, "whoami", NULL);
	done(x, NULL, "reset-confirm", secret(reset_link(x, "bob"),
	    ",\"password\":\"another horse\",\"revoke_tokens\":true"));
	ask_refused(x, token, "whoami", NULL, "unauthenticated");
	free(token);
	/* Nor for who is disabled, before the link or after. */
	link = reset_link(x, "bob");
	sql(x, "UPDATE account SET disabled = 1");
	ask_refused(x, NULL, "reset-confirm", new_password(link,
	    "third horse"), "forbidden");
	assert_string_equal(reset_link(x, "bob"), "");
	free(bob);
}

/* A link that whoever asked for it could have read opens little. */
static void
a_link_alone_opens_no_administrator(void **state)
{
	struct fixture *x = *state;
	const char *link;
	char *root;

	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	assert_string_equal(said(x, NULL, "reset-start",
	    "{\"email\":\"root@example.org\"}", "letter"), "reset-refused");
	assert_string_equal(reset_link(x, "root"), "");
	/* One from before they became one does not either; */
	link = reset_link(x, "bob");
	done(x, root, "user-set", about(x, "bob", ",\"admin\":true"));
	ask_refused(x, NULL, "reset-confirm", new_password(link,
	    "another horse"), "forbidden");
	/* one that another administrator sent does. */
	link = said(x, root, "user-reset", about(x, "bob", ""), "secret");
	done(x, NULL, "reset-confirm", new_password(link, "another horse"));
	login_is(x, "bob@example.org", "another horse", NULL);
	ask_refused(x, root, "user-reset", about(x, "root", ""), "conflict");
	free(root);
}

static const char *
recovery_code(struct fixture *x, const char *name)
{
	char codes[RECOVERY_CODES][RECOVERY_SIZE];
	const char *id = user_id(x, name);
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(database_write_end(x->a->store,
	    factor_recovery_make(d, id, codes), &f), 0);
	return text("%s", codes[0]);
}

static void
a_link_alone_passes_no_second_factor(void **state)
{
	struct fixture *x = *state;
	const char *link;
	char *root;

	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	sql(x, "INSERT INTO passkey (id, user_id, credential, algorithm,"
	    " public_key, count, name, created) SELECT 'k', id, x'00', -7,"
	    " x'00', 0, 'key', 1 FROM account WHERE name = 'bob'");
	link = reset_link(x, "bob");
	ask_refused(x, NULL, "reset-confirm", new_password(link,
	    "another horse"), "second-factor");
	ask_refused(x, NULL, "reset-confirm", secret(link, ",\"otp\":"
	    "\"123456\",\"password\":\"another horse\""),
	    "bad-second-factor");
	login_is(x, "bob@example.org", "another horse", "bad-login");
	/* With the factor, the same link is good. */
	done(x, NULL, "reset-confirm", secret(link, text(",\"otp\":"
	    "\"%s\",\"password\":\"another horse\"", recovery_code(x,
	    "bob"))));
	link = said(x, root, "user-reset", about(x, "bob", ""), "secret");
	ask_refused(x, NULL, "reset-confirm", new_password(link,
	    "another horse"), "second-factor");
	done(x, root, "user-factor-remove", about(x, "bob", ""));
	done(x, NULL, "reset-confirm", new_password(link, "another horse"));
	free(root);
}

/* ---- what administrators do ---- */

static void
people_are_listed(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;
	char *root, *bob;

	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	fixture_user(x, "b-b", false);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	ask_refused(x, bob, "user-list", "{\"limit\":10}", "forbidden");
	ask_refused(x, bob, "user-get", about(x, "bob", ""), "forbidden");
	o = ask_ok(x, root, "user-list", "{\"limit\":2}");
	assert_string_equal(text_at(o, "items.0.name"), "b-b");
	assert_string_equal(text_at(o, "items.1.projects.0.name"), "bob");
	assert_string_equal(text_at(o, "more"), "true");
	assert_null(strstr(json_object_to_json_string(o), "argon2"));
	json_object_put(o);
	assert_string_equal(said(x, root, "user-list", "{\"limit\":2,"
	    "\"after\":\"bob\"}", "items.0.name"), "root");
	/* What LIKE reads as something else is itself. */
	assert_string_equal(said(x, root, "user-list", "{\"limit\":9,"
	    "\"q\":\"B_B\"}", "items.0.name"), "");
	assert_string_equal(said(x, root, "user-list", "{\"limit\":9,"
	    "\"q\":\"OB@\"}", "items.0.name"), "bob");
	ask_field(x, root, "user-list", "{\"limit\":9,\"state\":\"x\"}",
	    "state");
	ask_refused(x, root, "user-get", "{\"id\":\"x\"}", "not-found");
	free(bob);
	free(root);
}

static void
there_is_always_an_administrator(void **state)
{
	struct fixture *x = *state;
	char *root, *bob;
	struct racer racers[2];

	fixture_user(x, "root", true);
	fixture_user(x, "bob", true);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	/* Nobody does it to themselves, */
	ask_refused(x, root, "user-set", about(x, "root",
	    ",\"admin\":false"), "conflict");
	ask_refused(x, root, "user-set", about(x, "root",
	    ",\"disabled\":true"), "conflict");
	ask_refused(x, root, "user-delete", about(x, "root", ""), "conflict");
	/* and two who do it to each other at the same time do not both. */
	racers[0] = (struct racer){ .x = x, .who = root, .op = "user-set",
		.args = about(x, "bob", ",\"admin\":false") };
	racers[1] = (struct racer){ .x = x, .who = bob, .op = "user-delete",
		.args = about(x, "root", "") };
	assert_int_equal(race(racers, 2), 1);
	assert_int_equal(number(x, "SELECT count(*) FROM account"
	    " WHERE admin = 1 AND disabled = 0"), 1);
	/* The last one that can come in counts: others do not. */
	sql(x, "UPDATE account SET admin = 1, disabled = 0");
	fixture_user(x, "eve", true);
	sql(x, "UPDATE account SET disabled = 1 WHERE name <> 'eve'");
	free(bob);
	bob = fixture_cookie(x, "eve");
	fixture_user(x, "max", false);
	done(x, bob, "user-set", about(x, "max", ",\"admin\":true"));
	sql(x, "UPDATE account SET approved = 0 WHERE name = 'max'");
	free(root);
	root = fixture_cookie(x, "max");
	ask_refused(x, root, "user-set", about(x, "eve",
	    ",\"disabled\":true"), "conflict");
	free(bob);
	free(root);
}

static void
disabling_acts_at_once(void **state)
{
	struct fixture *x = *state;
	char *root, *bob, *token;
	int64_t revision;

	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	revision = number(x, "SELECT value FROM revision");
	assert_string_equal(said(x, root, "user-set", about(x, "bob",
	    ",\"disabled\":true"), "user.state"), "disabled");
	assert_true(number(x, "SELECT value FROM revision") > revision);
	ask_refused(x, bob, "whoami", NULL, "unauthenticated");
	ask_refused(x, token, "whoami", NULL, "unauthenticated");
	ask_refused(x, root, "user-set", about(x, "bob", ",\"admin\":true"),
	    "conflict");
	done(x, root, "user-set", about(x, "bob", ",\"disabled\":false"));
	/* The old session does not come back; the token does. */
	ask_refused(x, bob, "whoami", NULL, "unauthenticated");
	done(x, token, "whoami", NULL);
	free(bob);
	bob = fixture_cookie(x, "bob");
	done(x, root, "user-sessions-end", about(x, "bob", ""));
	ask_refused(x, bob, "whoami", NULL, "unauthenticated");
	ask_refused(x, token, "user-sessions-end", about(x, "bob", ""),
	    "forbidden");
	free(token);
	free(bob);
	free(root);
}

static void
who_goes_leaves_nothing_to_strangers(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;
	char *root, *bob;

	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	fixture_user(x, "eve", false);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	done(x, bob, "project-add", "{\"name\":\"shared\"}");
	done(x, bob, "project-add", "{\"name\":\"alone\"}");
	fixture_member(x, bob, "shared", "eve", "owner");
	/* Who can not sign in takes care of nothing. */
	fixture_user(x, "max", false);
	fixture_member(x, bob, "alone", "max", "owner");
	done(x, root, "user-set", about(x, "max", ",\"disabled\":true"));
	o = ask_ok(x, root, "user-leaves", about(x, "bob", ""));
	assert_string_equal(text_at(o, "leaves.projects.0.personal"), "true");
	assert_string_equal(text_at(o, "leaves.projects.1.other_owners"),
	    "false");
	assert_string_equal(text_at(o, "leaves.projects.2.other_owners"),
	    "true");
	assert_int_equal(int_at(o, "leaves.sessions"), 1);
	json_object_put(o);
	ask_field(x, root, "user-delete", about(x, "bob",
	    ",\"give_to\":\"bob\""), "give_to");
	ask_field(x, root, "user-delete", about(x, "bob",
	    ",\"give_to\":\"nobody\""), "give_to");
	assert_string_equal(said(x, root, "user-delete", about(x, "bob",
	    ",\"give_to\":\"eve\",\"empty\":true"), "ended"), "bob");
	ask_refused(x, bob, "whoami", NULL, "unauthenticated");
	assert_int_equal(number(x, "SELECT count(*) FROM member m"
	    " JOIN project p ON p.id = m.project_id JOIN account a"
	    " ON a.id = m.user_id WHERE a.name = 'eve' AND m.role = 'owner'"
	    " AND p.name IN ('shared', 'alone')"), 2);
	/* The empty personal one is gone; its name is nobody's. */
	assert_string_equal(said(x, root, "name-list", NULL, "items.0.name"),
	    "bob");
	registration(x, root, OPEN);
	ask_field(x, NULL, "register", comer("bob@example.org", "bob", MAIL),
	    "name");
	ask_refused(x, root, "name-release", "{\"name\":\"eve\"}",
	    "not-found");
	done(x, root, "name-release", "{\"name\":\"Bob\"}");
	done(x, NULL, "register", comer("bob@example.org", "bob", MAIL));
	free(bob);
	free(root);
}

/* What is not empty stays, for administrators to see. */
static void
what_is_left_stays_a_project(void **state)
{
	struct fixture *x = *state;
	char *root;

	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	assert_string_equal(said(x, root, "user-delete", about(x, "bob", ""),
	    "ended"), "");
	assert_int_equal(number(x, "SELECT count(*) FROM project"
	    " WHERE name = 'bob' AND personal = 0"), 1);
	assert_int_equal(number(x, "SELECT count(*) FROM member m JOIN project"
	    " p ON p.id = m.project_id WHERE p.name = 'bob'"), 0);
	registration(x, root, OPEN);
	ask_field(x, NULL, "register", comer("bob@example.org", "bob", MAIL),
	    "name");
	free(root);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, \
	fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH(settings_decide_who_may_register),
		WITH(who_registers_gives_what_is_needed),
		WITH(known_addresses_show_in_nothing),
		WITH(mails_to_one_address_are_spaced),
		WITH(who_is_not_verified_or_approved_stays_out),
		WITH(who_waits_is_told_of_once_and_not_often),
		WITH(without_mail_nothing_is_verified),
		WITH(a_link_is_good_once),
		WITH(a_link_is_good_for_one_thing_and_a_while),
		WITH(registering_again_begins_anew),
		WITH(who_is_disabled_begins_nothing_anew),
		WITH(an_address_changes_by_its_link),
		WITH(nobody_sits_on_an_address),
		WITH(administrators_and_owners_invite),
		WITH(owners_invite_a_few),
		WITH(an_invitation_is_used_up_once),
		WITH(an_invitation_ends),
		WITH(a_forgotten_password_is_replaced),
		WITH(a_link_alone_opens_no_administrator),
		WITH(a_link_alone_passes_no_second_factor),
		WITH(people_are_listed),
		WITH(there_is_always_an_administrator),
		WITH(disabling_acts_at_once),
		WITH(who_goes_leaves_nothing_to_strangers),
		WITH(what_is_left_stays_a_project),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
