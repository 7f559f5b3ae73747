/* SPDX-License-Identifier: ISC */
/*
 * webhook: a program of the administrators, or of a project, that is told, by
 * a POST of JSON, what happened. Who has the secret can tell that it is from
 * here: X-Mollymawk-Signature is "sha256=" and the HMAC-SHA256 of the body in
 * hex.
 */
#ifndef FCGI_WEBHOOK_H
#define FCGI_WEBHOOK_H

#include <stdatomic.h>

#include "fcgi/web_reach.h"

#define WEBHOOK_URL_MAX 1023
#define WEBHOOK_SECRET_MAX 255
#define WEBHOOK_SECONDS 15
#define WEBHOOK_PROJECT_SECONDS 5
#define WEBHOOK_SIGNATURE_SIZE 72

struct webhook_settings {
	char url[WEBHOOK_URL_MAX + 1];		/* "": none */
	char secret[WEBHOOK_SECRET_MAX + 1];	/* "": not signed */
};

/* Borrowed. */
struct webhook_call {
	const char *event;	/* "update.available" */
	const char *mark;	/* X-Mollymawk-Delivery */
	const char *body;	/* JSON */
};

void webhook_sign(const char *secret, const char *body,
	char out[WEBHOOK_SIGNATURE_SIZE]);
/*
 * Waits for the answer, WEBHOOK_SECONDS at most, or until *stop (or NULL) is
 * set. 0 for a 2xx, or ERR_WEBHOOK with a sentence; redirects are not followed.
 * A project's goes no further than reach (NULL: it is the administrators'), and
 * has WEBHOOK_PROJECT_SECONDS.
 */
int webhook_send(const struct webhook_settings *s,
	const struct webhook_call *call, struct web_reach *reach,
	const atomic_bool *stop, struct fault *f);

#endif
