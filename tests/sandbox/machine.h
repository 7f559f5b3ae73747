/* SPDX-License-Identifier: ISC */
/*
 * machine: what runs when a unikernel runs. It prints a few lines about
 * itself, then one per second, those of its image if that has some (ELF_SAYS),
 * and does what its arguments say:
 *
 *   --exit-after=SECONDS:CODE   ends (CODE "signal": killed)
 *   --flood=N                   prints N lines per second
 *   --silent                    prints nothing
 *   --line=TEXT                 what it prints
 *   --cpu=PERCENT               what statistics say, 2 if absent
 *   --http=PORT                 answers on 127.0.0.1:PORT, see web.h
 *   --refuse-name               exits with 64 when given a --name
 *
 * SECONDS may have decimals. Two --name arguments make it exit with 64, as no
 * CPU or less than 1 MB make it exit with 1.
 */
#ifndef TESTS_SANDBOX_MACHINE_H
#define TESTS_SANDBOX_MACHINE_H

#include "albatross/config.h"
#include "albatross/name.h"
#include "tests/sandbox/web.h"

#define MACHINE_SIGNAL (-1)	/* instead of an exit code */

struct sandbox;

struct machine {
	int64_t started;	/* ms, monotonic */
	int64_t exit_at;	/* ALB_NEVER when it does not */
	int exit_code;
	int64_t next_line;	/* ms; ALB_NEVER when silent */
	int64_t rate;		/* lines per second, 0: one */
	uint64_t lines;
	char *line;		/* owned, or NULL */
	const char *says;	/* lines of the image, borrowed; "": none */
	const char *next;	/* of them */
	int64_t cpu;		/* percent */
	int64_t http;		/* port, 0: none */
	struct web *web;	/* owned, or NULL */
};

/* What the image says to print, "" when it says nothing. */
void machine_says_read(char says[ELF_SAYS_MAX + 1], const uint8_t *image,
	size_t len);
/* answer and says are the image's; says is borrowed until machine_free. */
void machine_start(struct sandbox *s, struct machine *m,
	const struct alb_name *name, const struct alb_config *config,
	const struct web_answer *answer, const char *says);
void machine_free(struct machine *m);
/*
 * Prints what is due. True when it ends now, with exit_code; else until is
 * lowered to when to look again.
 */
bool machine_run(struct sandbox *s, struct machine *m,
	const struct alb_name *name, int64_t now, int64_t *until);

#endif
