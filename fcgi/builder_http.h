/* SPDX-License-Identifier: ISC */
/*
 * builder_http: one GET at a builder, a site that speaks the builder-web
 * protocol. Only https (or http to the loopback), only there and where the
 * administrator lets it redirect to, with bounds on size, time and redirects.
 * Nothing a builder answers is trusted.
 */
#ifndef FCGI_BUILDER_HTTP_H
#define FCGI_BUILDER_HTTP_H

#include <stdatomic.h>

#include "albatross/name.h"
#include "base/json.h"

#define BUILDER_URL_MAX 255
#define BUILDER_HOST_MAX 253
#define BUILDER_HOSTS_MAX 8
#define BUILDER_PATH_MAX 600
#define BUILDER_JSON_MAX (8 * 1024 * 1024)
#define BUILDER_ETAG_MAX 127

struct builder {
	char name[ALB_LABEL_MAX + 1];
	char url[BUILDER_URL_MAX + 1];	/* without a "/" at the end */
	/* Hosts beside its own to which it may redirect. */
	char hosts[BUILDER_HOSTS_MAX][BUILDER_HOST_MAX + 1];
	size_t nhosts;
};

/* Says why a URL is none of a builder, or NULL; for json_field.check. */
const char *builder_url_check(const char *url);
/* The same of the name of a host. */
const char *builder_host_check(const char *host);

/* What is asked; all borrowed. */
struct builder_ask {
	const struct builder *builder;
	const char *path;		/* "/job/...", as it is sent */
	int seconds;			/* for all of it */
	const char *etag;		/* If-None-Match, or NULL */
	const atomic_bool *stopping;	/* once set, it is over at once */
};

struct builder_answer {
	char etag[BUILDER_ETAG_MAX + 1];	/* as it was sent, or "" */
	char path[BUILDER_PATH_MAX + 1];	/* where redirects led to */
	bool unchanged;			/* 304: nothing came */
	bool unreached;			/* of an err: no answer, or too slow */
};

/*
 * A JSON object (NULL when unchanged), owned. 0, ERR_NOT_FOUND, ERR_BUILDER
 * with a sentence that names the builder, ERR_NO_MEMORY.
 */
int builder_get_json(const struct builder_ask *ask, struct json_object **out,
	struct builder_answer *answer, struct fault *f);
/*
 * A file, in pieces to sink, which answers 0 to go on; what it answers else
 * is the result. Errors as above.
 */
int builder_get_file(const struct builder_ask *ask,
	int (*sink)(void *arg, const void *data, size_t len), void *arg,
	struct builder_answer *answer, struct fault *f);

#endif
