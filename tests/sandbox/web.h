/* SPDX-License-Identifier: ISC */
/*
 * web: a unikernel that answers HTTP. The image decides what it says (see
 * ELF_HTTP), so that the same configuration does well with one image and
 * badly with another.
 */
#ifndef TESTS_SANDBOX_WEB_H
#define TESTS_SANDBOX_WEB_H

#include <stddef.h>
#include <stdint.h>

#include "tests/images/elf.h"

struct web_answer {
	int status;
	char text[ELF_HTTP_MAX + 1];
};

struct web;

/* What the image says to answer; 200 and "hello" when it says nothing. */
void web_answer_read(struct web_answer *a, const uint8_t *image, size_t len);
/*
 * Listens on 127.0.0.1:port and gives every request the answer, in a thread
 * that knows nothing of the sandbox. NULL with errno when it can not.
 */
struct web *web_start(uint16_t port, const struct web_answer *a);
/* Returns when the port is closed; w may be NULL. */
void web_stop(struct web *w);

#endif
