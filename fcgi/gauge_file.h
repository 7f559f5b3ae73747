/* SPDX-License-Identifier: ISC */
/*
 * gauge_file: what one unikernel used, kept on disk in a file of fixed size:
 * every 10 s for 2 hours, every minute for 2 days, every 15 minutes for 90
 * days. Each of these is a ring, in which a slot is a span of time; coarse ones
 * are reckoned from finer ones. What was not measured is a gap.
 *
 * A file is a header of 1 KiB and columns of 24,480 bytes each: 4 of the
 * unikernel itself, 2 per network device: 97 KiB, and 48 KiB per device. A
 * value takes 2 bytes on a logarithmic scale: 0.06 % of itself is the most it
 * is wrong by, from 0.001 to 10^15. Nothing is ever synced: what was written
 * survives the end of this program, however that comes. See fcgi/README.md.
 */
#ifndef FCGI_GAUGE_FILE_H
#define FCGI_GAUGE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define GAUGE_NETS_MAX 8	/* network devices that are kept */
#define GAUGE_NAME_SIZE 64	/* of a device, cut off behind */
#define GAUGE_DAYS 90		/* as long as something is kept */
/* Of an instance, whatever it says that runs there: until a sweep, and then. */
#define GAUGE_FILES_MAX 20000
#define GAUGE_FILES_KEPT 16000

enum gauge_ring { GAUGE_FINE, GAUGE_MINUTES, GAUGE_QUARTERS, GAUGE_RINGS };

/* Seconds of a slot, and how many there are. */
int gauge_step(enum gauge_ring ring);
int gauge_slots(enum gauge_ring ring);

/* Bytes per second, as the guest sees them; NAN: not known. */
struct gauge_net {
	char name[GAUGE_NAME_SIZE];
	double rx, tx;
};

/* NAN: not known. */
struct gauge_values {
	double cpu;		/* per cent of one core */
	double memory;		/* bytes */
	double faults;		/* per second */
	size_t nnets;
	struct gauge_net nets[GAUGE_NETS_MAX];
};

struct gauge_place {
	const char *instance, *project, *name;	/* labels */
};

/*
 * Writes v for the time from since (not later than a minute ago counts) to now,
 * both in seconds since 1970, into the file of place below root, which is made
 * when missing. A file that is none is begun anew, as is one from far in the
 * future. 0 or ERR_STORAGE_FULL, ERR_INTERNAL.
 */
int gauge_file_add(int root, const struct gauge_place *place, int64_t since,
	int64_t now, const struct gauge_values *v);
/* The same into an open file, which may hold anything. */
int gauge_fd_add(int fd, int64_t since, int64_t now,
	const struct gauge_values *v);

/* n values of each, NAN for gaps; owned. */
struct gauge_series {
	size_t n;
	double *cpu, *cpu_max, *memory, *faults;
	size_t nnets;
	struct {
		char name[GAUGE_NAME_SIZE];
		double *rx, *tx;
	} nets[GAUGE_NETS_MAX];
};

void gauge_series_free(struct gauge_series *s);	/* contents only */
/* Whether anything is known in it. */
bool gauge_series_known(const struct gauge_series *s);

/*
 * The n slots from slot first on (seconds since 1970 / gauge_step), merge of
 * them as one value each: n is a multiple of merge. 0 with an owned *out, all
 * gaps when there is no such file; or ERR_NO_MEMORY.
 */
int gauge_file_read(int root, const struct gauge_place *place,
	enum gauge_ring ring, int64_t first, size_t n, size_t merge,
	struct gauge_series *out);
/* The same of an open file, which may hold anything. */
int gauge_fd_read(int fd, enum gauge_ring ring, int64_t first, size_t n,
	size_t merge, struct gauge_series *out);

/*
 * Calls take with each name of a project there that was written since then
 * (seconds since 1970), until it says false; in no order.
 */
void gauge_file_names(int root, const char *instance, const char *project,
	int64_t since, bool (*take)(void *arg, const char *name), void *arg);
bool gauge_file_exists(int root, const struct gauge_place *place);
/* How many files an instance has. */
size_t gauge_file_count(int root, const char *instance);
/*
 * Removes the files that were last written before then, and of more than
 * GAUGE_FILES_KEPT of an instance the oldest.
 */
void gauge_file_sweep(int root, int64_t before);

/* A value as it is kept, and back: 0 is a gap. */
uint16_t gauge_code(double v);
double gauge_value(uint16_t code);

#endif
