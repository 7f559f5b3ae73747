/* SPDX-License-Identifier: ISC */
/* watch: what open streams may see; see watch.h. */
#include "fcgi/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fcgi/thread.h"

struct watch {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool stopping;
	const char *auth_socket;
	struct roster *roster;
	struct watch_taker taker;
	int64_t revision;	/* as last seen; -1: not known */
};

/* Waits for the interval; false when it is time to end. */
static bool
rest(struct watch *w)
{
	struct timespec until;
	bool go_on;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WATCH_INTERVAL_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&w->lock);
	while (!w->stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&w->woken, &w->lock, &until);
	go_on = !w->stopping;
	pthread_mutex_unlock(&w->lock);
	return go_on;
}

/* An authority that does not answer has revoked nothing. */
static bool
is_revocation(int err)
{
	int status = err == 0 ? 0 : err_status(err);

	return status >= 400 && status < 500;
}

/* ---- one credential, and all streams that it opened ---- */

static const char *
secret_of(const struct ticket *t)
{
	if (t->who.bearer != NULL)
		return t->who.bearer;
	return t->who.cookie == NULL ? "" : t->who.cookie;
}

static int
ticket_compare(const void *a, const void *b)
{
	const struct ticket *const *s = a, *const *t = b;

	return strcmp(secret_of(*s), secret_of(*t));
}

static void
stream_revoke(struct watch *w, struct ticket *t, const struct fault *f)
{
	w->taker.revoked(w->taker.arg, t, f);
}

/* What was asked for by name may be nobody's business any more. */
static void
ticket_show(struct watch *w, struct ticket *t, struct view *view)
{
	struct fault f = { 0 };

	for (int i = 0; i < t->nsubjects; i++)
		if (view_allows(view, &t->subjects[i], &f) != 0) {
			stream_revoke(w, t, &f);
			return;
		}
	if (t->view != NULL && view_equal(t->view, view))
		return;
	if (t->view != NULL)
		w->taker.changed(w->taker.arg, t, view);
	view_put(t->view);
	t->view = view_get(view);
}

/* False when the authority did not say. */
static bool
check(struct watch *w, struct auth_client *auth, struct ticket **list,
	size_t n)
{
	struct view *view = NULL;
	struct auth_grant grant;
	struct fault f = { 0 };
	int err = view_make(auth, &list[0]->who, &view, &grant, &f);

	for (size_t i = 0; i < n; i++) {
		if (err == 0)
			ticket_show(w, list[i], view);
		else if (is_revocation(err))
			stream_revoke(w, list[i], &f);
	}
	view_put(view);
	return err == 0 || is_revocation(err);
}

/* How many at the front of the sorted list are of one credential. */
static size_t
same_count(struct ticket **list, size_t n)
{
	size_t same = 1;

	while (same < n && ticket_compare(&list[0], &list[same]) == 0)
		same++;
	return same;
}

/*
 * New streams are checked once too: what was revoked between the handler's
 * question and now would be missed otherwise. Where no answer was got, all
 * are asked about again.
 */
static void
look(struct watch *w, struct auth_client *auth)
{
	struct ticket **list;
	struct fault f = { 0 };
	int64_t revision;
	size_t n, same;

	if (auth_revision(auth, &revision, &f) != 0)
		return;
	list = roster_list(w->roster, revision != w->revision, &n);
	w->revision = list == NULL ? -1 : revision;
	if (n > 0)
		qsort(list, n, sizeof(*list), ticket_compare);
	for (size_t i = 0; i < n; i += same) {
		same = same_count(list + i, n - i);
		if (!check(w, auth, list + i, same))
			w->revision = -1;
	}
	for (size_t i = 0; i < n; i++)
		ticket_put(list[i]);
	free(list);
}

static void *
watch_main(void *arg)
{
	struct watch *w = arg;
	struct auth_client *auth = auth_client_new(w->auth_socket);

	while (rest(w))
		if (auth != NULL && roster_count(w->roster) > 0)
			look(w, auth);
	auth_client_free(auth);
	return NULL;
}

struct watch *
watch_new(const char *auth_socket, struct roster *roster,
	const struct watch_taker *taker)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	*w = (struct watch){ .auth_socket = auth_socket, .roster = roster,
		.taker = *taker, .revision = -1 };
	pthread_mutex_init(&w->lock, NULL);
	thread_cond_init(&w->woken);
	if (thread_start(&w->thread, watch_main, w) < 0) {
		free(w);
		return NULL;
	}
	return w;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->woken);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->woken);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
