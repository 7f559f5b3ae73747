/* SPDX-License-Identifier: ISC */
/* options: the command line of albatross-sandbox. */
#ifndef TESTS_SANDBOX_OPTIONS_H
#define TESTS_SANDBOX_OPTIONS_H

#include "albatross/command.h"

#define OPTIONS_BRIDGES_MAX 64

struct options {
	const char *dir;		/* state directory */
	const char *listen;		/* ADDRESS:PORT, port 0 for any free */
	const char *server_name;	/* CN of the server certificate */
	const char *control;		/* a line for a running sandbox */
	bool init;			/* make the certificates only */
	enum alb_level level;
	int64_t cpus;
	int64_t memory;			/* MB */
	int64_t block;			/* MB; -1: what the disk holds */
	int64_t stats_interval;		/* ms */
	int64_t restart_gap;		/* ms from an exit to the restart */
	int64_t ca_days;		/* a new CA is good for them */
	int64_t subscribers;		/* per console, as albatross counts */
	size_t nbridges;
	const char *bridges[OPTIONS_BRIDGES_MAX];
};

/* 0, or -1 after a message on standard error. */
int options_read(int argc, char **argv, struct options *o);

#endif
