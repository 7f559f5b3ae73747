/* SPDX-License-Identifier: ISC */
/* alert_checks: alerts for health checks that fail, as the ledger has it. */
#ifndef FCGI_ALERT_CHECKS_H
#define FCGI_ALERT_CHECKS_H

struct app;

/* Raises and clears them. */
void alert_checks_judge(struct app *app);

#endif
