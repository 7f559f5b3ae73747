/* SPDX-License-Identifier: ISC */
/*
 * volume: one block device as albatross knows it and as the API shows it;
 * protocol sections 3.3 and 4.3. Sizes are in MB, of 2^20 bytes. In an ask the
 * label is the volume's name.
 */
#ifndef FCGI_VOLUME_H
#define FCGI_VOLUME_H

#include "base/json.h"
#include "fcgi/upstream.h"

#define VOLUME_MB (UINT64_C(1) << 20)

struct app;

struct volume {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	int64_t size;
	bool active;		/* attached to a unikernel that runs */
};

/* The volume: 0, ERR_NOT_FOUND, or as upstream_blocks. */
int volume_find(struct upstream *u, const struct ask *a, struct volume *out,
	struct fault *f);
/*
 * Which unikernels use it, [{name, device}], owned: 0, or as upstream_infos.
 * Empty when who asks may not see unikernels.
 */
int volume_users(struct upstream *u, const struct ask *a,
	struct json_object **out, struct fault *f);
/* The same of a list of what runs in the project. */
struct json_object *volume_users_of(const struct alb_wire *infos,
	const char *volume);
/*
 * ERR_CONFLICT when it is in use, with the names of who uses it; what is what
 * can not be done then ("written").
 */
int volume_idle(struct upstream *u, const struct ask *a,
	const struct volume *v, const char *what, struct fault *f);

/*
 * Makes it, full of zeroes: ERR_INVALID or ERR_POLICY with the field "size",
 * or as upstream_call. The caller has claimed it and knows it is not there;
 * user is who has it made.
 */
int volume_create(struct app *app, const struct ask *a, int64_t size,
	const char *user, struct fault *f);
/* Removes one that is in no use, and forgets what it held. */
int volume_remove(struct app *app, const struct ask *a, struct fault *f);
/* Something was changed: lists made before are not handed out any more. */
void volume_changed(struct upstream *u, const struct ask *a);

/* As the API shows it; users is taken. Owned. */
struct json_object *volume_json(struct app *app, const struct volume *v,
	struct json_object *users);

#endif
