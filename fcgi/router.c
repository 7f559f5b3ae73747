/* SPDX-License-Identifier: ISC */
/* router: from an accepted request to its answer; see router.h. */
#include "fcgi/router.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/counters.h"
#include "fcgi/metrics.h"
#include "fcgi/thread.h"

/* Where the name in braces goes. */
static const char **
variable_slot(struct request *r, const char *name, size_t len)
{
	if (len == 8 && memcmp(name, "instance", len) == 0)
		return &r->instance;
	if (len == 7 && memcmp(name, "project", len) == 0)
		return &r->project;
	if (len == 4 && memcmp(name, "name", len) == 0)
		return &r->name;
	if (len == 3 && memcmp(name, "job", len) == 0)
		return &r->job;
	return &r->item;
}

static bool
pattern_matches(const char *pattern, const struct request *r)
{
	size_t i, len;

	for (i = 0; i < r->nsegments; i++) {
		if (*pattern++ != '/')
			return false;
		len = strcspn(pattern, "/");
		if (*pattern != '{' && (strlen(r->segments[i]) != len ||
		    memcmp(pattern, r->segments[i], len) != 0))
			return false;
		pattern += len;
	}
	return *pattern == '\0';
}

static void
pattern_take(const char *pattern, struct request *r)
{
	size_t i, len;

	for (i = 0; i < r->nsegments; i++) {
		pattern++;
		len = strcspn(pattern, "/");
		if (*pattern == '{')
			*variable_slot(r, pattern + 1, len - 2) =
				r->segments[i];
		pattern += len;
	}
}

static void
allow_add(char allow[ROUTER_ALLOW_SIZE], enum method method)
{
	static const char *const words[] = {
		[METHOD_GET] = "GET, HEAD", [METHOD_POST] = "POST",
		[METHOD_PUT] = "PUT", [METHOD_PATCH] = "PATCH",
		[METHOD_DELETE] = "DELETE",
	};
	size_t len = strlen(allow);

	snprintf(allow + len, ROUTER_ALLOW_SIZE - len, "%s%s",
	    len == 0 ? "" : ", ", words[method]);
}

int
router_find(const struct route *table, struct request *r,
	char allow[ROUTER_ALLOW_SIZE], struct fault *f)
{
	allow[0] = '\0';
	for (; table->handler != NULL; table++) {
		if (!pattern_matches(table->pattern, r))
			continue;
		if (table->method == r->method) {
			r->route = table;
			r->body_max = table->body_max;
			pattern_take(table->pattern, r);
			return 0;
		}
		allow_add(allow, table->method);
	}
	if (allow[0] != '\0')
		return fault_set(f, ERR_METHOD, "Only %s here.", allow);
	return fault_set(f, ERR_NOT_FOUND, "There is nothing here.");
}

/* Finds key among the keys of the route: "" , "*" (repeatable) or NULL. */
static const char *
query_key_find(const struct route *route, const char *key)
{
	size_t i, len = strlen(key);

	for (i = 0; i < ROUTE_QUERY_MAX && route->query[i] != NULL; i++)
		if (strncmp(route->query[i], key, len) == 0 &&
		    (route->query[i][len] == '\0' ||
		     strcmp(route->query[i] + len, "*") == 0))
			return route->query[i] + len;
	return NULL;
}

static void
query_check(const struct request *r, struct fault *f)
{
	size_t i, at;

	for (i = 0; i < r->nquery; i++) {
		const char *key = r->query[i].key;
		const char *kind = query_key_find(r->route, key);

		if (kind == NULL || *key == '\0' || strchr(key, '*') != NULL) {
			fault_field(f, key, "is not known here");
			continue;
		}
		at = i + 1;
		if (*kind == '\0' && request_query_next(r, key, &at) != NULL)
			fault_field(f, key, "may be given once only");
	}
}

static void
name_fold(const char **slot, const char *field,
	char folded[ALB_LABEL_MAX + 1], struct fault *f)
{
	const char *why;

	if (*slot == NULL)
		return;
	why = alb_label_fold(*slot, folded);
	if (why != NULL)
		fault_field(f, field, "%s", why);
	else
		*slot = folded;
}

int
router_check_names(struct request *r, struct fault *f)
{
	query_check(r, f);
	if (r->instance == NULL && query_key_find(r->route, "instance"))
		r->instance = request_query(r, "instance");
	if (r->project == NULL && query_key_find(r->route, "project"))
		r->project = request_query(r, "project");
	if (r->route->project_needed && r->project == NULL)
		fault_field(f, "project", "is missing");
	name_fold(&r->instance, "instance", r->labels[0], f);
	name_fold(&r->project, "project", r->labels[1], f);
	name_fold(&r->name, "name", r->labels[2], f);
	if (f->err == ERR_INVALID)
		fault_set(f, ERR_INVALID, "Check the fields.");
	return f->err;
}

static int
credential_check(const struct request *r, struct fault *f)
{
	if (r->route->access == ACCESS_NONE)
		return 0;
	if (r->who.cookie == NULL && r->who.bearer == NULL)
		return fault_set(f, ERR_UNAUTHENTICATED,
		    "Send the session cookie or a token.");
	return 0;
}

struct auth_who
request_changing(struct request *r)
{
	struct auth_who who = r->who;

	if (r->method == METHOD_GET)
		return who;
	snprintf(r->change, sizeof(r->change), "%s %s",
	    request_method_text(r), r->route->pattern);
	who.change = r->change;
	who.about = r->item;
	return who;
}

/* What is refused without asking the authority is in its log all the same. */
static int
come_in(struct request *r, struct fault *f)
{
	struct auth_who who = request_changing(r);
	int err = credential_check(r, f);

	if (err == 0)
		err = request_check_site(r, f);
	if (err != 0 && who.change != NULL)
		auth_change_refused(r->auth, &who, err, r->instance,
		    r->project, r->name);
	return err;
}

/* What the authority says; where no right is asked for: whose is it at all? */
static int
authority_ask(struct request *r, struct fault *f)
{
	struct auth_who who = request_changing(r);
	/* In an archived project one looks, and takes away. */
	bool archived = r->method == METHOD_GET ||
		r->method == METHOD_DELETE;
	int err;

	if (r->route->access == ACCESS_NONE)
		return 0;
	if (r->route->access == ACCESS_SCOPE)
		return (archived ? auth_authorize_archived : auth_authorize)(
		    r->auth, &who, r->route->scope, r->instance, r->project,
		    r->name, &r->grant, f);
	err = auth_authorize(r->auth, &r->who, NULL, NULL, NULL, NULL,
	    &r->grant, f);
	if (err == 0 && r->route->access == ACCESS_SESSION &&
	    r->who.bearer != NULL)
		err = fault_set(f, ERR_FORBIDDEN,
		    "Only a signed-in person can do this, not a token.");
	if (err != 0 && who.change != NULL)
		auth_change_refused(r->auth, &who, err, r->instance,
		    r->project, r->name);
	return err;
}

/* A credential that is sent counts all the same. */
static bool
address_known(const struct request *r)
{
	return r->route->by_address && r->who.cookie == NULL &&
		r->who.bearer == NULL && metrics_address_allowed(r);
}

static int
body_prepare(struct request *r, struct fault *f)
{
	enum body_kind kind = r->route->body;

	if (kind != BODY_NONE && r->content_length > 0 &&
	    (uint64_t)r->content_length > r->body_max)
		return fault_set(f, ERR_TOO_LARGE,
		    "At most %llu bytes are taken.",
		    (unsigned long long)r->body_max);
	if (kind != BODY_NONE && !r->route->encoded &&
	    request_param(r, "HTTP_CONTENT_ENCODING") != NULL)
		return fault_set(f, ERR_MEDIA_TYPE,
		    "Send the body without Content-Encoding.");
	if (kind == BODY_JSON || kind == BODY_JSON_OPTIONAL)
		return request_read_json(r, r->body_max,
		    kind == BODY_JSON_OPTIONAL, &r->body, f);
	return 0;
}

static int
request_route(struct request *r, struct reply *p, struct fault *f)
{
	char allow[ROUTER_ALLOW_SIZE];
	int err = router_find(routes, r, allow, f);

	if (err == ERR_METHOD)
		reply_header(p, "Allow", "%s", allow);
	return err;
}

/* Nothing of the body is read before the authority has said yes. */
static int
request_serve(struct request *r, struct reply *p, struct fault *f)
{
	bool known = address_known(r);
	int err = known ? request_check_site(r, f) : come_in(r, f);

	if (err == 0)
		err = router_check_names(r, f);
	if (err == 0 && !known)
		err = authority_ask(r, f);
	if (err == 0)
		err = body_prepare(r, f);
	if (err == 0)
		err = r->route->handler(r, p, f);
	return err;
}

/* The instance belongs into what albatross or the way to it caused. */
static const char *
problem_instance(const struct request *r, int err)
{
	return err >= ERR_ALB_NETWORK && err <= ERR_HEALTH ?
	    r->instance : NULL;
}

static void
request_log(const struct request *r, const struct reply *p, const char *code,
	int64_t us)
{
	char status[16], ms[32];

	snprintf(status, sizeof(status), "%d", p->status);
	snprintf(ms, sizeof(ms), "%lld.%lld", (long long)(us / 1000),
	    (long long)(us % 1000 / 100));
	log_event(p->status >= 500 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
	    "request", "method", request_method_text(r),
	    "route", r->route == NULL ? NULL : r->route->pattern,
	    "status", status, "ms", ms, "id", r->id,
	    "user", r->grant.user[0] == '\0' ? NULL : r->grant.user,
	    "token", r->grant.token[0] == '\0' ? NULL : r->grant.token,
	    "address", r->who.address, "code", code, NULL);
}

/* What is left to be said, and the log line. */
static void
request_end(struct request *r, struct reply *p, int err, struct fault *f,
	int64_t begin)
{
	if (err == 0 && p->status == 0)
		err = ERR_INTERNAL;
	if (err != 0) {
		f->err = err;
		reply_problem(p, f, problem_instance(r, err));
	}
	if (!r->handed_over)
		FCGX_Finish_r(r->fcgi);
	begin = counters_now() - begin;
	count_request(r->route == NULL ? COUNT_ROUTES - 1 :
	    (size_t)(r->route - routes), p->status, begin);
	count_now(NOW_REQUESTS, -1);
	request_log(r, p, err == 0 ? NULL : err_code(err), begin);
}

/* A worker is not to be held up by a slow upload, or by who waits. */
static bool
request_waits(const struct request *r)
{
	const char *accept = request_param(r, "HTTP_ACCEPT");

	if (r->route->body == BODY_UPLOAD || r->route->asks_outside)
		return true;
	return r->route->waits && (request_query(r, "wait") != NULL ||
	    (accept != NULL && strstr(accept, "text/event-stream") != NULL));
}

/* The same request in a thread of its own. */
struct errand {
	struct app *app;
	FCGX_Request *fcgi;
};

static bool serve(struct app *app, struct auth_client *auth,
	FCGX_Request *fcgi, bool own_thread);

static void *
errand_main(void *arg)
{
	struct errand *e = arg;
	struct auth_client *auth = auth_client_new(
		e->app->config->auth_socket);

	if (auth != NULL)
		serve(e->app, auth, e->fcgi, true);
	FCGX_Free(e->fcgi, 1);
	free(e->fcgi);
	auth_client_free(auth);
	atomic_fetch_sub(&e->app->waiting, 1);
	atomic_fetch_sub(&e->app->errands, 1);
	free(e);
	return NULL;
}

static int
errand_start(struct app *app, FCGX_Request *fcgi, struct fault *f)
{
	struct errand *e = malloc(sizeof(*e));

	if (e == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	*e = (struct errand){ app, fcgi };
	atomic_fetch_add(&app->errands, 1);
	if (atomic_fetch_add(&app->waiting, 1) < ROUTER_WAITING_MAX &&
	    thread_detach(errand_main, e) == 0)
		return 0;
	atomic_fetch_sub(&app->waiting, 1);
	atomic_fetch_sub(&app->errands, 1);
	free(e);
	return fault_set(f, ERR_BUSY, "%d uploads and waiting requests are "
	    "served already; try again.", ROUTER_WAITING_MAX);
}

static bool
serve(struct app *app, struct auth_client *auth, FCGX_Request *fcgi,
	bool own_thread)
{
	struct fault f = { 0 };
	int64_t begin = counters_now();
	struct request r;
	struct reply p;
	bool taken = false;
	int err;

	count_now(NOW_REQUESTS, 1);
	err = request_init(&r, app, auth, fcgi, &f);
	reply_init(&p, &r);
	if (err == 0)
		err = request_route(&r, &p, &f);
	if (err == 0 && !own_thread && request_waits(&r)) {
		err = errand_start(app, fcgi, &f);
		taken = err == 0;
	} else if (err == 0) {
		err = request_serve(&r, &p, &f);
	}
	if (taken)
		count_now(NOW_REQUESTS, -1);
	else
		request_end(&r, &p, err, &f, begin);
	reply_free(&p);
	request_free(&r);
	return taken;
}

bool
router_serve(struct app *app, struct auth_client *auth, FCGX_Request *fcgi)
{
	return serve(app, auth, fcgi, false);
}
