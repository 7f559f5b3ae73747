/* SPDX-License-Identifier: ISC */
/*
 * listing_rows: what there is in one project on one instance, encoded once
 * for all who are shown it.
 */
#ifndef FCGI_LISTING_ROWS_H
#define FCGI_LISTING_ROWS_H

#include <time.h>

#include "fcgi/flight.h"
#include "fcgi/listing.h"
#include "fcgi/ticket.h"

struct row {
	char name[ALB_LABEL_MAX + 1];
	char *json;
	size_t len;
};

/* Ordered by name. */
struct rows {
	struct answer answer;
	time_t as_of;
	struct row *items;
	size_t len;
	int64_t used;		/* MB of volumes */
};

/* Asks the instance; NULL with f. answer_put frees them. */
struct rows *rows_ask(struct app *app, struct auth_client *auth,
	enum listing_kind kind, const struct ticket *t, struct fault *f);

#endif
