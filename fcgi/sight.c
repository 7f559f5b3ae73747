/* SPDX-License-Identifier: ISC */
/* sight: see sight.h. */
#include "fcgi/sight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What the authority said of one kind of thing in a project there. */
struct sight {
	const char *scope;	/* borrowed */
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	bool open;
	struct auth_grant grant;
};

void
sights_free(struct sights *s)
{
	free(s->items);
	*s = (struct sights){ 0 };
}

static struct sight *
find(struct sights *s, const char *scope, const char *instance,
	const char *project)
{
	for (size_t i = 0; i < s->len; i++)
		if (strcmp(s->items[i].scope, scope) == 0 &&
		    strcmp(s->items[i].instance, instance) == 0 &&
		    strcmp(s->items[i].project, project) == 0)
			return &s->items[i];
	return NULL;
}

static int
add(struct sights *s, struct request *r, const char *scope,
	const char *instance, const char *project, struct sight **out,
	struct fault *f)
{
	struct sight *more = reallocarray(s->items, s->len + 1,
		sizeof(*more)), *new;
	struct fault no = { 0 };
	int err;

	if (more == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	s->items = more;
	new = &more[s->len];
	*new = (struct sight){ .scope = scope };
	snprintf(new->instance, sizeof(new->instance), "%s", instance);
	snprintf(new->project, sizeof(new->project), "%s", project);
	err = auth_authorize(r->auth, &r->who, scope, instance,
		text_or_null(project), NULL, &new->grant, &no);
	if (err != 0 && err != ERR_FORBIDDEN && err != ERR_NOT_FOUND &&
	    err != ERR_NO_POLICY)
		return fault_set(f, err, "%s", no.detail);
	new->open = err == 0;
	s->len++;
	*out = new;
	return 0;
}

int
sights_look(struct sights *s, struct request *r, const char *scope,
	const char *instance, const char *project, const char *name,
	bool *seen, struct fault *f)
{
	struct sight *sight = find(s, scope, instance, project);
	int err = sight != NULL ? 0 : add(s, r, scope, instance, project,
		&sight, f);

	*seen = err == 0 && sight->open &&
		(name == NULL || auth_grant_covers(&sight->grant, name));
	return err;
}
