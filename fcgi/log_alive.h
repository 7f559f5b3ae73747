/* SPDX-License-Identifier: ISC */
/* log_alive: whose logs are kept however old they are: what is not gone. */
#ifndef FCGI_LOG_ALIVE_H
#define FCGI_LOG_ALIVE_H

#include "fcgi/log_dir.h"

struct states;		/* states.h */

struct log_alive {
	char (*paths)[LOG_PATH_SIZE];	/* owned; in order */
	size_t n, cap;
	bool failed;		/* nothing, or not all, is known */
};

/* What states (NULL: nobody) knows now, and has not stopped. */
void log_alive_find(struct states *states, struct log_alive *out);
void log_alive_free(struct log_alive *a);
/* For log_sweep; arg is what was found. */
bool log_alive_has(void *arg, const char *path);

#endif
