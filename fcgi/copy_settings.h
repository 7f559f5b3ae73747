/* SPDX-License-Identifier: ISC */
/*
 * copy_settings: where saved copies of volumes go, and how much room they may
 * take here; in the settings of the ledger. The secret key goes in and never
 * comes out again.
 */
#ifndef FCGI_COPY_SETTINGS_H
#define FCGI_COPY_SETTINGS_H

#include "base/json.h"
#include "fcgi/ledger.h"
#include "fcgi/s3.h"

#define COPIES_LOCAL_MAX_DEFAULT 10240	/* MB */
#define COPIES_LOCAL_MAX_MAX (INT64_C(1) << 30)

struct copy_settings {
	struct s3_settings s3;	/* endpoint "": none */
	int64_t local_max;	/* MB that all copies here may take */
};

/* What was never set is the default. 0 or an err; wiped by the caller. */
int copy_settings_get(struct ledger *l, struct copy_settings *out,
	struct fault *f);
int copy_settings_set(struct ledger *l, const struct copy_settings *s,
	struct fault *f);
void copy_settings_wipe(struct copy_settings *s);
/*
 * What an administrator sends, on top of what is set in *s: a secret key that
 * is left out is kept, for the same endpoint and access key. 0 or ERR_INVALID.
 */
int copy_settings_take(struct json_object *o, struct copy_settings *s,
	struct fault *f);
/* As they are shown. */
struct json_object *copy_settings_show(const struct copy_settings *s);

/*
 * Puts, reads and removes a small object: 0, or what failed, with a sentence
 * that says at which of the three.
 */
int copy_settings_test(const struct copy_settings *s,
	const struct s3_watch *watch, struct fault *f);

#endif
