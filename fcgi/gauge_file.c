/* SPDX-License-Identifier: ISC */
/* gauge_file: rings of values on disk; see gauge_file.h. */
#include "fcgi/gauge_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "fcgi/state_dir.h"

#define MAGIC "MMGAUGE1"
#define MAGIC_LEN 8
#define HEADER 1024
#define HEADER_LAST 16
#define HEADER_NAMES 40
#define FILL_MAX 60		/* seconds that one value may stand for */
#define FUTURE_MAX 3600		/* a clock may go back by so much */

/* A value is 2^-10 to 2^50, in steps of 1/1092 of an octave. */
#define CODE_LOWEST (-10.0)
#define CODE_STEPS 1092.0

enum { COLUMN_CPU, COLUMN_CPU_MAX, COLUMN_MEMORY, COLUMN_FAULTS, COLUMNS };

static const struct {
	int step;		/* seconds */
	int slots;
	int begin;		/* values of a column before it */
	int ratio;		/* slots of the finer ring in one of it */
} rings[GAUGE_RINGS] = {
	[GAUGE_FINE] = { 10, 720, 0, 1 },
	[GAUGE_MINUTES] = { 60, 2880, 720, 6 },
	[GAUGE_QUARTERS] = { 900, 8640, 720 + 2880, 15 },
};

#define COLUMN_VALUES (720 + 2880 + 8640)
#define COLUMN_SIZE (2 * COLUMN_VALUES)

/* The header of an open file. */
struct file {
	int fd;
	int64_t last[GAUGE_RINGS];	/* slot last begun; 0: none */
	size_t nnets;
	char names[GAUGE_NETS_MAX][GAUGE_NAME_SIZE];
};

int
gauge_step(enum gauge_ring ring)
{
	return rings[ring].step;
}

int
gauge_slots(enum gauge_ring ring)
{
	return rings[ring].slots;
}

uint16_t
gauge_code(double v)
{
	double code;

	if (!isfinite(v) || v < 0)
		return 0;
	if (v < exp2(CODE_LOWEST))
		return 1;
	code = 2 + round((log2(v) - CODE_LOWEST) * CODE_STEPS);
	return code > UINT16_MAX ? UINT16_MAX : (uint16_t)code;
}

double
gauge_value(uint16_t code)
{
	if (code == 0)
		return NAN;
	return code == 1 ? 0 : exp2((code - 2) / CODE_STEPS + CODE_LOWEST);
}

/* ---- the header ---- */

static void
put_number(uint8_t *at, uint64_t v, size_t len)
{
	while (len-- > 0) {
		at[len] = (uint8_t)v;
		v >>= 8;
	}
}

static uint64_t
get_number(const uint8_t *at, size_t len)
{
	uint64_t v = 0;

	while (len-- > 0)
		v = v << 8 | *at++;
	return v;
}

/* False when it is no file of ours, or one that nobody can have written. */
static bool
header_parse(struct file *f, const uint8_t header[HEADER])
{
	f->nnets = get_number(header + MAGIC_LEN, 4);
	if (memcmp(header, MAGIC, MAGIC_LEN) != 0 ||
	    f->nnets > GAUGE_NETS_MAX)
		return false;
	for (int r = 0; r < GAUGE_RINGS; r++) {
		uint64_t last = get_number(header + HEADER_LAST + 8 * r, 8);

		if (last > INT32_MAX * INT64_C(64))
			return false;
		f->last[r] = (int64_t)last;
	}
	for (size_t i = 0; i < f->nnets; i++) {
		memcpy(f->names[i], header + HEADER_NAMES +
		    i * GAUGE_NAME_SIZE, GAUGE_NAME_SIZE);
		f->names[i][GAUGE_NAME_SIZE - 1] = '\0';
	}
	return true;
}

static bool
header_read(struct file *f)
{
	uint8_t header[HEADER];

	return pread(f->fd, header, sizeof(header), 0) == sizeof(header) &&
	    header_parse(f, header);
}

static int
file_write(const struct file *f, const void *data, size_t len, off_t at)
{
	ssize_t n = pwrite(f->fd, data, len, at);

	if (n == (ssize_t)len)
		return 0;
	return n >= 0 || errno == ENOSPC || errno == EDQUOT ?
		ERR_STORAGE_FULL : ERR_INTERNAL;
}

static int
header_write(const struct file *f)
{
	uint8_t header[HEADER] = MAGIC;

	put_number(header + MAGIC_LEN, f->nnets, 4);
	for (int r = 0; r < GAUGE_RINGS; r++)
		put_number(header + HEADER_LAST + 8 * r,
		    (uint64_t)f->last[r], 8);
	memcpy(header + HEADER_NAMES, f->names, sizeof(f->names));
	return file_write(f, header, sizeof(header), 0);
}

/* ---- columns ---- */

static off_t
value_at(size_t column, enum gauge_ring ring, int64_t slot)
{
	return (off_t)(HEADER + column * COLUMN_SIZE +
	    2 * ((size_t)rings[ring].begin +
	    (size_t)(slot % rings[ring].slots)));
}

static size_t
columns(const struct file *f)
{
	return COLUMNS + 2 * f->nnets;
}

/* The n codes from slot first on; what is behind the file's end is a gap. */
static void
codes_read(const struct file *f, size_t column, enum gauge_ring ring,
	int64_t first, size_t n, uint16_t *out)
{
	uint8_t bytes[2 * 512];
	size_t done, part;
	ssize_t got;

	for (done = 0; done < n; done += part) {
		int64_t slot = first + (int64_t)done;
		size_t end = (size_t)(rings[ring].slots -
		    slot % rings[ring].slots);

		part = n - done < end ? n - done : end;
		if (part > sizeof(bytes) / 2)
			part = sizeof(bytes) / 2;
		got = pread(f->fd, bytes, 2 * part, value_at(column, ring,
		    slot));
		if (got < 0)
			got = 0;
		memset(bytes + got, 0, 2 * part - (size_t)got);
		for (size_t i = 0; i < part; i++)
			out[done + i] = (uint16_t)(bytes[2 * i] << 8 |
			    bytes[2 * i + 1]);
	}
}

static int
code_write(const struct file *f, size_t column, enum gauge_ring ring,
	int64_t slot, uint16_t code)
{
	uint8_t bytes[2] = { (uint8_t)(code >> 8), (uint8_t)code };

	return file_write(f, bytes, 2, value_at(column, ring, slot));
}

/* Gaps for the n slots from first on. */
static int
codes_clear(const struct file *f, size_t column, enum gauge_ring ring,
	int64_t first, size_t n)
{
	static const uint8_t zeroes[1024];
	size_t part;
	int err = 0;

	for (size_t done = 0; err == 0 && done < n; done += part) {
		int64_t slot = first + (int64_t)done;
		size_t end = (size_t)(rings[ring].slots -
		    slot % rings[ring].slots);

		part = n - done < end ? n - done : end;
		if (part > sizeof(zeroes) / 2)
			part = sizeof(zeroes) / 2;
		err = file_write(f, zeroes, 2 * part, value_at(column, ring,
		    slot));
	}
	return err;
}

/* ---- writing ---- */

/* Clears what lies between the last slot and now, which is of long ago. */
static int
ring_clear(struct file *f, enum gauge_ring ring, int64_t slot)
{
	int64_t n = slot - f->last[ring];
	int err = 0;

	if (n <= 0 || f->last[ring] == 0)
		return 0;
	if (n > rings[ring].slots)
		n = rings[ring].slots;
	for (size_t c = 0; err == 0 && c < columns(f); c++)
		err = codes_clear(f, c, ring, slot - n + 1, (size_t)n);
	return err;
}

/*
 * The clock was ahead: what was written of times that are to come becomes gaps,
 * and the rest stays.
 */
static int
rings_rewind(struct file *f, int64_t now)
{
	int err = 0;

	for (int r = 0; err == 0 && r < GAUGE_RINGS; r++) {
		int64_t slot = now / rings[r].step;
		int64_t n = f->last[r] - slot;

		if (n > rings[r].slots)
			n = rings[r].slots;
		for (size_t c = 0; err == 0 && n > 0 && c < columns(f); c++)
			err = codes_clear(f, c, r, f->last[r] - n + 1,
				(size_t)n);
		if (n > 0)
			f->last[r] = slot;
	}
	return err != 0 ? err : header_write(f);
}

/*
 * First the gaps, then the header, then values: whenever it ends in between, no
 * value of a lap before is taken for one of now.
 */
static int
rings_advance(struct file *f, int64_t now)
{
	int err = 0;

	for (int r = 0; err == 0 && r < GAUGE_RINGS; r++)
		err = ring_clear(f, r, now / rings[r].step);
	for (int r = 0; r < GAUGE_RINGS; r++)
		if (now / rings[r].step > f->last[r])
			f->last[r] = now / rings[r].step;
	return err != 0 ? err : header_write(f);
}

static bool
net_is_among(const struct gauge_values *v, const char *name)
{
	for (size_t i = 0; i < v->nnets; i++)
		if (strcmp(v->nets[i].name, name) == 0)
			return true;
	return false;
}

/* A place for a device: a new one, or that of one which is not there now. */
static int
net_place(struct file *f, const struct gauge_values *v, const char *name,
	size_t *out)
{
	size_t i = 0;
	int err = 0;

	while (i < f->nnets && strcmp(f->names[i], name) != 0)
		i++;
	*out = i;
	if (i < f->nnets)
		return 0;
	if (i == GAUGE_NETS_MAX) {
		for (i = 0; i < f->nnets && net_is_among(v, f->names[i]);)
			i++;
		*out = i;
		if (i == GAUGE_NETS_MAX)
			return 0;
		for (int r = 0; err == 0 && r < GAUGE_RINGS; r++)
			for (size_t c = 0; err == 0 && c < 2; c++)
				err = codes_clear(f, COLUMNS + 2 * i + c, r, 0,
				    (size_t)rings[r].slots);
	} else {
		f->nnets++;
	}
	memset(f->names[i], 0, GAUGE_NAME_SIZE);
	snprintf(f->names[i], GAUGE_NAME_SIZE, "%s", name);
	return err;
}

/* Where the devices of v are in the file. */
static int
nets_place(struct file *f, const struct gauge_values *v,
	size_t places[GAUGE_NETS_MAX])
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < v->nnets; i++)
		err = net_place(f, v, v->nets[i].name, &places[i]);
	return err;
}

/* What is not known leaves what is told of that time already. */
static int
fine_value(const struct file *f, size_t column, int64_t slot, double value)
{
	uint16_t code = gauge_code(value);

	return code == 0 ? 0 : code_write(f, column, GAUGE_FINE, slot, code);
}

static int
fine_write(const struct file *f, int64_t slot, const struct gauge_values *v,
	const size_t places[GAUGE_NETS_MAX])
{
	int err = fine_value(f, COLUMN_CPU, slot, v->cpu);

	if (err == 0)
		err = fine_value(f, COLUMN_MEMORY, slot, v->memory);
	if (err == 0)
		err = fine_value(f, COLUMN_FAULTS, slot, v->faults);
	for (size_t i = 0; err == 0 && i < v->nnets; i++) {
		size_t c = COLUMNS + 2 * places[i];

		if (places[i] == GAUGE_NETS_MAX)
			continue;
		err = fine_value(f, c, slot, v->nets[i].rx);
		if (err == 0)
			err = fine_value(f, c + 1, slot, v->nets[i].tx);
	}
	return err;
}

/* Of values that are known; NAN when none is. */
static double
codes_mean(const uint16_t *codes, size_t n)
{
	double sum = 0;
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (codes[i] != 0) {
			sum += gauge_value(codes[i]);
			known++;
		}
	return known == 0 ? NAN : sum / (double)known;
}

static double
codes_max(const uint16_t *codes, size_t n)
{
	uint16_t max = 0;

	for (size_t i = 0; i < n; i++)
		if (codes[i] > max)
			max = codes[i];
	return gauge_value(max);
}

/* In the finest ring the highest is what there is. */
static size_t
finer_column(size_t column, enum gauge_ring ring)
{
	return column == COLUMN_CPU_MAX && ring == GAUGE_FINE ? COLUMN_CPU :
		column;
}

/* A slot of a coarse ring from those of the finer one that are in it. */
static int
coarse_write(const struct file *f, enum gauge_ring ring, int64_t slot)
{
	enum gauge_ring finer = ring - 1;
	size_t n = (size_t)rings[ring].ratio;
	int64_t first = slot * rings[ring].ratio;
	uint16_t codes[16];
	int err = 0;

	if (first + (int64_t)n - 1 > f->last[finer])
		n = (size_t)(f->last[finer] - first + 1);
	for (size_t c = 0; err == 0 && c < columns(f); c++) {
		codes_read(f, finer_column(c, finer), finer, first, n, codes);
		err = code_write(f, c, ring, slot, gauge_code(
		    c == COLUMN_CPU_MAX ? codes_max(codes, n) :
		    codes_mean(codes, n)));
	}
	return err;
}

static int
values_write(struct file *f, int64_t since, int64_t now,
	const struct gauge_values *v)
{
	int64_t last = f->last[GAUGE_FINE], slot = now / rings[0].step, first;
	size_t places[GAUGE_NETS_MAX];
	int err = nets_place(f, v, places);

	if (since < now - FILL_MAX)
		since = now - FILL_MAX;
	first = since / rings[0].step + 1;
	if (first <= last)
		first = last + 1;
	if (first > slot)
		first = slot;
	if (err == 0)
		err = rings_advance(f, now);
	for (int64_t s = first; err == 0 && s <= slot; s++)
		err = fine_write(f, s, v, places);
	for (int r = GAUGE_MINUTES; r < GAUGE_RINGS; r++)
		for (int64_t s = first * rings[0].step / rings[r].step;
		    err == 0 && s <= now / rings[r].step; s++)
			err = coarse_write(f, r, s);
	return err;
}

static int
file_begin(struct file *f)
{
	*f = (struct file){ .fd = f->fd };
	if (ftruncate(f->fd, 0) < 0)
		return ERR_INTERNAL;
	return header_write(f);
}

/* The file of a place: an owned descriptor, -1 with errno. */
static int
file_open(int root, const struct gauge_place *p, int flags)
{
	AUTO_FD int instance = -1, project = -1;

	if ((flags & O_CREAT) != 0) {
		instance = state_dir_open(root, p->instance);
		if (instance >= 0)
			project = state_dir_open(instance, p->project);
	} else {
		instance = openat(root, p->instance, O_RDONLY | O_DIRECTORY |
		    O_CLOEXEC | O_NOFOLLOW);
		if (instance >= 0)
			project = openat(instance, p->project, O_RDONLY |
			    O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (project < 0)
		return -1;
	return openat(project, p->name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int
gauge_fd_add(int fd, int64_t since, int64_t now, const struct gauge_values *v)
{
	struct file f = { .fd = fd };
	int err = 0;

	if (!header_read(&f))
		err = file_begin(&f);
	else if (f.last[GAUGE_FINE] * rings[0].step > now + FUTURE_MAX)
		err = rings_rewind(&f, now);
	/* The clock went back: wait until it is there again. */
	if (err == 0 && now / rings[0].step < f.last[GAUGE_FINE])
		return 0;
	return err != 0 ? err : values_write(&f, since, now, v);
}

int
gauge_file_add(int root, const struct gauge_place *place, int64_t since,
	int64_t now, const struct gauge_values *v)
{
	AUTO_FD int fd = file_open(root, place, O_RDWR | O_CREAT);

	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_STORAGE_FULL :
			ERR_INTERNAL;
	return gauge_fd_add(fd, since, now, v);
}

/* ---- reading ---- */

void
gauge_series_free(struct gauge_series *s)
{
	free(s->cpu);
	free(s->cpu_max);
	free(s->memory);
	free(s->faults);
	for (size_t i = 0; i < GAUGE_NETS_MAX; i++) {
		free(s->nets[i].rx);
		free(s->nets[i].tx);
	}
	*s = (struct gauge_series){ 0 };
}

bool
gauge_series_known(const struct gauge_series *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!isnan(s->cpu[i]) || !isnan(s->memory[i]))
			return true;
	return false;
}

/* What of the n slots from first on the ring still or already has. */
static void
codes_known(const struct file *f, size_t column, enum gauge_ring ring,
	int64_t first, size_t n, uint16_t *codes)
{
	int64_t oldest = f->last[ring] - rings[ring].slots + 1;
	int64_t begin = first < oldest ? oldest : first;
	int64_t end = first + (int64_t)n;

	memset(codes, 0, n * sizeof(*codes));
	if (begin < 0)
		begin = 0;
	if (end > f->last[ring] + 1)
		end = f->last[ring] + 1;
	if (begin < end)
		codes_read(f, finer_column(column, ring), ring, begin,
		    (size_t)(end - begin), codes + (begin - first));
}

/* One column, merge slots as one value; owned, NULL without memory. */
static double *
column_read(const struct file *f, size_t column, enum gauge_ring ring,
	int64_t first, size_t n, size_t merge)
{
	AUTO_FREE uint16_t *codes = calloc(n + 1, sizeof(*codes));
	double *out = calloc(n / merge + 1, sizeof(*out));

	if (codes == NULL || out == NULL) {
		free(out);
		return NULL;
	}
	codes_known(f, column, ring, first, n, codes);
	for (size_t i = 0; i < n / merge; i++)
		out[i] = column == COLUMN_CPU_MAX ?
			codes_max(codes + i * merge, merge) :
			codes_mean(codes + i * merge, merge);
	return out;
}

int
gauge_fd_read(int fd, enum gauge_ring ring, int64_t first, size_t n,
	size_t merge, struct gauge_series *s)
{
	struct file f = { .fd = fd };
	bool ok;

	if (fd < 0 || !header_read(&f))
		f = (struct file){ .fd = -1 };
	*s = (struct gauge_series){ .n = n / merge, .nnets = f.nnets };
	s->cpu = column_read(&f, COLUMN_CPU, ring, first, n, merge);
	s->cpu_max = column_read(&f, COLUMN_CPU_MAX, ring, first, n, merge);
	s->memory = column_read(&f, COLUMN_MEMORY, ring, first, n, merge);
	s->faults = column_read(&f, COLUMN_FAULTS, ring, first, n, merge);
	ok = s->cpu != NULL && s->cpu_max != NULL && s->memory != NULL &&
	    s->faults != NULL;
	for (size_t i = 0; ok && i < f.nnets; i++) {
		size_t c = COLUMNS + 2 * i;

		memcpy(s->nets[i].name, f.names[i], GAUGE_NAME_SIZE);
		s->nets[i].rx = column_read(&f, c, ring, first, n, merge);
		s->nets[i].tx = column_read(&f, c + 1, ring, first, n, merge);
		ok = s->nets[i].rx != NULL && s->nets[i].tx != NULL;
	}
	if (ok)
		return 0;
	gauge_series_free(s);
	return ERR_NO_MEMORY;
}

int
gauge_file_read(int root, const struct gauge_place *place,
	enum gauge_ring ring, int64_t first, size_t n, size_t merge,
	struct gauge_series *out)
{
	AUTO_FD int fd = file_open(root, place, O_RDONLY);

	return gauge_fd_read(fd, ring, first, n, merge, out);
}

/* ---- all of them ---- */

void
gauge_file_names(int root, const char *instance, const char *project,
	int64_t since, bool (*take)(void *arg, const char *name), void *arg)
{
	DIR *outer = state_dir_read(root, instance), *d;
	const char *name;
	struct stat st;
	bool more = true;

	if (outer == NULL)
		return;
	d = state_dir_read(dirfd(outer), project);
	while (more && d != NULL && (name = state_dir_next(d)) != NULL)
		if (fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_mtime >= since)
			more = take(arg, name);
	if (d != NULL)
		closedir(d);
	closedir(outer);
}

/* When files were written last. */
struct times {
	int64_t *list;		/* owned; what finds no room is left out */
	size_t n, cap;
};

static void
time_add(struct times *t, int64_t time)
{
	if (array_grow((void **)&t->list, &t->cap, t->n, sizeof(*t->list)))
		t->list[t->n++] = time;
}

static void
times_read(int at, const char *name, int depth, struct times *t)
{
	const char *inner;
	struct stat st;
	DIR *d;

	if (depth == 0) {
		if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			time_add(t, st.st_mtime);
		return;
	}
	d = state_dir_read(at, name);
	if (d == NULL)
		return;
	while ((inner = state_dir_next(d)) != NULL)
		times_read(dirfd(d), inner, depth - 1, t);
	closedir(d);
}

static int
time_compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The time before which an instance's files go. */
static int64_t
instance_bound(int at, const char *name, int64_t before)
{
	struct times t = { .n = 0 };

	times_read(at, name, 2, &t);
	if (t.n > GAUGE_FILES_KEPT) {
		qsort(t.list, t.n, sizeof(*t.list), time_compare);
		if (t.list[t.n - GAUGE_FILES_KEPT] > before)
			before = t.list[t.n - GAUGE_FILES_KEPT];
	}
	free(t.list);
	return before;
}

size_t
gauge_file_count(int root, const char *instance)
{
	struct times t = { .n = 0 };

	times_read(root, instance, 2, &t);
	free(t.list);
	return t.n;
}

bool
gauge_file_exists(int root, const struct gauge_place *place)
{
	AUTO_FD int fd = file_open(root, place, O_RDONLY);

	return fd >= 0;
}

/* What is below name at some depth: 0 is a file, others directories of it. */
static void
sweep(int at, const char *name, int depth, int64_t before)
{
	const char *inner;
	struct stat st;
	DIR *d;

	if (depth == 0) {
		if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_mtime < before)
			unlinkat(at, name, 0);
		return;
	}
	d = state_dir_read(at, name);
	if (d == NULL)
		return;
	while ((inner = state_dir_next(d)) != NULL)
		sweep(dirfd(d), inner, depth - 1, depth < 3 ? before :
		    instance_bound(dirfd(d), inner, before));
	closedir(d);
	/* Only when it is empty now. */
	if (depth < 3)
		unlinkat(at, name, AT_REMOVEDIR);
}

void
gauge_file_sweep(int root, int64_t before)
{
	sweep(root, ".", 3, before);
}
