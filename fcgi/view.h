/* SPDX-License-Identifier: ISC */
/*
 * view: what a credential may see, as the authority said at one time: made
 * once and never changed, so that threads can share it.
 */
#ifndef FCGI_VIEW_H
#define FCGI_VIEW_H

#include "auth/client.h"
#include "fcgi/subject.h"

struct view;

/*
 * Asks the authority. 0 with an owned *out and who it is, or an err: of a
 * credential that is not valid (any more), or of asking.
 */
int view_make(struct auth_client *auth, const struct auth_who *who,
	struct view **out, struct auth_grant *grant, struct fault *f);
struct view *view_get(const struct view *v);
void view_put(struct view *v);		/* NULL is fine */
bool view_equal(const struct view *a, const struct view *b);

bool view_is_admin(const struct view *v);
/*
 * Whether something may be seen: name in the project on the instance, where
 * name may be "" (any), project too (all who may see the instance), and
 * instance (all who hold the scope).
 */
bool view_covers(const struct view *v, const char *scope,
	const char *instance, const char *project, const char *name);
/* Whether the name is not hidden by what a token is narrowed to. */
bool view_covers_name(const struct view *v, const char *name);
/*
 * May it be asked for? 0, ERR_FORBIDDEN without the scope it needs, or
 * ERR_NOT_FOUND where there is nothing to be seen.
 */
int view_allows(const struct view *v, const struct subject *s,
	struct fault *f);

#endif
