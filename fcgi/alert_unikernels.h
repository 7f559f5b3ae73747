/* SPDX-License-Identifier: ISC */
/*
 * alert_unikernels: alerts for unikernels that went by themselves and stay away
 * (states.h). There is none beside that it crashes again and again, or that its
 * instance is down.
 */
#ifndef FCGI_ALERT_UNIKERNELS_H
#define FCGI_ALERT_UNIKERNELS_H

#include <stdbool.h>
#include <stdint.h>

struct app;

/*
 * Raises and clears them, and clears crash loops of what is gone. since is how
 * long (ms) one must have been away; is_down tells of an instance.
 */
void alert_unikernels_judge(struct app *app, int64_t now, int64_t since,
	bool (*is_down)(void *arg, const char *instance), void *arg);

#endif
