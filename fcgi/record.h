/* SPDX-License-Identifier: ISC */
/* record: FastCGI records of an answer, for who writes them without libfcgi. */
#ifndef FCGI_RECORD_H
#define FCGI_RECORD_H

#include "base/buf.h"

#define RECORD_HEAD 8		/* bytes before the content of a record */
#define RECORD_CONTENT_MAX 65535

/* len bytes of output, in as many records as they need; none for none. */
void record_stdout(struct buf *b, int id, const void *data, size_t len);
/* The end of the output and of the request. */
void record_end(struct buf *b, int id);

#endif
