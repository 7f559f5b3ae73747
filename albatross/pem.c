/* SPDX-License-Identifier: ISC */
/* alb_pem: see pem.h. */
#include "albatross/pem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define BEGIN "-----BEGIN "
#define DASHES "-----"
#define LABEL_MAX 64
#define LINE 64

/* What a block is, by its label. */
enum kind { CERTIFICATE, KEY, ENCRYPTED, OPENSSH, REQUEST, PUBLIC, OTHER };

struct block {
	enum kind kind;
	char label[LABEL_MAX];
	const char *body;	/* borrowed */
	size_t len;
};

static bool
ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static enum kind
kind_of(const struct block *b)
{
	const char *mark = strstr(b->body, "Proc-Type: 4,ENCRYPTED");

	if (strcmp(b->label, "CERTIFICATE") == 0 ||
	    strcmp(b->label, "X509 CERTIFICATE") == 0)
		return CERTIFICATE;
	if (strcmp(b->label, "OPENSSH PRIVATE KEY") == 0)
		return OPENSSH;
	if (strcmp(b->label, "ENCRYPTED PRIVATE KEY") == 0 ||
	    (mark != NULL && mark < b->body + b->len))
		return ENCRYPTED;
	if (ends(b->label, "PRIVATE KEY"))
		return KEY;
	if (ends(b->label, "CERTIFICATE REQUEST"))
		return REQUEST;
	return ends(b->label, "PUBLIC KEY") ? PUBLIC : OTHER;
}

/* The next block of *at, which goes behind it; false: no more. */
static bool
block_next(const char **at, struct block *b)
{
	char end[LABEL_MAX + 32];
	const char *begin, *label, *close;

	while ((begin = strstr(*at, BEGIN)) != NULL) {
		label = begin + strlen(BEGIN);
		close = strstr(label, DASHES);
		*at = label;
		if (close == NULL || close - label >= LABEL_MAX)
			continue;
		snprintf(b->label, sizeof(b->label), "%.*s",
		    (int)(close - label), label);
		snprintf(end, sizeof(end), DASHES "END %s" DASHES, b->label);
		b->body = close + strlen(DASHES);
		close = strstr(b->body, end);
		if (close == NULL)
			continue;
		b->len = (size_t)(close - b->body);
		b->kind = kind_of(b);
		*at = close + strlen(end);
		return true;
	}
	return false;
}

/* False when it holds something that is no base64. */
static bool
block_put(const struct block *b, struct buf *out)
{
	size_t n = 0;

	buf_putf(out, BEGIN "%s" DASHES "\n", b->label);
	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->body[i];

		if (isspace(c))
			continue;
		if (!isalnum(c) && strchr("+/=", c) == NULL)
			return false;
		buf_put_u8(out, c);
		if (++n % LINE == 0)
			buf_put_u8(out, '\n');
	}
	buf_putf(out, "%s" DASHES "END %s" DASHES "\n", n % LINE == 0 ? "" :
	    "\n", b->label);
	return n > 0;
}

/* Why there is no block at all. */
static const char *
shape_problem(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	if (*text == '\0')
		return "is missing";
	if (strstr(text, BEGIN) != NULL)
		return "is cut off: its last line, -----END ...-----, is "
			"missing";
	/* A SEQUENCE: its length, or what is first in it, is no text. */
	if (text[0] == '0' && text[1] != '\0' &&
	    ((unsigned char)text[1] >= 0x80 ||
	    iscntrl((unsigned char)text[1]) ||
	    iscntrl((unsigned char)text[2])))
		return "is in DER (binary), not in PEM form: convert it with "
			"openssl x509 or openssl pkey, -inform der";
	if (text_begins(text, "MI"))
		return "lacks its first and its last line, -----BEGIN ..."
			"----- and -----END ...-----";
	return "is not in PEM form: that begins with -----BEGIN";
}

/* Why a block is not a certificate; NULL for what is to be passed over. */
static const char *
certificate_problem(const struct block *b)
{
	switch (b->kind) {
	case KEY:
	case ENCRYPTED:
	case OPENSSH:
		return "holds a private key: only certificates belong here";
	case REQUEST:
		return "is the request for a certificate: what the CA made "
			"of it is wanted";
	case PUBLIC:
		return "is a public key: the certificate is wanted";
	default:
		return NULL;
	}
}

static const char *
key_problem(const struct block *b)
{
	switch (b->kind) {
	case ENCRYPTED:
		return "is encrypted: write it without a passphrase, by "
			"openssl pkey -in FILE -out PLAIN";
	case OPENSSH:
		return "is a key of OpenSSH: the one that belongs to the "
			"certificate is wanted";
	case PUBLIC:
		return "is a public key: the private one is wanted";
	default:
		return NULL;
	}
}

/* Why none of the blocks was what is wanted. */
static const char *
nothing_problem(const char *text, enum alb_pem_want want)
{
	const char *at = text;
	struct block b;

	if (!block_next(&at, &b))
		return shape_problem(text);
	if (want == ALB_PEM_CERTIFICATES)
		return "is not a certificate: that begins with -----BEGIN "
			"CERTIFICATE-----";
	return b.kind == CERTIFICATE ? "is a certificate: its private key is "
		"wanted" : "is not a private key in PEM form";
}

const char *
alb_pem_take(const char *text, enum alb_pem_want want, struct buf *out)
{
	enum kind wanted = want == ALB_PEM_KEY ? KEY : CERTIFICATE;
	const char *at = text, *problem;
	struct block b;
	size_t n = 0;

	while (block_next(&at, &b)) {
		problem = want == ALB_PEM_KEY ? key_problem(&b) :
			certificate_problem(&b);
		if (problem != NULL)
			return problem;
		if (b.kind != wanted)
			continue;
		if (!block_put(&b, out))
			return "is damaged: between its first and its last "
				"line is something else than base64";
		n++;
	}
	if (n == 0)
		return nothing_problem(text, want);
	if (want == ALB_PEM_KEY && n > 1)
		return "holds several private keys: only the one that belongs "
			"to the certificate is wanted";
	return buf_ok(out) ? NULL : "is too long";
}

static bool
begins_with(const char *text, enum kind kind)
{
	struct block b;

	return block_next(&text, &b) && (b.kind == kind ||
	    (kind == KEY && b.kind == ENCRYPTED));
}

bool
alb_pem_swapped(const char *certificate, const char *key)
{
	return begins_with(certificate, KEY) && begins_with(key, CERTIFICATE);
}
