/* SPDX-License-Identifier: ISC */
/*
 * update_check: asking the builders about what runs, and what follows from
 * that; one round of updater.h.
 */
#ifndef FCGI_UPDATE_CHECK_H
#define FCGI_UPDATE_CHECK_H

#include "fcgi/images.h"
#include "fcgi/update_rule.h"

struct app;

/*
 * Asks all builders at the same time, as far as it is due, about the images of
 * the current deployments and those n that were seen to run; then tells of the
 * newer builds there are (notices.h).
 */
void update_check(struct app *app,
	const char (*seen)[IMAGE_DIGEST_LEN + 1], size_t n);
/* Calls add for each rule by which something is to be done now. */
void update_rules_due(struct app *app,
	void (*add)(void *arg, const struct update_rule *rule), void *arg);

#endif
