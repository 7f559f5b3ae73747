/* SPDX-License-Identifier: ISC */
/*
 * Feeds, and what of them may be seen, with an authority that says who somebody
 * is and which places are theirs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/cleanup.h"
#include "base/message.h"
#include "fcgi/feed.h"
#include "fcgi/reader.h"
#include "fcgi/subject.h"
#include "fcgi/view.h"
#include "tests/unit/folder.h"

/* ---- an authority ---- */

static char dir[FOLDER_SIZE], path[FOLDER_SIZE + 8];
static pthread_t thread;
static int listening;

#define LISTS							\
	"\"instance-list\":{\"items\":[{\"name\":\"i1\"}]},"	\
	"\"project-list\":{\"items\":[{\"name\":\"ada\",\"policies\":["	\
	"{\"instance\":\"i1\"}]},{\"name\":\"empty\",\"policies\":[]}]}"

/* What it says to whom, by the bearer, to which op. */
static const char *const answers =
	"{\"admin\":{\"whoami\":{\"session\":{\"user\":{\"id\":\"a\","
	"\"name\":\"adm\",\"admin\":true},\"expires\":9,\"scopes\":null}}},"
	"\"person\":{\"whoami\":{\"session\":{\"user\":{\"id\":\"p\","
	"\"name\":\"per\",\"admin\":false},\"scopes\":null}}," LISTS "},"
	"\"token\":{\"whoami\":{\"session\":{\"user\":{\"id\":\"p\"},"
	"\"scopes\":[\"audit:read\",\"unikernel:read\"]}},\"authorize\":{"
	"\"user\":\"p\",\"user_name\":\"per\",\"token\":\"t\",\"admin\":false,"
	"\"expires\":7,\"names\":[\"web-*\"]}," LISTS "},"
	"\"half\":{\"whoami\":{\"session\":{\"user\":{\"id\":\"a\"},"
	"\"scopes\":[\"instance:read\"]}},\"authorize\":{\"user\":\"a\","
	"\"user_name\":\"adm\",\"token\":\"t\",\"admin\":true,"
	"\"expires\":7,\"names\":null}," LISTS "},"
	"\"blind\":{\"whoami\":{\"session\":{\"user\":{\"id\":\"p\"},"
	"\"scopes\":[\"audit:read\"]}}}}";

static void
answer(int fd, struct json_object *all, struct json_object *request)
{
	struct json_object *of = json_member(all, json_member_text(request,
		"bearer", 16), json_type_object);
	struct json_object *ok = json_member(of, json_member_text(request,
		"op", 32), json_type_object);
	struct json_object *o = json_object_new_object();
	struct json_object *error = json_object_new_object();

	json_add_str(error, "code", "unauthenticated");
	json_add_str(error, "detail", "No.");
	if (ok != NULL)
		json_object_object_add(o, "ok", json_object_get(ok));
	else
		json_object_object_add(o, "error", json_object_get(error));
	message_send(fd, o);
	json_object_put(error);
	json_object_put(o);
}

static void *
authority_main(void *arg)
{
	struct json_object *all = json_tokener_parse(answers), *o;
	int fd;

	(void)arg;
	while ((fd = accept(listening, NULL, NULL)) >= 0) {
		while ((o = message_receive(fd, 5000)) != NULL) {
			answer(fd, all, o);
			json_object_put(o);
		}
		close(fd);
	}
	json_object_put(all);
	return NULL;
}

static int
start(void **state)
{
	(void)state;
	folder_make(dir);
	snprintf(path, sizeof(path), "%s/auth", dir);
	listening = message_listen(path, 16, 0600);
	return listening < 0 ? -1 : pthread_create(&thread, NULL,
		authority_main, NULL);
}

static int
stop(void **state)
{
	(void)state;
	shutdown(listening, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(listening);
	return folder_remove(dir);
}

static struct view *
view_of(const char *bearer, struct auth_grant *grant)
{
	const struct auth_who who = { .bearer = bearer };
	struct auth_client *auth = auth_client_new(path);
	struct view *view = NULL;
	struct fault f = { 0 };

	assert_int_equal(view_make(auth, &who, &view, grant, &f), 0);
	auth_client_free(auth);
	return view;
}

/* ---- what may be seen ---- */

#define READ "unikernel:read"

static void
views(void **state)
{
	struct auth_grant grant;
	struct view *admin = view_of("admin", &grant), *person, *token;
	struct view *half;

	(void)state;
	assert_string_equal(grant.user, "a");
	assert_int_equal(grant.expires, 9);
	assert_true(grant.admin && view_is_admin(admin));
	assert_true(view_covers(admin, "instance:read", "any", "", ""));
	assert_true(view_covers(admin, READ, "any", "at", "all"));
	person = view_of("person", &grant);
	assert_string_equal(grant.token, "");
	assert_false(view_is_admin(person));
	assert_true(view_covers(person, READ, "i1", "ada", "x"));
	assert_true(view_covers(person, "volume:read", "i1", "ada", "x"));
	assert_true(view_covers(person, "instance:read", "i1", "", ""));
	assert_false(view_covers(person, "instance:read", "i2", "", ""));
	assert_false(view_covers(person, READ, "i1", "empty", "x"));
	assert_false(view_covers(person, READ, "i1", "other", "x"));
	assert_false(view_covers(person, "audit:read", "i1", "ada", "x"));
	token = view_of("token", &grant);
	assert_string_equal(grant.token, "t");
	assert_true(view_covers(token, READ, "i1", "ada", "web-1"));
	assert_false(view_covers(token, READ, "i1", "ada", "db"));
	assert_false(view_covers(token, "volume:read", "i1", "ada", "web-1"));
	/* An administrator's token is as narrow as its scopes. */
	half = view_of("half", &grant);
	assert_true(grant.admin);
	assert_false(view_is_admin(half));
	assert_true(view_covers(half, "instance:read", "i1", "", ""));
	assert_false(view_covers(half, READ, "i1", "ada", "x"));
	view_put(half);
	assert_true(view_equal(person, person));
	assert_false(view_equal(person, token));
	assert_false(view_equal(person, admin));
	view_put(admin);
	view_put(person);
	view_put(token);
}

static void
no_views(void **state)
{
	const struct auth_who blind = { .bearer = "blind" };
	const struct auth_who nobody = { .bearer = "nobody" };
	struct auth_client *auth = auth_client_new(path);
	struct auth_grant grant;
	struct view *view = NULL;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(view_make(auth, &blind, &view, &grant, &f),
	    ERR_FORBIDDEN);
	assert_int_equal(view_make(auth, &nobody, &view, &grant, &f),
	    ERR_UNAUTHENTICATED);
	auth_client_free(auth);
	view_put(NULL);
}

static int
allows(const struct view *view, const char *topic)
{
	struct subject s[SUBJECTS_MAX];
	struct fault f = { 0 };

	assert_int_equal(subjects_parse(topic, s), 1);
	return view_allows(view, &s[0], &f);
}

static void
subjects(void **state)
{
	struct auth_grant grant;
	struct view *person = view_of("person", &grant);
	struct view *token = view_of("token", &grant);

	(void)state;
	assert_int_equal(allows(person, "states"), 0);
	assert_int_equal(allows(person, "states:ada"), 0);
	assert_int_equal(allows(person, "states:empty"), 0);
	assert_int_equal(allows(person, "states:other"), ERR_NOT_FOUND);
	assert_int_equal(allows(person, "log:i1/ada/x"), 0);
	assert_int_equal(allows(person, "log:i1/empty/x"), ERR_NOT_FOUND);
	assert_int_equal(allows(person, "metrics:i2/ada/x"), ERR_NOT_FOUND);
	assert_int_equal(allows(person, "instances"), 0);
	assert_int_equal(allows(token, "instances"), ERR_FORBIDDEN);
	assert_int_equal(allows(token, "operations"), 0);
	assert_int_equal(allows(token, "log:i1/ada/web-1"), 0);
	assert_int_equal(allows(token, "log:i1/ada/db"), ERR_NOT_FOUND);
	view_put(person);
	view_put(token);
}

/* ---- what is told ---- */

static struct feed feed;

static void
publish(const struct feed_event *e)
{
	size_t at = 0;

	do {
		feed_add(&feed, feed_entry_new(e, at));
		at += FEED_ITEMS_MAX;
	} while (at < e->nitems);
}

/* The last event, for who asks for the topic; "" when it is not for them. */
static void
check(const struct view *view, const char *topic, const char *expected)
{
	struct subject s[SUBJECTS_MAX];
	struct buf out;

	assert_int_equal(subjects_parse(topic, s), 1);
	buf_init(&out, 65536);
	if (!feed_put(&feed, feed.next - 1, view, &s[0], &out))
		buf_reset(&out);
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
}

static void
shown(void **state)
{
	const struct feed_item items[] = { { "db", "{\"name\":\"db\"}" },
		{ "web-1", "{\"name\":\"web-1\"}" } };
	struct feed_event e = { .event = "sample", .instance = "i1",
		.project = "ada", .name = "", .scope = READ,
		.json = "\"n\":1", .items = items, .nitems = 2 };
	struct auth_grant grant;
	struct view *person = view_of("person", &grant);
	struct view *token = view_of("token", &grant);
	struct view *admin = view_of("admin", &grant);

	(void)state;
	assert_int_equal(feed_init(&feed, FEED_METRICS), 0);
	publish(&e);
	check(person, "metrics", "event: sample\ndata: {\"topic\":\"metrics\","
	    "\"n\":1,\"items\":[{\"name\":\"db\"},{\"name\":\"web-1\"}]}\n\n");
	check(token, "metrics:Ada", "event: sample\ndata: {\"topic\":"
	    "\"metrics:Ada\",\"n\":1,\"items\":[{\"name\":\"web-1\"}]}\n\n");
	check(person, "metrics:i1/ada/db", "event: sample\ndata: {\"topic\":"
	    "\"metrics:i1/ada/db\",\"n\":1,\"items\":[{\"name\":\"db\"}]}\n\n");
	check(token, "metrics:i1/ada/db", "");
	check(person, "metrics:other", "");
	check(person, "metrics:i2/ada/db", "");
	e.project = "other";
	publish(&e);
	check(person, "metrics", "");
	e = (struct feed_event){ .event = "instance", .instance = "i1",
		.project = "", .name = "", .scope = "instance:read",
		.json = "\"n\":2", .json_admin = "\"n\":3" };
	publish(&e);
	check(person, "instances", "event: instance\ndata: {\"topic\":"
	    "\"instances\",\"n\":2}\n\n");
	check(admin, "instances", "event: instance\ndata: {\"topic\":"
	    "\"instances\",\"n\":3}\n\n");
	check(token, "instances", "");
	feed_free(&feed);
	view_put(person);
	view_put(token);
	view_put(admin);
}

/* What is too long to be told is to be loaded; what follows is whole. */
static void
too_long(void **state)
{
	const struct auth_who who = { .bearer = "person" };
	struct feed_event e = { .event = "unikernel", .instance = "i1",
		.project = "ada", .name = "web", .scope = READ };
	struct auth_grant grant;
	struct reader *r = calloc(1, sizeof(*r));
	struct subject s[SUBJECTS_MAX];
	AUTO_FREE char *text = malloc(3 * FEED_JSON_MAX);
	char got[4096] = "";
	int fds[2];

	(void)state;
	assert_true(r != NULL && text != NULL);
	assert_int_equal(feed_init(&feed, FEED_STATES), 0);
	assert_int_equal(subjects_parse("states", s), 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fds), 0);
	*r = (struct reader){ .fd = fds[0], .id = 1, .events = true,
		.named = true, .follow = true, .view = view_of("person",
		&grant) };
	reader_init(r);
	r->ticket = ticket_of_stream(s, 1, r->view, &who, &grant);
	assert_true(reader_ask(r, NULL));
	sub_begin_feed(r, &r->subs[0], &feed);
	memset(text, 'x', 3 * FEED_JSON_MAX);
	text[3 * FEED_JSON_MAX - 1] = '\0';
	e.json = text;
	publish(&e);
	e.json = "\"n\":1";
	publish(&e);
	assert_int_equal(reader_pump(r), READER_IDLE);
	assert_true(recv(fds[1], got, sizeof(got) - 1, 0) > 0);
	for (size_t i = 0; i < sizeof(got) - 1; i++)
		got[i] = got[i] == '\0' ? ' ' : got[i];
	assert_non_null(strstr(got, "event: reset\ndata: {\"topic\":"
	    "\"states\"}\n\n"));
	assert_non_null(strstr(got, "event: unikernel\ndata: {\"topic\":"
	    "\"states\",\"n\":1}\n\n"));
	assert_null(strstr(got, "\"states\",id"));
	close(fds[1]);
	reader_free(r);
	feed_free(&feed);
}

static void
resumed(void **state)
{
	static const char *const bad[] = { "", "x", ".", "0", "1.2.3" };
	const struct feed_event e = { .event = "alert", .instance = "",
		.project = "", .name = "", .scope = READ, .json = "" };
	char id[FEED_ID_SIZE], first[FEED_ID_SIZE];

	(void)state;
	assert_int_equal(feed_init(&feed, FEED_ALERTS), 0);
	feed_id(&feed, feed.next, first);
	assert_int_equal(feed_resume(&feed, first), feed.next);
	for (int i = 0; i < 5; i++) {
		publish(&e);
		feed_id(&feed, feed.next, id);
		assert_int_equal(feed_resume(&feed, id), feed.next);
		assert_int_equal(feed_resume(&feed, first), 1);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(feed_resume(&feed, bad[i]), -1);
	/* More than there is, and what is gone. */
	snprintf(id, sizeof(id), "%08x.6", feed.epoch);
	assert_int_equal(feed_resume(&feed, id), -1);
	while (feed.first == 1)
		publish(&e);
	assert_int_equal(feed_resume(&feed, first), -1);
	feed_id(&feed, feed.first, id);
	assert_int_equal(feed_resume(&feed, id), feed.first);
	/* Something could not be told: nobody knows where they are. */
	feed_id(&feed, feed.next, id);
	feed_break(&feed);
	assert_int_equal(feed_resume(&feed, id), -1);
	assert_int_equal(feed.first, feed.next);
	publish(&e);
	feed_free(&feed);
}

/* A long list is many events. */
static void
split(void **state)
{
	static struct feed_item items[FEED_ITEMS_MAX + 1];
	const struct feed_event e = { .event = "sample", .instance = "i1",
		.project = "ada", .name = "", .scope = READ, .json = "\"n\":1",
		.items = items, .nitems = FEED_ITEMS_MAX + 1 };

	(void)state;
	for (int i = 0; i <= FEED_ITEMS_MAX; i++)
		items[i] = (struct feed_item){ "x", "{}" };
	assert_int_equal(feed_init(&feed, FEED_METRICS), 0);
	publish(&e);
	assert_int_equal(feed.next - feed.first, 2);
	feed_free(&feed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views),
		cmocka_unit_test(no_views),
		cmocka_unit_test(subjects),
		cmocka_unit_test(shown),
		cmocka_unit_test(too_long),
		cmocka_unit_test(resumed),
		cmocka_unit_test(split),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
