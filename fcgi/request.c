/* SPDX-License-Identifier: ISC */
/* request: what FastCGI says of a request, its query and its body. */
#include "fcgi/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"

static const char *const method_names[] = {
	[METHOD_GET] = "GET", [METHOD_POST] = "POST", [METHOD_PUT] = "PUT",
	[METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
	[METHOD_OTHER] = "OTHER",
};

const char *
request_param(const struct request *r, const char *name)
{
	const char *value = r->fcgi == NULL ? NULL :
		FCGX_GetParam(name, r->fcgi->envp);

	return value == NULL || *value == '\0' ? NULL : value;
}

const char *
request_method_text(const struct request *r)
{
	return r->head ? "HEAD" : method_names[r->method];
}

static void
method_set(struct request *r, const char *name)
{
	r->method = METHOD_OTHER;
	r->head = name != NULL && strcmp(name, "HEAD") == 0;
	if (r->head)
		r->method = METHOD_GET;
	for (enum method m = METHOD_GET; name != NULL && m < METHOD_OTHER; m++)
		if (strcmp(name, method_names[m]) == 0)
			r->method = m;
}

/* Where the request comes from, in a form that JSON and logs can carry. */
static void
origin_set(struct request *r)
{
	const char *address = request_param(r, "REMOTE_ADDR");
	const char *agent = request_param(r, "HTTP_USER_AGENT");
	size_t i;

	if (address != NULL && strlen(address) <= REQUEST_ADDRESS_MAX &&
	    utf8_valid(address, strlen(address))) {
		memcpy(r->address, address, strlen(address) + 1);
		r->who.address = r->address;
	}
	if (agent == NULL)
		return;
	for (i = 0; agent[i] != '\0' && i < sizeof(r->user_agent) - 1; i++)
		r->user_agent[i] = agent[i] >= ' ' && agent[i] < 0x7f ?
			agent[i] : '?';
	r->who.user_agent = r->user_agent;
}

static int
content_set(struct request *r, struct fault *f)
{
	const char *type = request_param(r, "CONTENT_TYPE");
	const char *length = request_param(r, "CONTENT_LENGTH");

	r->content_type = type == NULL ? "" : type;
	request_parse_media(r->content_type, r->media_text,
	    sizeof(r->media_text));
	r->media_type = r->media_text;
	r->content_length = -1;
	if (length != NULL &&
	    int_parse(length, 0, INT64_MAX, &r->content_length) < 0)
		return fault_set(f, ERR_BAD_REQUEST,
		    "Content-Length is not a number.");
	return 0;
}

int
request_init(struct request *r, struct app *app, struct auth_client *auth,
	FCGX_Request *fcgi, struct fault *f)
{
	const char *uri, *query;
	int err;

	*r = (struct request){ .app = app, .auth = auth, .fcgi = fcgi };
	random_base62(r->id, REQUEST_ID_LEN);
	r->who.request_id = r->id;
	method_set(r, request_param(r, "REQUEST_METHOD"));
	origin_set(r);
	uri = request_param(r, "REQUEST_URI");
	err = request_parse_path(r, uri == NULL ? "" : uri, &query, f);
	if (err == 0)
		err = request_parse_query(r, query, f);
	if (err == 0)
		err = request_parse_cookies(r, request_param(r, "HTTP_COOKIE"),
		    f);
	if (err == 0)
		err = request_parse_authorization(r,
		    request_param(r, "HTTP_AUTHORIZATION"), f);
	return err != 0 ? err : content_set(r, f);
}

void
request_free(struct request *r)
{
	if (r->cookie_text != NULL) {
		explicit_bzero(r->cookie_text, strlen(r->cookie_text));
		free(r->cookie_text);
	}
	free(r->query_text);
	free(r->query);
	json_object_put(r->body);
}

const char *
request_query_next(const struct request *r, const char *key, size_t *at)
{
	while (*at < r->nquery) {
		const struct query_pair *pair = &r->query[(*at)++];

		if (strcmp(pair->key, key) == 0)
			return pair->value;
	}
	return NULL;
}

const char *
request_query(const struct request *r, const char *key)
{
	size_t at = 0;

	return request_query_next(r, key, &at);
}

int
request_query_int(const struct request *r, const char *key, int64_t min,
	int64_t max, int64_t *out, struct fault *f)
{
	const char *value = request_query(r, key);

	if (value == NULL || int_parse(value, min, max, out) == 0)
		return 0;
	return fault_field(f, key, "must be %" PRId64 " to %" PRId64, min, max);
}

int
request_query_bool(const struct request *r, const char *key, bool *out,
	struct fault *f)
{
	const char *value = request_query(r, key);

	if (value == NULL)
		return 0;
	if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
		*out = true;
	else if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		*out = false;
	else
		return fault_field(f, key, "must be true or false");
	return 0;
}

int
request_check_site(const struct request *r, struct fault *f)
{
	const char *site = request_param(r, "HTTP_SEC_FETCH_SITE");
	const char *origin = request_param(r, "HTTP_ORIGIN");
	bool same;

	if (r->method == METHOD_GET || r->who.bearer != NULL)
		return 0;
	if (site != NULL)
		same = strcmp(site, "same-origin") == 0;
	else if (origin != NULL)
		same = strcmp(origin, r->app->origin) == 0;
	else
		same = r->who.cookie == NULL && r->refresh == NULL;
	if (same)
		return 0;
	return fault_set(f, ERR_CROSS_SITE, site != NULL || origin != NULL ?
	    "This came from another site." :
	    "With a cookie, send Origin or Sec-Fetch-Site.");
}

int
request_read(struct request *r, void *data, size_t size, size_t *got,
	struct fault *f)
{
	const FCGX_Stream *in = r->fcgi->in;
	size_t there = (size_t)(in->stop - in->rdNext);
	int n;

	*got = 0;
	/* For more than is there libfcgi would wait until all of it came. */
	if (there == 0)
		there = 1;
	n = FCGX_GetStr(data, (int)(size < there ? size : there),
	    r->fcgi->in);
	if (n > 0) {
		r->body_read += (uint64_t)n;
		*got = (size_t)n;
		if (r->body_read > r->body_max)
			return fault_set(f, ERR_TOO_LARGE,
			    "At most %" PRIu64 " bytes are taken.",
			    r->body_max);
		return 0;
	}
	if (FCGX_GetError(r->fcgi->in) != 0 || (r->content_length >= 0 &&
	    r->body_read != (uint64_t)r->content_length))
		return fault_set(f, ERR_BAD_REQUEST, "The body broke off.");
	return 0;
}

static int
body_collect(struct request *r, struct buf *b, struct fault *f)
{
	char piece[4096];
	size_t got;
	int err;

	do {
		err = request_read(r, piece, sizeof(piece), &got, f);
		if (err == 0)
			buf_put(b, piece, got);
	} while (err == 0 && got > 0);
	explicit_bzero(piece, sizeof(piece));
	if (err == 0 && !buf_ok(b))
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return err;
}

/* Whether there is a body is told by its length, or else by its type. */
static bool
body_absent(const struct request *r)
{
	return r->content_length == 0 ||
	    (r->content_length < 0 && r->media_type[0] == '\0');
}

int
request_source(void *arg, void *data, size_t size, size_t *got,
	struct fault *f)
{
	return request_read(arg, data, size, got, f);
}

int
request_read_json(struct request *r, uint64_t max, bool optional,
	struct json_object **out, struct fault *f)
{
	struct buf b;
	int err;

	*out = NULL;
	if (optional && body_absent(r))
		return 0;
	if (strcmp(r->media_type, "application/json") != 0)
		return fault_set(f, ERR_MEDIA_TYPE,
		    "The body must be application/json.");
	if (max < r->body_max)
		r->body_max = max;
	if (r->content_length > 0 &&
	    (uint64_t)r->content_length > r->body_max)
		return fault_set(f, ERR_TOO_LARGE,
		    "At most %" PRIu64 " bytes are taken.", r->body_max);
	buf_init(&b, r->body_max);
	err = body_collect(r, &b, f);
	if (err == 0 && (b.len > 0 || !optional)) {
		*out = json_parse((const char *)b.data, b.len, f);
		err = *out == NULL ? f->err : 0;
	}
	buf_wipe(&b);	/* passwords come this way */
	return err;
}
