/* SPDX-License-Identifier: ISC */
/*
 * deploy: from a request to a deployment in the ledger. The image is received
 * whole, and everything that can be known is checked before anything is
 * touched; then a runner takes it (runner.h), and the request waits for the
 * end of it or tells where to look.
 */
#ifndef FCGI_DEPLOY_H
#define FCGI_DEPLOY_H

#include "albatross/image.h"
#include "fcgi/deployment.h"
#include "fcgi/reply.h"
#include "fcgi/unikernel.h"

#define DEPLOY_WAIT_MAX 600	/* seconds of ?wait= */

/* What is to be done, and how. */
struct plan {
	struct request *r;
	struct ask ask;
	enum deployment_source source;
	int64_t of;			/* number gone back to, restarted */
	struct alb_config config;	/* owned */
	bool has_image;			/* there is one to look at */
	struct image_file image;	/* owned; fd -1 without one */
	char *image_wrong;		/* why it is none; owned */
	struct alb_image manifest;	/* of the image, once checked */
	char digest[IMAGE_DIGEST_LEN + 1];	/* of what is to run, or "" */
	char *check;			/* health check as JSON; owned */
	bool check_given;
	/*
	 * Where what runs is only changed: how (or NULL), the prefix of its
	 * fields; borrowed.
	 */
	struct json_object *change;
	const char *change_prefix;
	char *build;		/* of the image, as JSON, or NULL; owned */
	/* The digest that has to run when it begins; "": any. */
	char expect[IMAGE_DIGEST_LEN + 1];
	const char *grant;		/* to act with; NULL: makes one */
	/* A volume that who made the plan has claimed, or NULL; borrowed. */
	const char *claimed;
	char print[DIGEST_SIZE];	/* plan_repeated, or "" */
	bool auto_rollback;
	int64_t grace;			/* seconds */
	const char *link;		/* or NULL; borrowed */
	char *link_text;		/* storage of it; owned */
	int64_t wait;			/* seconds, 0: does not */
	bool dry_run;
	bool create_only;		/* If-None-Match: * */
	int64_t match;			/* If-Match, -1: none */
	bool replaces;			/* something runs under the name */
};

void plan_init(struct plan *p, struct request *r);
void plan_free(struct plan *p);	/* contents only */

/*
 * From a plan to a deployment under way, whose id goes to *id; wanted is the
 * request as text, to know it again; fill, where there is one, completes the
 * plan by what runs now. 0; or an err, then *id is that of the refused attempt,
 * if it was recorded, else 0. A plan's grant is the deployment's from then on.
 */
int plan_start(struct plan *p, const char *wanted,
	int (*fill)(struct plan *p, struct fault *f), int64_t *id,
	struct fault *f);
/*
 * Whether the request was made before under its Idempotency-Key: *id is its
 * deployment then, else 0. Asked before anything else, what the request is
 * known by is what it says then: the plan may be completed later. 0, or
 * ERR_INVALID when it was another one.
 */
int plan_repeated(struct plan *p, const char *wanted, int64_t *id,
	struct fault *f);
/* Answers a request with what comes of it. */
int plan_run(struct plan *p, struct reply *reply, const char *wanted,
	int (*fill)(struct plan *p, struct fault *f), struct fault *f);
/* If-Match, If-None-Match and Idempotency-Key: 0, or ERR_BAD_REQUEST. */
int plan_conditions_read(struct plan *p, struct fault *f);
/*
 * A fill: the configuration of what runs, changed by p->change; *digest gets
 * that of its image, "" for BHyve.
 */
int plan_from_running(struct plan *p, char digest[IMAGE_DIGEST_LEN + 1],
	struct fault *f);

/*
 * deploy_form.c: the options of the query, and one of the three forms of the
 * request, its image into the store. 0, or an err with fields.
 */
int plan_options_read(struct plan *p, struct fault *f);
int plan_form_read(struct plan *p, struct fault *f);
/* The body of an update: which build, what else changes, its image. */
int plan_update_read(struct plan *p, struct fault *f);
/*
 * deploy_check.c: holds the digest, the image, its manifest, the configuration,
 * the policy and what runs and exists now against each other; chooses a CPU
 * when none is given. All findings are told at once. 0, ERR_BAD_IMAGE,
 * ERR_DIGEST, ERR_INVALID, ERR_POLICY, or that the instance can not be asked.
 */
int plan_check(struct plan *p, struct fault *f);

/* The whole of PUT, and of POST .../restart and .../rollback, as handlers. */
int deploy(struct request *r, struct reply *p, struct fault *f);
int deploy_restart(struct request *r, struct reply *p, struct fault *f);
int deploy_rollback(struct request *r, struct reply *p, struct fault *f);

/*
 * Answers with a deployment: waits for its end up to wait seconds; 202 when it
 * is still under way, 201 or 200 when it runs, or the problem that ended it.
 */
int deploy_answer(struct request *r, struct reply *p, int64_t id, int64_t wait,
	struct fault *f);

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
