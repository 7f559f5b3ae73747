/* SPDX-License-Identifier: ISC */
/* roster: who has streams open; see roster.h. */
#include "fcgi/roster.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/counters.h"
#include "fcgi/hub.h"

struct user {
	struct user *next;
	char id[37];
	int streams;
};

struct entry {
	struct entry *next;
	struct ticket *ticket;
	bool given;
};

struct roster {
	pthread_mutex_t lock;
	struct user *users;
	int streams;
	struct entry *entries;
	size_t count;
};

struct roster *
roster_new(void)
{
	struct roster *r = calloc(1, sizeof(*r));

	if (r != NULL)
		pthread_mutex_init(&r->lock, NULL);
	return r;
}

void
roster_free(struct roster *r)
{
	struct entry *e;
	struct user *u;

	while (r != NULL && (e = r->entries) != NULL) {
		r->entries = e->next;
		ticket_put(e->ticket);
		free(e);
	}
	while (r != NULL && (u = r->users) != NULL) {
		r->users = u->next;
		free(u);
	}
	free(r);
}

static struct user **
user_find(struct roster *r, const char *id)
{
	struct user **at = &r->users;

	while (*at != NULL && strcmp((*at)->id, id) != 0)
		at = &(*at)->next;
	return at;
}

static int
enter(struct roster *r, const char *id, struct fault *f)
{
	struct user **at = user_find(r, id);

	if (r->streams >= HUB_STREAMS_MAX)
		return fault_set(f, ERR_BUSY, "All %d streams are taken; "
		    "try again later.", HUB_STREAMS_MAX);
	if (*at != NULL && (*at)->streams >= HUB_STREAMS_USER)
		return fault_set(f, ERR_BUSY, "You have %d streams open; "
		    "close one first.", HUB_STREAMS_USER);
	if (*at == NULL)
		*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	snprintf((*at)->id, sizeof((*at)->id), "%s", id);
	(*at)->streams++;
	r->streams++;
	count(COUNT_STREAMS, 1);
	count_now(NOW_STREAMS, 1);
	return 0;
}

int
roster_enter(struct roster *r, const char *user, struct fault *f)
{
	int err;

	pthread_mutex_lock(&r->lock);
	err = enter(r, user, f);
	pthread_mutex_unlock(&r->lock);
	return err;
}

void
roster_leave(struct roster *r, const char *id)
{
	struct user **at, *user;

	pthread_mutex_lock(&r->lock);
	at = user_find(r, id);
	user = *at;
	r->streams--;
	count_now(NOW_STREAMS, -1);
	if (user != NULL && --user->streams == 0) {
		*at = user->next;
		free(user);
	}
	pthread_mutex_unlock(&r->lock);
}

bool
roster_add(struct roster *r, struct ticket *t)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return false;
	e->ticket = ticket_get(t);
	pthread_mutex_lock(&r->lock);
	e->next = r->entries;
	r->entries = e;
	r->count++;
	pthread_mutex_unlock(&r->lock);
	return true;
}

void
roster_remove(struct roster *r, const struct ticket *t)
{
	struct entry **at, *e;

	pthread_mutex_lock(&r->lock);
	for (at = &r->entries; *at != NULL && (*at)->ticket != t;)
		at = &(*at)->next;
	e = *at;
	if (e != NULL) {
		*at = e->next;
		r->count--;
	}
	pthread_mutex_unlock(&r->lock);
	if (e != NULL)
		ticket_put(e->ticket);
	free(e);
}

size_t
roster_count(struct roster *r)
{
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = r->count;
	pthread_mutex_unlock(&r->lock);
	return n;
}

struct ticket **
roster_list(struct roster *r, bool all, size_t *n)
{
	struct ticket **list = NULL;

	*n = 0;
	pthread_mutex_lock(&r->lock);
	if (r->count > 0)
		list = calloc(r->count, sizeof(struct ticket *));
	for (struct entry *e = r->entries; list != NULL && e != NULL;
	    e = e->next) {
		if (e->given && !all)
			continue;
		e->given = true;
		list[(*n)++] = ticket_get(e->ticket);
	}
	pthread_mutex_unlock(&r->lock);
	return list;
}
