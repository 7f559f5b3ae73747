/* SPDX-License-Identifier: ISC */
/*
 * multipart: reads multipart/form-data (RFC 7578) part by part out of a body
 * that arrives in pieces of any size. Nothing but one small window is held,
 * so a part may be as large as it likes.
 */
#ifndef FCGI_MULTIPART_H
#define FCGI_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MULTIPART_BOUNDARY_MAX 70	/* bytes, RFC 2046 */
#define MULTIPART_WINDOW 16384
#define MULTIPART_HEAD_MAX 4096		/* bytes of the headers of a part */
#define MULTIPART_PARTS_MAX 16
#define MULTIPART_NAME_MAX 63

/*
 * Where bytes come from: fills data with up to size bytes, *got 0 at the end.
 * 0, or an err with f filled, which is passed on.
 */
typedef int multipart_source(void *arg, void *data, size_t size, size_t *got,
	struct fault *f);

struct multipart {
	multipart_source *source;
	void *arg;
	char delimiter[MULTIPART_BOUNDARY_MAX + 5];	/* CR LF -- boundary */
	size_t delimiter_len;
	uint8_t window[MULTIPART_WINDOW];
	size_t start, end;	/* what of window is not used up yet */
	bool source_ended;
	bool in_part;
	bool closed;		/* the last delimiter was seen */
	unsigned parts;
	char name[MULTIPART_NAME_MAX + 1];	/* of the current part */
};

/*
 * content_type is the request's header as sent: 0, or ERR_BAD_REQUEST when it
 * has no acceptable boundary.
 */
int multipart_init(struct multipart *m, const char *content_type,
	multipart_source *source, void *arg, struct fault *f);
/*
 * Goes to the next part (what is left of the current one is skipped): 0 with
 * *name borrowed, or NULL behind the last part. ERR_BAD_REQUEST for anything
 * malformed, or an err of the source.
 */
int multipart_next(struct multipart *m, const char **name, struct fault *f);
/* Bytes of the current part; *got is 0 at its end. */
int multipart_read(struct multipart *m, void *data, size_t size, size_t *got,
	struct fault *f);

#endif
