/* SPDX-License-Identifier: ISC */
/*
 * image_fetch: the image of a running unikernel into the store. It is hashed
 * and written while it arrives; what has another digest than albatross told of
 * it is dropped.
 */
#include "fcgi/images.h"

#include <string.h>

#include "albatross/inflate.h"
#include "fcgi/upstream.h"

struct fetch {
	struct image_upload *upload;
	struct alb_inflate *inflate;	/* owned; NULL: it comes as it is */
	struct alb_wire wire;		/* tells first whether it does not */
	struct fault fault;		/* why we take no more */
};

static int
plain_take(void *arg, const uint8_t *data, size_t len)
{
	struct fetch *t = arg;

	return image_upload_write(t->upload, data, len, &t->fault);
}

static int
compressed_take(struct fetch *t, const uint8_t *data, size_t len)
{
	int rc;

	if (t->inflate == NULL)
		t->inflate = alb_inflate_new();
	if (t->inflate == NULL)
		return fault_set(&t->fault, ERR_NO_MEMORY, "Out of memory.");
	rc = alb_inflate_write(t->inflate, data, len, plain_take, t);
	if (rc == ALB_DECODE)
		fault_set(&t->fault, ERR_ALB_INCOMPATIBLE,
		    "The compressed image that came is damaged.");
	else if (rc == ALB_NO_MEMORY)
		fault_set(&t->fault, ERR_NO_MEMORY, "Out of memory.");
	return t->fault.err;
}

static int
some_take(void *arg, const uint8_t *data, size_t len)
{
	struct fetch *t = arg;

	return t->wire.flag ? compressed_take(t, data, len) :
		plain_take(t, data, len);
}

/* All of it into the upload. */
static int
fetch_receive(struct fetch *t, struct upstream *u, const struct ask *a,
	uint64_t max, struct fault *f)
{
	struct alb_command c;
	int err;

	alb_command_init(&c, ALB_UNIKERNEL_GET);
	c.compression = 0;
	err = upstream_get(u, a, &c, max, some_take, t, &t->wire, f);
	alb_command_free(&c);
	if (t->fault.err != 0) {
		*f = t->fault;
		return f->err;
	}
	if (err != 0)
		return err;
	if (t->wire.payload != ALB_PAYLOAD_IMAGE)
		err = ERR_ALB_INCOMPATIBLE;
	else if (t->inflate != NULL && alb_inflate_end(t->inflate) != ALB_OK)
		err = ERR_ALB_INCOMPATIBLE;
	alb_wire_free(&t->wire);
	return err == 0 ? 0 : fault_set(f, err, "The instance %s sent "
	    "something else than an image.", a->instance);
}

static int
fetch_keep(struct fetch *t, const struct ask *a, const char *sha256,
	struct image_file *out, struct fault *f)
{
	int err = image_upload_end(t->upload, f);

	if (err != 0)
		return err;
	if (strcmp(image_upload_file(t->upload)->sha256, sha256) != 0)
		return fault_set(f, ERR_DIGEST, "What %s sent as the image of "
		    "%s has the SHA-256 %s.", a->instance, a->label,
		    image_upload_file(t->upload)->sha256);
	return image_upload_keep(t->upload, a->project, out, f);
}

int
image_fetch(struct images *s, struct upstream *u, const struct ask *a,
	const char *sha256, struct image_file *out, struct fault *f)
{
	struct fault missing = { 0 };
	struct fetch t = { 0 };
	int err = images_open(s, a->project, sha256, out, &missing);

	if (err != ERR_NOT_FOUND) {
		if (err != 0)
			*f = missing;
		return err;
	}
	/* The digest as it was folded. */
	sha256 = out->sha256;
	err = image_upload_begin(s, &t.upload, f);
	if (err != 0)
		return err;
	err = fetch_receive(&t, u, a, images_size_max(s), f);
	if (err == 0)
		err = fetch_keep(&t, a, sha256, out, f);
	alb_inflate_free(t.inflate);
	image_upload_free(t.upload);
	return err;
}
