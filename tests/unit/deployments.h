/* SPDX-License-Identifier: ISC */
/* deployments: rows of the ledger as a test wants them. */
#ifndef TESTS_UNIT_DEPLOYMENTS_H
#define TESTS_UNIT_DEPLOYMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "fcgi/ledger.h"
#include "tests/unit/folder.h"

/* What is left out is of "ada" on "i1", long ago, over, and nothing. */
struct row {
	const char *project;
	const char *name;
	int64_t number, previous;
	const char *state;
	const char *image, *previous_image;
	bool current, open;
	time_t created;
};

/* A ledger in a folder of its own, and both away again; 0 or -1. */
int ledger_begin(char dir[FOLDER_SIZE], struct ledger **out);
int ledger_finish(const char *dir, struct ledger *l);
/* One statement without parameters. */
void ledger_run(struct ledger *l, const char *sql);

void deployment_put(struct ledger *l, const struct row *row);
void deployments_clear(struct ledger *l);
/* body NULL removes it. */
void setting_put(struct ledger *l, const char *name, const char *body);

#endif
