/* SPDX-License-Identifier: ISC */
/*
 * health_answer: the answers of a DNS message as text. Where the message
 * comes from is not trusted.
 */
#ifndef FCGI_HEALTH_ANSWER_H
#define FCGI_HEALTH_ANSWER_H

#include "base/buf.h"

/*
 * Puts the answers of one type (RFC 1035, 3596) into out, a line each: the
 * address, the name, "10 mail.example.org", the bytes of a TXT, "primary
 * mailbox serial refresh retry expire minimum". How many there were, or -1
 * when the message is malformed.
 */
int answer_read(const uint8_t *message, size_t len, int type,
	struct buf *out);

#endif
