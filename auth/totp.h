/* SPDX-License-Identifier: ISC */
/*
 * totp: codes that change with time (RFC 6238): SHA-1, 6 digits, a step of 30
 * seconds. A code of the step before or after the present one is taken too, as
 * clocks differ. Computed by liboath.
 */
#ifndef AUTH_TOTP_H
#define AUTH_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define TOTP_SECRET 20		/* bytes, as RFC 4226 recommends */
#define TOTP_TEXT_SIZE 33	/* the same in base32, with a NUL */
#define TOTP_DIGITS 6
#define TOTP_STEP 30		/* seconds */
#define TOTP_URI_SIZE 1024

/* Before the first use, and before the program is confined. 0 or an ERR_. */
int totp_init(void);

/* The code of a step: 0 or ERR_INTERNAL. */
int totp_code(const uint8_t *secret, size_t len, int64_t step,
	char out[TOTP_DIGITS + 1]);
/*
 * The step whose code it is, of those that may be taken now and are newer than
 * last; 0: none of them.
 */
int64_t totp_match(const uint8_t *secret, size_t len, const char *code,
	time_t now, int64_t last);

/* In base32, to be typed: 0 or ERR_NO_MEMORY. */
int totp_text(const uint8_t secret[TOTP_SECRET], char out[TOTP_TEXT_SIZE]);
/* What a QR code of it says, as authenticators read it. */
void totp_uri(const char *text, const char *email, char out[TOTP_URI_SIZE]);

#endif
