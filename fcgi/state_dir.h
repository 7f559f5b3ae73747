/* SPDX-License-Identifier: ISC */
/* state_dir: the directories below STATE, as the stores of files use them. */
#ifndef FCGI_STATE_DIR_H
#define FCGI_STATE_DIR_H

#include <dirent.h>

#include "base/err.h"

#define STATE_TEMPORARY_SIZE 32

/* What a store has: a directory of its own, and where its files begin. */
struct state_dirs {
	int root;		/* STATE/NAME */
	int incoming;		/* STATE/incoming; -1: only looked at */
	const char *front;	/* of the names of its files there; borrowed */
};

/*
 * The directory name below at, made (0700) when missing: an owned descriptor,
 * -1 with errno. Below another one no link is followed.
 */
int state_dir_open(int at, const char *name);
/* For reading what is in it, no link followed; NULL with errno. Is closed. */
DIR *state_dir_read(int at, const char *name);
/* The next name in it, but "." and ".."; NULL at the end. */
const char *state_dir_next(DIR *d);

/*
 * open makes what is missing, and removes what a killed daemon left of front
 * in incoming; look opens what is there. 0, or ERR_INTERNAL, with nothing that
 * is to be closed.
 */
int state_dirs_open(struct state_dirs *d, const char *state_dir,
	const char *name, const char *front, struct fault *f);
int state_dirs_look(struct state_dirs *d, const char *state_dir,
	const char *name, struct fault *f);
void state_dirs_close(struct state_dirs *d);	/* twice is fine */
/*
 * A new file of incoming, open for reading and writing: owned; -1 with errno,
 * and "" for its name.
 */
int state_dirs_temporary(const struct state_dirs *d,
	char name[STATE_TEMPORARY_SIZE]);

#endif
