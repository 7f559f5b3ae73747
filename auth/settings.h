/* SPDX-License-Identifier: ISC */
/* settings: what administrators decide for the whole authority, by name. */
#ifndef AUTH_SETTINGS_H
#define AUTH_SETTINGS_H

#include "auth/store.h"
#include "base/json.h"

/* 0 with an owned *out, NULL when it was never set; or ERR_INTERNAL. */
int setting_get(struct db *d, const char *name, struct json_object **out);
/* Within a write; body is borrowed. 0 or an err. */
int setting_set(struct db *d, const char *name, struct json_object *body);

#endif
