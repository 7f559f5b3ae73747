/* SPDX-License-Identifier: ISC */
/*
 * router: the one const table of what this API does, which is its
 * authorisation matrix too, and the way of a request through it: find the
 * route, check credentials and origin, ask the authority, check the query,
 * read the body, call the handler, send what went wrong.
 */
#ifndef FCGI_ROUTER_H
#define FCGI_ROUTER_H

#include "fcgi/reply.h"
#include "fcgi/request.h"

/* Who may come in. */
enum access {
	ACCESS_NONE,	/* anybody */
	ACCESS_ANY,	/* any credential; what may be done is the handler's */
	ACCESS_SESSION,	/* a person's session, never a token */
	ACCESS_SCOPE,	/* what the authority grants: .scope on the names */
};

enum body_kind {
	BODY_NONE,		/* what is sent is not looked at */
	BODY_JSON,		/* read into request.body before the handler */
	BODY_JSON_OPTIONAL,	/* the same, or nothing (body NULL) */
	BODY_UPLOAD,		/* the handler reads it, by request_read */
};

#define BODY_JSON_MAX (64 * 1024)
#define BODY_UPLOAD_MAX (1024ULL * 1024 * 1024)

#define ROUTE_QUERY_MAX 24
#define ROUTER_WAITING_MAX 128	/* requests in threads of their own */

/*
 * 0 when the answer was sent; else an err, with f filled, for which the
 * router sends the problem document. Runs authorised.
 */
typedef int route_handler(struct request *r, struct reply *p,
	struct fault *f);

struct route {
	enum method method;
	/*
	 * Below /api/v1. {instance}, {project} and {name} are folded labels;
	 * {id} and {sha256} go to request.item as they are, {job} to job.
	 */
	const char *pattern;
	enum access access;
	const char *scope;
	/* Or who comes from an address of the settings for metrics. */
	bool by_address;
	bool project_needed;	/* the query key "project" must be there */
	enum body_kind body;
	uint64_t body_max;	/* bytes */
	/*
	 * Query keys; "cpu*" may come more than once. The keys "instance" and
	 * "project" are taken as names, and the authority is asked about them.
	 */
	const char *query[ROUTE_QUERY_MAX];
	/* As an upload does, one with ?wait= or a stream has its own thread. */
	bool waits;
	/* One that asks a site elsewhere, or sends for long, always has. */
	bool asks_outside;
	/* The handler takes what Content-Encoding says off the body. */
	bool encoded;
	route_handler *handler;
};

/* All routes; ended by one without a handler. */
extern const struct route routes[];

/*
 * Finds the route of r->method and r->segments, and what the pattern names,
 * as it was sent: 0, ERR_NOT_FOUND, or ERR_METHOD with the allowed ones in
 * allow ("GET, HEAD").
 */
#define ROUTER_ALLOW_SIZE 48
int router_find(const struct route *table, struct request *r,
	char allow[ROUTER_ALLOW_SIZE], struct fault *f);
/*
 * Holds the query against the keys the route takes, and folds the names: 0 or
 * ERR_INVALID with fields.
 */
int router_check_names(struct request *r, struct fault *f);
/*
 * Serves one accepted FastCGI request from beginning to log line. True: a
 * thread of its own does, and fcgi, which is from malloc, belongs to it.
 */
bool router_serve(struct app *app, struct auth_client *auth,
	FCGX_Request *fcgi);

#endif
