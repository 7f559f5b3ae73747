/* SPDX-License-Identifier: ISC */
/*
 * deploy: from a request to a unikernel that was seen running. The image is
 * received whole, everything that can be known is checked, and only then
 * albatross is told to replace what runs: it kills the old one before it looks
 * at the new one (protocol section 4.1).
 */
#ifndef FCGI_DEPLOY_H
#define FCGI_DEPLOY_H

#include "albatross/image.h"
#include "fcgi/images.h"
#include "fcgi/reply.h"
#include "fcgi/unikernel.h"

#define DEPLOY_GRACE_MS 1000	/* after which it must still be there */

struct deployment {
	struct request *r;
	struct ask ask;
	struct alb_config config;	/* owned */
	bool has_image;			/* false: BHyve, or a restart */
	struct image_file image;	/* owned; fd -1 without one */
	struct alb_image manifest;	/* of the image, once checked */
	bool create_only;		/* If-None-Match: * */
	bool replaces;			/* something runs under the name */
};

void deployment_init(struct deployment *d, struct request *r);
void deployment_free(struct deployment *d);	/* contents only */

/*
 * deploy_form.c: reads one of the three forms of the request, the image into
 * the store. 0, or an err with fields.
 */
int deploy_form_read(struct deployment *d, struct fault *f);
/*
 * deploy_check.c: holds the digest, the image, its manifest, the configuration,
 * the policy and what runs and exists now against each other; chooses a CPU
 * when none is given. All findings are told at once. 0, ERR_BAD_IMAGE,
 * ERR_DIGEST, ERR_INVALID, ERR_POLICY, or that the instance can not be asked.
 */
int deploy_check(struct deployment *d, struct fault *f);

/* The whole of PUT and of POST .../restart, as handlers. */
int deploy(struct request *r, struct reply *p, struct fault *f);
int deploy_restart(struct request *r, struct reply *p, struct fault *f);

/* An image as the API shows it; owned. */
struct json_object *deploy_image_json(const struct image_file *file,
	const struct alb_image *image);
/*
 * Receives the rest of the body, or the part a multipart body is at, into the
 * store under the request's project. 0 with an owned *out.
 */
struct multipart;
int deploy_receive(struct request *r, struct multipart *m,
	struct image_file *out, struct fault *f);

#endif
