/* SPDX-License-Identifier: ISC */
/* links: certificate chains which our own client would never make. */
#ifndef TESTS_SANDBOX_LINKS_H
#define TESTS_SANDBOX_LINKS_H

#include "tests/sandbox/drive.h"

/* A certificate; all zero is a good leaf without command and common name. */
struct link {
	const char *cn;			/* NULL: none */
	struct alb_command *command;	/* NULL: no extension; borrowed */
	bool ca;
	bool critical;			/* the extension */
	bool garbage;			/* after the extension's DER */
	const char *purpose;		/* extended key usage, critical */
	unsigned usage;			/* 0: what fits; 1: absent */
	bool foreign_id;		/* authority key id of nobody */
	bool id;			/* subject key id */
	int path_length;		/* of a CA; 0: unlimited, else n + 1 */
	int from, to;			/* seconds from now; 0, 0: 60 and 300 */
};
#define LINK_NO_USAGE 1U

/*
 * A chain signed by the CA, links from the outermost to the leaf. Sent is the
 * leaf first.
 */
void links_make(const struct link *links, size_t n, struct alb_chain *out);
/* Asks with it: what the first read says. */
int links_ask(const struct link *links, size_t n, struct alb_wire *w);

#endif
