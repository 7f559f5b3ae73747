/* SPDX-License-Identifier: ISC */
/* unikernels: what albatrossd does with them; protocol section 4.1. */
#ifndef TESTS_SANDBOX_UNIKERNELS_H
#define TESTS_SANDBOX_UNIKERNELS_H

#include "tests/sandbox/machine.h"
#include "tests/sandbox/request.h"

struct unikernel {
	struct unikernel *next;
	struct alb_name name;
	struct alb_config config;	/* as it came */
	bool compressed;
	uint8_t *image;
	size_t image_len;
	uint8_t digest[ALB_DIGEST_MAX];
	size_t digest_len;
	struct web_answer answer;
	char says[ELF_SAYS_MAX + 1];
	int64_t started;		/* ms since 1970 */
	bool watched;			/* its exit may start it again */
	struct machine machine;
};

/* Starts what ran when the sandbox ended. */
void unikernels_restore(struct sandbox *s);
void unikernels_free(struct sandbox *s);
/* Runs what is due; returns when to look again, in ms of alb_now(). */
int64_t unikernels_run(struct sandbox *s, int64_t now);

/* How many run at and below a path, and their memory; without one of them. */
void unikernels_usage(struct sandbox *s, const char *path,
	const struct unikernel *without, int64_t *count, int64_t *memory);
/* Adds their CPUs and bridges to used, in any order. */
void unikernels_resources(struct sandbox *s, const char *path,
	struct alb_policy *used);
/* Host names with their defaults. */
const char *net_bridge(const struct alb_net *n);
const char *block_volume(const struct alb_block *b);
/* Its MAC address, or the one made from the names. */
void net_mac(const struct alb_name *name, const struct alb_net *n,
	uint8_t mac[6]);

/* Commands; called with the lock held. */
void unikernels_info(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
void unikernel_get(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
/* These two take the image out of the request. */
void unikernel_create(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
void unikernel_force_create(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
/* For faults: nothing runs and the create fails; or it ends by itself. */
void unikernel_fail_create(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
void unikernel_end(struct sandbox *s, const struct alb_name *name);
/*
 * As if it had been started so many seconds earlier, and used so much of a CPU
 * ever since; false when there is none.
 */
bool unikernel_disguise(struct sandbox *s, const char *text, int64_t age,
	int64_t cpu);
void unikernel_restart(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
void unikernel_destroy(struct sandbox *s, struct request *r,
	struct alb_wire *reply);

#endif
