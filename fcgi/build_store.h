/* SPDX-License-Identifier: ISC */
/*
 * build_store: what builders were heard to say, kept in the ledger so that no
 * page waits for them: builds, which do not change any more; whose build an
 * image is; and which build of a job is the newest.
 */
#ifndef FCGI_BUILD_STORE_H
#define FCGI_BUILD_STORE_H

#include "fcgi/build.h"
#include "fcgi/ledger.h"

int build_keep(struct ledger *l, const struct build *b, struct fault *f);
/* 0 or ERR_NOT_FOUND, ERR_INTERNAL. */
int build_find(struct ledger *l, const char *builder, const char *uuid,
	struct build *out);

/*
 * Which build has the image; uuid "" says that the builder has none. asked is
 * when it was asked, in ms since 1970, 0 for never.
 */
int build_of_keep(struct ledger *l, const char *builder, const char *sha256,
	const char *uuid, struct fault *f);
void build_of_find(struct ledger *l, const char *builder,
	const char *sha256, char uuid[BUILD_UUID_LEN + 1], int64_t *asked);

/* The same of the newest build of a job on a platform ("": on any). */
int build_latest_keep(struct ledger *l, const char *builder, const char *job,
	const char *platform, const char *uuid, struct fault *f);
void build_latest_find(struct ledger *l, const char *builder,
	const char *job, const char *platform,
	char uuid[BUILD_UUID_LEN + 1], int64_t *asked);

/* What a builder said, as it is another one now. */
int build_forget(struct ledger *l, const char *builder, struct fault *f);

#endif
