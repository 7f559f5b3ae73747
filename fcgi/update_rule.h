/* SPDX-License-Identifier: ISC */
/*
 * update_rule: what is to happen by itself when there is a newer build of a
 * unikernel: nothing, a notice (which is so where there is no rule), or the
 * update in a window of time, with the standing grant of the person who wanted
 * it so. Kept in the ledger.
 */
#ifndef FCGI_UPDATE_RULE_H
#define FCGI_UPDATE_RULE_H

#include "albatross/name.h"
#include "auth/client.h"
#include "base/json.h"
#include "fcgi/build.h"
#include "fcgi/ledger.h"

enum update_mode { UPDATE_OFF, UPDATE_NOTIFY, UPDATE_AUTOMATIC,
	UPDATE_MODES };

/* In UTC. It may go over midnight: then a day is that of its beginning. */
struct update_window {
	unsigned days;		/* bit 0: Monday, ... 6: Sunday */
	int from, to;		/* minutes of the day, 0..1439; the same: all */
};

struct update_rule {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	enum update_mode mode;
	bool has_window;
	struct update_window window;
	char grant[AUTH_GRANT_SIZE];	/* standing; "" when not automatic */
	int64_t expires;		/* of the grant; ms since 1970 */
	char user_name[ALB_LABEL_MAX + 1];
	int64_t given;			/* ms since 1970 */
	char paused[256];		/* why it can not go on, or "" */
	/* The last build it tried, what came of it, and as which deployment. */
	char tried[BUILD_UUID_LEN + 1];
	int64_t tried_at, number;
	char result[16];
	char detail[600];
};

const char *update_mode_text(enum update_mode mode);

/* True at now (seconds since 1970). */
bool update_window_open(const struct update_window *w, time_t now);

/* {"mode", "window"}: 0 or ERR_INVALID. */
int update_rule_from_json(struct json_object *o, struct update_rule *out,
	struct fault *f);
/* As the API shows it, notify when there is none; owned. */
struct json_object *update_rule_json(struct ledger *l, const char *instance,
	const char *project, const char *name);

/* 0, ERR_NOT_FOUND, ERR_INTERNAL. */
int update_rule_get(struct ledger *l, const char *instance,
	const char *project, const char *name, struct update_rule *out);
/* Instead of what there was; what it tried is kept. */
int update_rule_set(struct ledger *l, const struct update_rule *r,
	struct fault *f);
int update_rule_remove(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f);
/*
 * The automatic ones of a project pause for that reason; or, resting false,
 * those go on that paused for it.
 */
int update_rules_rest(struct ledger *l, const char *project, const char *why,
	bool resting, struct fault *f);
/* All of them: owned, in no order. NULL with *n 0: none, or no memory. */
struct update_rule *update_rule_list(struct ledger *l, size_t *n);
/* Keeps tried, tried_at, number, result, detail and paused. */
int update_rule_note(struct ledger *l, const struct update_rule *r,
	struct fault *f);

#endif
