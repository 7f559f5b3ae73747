/* SPDX-License-Identifier: ISC */
/*
 * router: the table against doc/openapi.yaml, both ways; and every route of it
 * against callers who may not, with an authority that says no to everybody and
 * writes down what it was asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/log.h"
#include "base/message.h"
#include "fcgi/api.h"
#include "fcgi/counters.h"
#include "fcgi/ledger.h"
#include "fcgi/openapi.h"
#include "tests/unit/fcgi_peer.h"
#include "tests/unit/folder.h"

static struct app app = {
	.origin = "https://m.example",
	.secure = true,
	.session_cookie = "__Host-mollymawk",
	.refresh_cookie = "__Secure-mollymawk-refresh",
	.device_cookie = "__Secure-mollymawk-device",
};

/* ---- the table and the description ---- */

static const char *const methods[] = { [METHOD_GET] = "get",
	[METHOD_POST] = "post", [METHOD_PUT] = "put",
	[METHOD_PATCH] = "patch", [METHOD_DELETE] = "delete" };

static struct json_object *api;

static struct json_object *
at(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, key, &value);
	return value;
}

/* Follows "$ref": "#/a/b/c" if o is one. */
static struct json_object *
resolved(struct json_object *o)
{
	const char *ref = json_object_get_string(at(o, "$ref"));
	char *path, *next, *word;

	if (ref == NULL)
		return o;
	path = next = strdup(ref + 2);
	o = api;
	while ((word = strsep(&next, "/")) != NULL)
		o = at(o, word);
	free(path);
	assert_non_null(o);
	return o;
}

static const struct route *
route_of(const char *method, const char *pattern)
{
	const struct route *route;

	for (route = routes; route->handler != NULL; route++)
		if (strcmp(methods[route->method], method) == 0 &&
		    strcmp(route->pattern, pattern) == 0)
			return route;
	return NULL;
}

static size_t
query_keys(const struct route *route)
{
	size_t n = 0;

	while (n < ROUTE_QUERY_MAX && route->query[n] != NULL)
		n++;
	return n;
}

/* One query parameter of the description has its key in the table. */
static void
parameter_told(const struct route *route, struct json_object *parameter)
{
	const char *name = json_object_get_string(at(parameter, "name"));
	const char *type = json_object_get_string(at(
	    resolved(at(parameter, "schema")), "type"));
	char key[64];
	size_t i;

	snprintf(key, sizeof(key), "%s%s", name,
	    type != NULL && strcmp(type, "array") == 0 ? "*" : "");
	for (i = 0; i < query_keys(route); i++)
		if (strcmp(route->query[i], key) == 0)
			break;
	if (i == query_keys(route))
		fail_msg("%s: query key %s", route->pattern, key);
	if (strcmp(name, "project") == 0)
		assert_int_equal(route->project_needed,
		    json_object_get_boolean(at(parameter, "required")));
}

/* How many of a list of parameters are in: query; each is in the table. */
static size_t
parameters_told(const struct route *route, struct json_object *list)
{
	size_t i, n = 0, len = list == NULL ? 0 :
		json_object_array_length(list);

	for (i = 0; i < len; i++) {
		struct json_object *parameter =
			resolved(json_object_array_get_idx(list, i));

		if (strcmp(json_object_get_string(at(parameter, "in")),
		    "query") != 0)
			continue;
		parameter_told(route, parameter);
		n++;
	}
	return n;
}

static enum access
access_told(struct json_object *operation)
{
	struct json_object *security = at(operation, "security");

	if (at(operation, "x-scope") != NULL)
		return ACCESS_SCOPE;
	if (security == NULL)
		return ACCESS_ANY;
	if (json_object_array_length(security) == 0)
		return ACCESS_NONE;
	assert_int_equal(json_object_array_length(security), 1);
	assert_non_null(at(json_object_array_get_idx(security, 0),
	    "session"));
	return ACCESS_SESSION;
}

static enum body_kind
body_told(struct json_object *operation)
{
	struct json_object *body = at(operation, "requestBody");

	if (body == NULL)
		return BODY_NONE;
	if (at(at(body, "content"), "application/octet-stream") != NULL)
		return BODY_UPLOAD;
	return json_object_get_boolean(at(body, "required")) ? BODY_JSON :
		BODY_JSON_OPTIONAL;
}

static void
operation_told(const char *pattern, const char *method,
	struct json_object *path, struct json_object *operation)
{
	const struct route *route = route_of(method, pattern);
	size_t keys;

	if (route == NULL)
		fail_msg("%s %s is described but not there", method, pattern);
	assert_int_equal(route->access, access_told(operation));
	if (route->access == ACCESS_SCOPE)
		assert_string_equal(route->scope,
		    json_object_get_string(at(operation, "x-scope")));
	assert_int_equal(route->body, body_told(operation));
	keys = parameters_told(route, at(path, "parameters")) +
		parameters_told(route, at(operation, "parameters"));
	assert_int_equal(keys, query_keys(route));
	assert_non_null(at(at(operation, "responses"), "default"));
}

static void
described_is_there(void **state)
{
	json_object_object_foreach(at(api, "paths"), pattern, path) {
		json_object_object_foreach(path, method, operation) {
			if (strcmp(method, "parameters") != 0)
				operation_told(pattern, method, path,
				    operation);
		}
	}
}

static void
there_is_described(void **state)
{
	const struct route *route;

	for (route = routes; route->handler != NULL; route++)
		if (at(at(at(api, "paths"), route->pattern),
		    methods[route->method]) == NULL)
			fail_msg("%s %s is not described",
			    methods[route->method], route->pattern);
}

/* What is missing in a row would be an open door. */
static void
rows_make_sense(void **state)
{
	const struct route *route;
	size_t n;

	for (route = routes; route->handler != NULL; route++) {
		assert_int_equal(route->access == ACCESS_SCOPE,
		    route->scope != NULL);
		assert_int_equal(route->body != BODY_NONE,
		    route->body_max > 0);
		assert_true(route->method != METHOD_GET ||
		    route->body == BODY_NONE);
		assert_true(query_keys(route) < ROUTE_QUERY_MAX);
		for (n = 0; &routes[n] != route; n++)
			assert_false(routes[n].method == route->method &&
			    strcmp(routes[n].pattern, route->pattern) == 0);
	}
	/* The last one counts what has no route. */
	assert_true(route - routes < COUNT_ROUTES - 1);
}

/* ---- finding ---- */

static void
find(struct request *r, enum method method, const char *uri, int want,
	const char *allowed)
{
	char allow[ROUTER_ALLOW_SIZE];
	struct fault f = { 0 };
	const char *query;

	*r = (struct request){ .app = &app, .method = method };
	assert_int_equal(request_parse_path(r, uri, &query, &f), 0);
	assert_int_equal(request_parse_query(r, query, &f), 0);
	assert_int_equal(router_find(routes, r, allow, &f), want);
	if (allowed != NULL)
		assert_string_equal(allow, allowed);
}

static void
found(void **state)
{
	struct request r;

	find(&r, METHOD_GET, "/api/v1/instances", 0, NULL);
	assert_ptr_equal(r.route->handler, api_instances_list);
	find(&r, METHOD_PUT, "/api/v1/projects/ada/policies/i1", 0, NULL);
	assert_ptr_equal(r.route->handler, api_policies_put);
	assert_string_equal(r.project, "ada");
	assert_string_equal(r.instance, "i1");
	find(&r, METHOD_DELETE, "/api/v1/tokens/7", 0, NULL);
	assert_string_equal(r.item, "7");
	find(&r, METHOD_PUT, "/api/v1/unikernels/i1/ada/hello", 0, NULL);
	assert_int_equal(r.body_max, BODY_UPLOAD_MAX);
	assert_string_equal(r.name, "hello");
}

static void
not_found(void **state)
{
	struct request r;

	find(&r, METHOD_GET, "/api/v1/nothing", ERR_NOT_FOUND, NULL);
	find(&r, METHOD_GET, "/api/v1/instance", ERR_NOT_FOUND, NULL);
	find(&r, METHOD_GET, "/api/v1/instancesx", ERR_NOT_FOUND, NULL);
	find(&r, METHOD_GET, "/api/v1/instances/i1/x", ERR_NOT_FOUND, NULL);
	find(&r, METHOD_GET, "/api/v1/unikernels/i1/ada", ERR_NOT_FOUND,
	    NULL);
	find(&r, METHOD_PATCH, "/api/v1/instances", ERR_METHOD,
	    "GET, HEAD, POST");
	find(&r, METHOD_OTHER, "/api/v1/unikernels/i1/ada/hello", ERR_METHOD,
	    "GET, HEAD, PUT, DELETE");
	find(&r, METHOD_GET, "/api/v1/session/refresh", ERR_METHOD, "POST");
}

/* The err of the names and the query of a request that has a route. */
static int
names(struct request *r, enum method method, const char *uri,
	const char *field)
{
	struct fault f = { 0 };
	int err;

	find(r, method, uri, 0, NULL);
	err = router_check_names(r, &f);
	if (field != NULL)
		assert_string_equal(f.fields[0].field, field);
	request_free(r);
	return err;
}

static void
names_folded(void **state)
{
	struct request r;

	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/unikernels/I1/Ada/he%4Clo", NULL), 0);
	assert_string_equal(r.instance, "i1");
	assert_string_equal(r.project, "ada");
	assert_string_equal(r.name, "hello");
	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/unikernels?project=Ada&q=x", NULL), 0);
	assert_string_equal(r.project, "ada");
	assert_null(r.instance);
}

static void
names_refused(void **state)
{
	struct request r;

	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/unikernels/i1/ada/-x", "name"), ERR_INVALID);
	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/unikernels/i1/a:b/x", "project"), ERR_INVALID);
	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/unikernels/%C3%A9/ada/x", "instance"), ERR_INVALID);
	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/unikernels?project=a:b", "project"), ERR_INVALID);
	assert_int_equal(names(&r, METHOD_POST, "/api/v1/images", "project"),
	    ERR_INVALID);
}

static void
query_keys_checked(void **state)
{
	struct request r;

	assert_int_equal(names(&r, METHOD_GET, "/api/v1/instances?x=1", "x"),
	    ERR_INVALID);
	assert_int_equal(names(&r, METHOD_GET, "/api/v1/instances?=1", ""),
	    ERR_INVALID);
	assert_int_equal(names(&r, METHOD_GET, "/api/v1/instances?Limit=1",
	    "Limit"), ERR_INVALID);
	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/instances?limit=1&limit=2", "limit"), ERR_INVALID);
	assert_int_equal(names(&r, METHOD_PUT,
	    "/api/v1/unikernels/i1/ada/x?cpu*=1", "cpu*"), ERR_INVALID);
	assert_int_equal(names(&r, METHOD_PUT,
	    "/api/v1/unikernels/i1/ada/x?cpu=1&cpu=2&memory=32", NULL), 0);
	/* No other names than those of the path. */
	assert_int_equal(names(&r, METHOD_GET,
	    "/api/v1/instances/i1?instance=i2", "instance"), ERR_INVALID);
}

/* ---- serving, with an authority that refuses everybody ---- */

static struct {
	char dir[32], path[64];
	int fd;
	pthread_t thread;
	const char *code;	/* what it answers */
	int asked;		/* requests it got */
	int told;		/* refused changes it was told of */
	char op[32], scope[32], place[96];
} authority;

static void
write_down(struct json_object *o)
{
	struct json_object *args = at(o, "args");
	const char *scope = json_object_get_string(at(args, "scope"));
	const char *instance = json_object_get_string(at(args, "instance"));
	const char *project = json_object_get_string(at(args, "project"));
	const char *name = json_object_get_string(at(args, "name"));

	if (strcmp(json_object_get_string(at(o, "op")),
	    "change-refused") == 0) {
		assert_non_null(at(o, "change"));
		authority.told++;
		return;
	}
	authority.asked++;
	snprintf(authority.op, sizeof(authority.op), "%s",
	    json_object_get_string(at(o, "op")));
	snprintf(authority.scope, sizeof(authority.scope), "%s",
	    scope == NULL ? "" : scope);
	snprintf(authority.place, sizeof(authority.place), "%s/%s/%s",
	    instance == NULL ? "" : instance, project == NULL ? "" : project,
	    name == NULL ? "" : name);
}

/* A credential of somebody's, or what is wrong with it. */
static struct json_object *
verdict(void)
{
	struct json_object *o = json_object_new_object();
	struct json_object *said = json_object_new_object();

	json_object_object_add(o, authority.code == NULL ? "ok" : "error",
	    said);
	if (authority.code != NULL) {
		json_add_str(said, "code", authority.code);
		json_add_str(said, "detail", "No.");
		return o;
	}
	json_add_str(said, "user", "1");
	json_add_str(said, "user_name", "ada");
	json_add_str(said, "token", "2");
	json_add_bool(said, "admin", true);
	json_add_int(said, "expires", INT64_MAX);
	return o;
}

static void *
authority_main(void *arg)
{
	struct json_object *o;
	int fd;

	while ((fd = accept(authority.fd, NULL, NULL)) >= 0) {
		while ((o = message_receive(fd, 5000)) != NULL) {
			write_down(o);
			json_object_put(o);
			o = verdict();
			message_send(fd, o);
			json_object_put(o);
		}
		close(fd);
	}
	return NULL;
}

/* "/api/v1" and the pattern with names put in, and what the route needs. */
static void
uri_of(const struct route *route, char *uri, size_t size)
{
	static const char *const values[][2] = { { "{instance}", "i1" },
		{ "{project}", "ada" }, { "{name}", "hello" }, { "{id}", "7" },
		{ "{sha256}", "0" }, { "{job}", "web" },
		{ "{user}", "grace" } };
	const size_t n = sizeof(values) / sizeof(values[0]);
	const char *p = route->pattern, *end;
	struct buf b;
	size_t i;

	buf_init(&b, size);
	buf_put_str(&b, "REQUEST_URI=/api/v1");
	while (*p != '\0') {
		end = p + strcspn(p, "{");
		buf_put(&b, p, (size_t)(end - p));
		p = end;
		for (i = 0; *p == '{' && i < n; i++)
			if (strncmp(p, values[i][0],
			    strlen(values[i][0])) == 0) {
				buf_put_str(&b, values[i][1]);
				p += strlen(values[i][0]);
			}
		assert_true(*p != '{');
	}
	if (route->project_needed)
		buf_put_str(&b, "?project=ada");
	snprintf(uri, size, "%s", buf_str(&b));
	buf_free(&b);
}

/*
 * Serves one request with these headers; the answer is in text until the
 * next, its status is returned.
 */
static struct buf text;

static int
serve(const struct route *route, const char *uri, const char *header,
	const char *other, const char *body, bool abrupt)
{
	const char *params[] = { NULL, uri, header, other, NULL };
	struct auth_client *auth = auth_client_new(authority.path);
	const struct app_config config = { .auth_socket = authority.path };
	FCGX_Request *fcgi = malloc(sizeof(*fcgi));
	struct fcgi_peer peer;
	char method[32];
	int status = 0;

	app.config = &config;
	snprintf(method, sizeof(method), "REQUEST_METHOD=%s",
	    (const char *[]){ "GET", "POST", "PUT", "PATCH",
	    "DELETE" }[route->method]);
	params[0] = method;
	authority.asked = authority.told = 0;
	assert_int_equal(FCGX_Init(), 0);
	assert_int_equal(fcgi_peer_open(&peer), 0);
	assert_int_equal(FCGX_InitRequest(fcgi, peer.listening, 0), 0);
	assert_int_equal(fcgi_peer_send(&peer, params, body, strlen(body),
	    abrupt), 0);
	assert_int_equal(FCGX_Accept_r(fcgi), 0);
	/* What uploads is served by a thread of its own, which frees it. */
	if (!router_serve(&app, auth, fcgi)) {
		FCGX_Free(fcgi, 1);
		free(fcgi);
	}
	while (atomic_load(&app.errands) > 0)
		usleep(1000);
	buf_free(&text);
	buf_init(&text, 1 << 20);
	assert_int_equal(fcgi_peer_receive(&peer, &text), 0);
	fcgi_peer_close(&peer);
	auth_client_free(auth);
	assert_int_equal(sscanf(buf_str(&text), "Status: %d", &status), 1);
	return status;
}

static void
without_credentials(void **state)
{
	const struct route *route;
	char uri[256];

	for (route = routes; route->handler != NULL; route++) {
		if (route->access == ACCESS_NONE)
			continue;
		uri_of(route, uri, sizeof(uri));
		assert_int_equal(serve(route, uri, "A=", "B=", "", false),
		    401);
		assert_int_equal(authority.asked, 0);
		assert_int_equal(authority.told,
		    route->method != METHOD_GET);
		assert_non_null(strstr(buf_str(&text), "WWW-Authenticate"));
	}
}

/* Whoever the authority refuses is refused, by every route. */
static void
refused_by_authority(void **state)
{
	static const struct { const char *code; int status; } verdicts[] = {
		{ "unauthenticated", 401 }, { "credential-expired", 401 },
		{ "forbidden", 403 }, { "not-found", 404 },
		{ "no-policy", 403 } };
	const struct route *route;
	char uri[256];
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		authority.code = verdicts[i].code;
		for (route = routes; route->handler != NULL; route++) {
			if (route->access != ACCESS_SCOPE)
				continue;
			uri_of(route, uri, sizeof(uri));
			assert_int_equal(serve(route, uri,
			    "HTTP_AUTHORIZATION=Bearer mmk_x", "B=", "",
			    false), verdicts[i].status);
			assert_int_equal(authority.asked, 1);
		}
	}
}

/* It is asked what the table says, about what the path says. */
static void
asked_what_the_row_says(void **state)
{
	const struct route *route;
	char uri[256], place[96];

	authority.code = "forbidden";
	for (route = routes; route->handler != NULL; route++) {
		if (route->access != ACCESS_SCOPE)
			continue;
		uri_of(route, uri, sizeof(uri));
		assert_int_equal(serve(route, uri,
		    "HTTP_AUTHORIZATION=Bearer mmk_x", "B=", "", false), 403);
		snprintf(place, sizeof(place), "%s/%s/%s",
		    strstr(route->pattern, "{instance}") ? "i1" : "",
		    strstr(route->pattern, "{project}") ||
		    route->project_needed ? "ada" : "",
		    strstr(route->pattern, "{name}") ? "hello" : "");
		assert_string_equal(authority.op, "authorize");
		assert_string_equal(authority.scope, route->scope);
		assert_string_equal(authority.place, place);
	}
}

/* A body that never ends is no reason to wait: the verdict comes first. */
static void
verdict_before_body(void **state)
{
	const struct route *route;
	char uri[256];

	authority.code = "forbidden";
	for (route = routes; route->handler != NULL; route++) {
		if (route->access != ACCESS_SCOPE || route->body == BODY_NONE)
			continue;
		uri_of(route, uri, sizeof(uri));
		assert_int_equal(serve(route, uri,
		    "HTTP_AUTHORIZATION=Bearer mmk_x",
		    "CONTENT_LENGTH=99999999999", "{", true), 403);
	}
}

static void
tokens_are_no_sessions(void **state)
{
	const struct route *route;
	char uri[256];

	authority.code = NULL;
	for (route = routes; route->handler != NULL; route++) {
		if (route->access != ACCESS_SESSION)
			continue;
		uri_of(route, uri, sizeof(uri));
		assert_int_equal(serve(route, uri,
		    "HTTP_AUTHORIZATION=Bearer mmk_x", "B=", "", false), 403);
		assert_int_equal(authority.asked, 1);
		assert_string_equal(authority.op, "identify");
		assert_int_equal(authority.told,
		    route->method != METHOD_GET);
	}
	authority.code = "forbidden";
}

/* No change without a word of where it comes from, whatever the route. */
static void
changes_need_an_origin(void **state)
{
	const char *cookie = "HTTP_COOKIE=__Host-mollymawk=a.b.c";
	const struct route *route;
	char uri[256];

	for (route = routes; route->handler != NULL; route++) {
		if (route->method == METHOD_GET)
			continue;
		uri_of(route, uri, sizeof(uri));
		assert_int_equal(serve(route, uri, cookie, "B=", "", false),
		    403);
		assert_non_null(strstr(buf_str(&text), "cross-site"));
		assert_int_equal(serve(route, uri, cookie,
		    "HTTP_SEC_FETCH_SITE=same-site", "", false), 403);
		assert_int_equal(authority.asked, 0);
		assert_int_equal(authority.told, 1);
	}
}

static void
bodies_bounded(void **state)
{
	const struct route *login = route_of("post", "/session");
	const char *uri = "REQUEST_URI=/api/v1/session";

	assert_int_equal(serve(login, uri, "CONTENT_TYPE=application/json",
	    "CONTENT_LENGTH=65537", "", true), 413);
	assert_int_equal(serve(login, uri, "CONTENT_TYPE=text/plain", "B=",
	    "{}", false), 415);
	assert_int_equal(serve(login, uri, "CONTENT_TYPE=application/json",
	    "HTTP_CONTENT_ENCODING=gzip", "{}", false), 415);
	assert_int_equal(serve(login, uri, "CONTENT_TYPE=application/json",
	    "B=", "{", false), 400);
	assert_int_equal(serve(login, uri, "CONTENT_TYPE=application/json",
	    "B=", "{\"email\":\"a\",\"x\":1}", false), 422);
	assert_int_equal(authority.asked, 0);
}

static void
authority_away(void **state)
{
	const struct route *route = route_of("get", "/instances");
	char *last = authority.path + strlen(authority.path) - 1;

	*last = 'x';	/* nobody listens there */
	assert_int_equal(serve(route, "REQUEST_URI=/api/v1/instances",
	    "HTTP_AUTHORIZATION=Bearer mmk_x", "B=", "", false), 503);
	assert_non_null(strstr(buf_str(&text), "authority-unavailable"));
	assert_non_null(strstr(buf_str(&text), "Retry-After"));
	assert_int_equal(serve(route_of("get", "/readyz"),
	    "REQUEST_URI=/api/v1/readyz", "A=", "B=", "", false), 503);
	assert_int_equal(serve(route_of("get", "/healthz"),
	    "REQUEST_URI=/api/v1/healthz", "A=", "B=", "", false), 200);
	*last = 'h';
}

static int
begin(void **state)
{
	struct json_tokener *tokener;
	struct fault f = { 0 };

	log_init("test", LOG_LEVEL_ERROR);
	/* Our own document: with more keys than are taken from others. */
	tokener = json_tokener_new_ex(32);
	api = json_tokener_parse_ex(tokener, (const char *)openapi_json,
	    (int)openapi_json_len);
	json_tokener_free(tokener);
	snprintf(authority.dir, sizeof(authority.dir),
	    "/tmp/test-router-XXXXXX");
	if (api == NULL || mkdtemp(authority.dir) == NULL)
		return -1;
	snprintf(authority.path, sizeof(authority.path), "%s/auth",
	    authority.dir);
	if (ledger_open(authority.dir, &app.ledger, &f) != 0)
		return -1;
	authority.fd = message_listen(authority.path, 16, 0600);
	authority.code = "forbidden";
	return authority.fd < 0 ? -1 : pthread_create(&authority.thread, NULL,
	    authority_main, NULL);
}

static int
end(void **state)
{
	shutdown(authority.fd, SHUT_RDWR);
	pthread_join(authority.thread, NULL);
	close(authority.fd);
	ledger_close(app.ledger);
	folder_remove(authority.dir);
	buf_free(&text);
	json_object_put(api);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(described_is_there),
		cmocka_unit_test(there_is_described),
		cmocka_unit_test(rows_make_sense),
		cmocka_unit_test(found),
		cmocka_unit_test(not_found),
		cmocka_unit_test(names_folded),
		cmocka_unit_test(names_refused),
		cmocka_unit_test(query_keys_checked),
		cmocka_unit_test(without_credentials),
		cmocka_unit_test(refused_by_authority),
		cmocka_unit_test(asked_what_the_row_says),
		cmocka_unit_test(verdict_before_body),
		cmocka_unit_test(tokens_are_no_sessions),
		cmocka_unit_test(changes_need_an_origin),
		cmocka_unit_test(bodies_bounded),
		cmocka_unit_test(authority_away),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
