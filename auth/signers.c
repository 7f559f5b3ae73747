/* SPDX-License-Identifier: ISC */
/* signers: a list of opened CA keys, counted; see signers.h. */
#include "auth/signers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who reads a snapshot has let it go after so long, in seconds. */
#define SNAPSHOT_SECONDS 30

struct signer {
	struct signer *next;
	char instance[37];
	struct alb_signer *alb;
	int users;		/* the list counts as one */
};

void
signers_init(struct signers *s)
{
	s->first = NULL;
	s->late = 0;
	pthread_mutex_init(&s->lock, NULL);
}

static void
signer_unref(struct signer *signer)
{
	if (--signer->users > 0)
		return;
	alb_signer_free(signer->alb);
	free(signer);
}

void
signers_free(struct signers *s)
{
	while (s->first != NULL) {
		struct signer *next = s->first->next;

		signer_unref(s->first);
		s->first = next;
	}
	pthread_mutex_destroy(&s->lock);
}

/* With the lock held. */
static struct signer *
find(struct signers *s, const char *instance)
{
	struct signer *signer = s->first;

	while (signer != NULL && strcmp(signer->instance, instance) != 0)
		signer = signer->next;
	return signer;
}

struct signer *
signers_get(struct signers *s, const char *instance)
{
	struct signer *signer;

	pthread_mutex_lock(&s->lock);
	signer = find(s, instance);
	if (signer != NULL)
		signer->users++;
	pthread_mutex_unlock(&s->lock);
	return signer;
}

static time_t
monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

struct signer *
signers_put(struct signers *s, const char *instance, struct alb_signer *alb)
{
	struct signer *signer, *made = calloc(1, sizeof(*made));

	if (made == NULL) {
		alb_signer_free(alb);
		return NULL;
	}
	snprintf(made->instance, sizeof(made->instance), "%s", instance);
	made->alb = alb;
	made->users = 1;
	pthread_mutex_lock(&s->lock);
	if (monotonic() < s->late) {
		pthread_mutex_unlock(&s->lock);
		return made;
	}
	/* Another thread may have opened the same key meanwhile. */
	signer = find(s, instance);
	if (signer == NULL) {
		signer = made;
		made = NULL;
		signer->next = s->first;
		s->first = signer;
	}
	signer->users++;
	pthread_mutex_unlock(&s->lock);
	if (made != NULL)
		signer_unref(made);
	return signer;
}

void
signers_release(struct signers *s, struct signer *signer)
{
	pthread_mutex_lock(&s->lock);
	signer_unref(signer);
	pthread_mutex_unlock(&s->lock);
}

void
signers_drop(struct signers *s, const char *instance)
{
	struct signer **place;

	pthread_mutex_lock(&s->lock);
	s->late = monotonic() + SNAPSHOT_SECONDS;
	for (place = &s->first; *place != NULL; place = &(*place)->next) {
		struct signer *signer = *place;

		if (strcmp(signer->instance, instance) != 0)
			continue;
		*place = signer->next;
		signer_unref(signer);
		break;
	}
	pthread_mutex_unlock(&s->lock);
}

const struct alb_signer *
signer_alb(const struct signer *signer)
{
	return signer->alb;
}
