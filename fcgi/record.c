/* SPDX-License-Identifier: ISC */
/* record: FastCGI 1.0 sections 3.3 and 5; see record.h. */
#include "fcgi/record.h"

enum { VERSION = 1, END_REQUEST = 3, STDOUT = 6 };

static void
put_head(struct buf *b, int type, int id, size_t len)
{
	const uint8_t head[RECORD_HEAD] = { VERSION, (uint8_t)type,
		(uint8_t)(id >> 8), (uint8_t)id,
		(uint8_t)(len >> 8), (uint8_t)len, 0, 0 };

	buf_put(b, head, sizeof(head));
}

void
record_stdout(struct buf *b, int id, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		size_t n = len < RECORD_CONTENT_MAX ? len :
			RECORD_CONTENT_MAX;

		put_head(b, STDOUT, id, n);
		buf_put(b, at, n);
		at += n;
		len -= n;
	}
}

void
record_end(struct buf *b, int id)
{
	/* Application status 0, then "request complete". */
	static const uint8_t body[8];

	put_head(b, STDOUT, id, 0);
	put_head(b, END_REQUEST, id, sizeof(body));
	buf_put(b, body, sizeof(body));
}
