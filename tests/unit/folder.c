/* SPDX-License-Identifier: ISC */
/* folder: see folder.h. */
#include "config.h"	/* for nftw */

#include "tests/unit/folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DESCRIPTORS 16

void
folder_make(char dir[FOLDER_SIZE])
{
	snprintf(dir, FOLDER_SIZE, "/tmp/mollymawk-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

static int
entry_remove(const char *path, const struct stat *st, int kind,
	struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int
folder_remove(const char *dir)
{
	return nftw(dir, entry_remove, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}
