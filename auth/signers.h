/* SPDX-License-Identifier: ISC */
/*
 * signers: the CA keys of instances, opened once and kept while the instance
 * is there, since opening and parsing one costs more than a mint.
 */
#ifndef AUTH_SIGNERS_H
#define AUTH_SIGNERS_H

#include <pthread.h>
#include <time.h>

#include "albatross/cert.h"

struct signer;		/* counted: given back after use */

struct signers {
	pthread_mutex_t lock;
	struct signer *first;
	time_t late;		/* until then (monotonic) none is kept */
};

void signers_init(struct signers *s);
void signers_free(struct signers *s);

/* The signer of an instance by its id, or NULL when it is not kept. */
struct signer *signers_get(struct signers *s, const char *instance);
/*
 * Keeps signer (taken in any case) and gets it; NULL when out of memory. Right
 * after one was forgotten none is kept: it may be of a snapshot from before.
 */
struct signer *signers_put(struct signers *s, const char *instance,
	struct alb_signer *signer);
void signers_release(struct signers *s, struct signer *signer);
/* Forgets it: the key is wiped once its last user gave it back. */
void signers_drop(struct signers *s, const char *instance);
const struct alb_signer *signer_alb(const struct signer *signer);

#endif
