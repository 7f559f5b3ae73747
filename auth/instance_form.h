/* SPDX-License-Identifier: ISC */
/*
 * instance_form: what an administrator says of an albatross server, checked as
 * far as it can be without that server.
 */
#ifndef AUTH_INSTANCE_FORM_H
#define AUTH_INSTANCE_FORM_H

#include "albatross/cert.h"
#include "base/buf.h"
#include "base/json.h"

#define PEM_MAX 65536
#define TITLE_MAX 64

/* Borrowed. Of a change, NULL and 0 leave what it was. */
struct instance_form {
	const char *name;
	const char *title;		/* shown instead of the name; or "" */
	const char *host;
	int64_t port;
	const char *certificate;	/* PEM: signing one first, its chain */
	const char *key;		/* PEM */
	const char *server_ca;		/* PEM; "": the certificate */
};

/* What is stored of a form that holds, as PEM without anything around it. */
struct instance_ready {
	struct alb_signer *signer;	/* owned */
	struct buf certificate;
	struct buf key;
	struct buf server_ca;		/* the certificate, if no other */
};

/* NULL, or why it can be none. */
const char *title_check(const char *title);

/*
 * 0 with an owned *out, or ERR_INVALID with all that is wrong with
 * certificate, key and server_ca, at those fields.
 */
int instance_form_ready(const struct instance_form *form, time_t now,
	struct instance_ready *out, struct fault *f);
void instance_ready_free(struct instance_ready *r);	/* wipes the key */

#endif
