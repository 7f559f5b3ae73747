/* SPDX-License-Identifier: ISC */
/*
 * gauge: a file of a unikernel's use that holds anything: it is read without
 * harm, and once something was added to it, that is what it says of now.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fcgi/gauge_file.h"
#include "tests/fuzz/fuzz.h"

#define NOW INT64_C(1784020087)
#define SLOTS 64

/* Up to a slot; where the ring has its seam is one of them. */
static void
check_ring(int fd, enum gauge_ring ring, int64_t last)
{
	size_t n = SLOTS;
	struct gauge_series s;

	if (gauge_fd_read(fd, ring, last - (int64_t)n + 1, n, 4, &s) != 0)
		abort();
	if (s.n != n / 4 || s.nnets > GAUGE_NETS_MAX)
		abort();
	for (size_t i = 0; i < s.n; i++)
		if (s.cpu[i] < 0 || s.memory[i] < 0 || isinf(s.cpu_max[i]))
			abort();
	gauge_series_free(&s);
}

static void
check_added(int fd)
{
	struct gauge_values v = { .cpu = 50, .memory = 1 << 25, .faults = 2,
		.nnets = 1, .nets = { { "service", 100, 200 } } };
	struct gauge_series s;

	if (gauge_fd_add(fd, NOW - 10, NOW, &v) != 0)
		abort();
	if (gauge_fd_read(fd, GAUGE_FINE, NOW / 10, 1, 1, &s) != 0)
		abort();
	/* One from shortly behind is waited for. */
	if (s.n != 1 || (!isnan(s.cpu[0]) && s.nnets == 0))
		abort();
	gauge_series_free(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("gauge", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	for (int r = 0; r < GAUGE_RINGS; r++) {
		check_ring(fd, r, NOW / gauge_step(r));
		check_ring(fd, r, gauge_slots(r) + SLOTS / 2);
		check_ring(fd, r, 5);
	}
	check_added(fd);
	for (int r = 0; r < GAUGE_RINGS; r++)
		check_ring(fd, r, NOW / gauge_step(r));
	close(fd);
	return 0;
}
