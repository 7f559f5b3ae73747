/* SPDX-License-Identifier: ISC */
/*
 * notices: what people are told about their unikernels. What happens is an
 * event of the ledger, once for the same build; those who wish get it by mail,
 * at once or once a day, and a webhook gets all.
 */
#ifndef FCGI_NOTICES_H
#define FCGI_NOTICES_H

#include "fcgi/ledger.h"

enum notice_kind {
	NOTICE_AVAILABLE,	/* there is a newer build */
	NOTICE_UPDATED,		/* an automatic update went well */
	NOTICE_FAILED,		/* one did not, and what ran runs again */
	NOTICE_PAUSED,		/* automatic updates can not go on */
	NOTICE_KINDS
};

struct notice {
	enum notice_kind kind;
	const char *instance, *project, *name;
	const char *builder, *job, *build;	/* the newer one */
	int64_t started;	/* of the build, ms since 1970 */
	const char *detail;	/* a sentence for people, or NULL */
};

/*
 * Remembers that it happened; the same again is passed over. 0 or an err.
 */
int notice_add(struct ledger *l, const struct notice *n, struct fault *f);

#endif
