/* SPDX-License-Identifier: ISC */
/* reply: the bytes that go back, seen from the web server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/app.h"
#include "fcgi/reply.h"
#include "fcgi/request.h"
#include "tests/unit/fcgi_peer.h"

static struct app app = {
	.origin = "https://m.example",
	.secure = true,
	.session_cookie = "__Host-mollymawk",
	.refresh_cookie = "__Secure-mollymawk-refresh",
	.device_cookie = "__Secure-mollymawk-device",
};

/*
 * Lets answer() answer one request; the bytes are in text until the next. Not
 * whole: the connection must not end as one that was brought to its end.
 */
static struct buf text;
static bool not_whole;

static const char *
answered(const char *method, void (*answer)(struct reply *p))
{
	const char *params[] = { method, "REQUEST_URI=/api/v1/session", NULL };
	struct fcgi_peer peer;
	FCGX_Request fcgi;
	struct request r;
	struct fault f = { 0 };
	struct reply p;

	assert_int_equal(FCGX_Init(), 0);
	assert_int_equal(fcgi_peer_open(&peer), 0);
	assert_int_equal(FCGX_InitRequest(&fcgi, peer.listening, 0), 0);
	assert_int_equal(fcgi_peer_send(&peer, params, NULL, 0, false), 0);
	assert_int_equal(FCGX_Accept_r(&fcgi), 0);
	assert_int_equal(request_init(&r, &app, NULL, &fcgi, &f), 0);
	memcpy(r.id, "0123456789", sizeof("0123456789"));
	reply_init(&p, &r);
	answer(&p);
	reply_free(&p);
	request_free(&r);
	if (!r.handed_over)
		FCGX_Finish_r(&fcgi);
	buf_free(&text);
	buf_init(&text, 1 << 20);
	assert_int_equal(fcgi_peer_receive(&peer, &text), not_whole ? -1 : 0);
	fcgi_peer_close(&peer);
	return buf_str(&text);
}

#define HEAD_OF(status) "Status: " status "\r\n" \
	"X-Request-Id: 0123456789\r\n" \
	"Cache-Control: no-store\r\n" \
	"X-Content-Type-Options: nosniff\r\n"

static void
say_json(struct reply *p)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "path", "a/b");
	assert_int_equal(reply_json(p, 200, o), 0);
	assert_int_equal(p->status, 200);
}

static void
json(void **state)
{
	assert_string_equal(answered("REQUEST_METHOD=GET", say_json),
	    HEAD_OF("200 OK") "Content-Type: application/json\r\n"
	    "Content-Length: 14\r\n\r\n{\"path\":\"a/b\"}");
	assert_string_equal(answered("REQUEST_METHOD=HEAD", say_json),
	    HEAD_OF("200 OK") "Content-Type: application/json\r\n"
	    "Content-Length: 14\r\n\r\n");
}

static void
say_nothing(struct reply *p)
{
	reply_cookie(p, app.session_cookie, NULL, "/", 0);
	reply_cookie(p, app.refresh_cookie, "r_1", "/api/v1/session", 60);
	reply_header(p, "X-Bad", "%s", "a\r\nSet-Cookie: b=c");
	assert_int_equal(reply_empty(p, 204), 0);
}

static void
headers(void **state)
{
	assert_string_equal(answered("REQUEST_METHOD=DELETE", say_nothing),
	    HEAD_OF("204 No Content")
	    "Set-Cookie: __Host-mollymawk=; Path=/; Max-Age=0; HttpOnly; "
	    "SameSite=Strict; Secure\r\n"
	    "Set-Cookie: __Secure-mollymawk-refresh=r_1; "
	    "Path=/api/v1/session; Max-Age=60; HttpOnly; SameSite=Strict; "
	    "Secure\r\n\r\n");
}

static void
say_problem(struct reply *p)
{
	struct fault f = { 0 };

	fault_field(&f, "memory", "must be at least 1");
	fault_set(&f, ERR_INVALID, "Check the fields.");
	memcpy(f.albatross, "bad \xff words\n", sizeof("bad \xff words\n"));
	reply_problem_member(p, "content", json_object_new_int(1));
	reply_problem_member(p, "operation", json_object_new_int(2));
	reply_problem(p, &f, "i1");
	/* Once is enough. */
	reply_problem(p, &f, "i1");
}

static void
problem(void **state)
{
	const char *got = answered("REQUEST_METHOD=GET", say_problem);
	struct json_object *o, *value;
	struct fault f = { 0 };
	const char *body;

	assert_memory_equal(got, HEAD_OF("422 Unprocessable Content")
	    "Content-Type: application/problem+json\r\n",
	    strlen(HEAD_OF("422 Unprocessable Content")
	    "Content-Type: application/problem+json\r\n"));
	body = strstr(got, "\r\n\r\n") + 4;
	o = json_parse(body, strlen(body), &f);
	assert_non_null(o);
	json_object_object_get_ex(o, "type", &value);
	assert_string_equal(json_object_get_string(value),
	    "urn:mollymawk:problem:invalid-input");
	json_object_object_get_ex(o, "request_id", &value);
	assert_string_equal(json_object_get_string(value), "0123456789");
	json_object_object_get_ex(o, "instance", &value);
	assert_string_equal(json_object_get_string(value), "i1");
	assert_true(json_object_object_get_ex(o, "albatross", NULL));
	assert_true(json_object_object_get_ex(o, "content", NULL));
	assert_true(json_object_object_get_ex(o, "operation", NULL));
	json_object_object_get_ex(o, "errors", &value);
	value = json_object_array_get_idx(value, 0);
	assert_string_equal(json_object_to_json_string_ext(value,
	    JSON_C_TO_STRING_PLAIN),
	    "{\"field\":\"memory\",\"message\":\"must be at least 1\"}");
	json_object_put(o);
}

static void
say_who(struct reply *p)
{
	struct fault f = { .err = ERR_EXPIRED };

	reply_problem(p, &f, NULL);
}

static void
say_later(struct reply *p)
{
	struct fault f = { .err = ERR_BUSY };

	reply_problem(p, &f, NULL);
}

static void
problem_headers(void **state)
{
	assert_non_null(strstr(answered("REQUEST_METHOD=GET", say_who),
	    "\r\nWWW-Authenticate: Bearer realm=\"mollymawk\"\r\n"));
	assert_non_null(strstr(answered("REQUEST_METHOD=GET", say_later),
	    "\r\nRetry-After: 2\r\n"));
}

static void
say_much(struct reply *p)
{
	static char block[200000];

	memset(block, 'x', sizeof(block));
	assert_int_equal(reply_begin(p, 200, "text/plain"), 0);
	assert_int_equal(reply_write(p, "<", 1), 0);
	assert_int_equal(reply_flush(p), 0);
	assert_int_equal(reply_write(p, block, sizeof(block) / 2), 0);
	assert_int_equal(reply_write(p, ">", 1), 0);
}

static void
pieces(void **state)
{
	const char *head = HEAD_OF("200 OK") "Content-Type: text/plain\r\n\r\n";
	const char *got = answered("REQUEST_METHOD=GET", say_much);

	assert_int_equal(strlen(got), strlen(head) + 100002);
	assert_memory_equal(got, head, strlen(head));
	assert_int_equal(got[strlen(got) - 1], '>');
	assert_string_equal(answered("REQUEST_METHOD=HEAD", say_much), head);
}

#define FILE_SIZE 70000
static int lost;		/* bytes less in the file than promised */

static void
say_half(struct reply *p)
{
	assert_int_equal(reply_begin_sized(p, 200, "text/plain", 8), 0);
	assert_int_equal(reply_write(p, "half", 4), 0);
	assert_int_equal(reply_flush(p), 0);
	assert_int_equal(reply_write(p, "more", 4), 0);
	reply_break(p);
	/* Nothing can be said any more. */
	assert_true(p->failed);
	assert_int_equal(reply_write(p, "more", 4), -1);
}

static void
broken_off(void **state)
{
	not_whole = true;
	assert_string_equal(answered("REQUEST_METHOD=GET", say_half),
	    HEAD_OF("200 OK") "Content-Type: text/plain\r\n"
	    "Content-Length: 8\r\n\r\nhalf");
	not_whole = false;
}

static void
say_file(struct reply *p)
{
	static char block[FILE_SIZE];
	FILE *file = tmpfile();
	size_t len = (size_t)(FILE_SIZE - lost);

	assert_non_null(file);
	memset(block, 'x', sizeof(block));
	assert_int_equal(fwrite(block, 1, len, file), len);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(reply_file(p, 200, "application/octet-stream",
	    fileno(file), FILE_SIZE), 0);
	assert_int_equal(p->failed, lost > 0 && !p->request->head);
	fclose(file);
}

/* What is missing of a file is missing of what was promised. */
static void
files(void **state)
{
	const char *head = HEAD_OF("200 OK")
		"Content-Type: application/octet-stream\r\n"
		"Content-Length: 70000\r\n\r\n";
	const char *got;

	for (lost = 0; lost <= 10; lost += 10) {
		got = answered("REQUEST_METHOD=GET", say_file);
		assert_int_equal(strlen(got), strlen(head) + FILE_SIZE -
		    (size_t)lost);
		assert_memory_equal(got, head, strlen(head));
		assert_string_equal(answered("REQUEST_METHOD=HEAD", say_file),
		    head);
	}
}

static int
end(void **state)
{
	buf_free(&text);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(headers),
		cmocka_unit_test(problem),
		cmocka_unit_test(problem_headers),
		cmocka_unit_test(broken_off),
		cmocka_unit_test(pieces),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
