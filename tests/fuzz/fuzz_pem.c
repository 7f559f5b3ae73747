/* SPDX-License-Identifier: ISC */
/*
 * pem: certificates and keys as people paste them. What is taken is taken again
 * as it is, and no text is both a certificate and a key.
 */
#include <stdlib.h>
#include <string.h>

#include "albatross/cert.h"
#include "albatross/pem.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX 65536

static bool
take(const char *text, enum alb_pem_want want)
{
	struct buf once, twice;
	bool taken;

	buf_init(&once, 4 * TEXT_MAX);
	buf_init(&twice, 4 * TEXT_MAX);
	taken = alb_pem_take(text, want, &once) == NULL;
	if (taken && (alb_pem_take(buf_str(&once), want, &twice) != NULL ||
	    twice.len != once.len ||
	    memcmp(twice.data, once.data, once.len) != 0))
		abort();
	buf_free(&once);
	buf_free(&twice);
	return taken;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = size > TEXT_MAX ? NULL : malloc(size + 1);
	struct fault f = { 0 };

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (take(text, ALB_PEM_CERTIFICATES) && take(text, ALB_PEM_KEY))
		abort();
	(void)alb_pem_swapped(text, text);
	(void)alb_anchor_check(text, 0, "server_ca", &f);
	free(text);
	return 0;
}
