/* SPDX-License-Identifier: ISC */
/* unikernel: one unikernel as albatross knows it and as the API shows it. */
#ifndef FCGI_UNIKERNEL_H
#define FCGI_UNIKERNEL_H

#include "base/json.h"
#include "fcgi/images.h"
#include "fcgi/request.h"
#include "fcgi/upstream.h"

/* Who asks about the request's unikernel; borrows from r. */
struct ask unikernel_ask(const struct request *r);

/*
 * An owned object, or NULL: running as info tells; or stopped, with what ran
 * last, as far as it is known (borrowed, or NULL).
 */
struct json_object *unikernel_running(const char *instance,
	const struct alb_info *info);
struct json_object *unikernel_stopped(const struct ask *a,
	struct json_object *digest, struct json_object *config);

/*
 * What runs under the name: 0 with exactly one info in w (freed by the
 * caller), or ERR_NOT_FOUND, or as upstream_infos.
 */
int unikernel_find(struct upstream *u, const struct ask *a,
	struct alb_wire *w, struct alb_policy *policy, struct fault *f);
/* The SHA-256 of the image that runs, "" for BHyve; as unikernel_find. */
int unikernel_digest(struct upstream *u, const struct ask *a,
	char out[IMAGE_DIGEST_LEN + 1], struct fault *f);
/*
 * Whether albatross remembers a console of that name without a unikernel: 0
 * or ERR_NOT_FOUND, ...
 */
int unikernel_remembered(struct upstream *u, const struct ask *a,
	struct fault *f);

/*
 * Destroys it, or ends its waiting for a restart: 0, ERR_NOT_FOUND, or as
 * upstream_call. The caller has claimed it.
 */
int unikernel_destroy(struct app *app, const struct ask *a, struct fault *f);
/* The last lines of its console, for people; "" when there are none. */
void unikernel_last_words(struct upstream *u, const struct ask *a, char *out,
	size_t size);
/*
 * Something was changed by us, perhaps: what lists answered before is not
 * handed out any more, and what is seen of it next is no crash.
 */
void unikernel_changed(struct app *app, const struct ask *a);

#endif
