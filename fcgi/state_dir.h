/* SPDX-License-Identifier: ISC */
/* state_dir: the directories below STATE, as the stores of files use them. */
#ifndef FCGI_STATE_DIR_H
#define FCGI_STATE_DIR_H

/*
 * The directory name below at, made (0700) when missing: an owned descriptor,
 * -1 with errno. Below another one no link is followed.
 */
int state_dir_open(int at, const char *name);
/* Removes the files whose name begins with front: 0, or -1 with errno. */
int state_dir_clean(int dir, const char *front);

#endif
