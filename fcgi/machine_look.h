/* SPDX-License-Identifier: ISC */
/*
 * machine_look: what a deployment and its looking at albatross share. What is
 * found is held against what ran before and what is to run.
 */
#ifndef FCGI_MACHINE_LOOK_H
#define FCGI_MACHINE_LOOK_H

#include "fcgi/app.h"
#include "fcgi/deployment.h"
#include "fcgi/unikernel.h"

/* How long an instance may be silent while a deployment is under way. */
#define MACHINE_PATIENCE_MS (10 * 60 * 1000)

/* One deployment being carried out. */
struct machine {
	struct app *app;
	struct auth_client *auth;
	struct auth_who who;		/* the grant */
	char request_id[32];
	struct ask ask;
	struct deployment *d;
	struct alb_config config;	/* of d; owned */
	bool resumed;			/* by a new start, in this state */
	int appeared;			/* times that it had to begin again */
	bool waited;			/* the instance was away meanwhile */
	int gone;			/* looks in a row that found nothing */
	bool renamed;			/* it was started without its name */
	struct fault why;		/* what went wrong first */
	char words[600];		/* what the unikernel said last */
};

enum found {
	FOUND_OLD,	/* what ran before, untouched */
	FOUND_NEW,	/* what is to run */
	FOUND_NONE,	/* nothing under that name */
	FOUND_OTHER,	/* what nobody here deployed */
	FOUND_UNKNOWN,	/* the instance does not answer, or we are stopping */
};

/*
 * Asks albatross, again and again while it does not answer, for up to
 * patience_ms. started (or NULL) gets when what runs was started in ms since
 * 1970, 0 when that is not told. f says why when it is unknown.
 */
enum found machine_look(struct machine *m, int patience_ms, int64_t *started,
	struct fault *f);
/* Adds to f, as a sentence, what runs now. */
void machine_tell(struct machine *m, struct fault *f);
/*
 * Remembers what runs as what is gone back to: its configuration as it was
 * deployed if it is that, and its image. 0 (nothing may run), or an err.
 */
int machine_remember(struct machine *m, struct fault *f);

#endif
