/* SPDX-License-Identifier: ISC */
/* figures: see figures.h. */
#include "tests/bench/figures.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void
figures_init(struct figures *f, size_t max)
{
	*f = (struct figures){ .ms = calloc(max, sizeof(*f->ms)), .max = max };
	if (f->ms == NULL)
		die("out of memory");
}

void
figures_free(struct figures *f)
{
	free(f->ms);
	*f = (struct figures){ 0 };
}

void
figures_add(struct figures *f, double ms)
{
	if (f->len < f->max)
		f->ms[f->len++] = ms;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
figures_at(struct figures *f, double share)
{
	if (f->len == 0)
		return 0;
	qsort(f->ms, f->len, sizeof(*f->ms), compare);
	return f->ms[(size_t)(share * (double)(f->len - 1) + 0.5)];
}

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}
