/* SPDX-License-Identifier: ISC */
/* ledger: the database of the HTTP side; see ledger.h. */
#include "fcgi/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "fcgi/thread.h"

#define PATH_SIZE 512

struct ledger {
	struct database *database;
	struct db *reader;
	pthread_mutex_t reading;
	pthread_mutex_t lock;	/* of changes */
	pthread_cond_t changed;
	uint64_t changes;
};

static void
conditions_init(struct ledger *l)
{
	pthread_mutex_init(&l->reading, NULL);
	pthread_mutex_init(&l->lock, NULL);
	thread_cond_init(&l->changed);
}

int
ledger_open(const char *state_dir, struct ledger **out, struct fault *f)
{
	struct ledger *l = calloc(1, sizeof(*l));
	char path[PATH_SIZE];
	int err;

	if (l == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	conditions_init(l);
	snprintf(path, sizeof(path), "%s/mollymawk.db", state_dir);
	err = database_open(path, &ledger_schema, &l->database, f);
	if (err == 0) {
		l->reader = database_reader(l->database);
		if (l->reader == NULL)
			err = fault_set(f, ERR_INTERNAL, "Can not read %s.",
			    path);
	}
	if (err != 0) {
		ledger_close(l);
		return err;
	}
	*out = l;
	return 0;
}

void
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	db_close(l->reader);
	database_close(l->database);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	pthread_mutex_destroy(&l->reading);
	free(l);
}

struct db *
ledger_read_begin(struct ledger *l)
{
	pthread_mutex_lock(&l->reading);
	return l->reader;
}

void
ledger_read_end(struct ledger *l)
{
	pthread_mutex_unlock(&l->reading);
}

struct db *
ledger_write_begin(struct ledger *l, struct fault *f)
{
	return database_write_begin(l->database, f);
}

int
ledger_write_end(struct ledger *l, int err, struct fault *f)
{
	return database_write_end(l->database, err, f);
}

int
ledger_write_close(struct ledger *l, int err, const char *what,
	struct fault *f)
{
	err = ledger_write_end(l, err, f);
	return err == 0 || f->err != 0 ? err : fault_set(f, err, "%s", what);
}

void
ledger_changed(struct ledger *l)
{
	pthread_mutex_lock(&l->lock);
	l->changes++;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

uint64_t
ledger_changes(struct ledger *l)
{
	return ledger_wait(l, UINT64_MAX, 0);
}

uint64_t
ledger_wait(struct ledger *l, uint64_t seen, int ms)
{
	struct timespec until;
	uint64_t now;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&l->lock);
	while (l->changes == seen && rc == 0)
		rc = pthread_cond_timedwait(&l->changed, &l->lock, &until);
	now = l->changes;
	pthread_mutex_unlock(&l->lock);
	return now;
}
