/* SPDX-License-Identifier: ISC */
/* instance_form: see instance_form.h. */
#include "auth/instance_form.h"

#include <ctype.h>
#include <string.h>

#include "albatross/pem.h"

const char *
title_check(const char *title)
{
	for (; *title != '\0'; title++)
		if (iscntrl((unsigned char)*title))
			return "must not contain control characters";
	return NULL;
}

/* What the server's own certificate must end in. */
static void
anchor_take(const struct instance_form *form, time_t now,
	struct instance_ready *r, struct fault *f)
{
	bool own = form->server_ca != NULL && form->server_ca[0] != '\0';

	if (!own && !alb_signer_is_root(r->signer))
		fault_field(f, "server_ca", "is missing: the certificate is "
		    "not self-signed, so the server's CA must be given");
	else if (!own)
		buf_put(&r->server_ca, r->certificate.data,
		    r->certificate.len);
	else if (alb_anchor_check(form->server_ca, now, "server_ca", f) == 0)
		(void)alb_pem_take(form->server_ca, ALB_PEM_CERTIFICATES,
		    &r->server_ca);
}

int
instance_form_ready(const struct instance_form *form, time_t now,
	struct instance_ready *out, struct fault *f)
{
	*out = (struct instance_ready){ .signer = NULL };
	buf_init(&out->certificate, 2 * PEM_MAX);
	buf_init(&out->key, 2 * PEM_MAX);
	buf_init(&out->server_ca, 2 * PEM_MAX);
	if (alb_signer_new(form->certificate, form->key, now, &out->signer,
	    f) == 0) {
		(void)alb_pem_take(form->certificate, ALB_PEM_CERTIFICATES,
		    &out->certificate);
		(void)alb_pem_take(form->key, ALB_PEM_KEY, &out->key);
		anchor_take(form, now, out, f);
	} else if (form->server_ca != NULL && form->server_ca[0] != '\0') {
		(void)alb_anchor_check(form->server_ca, now, "server_ca", f);
	}
	if (f->err == 0 && buf_str(&out->certificate) != NULL &&
	    buf_str(&out->key) != NULL && buf_str(&out->server_ca) != NULL)
		return 0;
	if (f->err == 0)
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	instance_ready_free(out);
	return f->err;
}

void
instance_ready_free(struct instance_ready *r)
{
	alb_signer_free(r->signer);
	r->signer = NULL;
	buf_free(&r->certificate);
	buf_wipe(&r->key);
	buf_free(&r->server_ca);
}
