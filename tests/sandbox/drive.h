/* SPDX-License-Identifier: ISC */
/*
 * drive: what the tests of the sandbox speak through. They start a sandbox in
 * a new directory, or, to see where it differs, talk to a real albatross:
 *
 *   ALBATROSS_PORT=1025 ALBATROSS_CA=ca.pem ALBATROSS_KEY=ca.key
 *   ALBATROSS_IMAGES=DIR   with plain, net and block, solo5 images which print
 *                          a line per second and go on
 *
 * Commands are of a tenant, whose name and policy every test can change.
 */
#ifndef TESTS_SANDBOX_DRIVE_H
#define TESTS_SANDBOX_DRIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "albatross/session.h"

#define DRIVE_OPTIONS_MAX 16

struct image {
	uint8_t *data;
	size_t len;
	char device[80];	/* its only one, or "" */
};

struct drive {
	bool real;
	pid_t pid;
	char dir[64];
	int port;
	char *ca_pem, *key_pem;
	struct alb_signer *signer;
	struct image plain, net, block;
	char tenant[ALB_LABEL_MAX + 1];	/* "" for the root */
	struct alb_policy policy;	/* of the tenant; owned */
	const char *options[DRIVE_OPTIONS_MAX];	/* ended by NULL */
};

extern struct drive drive;

/* Group fixtures; options of the sandbox in drive.options before. */
int drive_start(void **state);
int drive_stop(void **state);
/* The process alone, over the same directory; drive_end returns its status. */
void drive_begin(void);
int drive_end(void);
/* Test fixture: a fresh tenant with a generous policy. */
int drive_tenant(void **state);
/* A line for the sandbox's control socket. */
void drive_control(const char *line);

/* An image of the sandbox's kind, owned by the caller. */
void image_make(struct image *out, const char *target, const char *net,
	const char *block);

/* A command with no more than its kind. */
struct alb_command command(enum alb_command_kind kind);
/* create or force create: CPU 0, memory MB, quit, no name injected. */
struct alb_command create(enum alb_command_kind kind, int64_t memory);
void add_argument(struct alb_command *c, const char *s);
void add_net(struct alb_command *c, const char *name, const char *bridge);
void add_block(struct alb_command *c, const char *name, const char *volume);

/* Sessions; chain and c are freed. */
int try_chain(struct alb_chain *chain, struct alb_session **s);
struct alb_session *open_chain(struct alb_chain *chain);
struct alb_session *open_command(const char *label, struct alb_command *c);
/* Sends data and the terminator, then takes the first reply. */
int ask_data(const char *label, struct alb_command *c, const void *data,
	size_t len, struct alb_wire *w);
/* The first reply: an alb_error. */
int ask(const char *label, struct alb_command *c, struct alb_wire *w);
int ask_kind(const char *label, enum alb_command_kind kind,
	struct alb_wire *w);

/* The reply must say exactly this; frees w. */
void must_say(int rc, struct alb_wire *w, const char *text);
void must_fail(int rc, struct alb_wire *w, const char *text);
/* Shorthand. */
void create_plain(const char *label, int64_t memory);
/* How many unikernels the tenant runs. */
size_t running(void);

#endif
