/* SPDX-License-Identifier: ISC */
/*
 * request: one HTTP request as FastCGI hands it over, taken apart once and
 * strictly. Strings are borrowed from the request or from FastCGI's
 * parameters and live as long as the request.
 */
#ifndef FCGI_REQUEST_H
#define FCGI_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <fcgiapp.h>

#include "albatross/name.h"
#include "auth/client.h"
#include "base/json.h"

#define REQUEST_ID_LEN 22
#define REQUEST_PATH_MAX 1023		/* bytes, decoded */
#define REQUEST_SEGMENTS_MAX 8
#define REQUEST_SEGMENT_MAX 255
#define REQUEST_QUERY_MAX 16383		/* bytes, as sent */
#define REQUEST_QUERY_KEYS_MAX 512	/* pairs */
#define REQUEST_ADDRESS_MAX 45
#define REQUEST_CHANGE_SIZE 128
#define REQUEST_CREDENTIAL_MAX 4096	/* bytes of a cookie or a token */

struct app;
struct route;

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH,
	METHOD_DELETE, METHOD_OTHER };

struct query_pair {
	const char *key;
	const char *value;	/* "" when there was no "=" */
};

struct request {
	struct app *app;
	struct auth_client *auth;	/* of this thread */
	FCGX_Request *fcgi;		/* NULL: of our own making */
	const struct route *route;	/* once found */

	char id[REQUEST_ID_LEN + 1];	/* random, ours */
	enum method method;
	bool head;			/* HEAD; method says GET */
	bool handed_over;		/* fcgi belongs to the hub now */

	/* The path below /api/v1, decoded: storage and its segments. */
	char path[REQUEST_PATH_MAX + 1];
	const char *segments[REQUEST_SEGMENTS_MAX];
	size_t nsegments;

	/*
	 * What the pattern named, or the query keys "instance" and "project"
	 * where the route takes them: folded labels, or NULL, once the router
	 * has asked the authority about them.
	 */
	const char *instance;
	const char *project;
	const char *name;
	const char *item;		/* {id}, {sha256}: handlers check */
	const char *job;		/* {job}: the same */
	char labels[3][ALB_LABEL_MAX + 1];

	struct query_pair *query;	/* owned, in the order sent */
	size_t nquery;
	char *query_text;		/* owned storage */

	/* Credentials: at most one of who.cookie and who.bearer. */
	struct auth_who who;
	const char *refresh;		/* refresh cookie, or NULL */
	char *cookie_text;		/* owned storage, wiped */
	char address[REQUEST_ADDRESS_MAX + 1];	/* logged at the very end */
	char user_agent[256];		/* printable ASCII */
	struct auth_grant grant;	/* where the route needs a scope */
	char change[REQUEST_CHANGE_SIZE];	/* request_changing */

	const char *media_type;		/* lower case, no parameters, or "" */
	const char *content_type;	/* as sent, for parameters, or "" */
	char media_text[128];
	int64_t content_length;		/* -1: not told */
	uint64_t body_max;		/* bytes the route allows */
	uint64_t body_read;
	struct json_object *body;	/* owned; BODY_JSON only, or NULL */
};

/*
 * Takes fcgi's parameters apart (fcgi, app and auth are borrowed). 0 or an err
 * for which a problem is to be sent; free with request_free in any case.
 */
int request_init(struct request *r, struct app *app, struct auth_client *auth,
	FCGX_Request *fcgi, struct fault *f);
void request_free(struct request *r);

/* A FastCGI parameter ("HTTP_ACCEPT"), or NULL when absent or empty. */
const char *request_param(const struct request *r, const char *name);
/* "GET", "HEAD", ... as it is logged. */
const char *request_method_text(const struct request *r);

/*
 * The parts of request_init which take text apart (request_parse.c). 0 or an
 * err.
 *
 * path: splits REQUEST_URI's path below /api/v1 into r->segments; *query gets
 * what is behind "?" (or NULL). Refuses a path that is not in one plain form.
 */
int request_parse_path(struct request *r, const char *uri, const char **query,
	struct fault *f);
int request_parse_query(struct request *r, const char *query, struct fault *f);
/* Finds the session's and the refresh cookie. */
int request_parse_cookies(struct request *r, const char *header,
	struct fault *f);
int request_parse_authorization(struct request *r, const char *header,
	struct fault *f);
/* "Text/Plain; charset=x" as "text/plain", or "" when it is none. */
void request_parse_media(const char *header, char *out, size_t size);

/*
 * r->who for the question whether what the request is there for may be done:
 * the audit log gets a row, unless it only reads. Borrows from r.
 */
struct auth_who request_changing(struct request *r);

/* The value of a query key, or NULL; the router saw to it that it is one. */
const char *request_query(const struct request *r, const char *key);
/*
 * The next value of a key that may be repeated, or NULL; *at is 0 before the
 * first call.
 */
const char *request_query_next(const struct request *r, const char *key,
	size_t *at);
/*
 * As a number in min..max, or true/false; *out stays when the key is absent.
 * 0 or ERR_INVALID with the key as field.
 */
int request_query_int(const struct request *r, const char *key, int64_t min,
	int64_t max, int64_t *out, struct fault *f);
int request_query_bool(const struct request *r, const char *key, bool *out,
	struct fault *f);

/*
 * Refuses what another site could have made a browser send. A state-changing
 * request with one of our cookies needs Sec-Fetch-Site: same-origin or, when
 * that is absent, our Origin; one without any credential (login) may have
 * neither, but nothing else. 0 or ERR_CROSS_SITE.
 */
int request_check_site(const struct request *r, struct fault *f);

/*
 * Reads up to size bytes of the body, those that are there: 0 with *got (0 at
 * the end), or ERR_TOO_LARGE beyond body_max, or ERR_BAD_REQUEST when the body
 * broke off.
 */
int request_read(struct request *r, void *data, size_t size, size_t *got,
	struct fault *f);
/* The same as a source of multipart.h; arg is the request. */
int request_source(void *arg, void *data, size_t size, size_t *got,
	struct fault *f);
/*
 * The whole body, of at most max bytes, as an owned object. 0, ERR_MEDIA_TYPE
 * unless it is application/json, ERR_TOO_LARGE, ERR_BAD_JSON. An empty body
 * is 0 with NULL when optional.
 */
int request_read_json(struct request *r, uint64_t max, bool optional,
	struct json_object **out, struct fault *f);

#endif
