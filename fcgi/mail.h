/* SPDX-License-Identifier: ISC */
/*
 * mail: one mail of plain text, written out (RFC 5322, 2045 and 2047) and
 * given to a mail server by SMTP, or put into a folder as a file.
 */
#ifndef FCGI_MAIL_H
#define FCGI_MAIL_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define MAIL_ADDRESS_MAX 254
#define MAIL_SERVER_MAX 270
#define MAIL_USER_MAX 255
#define MAIL_PASSWORD_MAX 255
#define MAIL_SECONDS 20
#define MAIL_MAX (2 * 1024 * 1024)	/* bytes, written out */

enum mail_tls { MAIL_STARTTLS, MAIL_TLS, MAIL_PLAIN };

struct mail_settings {
	char server[MAIL_SERVER_MAX + 1];	/* "smtp://host:587", "": no */
	enum mail_tls tls;
	char from[MAIL_ADDRESS_MAX + 1];
	char user[MAIL_USER_MAX + 1];		/* "": nobody signs in */
	char password[MAIL_PASSWORD_MAX + 1];
};

/* Borrowed. */
struct mail {
	const char *to;		/* an address */
	const char *subject;	/* one line of UTF-8 */
	const char *text;	/* UTF-8, lines ended by "\n" */
	const char *mark;	/* the same at each attempt */
	int64_t at;		/* ms since 1970 */
};

/* Why it is no address that can be written to, or NULL. */
const char *mail_address_check(const char *s);
/* Splits "smtp://host[:port]" (port 0: not told): 0 or -1. */
int mail_server_split(const char *server, char host[MAIL_SERVER_MAX + 1],
	int *port);

/*
 * As it goes over the wire. 0, or ERR_INVALID for an address that is none and
 * for a subject with control characters: nobody adds a header.
 */
int mail_write(const struct mail *m, const char *from, struct buf *out,
	struct fault *f);
/*
 * To the server, MAIL_SECONDS at most or until *stop (or NULL) is set. 0, or
 * ERR_MAIL with a sentence in which the server's words are.
 */
int mail_send(const struct mail_settings *s, const struct mail *m,
	const atomic_bool *stop, struct fault *f);
/* DIR/TIME-MARK.eml, whole or not at all. 0 or ERR_MAIL. */
int mail_store(const char *dir, const struct mail *m, const char *from,
	struct fault *f);

#endif
