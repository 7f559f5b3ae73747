/* SPDX-License-Identifier: ISC */
/* totp: see totp.h. */
#include "auth/totp.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <oath.h>

#include "base/err.h"
#include "base/text.h"

#define ISSUER "Mollymawk"
#define EMAIL_MAX 254

int
totp_init(void)
{
	return oath_init() == OATH_OK ? 0 : ERR_INTERNAL;
}

int
totp_code(const uint8_t *secret, size_t len, int64_t step,
	char out[TOTP_DIGITS + 1])
{
	int rc = oath_totp_generate((const char *)secret, len,
	    (time_t)(step * TOTP_STEP), TOTP_STEP, 0, TOTP_DIGITS, out);

	return rc == OATH_OK ? 0 : ERR_INTERNAL;
}

int64_t
totp_match(const uint8_t *secret, size_t len, const char *code, time_t now,
	int64_t last)
{
	int64_t present = (int64_t)now / TOTP_STEP, found = 0;
	char expected[TOTP_DIGITS + 1];

	if (strlen(code) != TOTP_DIGITS)
		return 0;
	for (int64_t step = present - 1; step <= present + 1; step++)
		if (totp_code(secret, len, step, expected) == 0 &&
		    bytes_equal(expected, code, TOTP_DIGITS) && step > last)
			found = step;
	explicit_bzero(expected, sizeof(expected));
	return found;
}

int
totp_text(const uint8_t secret[TOTP_SECRET], char out[TOTP_TEXT_SIZE])
{
	char *text = NULL;
	size_t len = 0;

	if (oath_base32_encode((const char *)secret, TOTP_SECRET, &text,
	    &len) != OATH_OK)
		return ERR_NO_MEMORY;
	snprintf(out, TOTP_TEXT_SIZE, "%s", text);
	explicit_bzero(text, len);
	free(text);
	return 0;
}

/* Everything but letters and digits as %XX. */
static void
percent_encode(const char *s, char out[3 * EMAIL_MAX + 1])
{
	size_t n = 0;

	for (; *s != '\0' && n + 3 < 3 * EMAIL_MAX + 1; s++) {
		unsigned char c = (unsigned char)*s;

		if (isalnum(c) && c < 0x80)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, 4, "%%%02X", c);
	}
	out[n] = '\0';
}

void
totp_uri(const char *text, const char *email, char out[TOTP_URI_SIZE])
{
	char who[3 * EMAIL_MAX + 1];

	percent_encode(email, who);
	snprintf(out, TOTP_URI_SIZE, "otpauth://totp/" ISSUER ":%s?secret=%s"
	    "&issuer=" ISSUER "&algorithm=SHA1&digits=%d&period=%d", who,
	    text, TOTP_DIGITS, TOTP_STEP);
}
