/* SPDX-License-Identifier: ISC */
/* health_probe: one attempt of a check, of which the address is decided. */
#ifndef FCGI_HEALTH_PROBE_H
#define FCGI_HEALTH_PROBE_H

#include <stdatomic.h>

#include "fcgi/health.h"

struct probe {
	const struct health_check *check;
	struct address address;
	char place[ADDRESS_PLACE_SIZE];	/* address and port, for sentences */
	int64_t deadline;		/* probe_now */
	const atomic_bool *stopping;	/* once set, it is over at once */
};

/* What waits looks at least as often whether it is over. */
#define PROBE_TICK_MS 200

int probe_left(const struct probe *p);
/* ERR_HEALTH: no answer until the deadline. */
int probe_late(const struct probe *p, struct fault *f);
/* ERR_HEALTH: it could not be reached, as errno says. */
int probe_unreachable(const struct probe *p, int error, struct fault *f);

/* 0, or ERR_HEALTH with a sentence; never longer than the deadline. */
int probe_http(const struct probe *p, struct fault *f);
int probe_tcp(const struct probe *p, struct fault *f);
int probe_dns(const struct probe *p, struct fault *f);

#endif
