/* SPDX-License-Identifier: ISC */
/* log_settings: how much of the logs is kept; in the settings of the ledger. */
#ifndef FCGI_LOG_SETTINGS_H
#define FCGI_LOG_SETTINGS_H

#include <stdbool.h>

#include "base/json.h"
#include "fcgi/ledger.h"

#define LOG_MEGABYTES_MAX 1024
#define LOG_TOTAL_MAX (1024 * 1024)

struct log_settings {
	bool keep;		/* anything from now on */
	int64_t megabytes;	/* of a unikernel, on the disk */
	int64_t total_megabytes;	/* of all of them */
	int64_t days;		/* after the unikernel is gone */
};

/* What was never set is the default. 0 or an err. */
int log_settings_get(struct ledger *l, struct log_settings *out,
	struct fault *f);
int log_settings_set(struct ledger *l, const struct log_settings *s,
	struct fault *f);
/* 0 or ERR_INVALID. */
int log_settings_from_json(struct json_object *o, struct log_settings *out,
	struct fault *f);
struct json_object *log_settings_to_json(const struct log_settings *s);

#endif
