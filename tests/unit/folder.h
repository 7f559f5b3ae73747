/* SPDX-License-Identifier: ISC */
/* folder: a directory of its own for a test. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#define FOLDER_SIZE 64

/* Makes one; fails the test when it can not be made. */
void folder_make(char dir[FOLDER_SIZE]);
/* Removes it and all that is in it: 0 or -1. */
int folder_remove(const char *dir);

#endif
