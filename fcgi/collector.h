/* SPDX-License-Identifier: ISC */
/*
 * collector: a thread that removes images nobody needs any more, a few minutes
 * after the start and then every hour (retention.h says what is needed).
 */
#ifndef FCGI_COLLECTOR_H
#define FCGI_COLLECTOR_H

#include <stdatomic.h>

#include "fcgi/images.h"
#include "fcgi/ledger.h"

#define COLLECTOR_FIRST_S 180
#define COLLECTOR_EVERY_S 3600

struct collector;

/* Both borrowed until collector_free. NULL: no memory, or no thread. */
struct collector *collector_new(struct images *images, struct ledger *ledger);
/* Lets it end what it is at: one image. NULL is fine. */
void collector_free(struct collector *c);

/* What was removed. */
struct collected {
	size_t images;
	uint64_t bytes;
};

/*
 * One round over all projects as if it were now, until *stop (or NULL) is set.
 * What fails is logged and passed over.
 */
struct collected collect(struct images *images, struct ledger *ledger,
	time_t now, const atomic_bool *stop);

#endif
