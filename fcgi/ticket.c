/* SPDX-License-Identifier: ISC */
/* ticket: on whose behalf a stream is open; see ticket.h. */
#include "fcgi/ticket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

/* false when there was no memory. */
static bool
copy(const char **to, const char *from)
{
	*to = from == NULL ? NULL : strdup(from);
	return from == NULL || *to != NULL;
}

struct ticket *
ticket_new(const char *instance, const char *project, const char *name,
	const struct auth_who *who, const struct auth_grant *grant)
{
	struct ticket *t = calloc(1, sizeof(*t));
	bool ok;

	if (t == NULL)
		return NULL;
	atomic_init(&t->refs, 1);
	snprintf(t->instance, sizeof(t->instance), "%s", instance);
	snprintf(t->project, sizeof(t->project), "%s", project);
	snprintf(t->name, sizeof(t->name), "%s", name);
	snprintf(t->user, sizeof(t->user), "%s", grant->user);
	t->expires = grant->expires;
	ok = copy(&t->who.cookie, who->cookie);
	ok = copy(&t->who.bearer, who->bearer) && ok;
	ok = copy(&t->who.address, who->address) && ok;
	ok = copy(&t->who.user_agent, who->user_agent) && ok;
	ok = copy(&t->who.request_id, who->request_id) && ok;
	if (!ok) {
		ticket_put(t);
		return NULL;
	}
	return t;
}

struct ticket *
ticket_of_stream(const struct subject *subjects, int n,
	const struct view *view, const struct auth_who *who,
	const struct auth_grant *grant)
{
	struct ticket *t = ticket_new("", "", "", who, grant);

	if (t == NULL)
		return NULL;
	t->subjects = calloc((size_t)n, sizeof(*subjects));
	if (t->subjects == NULL) {
		ticket_put(t);
		return NULL;
	}
	memcpy(t->subjects, subjects, (size_t)n * sizeof(*subjects));
	t->nsubjects = n;
	t->view = view == NULL ? NULL : view_get(view);
	return t;
}

struct ticket *
ticket_get(struct ticket *t)
{
	atomic_fetch_add(&t->refs, 1);
	return t;
}

static void
forget(const char *secret)
{
	if (secret == NULL)
		return;
	gnutls_memset((char *)secret, 0, strlen(secret));
	free((char *)secret);
}

void
ticket_put(struct ticket *t)
{
	if (t == NULL || atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	forget(t->who.cookie);
	forget(t->who.bearer);
	free((char *)t->who.address);
	free((char *)t->who.user_agent);
	free((char *)t->who.request_id);
	free(t->subjects);
	view_put(t->view);
	view_put(t->news);
	free(t);
}
