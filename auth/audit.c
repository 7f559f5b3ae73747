/* SPDX-License-Identifier: ISC */
/* audit: the hash chain and the thread that writes it; see audit.h. */
#include "auth/audit.h"

#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>

#include "base/text.h"

#define HASH 32

/* One row as it is hashed; the strings are borrowed. */
struct row {
	int64_t id;
	int64_t time;
	const char *text[9];
};

static const char select_head[] =
	"SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
static const char insert_row[] =
	"INSERT INTO audit (id, time, action, result, user_id, user_name,"
	" credential, address, request_id, target, detail, hash)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char select_all[] =
	"SELECT id, time, action, result, user_id, user_name, credential,"
	" address, request_id, target, detail, hash FROM audit ORDER BY id";

int
audit_init(struct audit *a, struct database *store,
	const struct keyring *k)
{
	*a = (struct audit){ .store = store };
	a->last = &a->first;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->queued, NULL);
	pthread_cond_init(&a->written, NULL);
	return keyring_derive(k, "audit head", a->key);
}

void
audit_free(struct audit *a)
{
	if (a->store == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->ending = true;
	pthread_cond_signal(&a->queued);
	pthread_mutex_unlock(&a->lock);
	if (a->started)
		pthread_join(a->writer, NULL);
	explicit_bzero(a->key, sizeof(a->key));
	pthread_cond_destroy(&a->queued);
	pthread_cond_destroy(&a->written);
	pthread_mutex_destroy(&a->lock);
	a->store = NULL;
}

/* Every part behind its length, so that no two rows hash alike. */
static void
hash_text(gnutls_hash_hd_t hash, const char *s)
{
	uint32_t len = s == NULL ? UINT32_MAX : (uint32_t)strlen(s);
	uint8_t head[4] = { len >> 24 & 255, len >> 16 & 255, len >> 8 & 255,
		len & 255 };

	gnutls_hash(hash, head, sizeof(head));
	if (s != NULL)
		gnutls_hash(hash, s, len);
}

static void
hash_int(gnutls_hash_hd_t hash, int64_t v)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
	gnutls_hash(hash, bytes, sizeof(bytes));
}

static int
row_hash(const struct row *r, const uint8_t before[HASH], uint8_t out[HASH])
{
	gnutls_hash_hd_t hash;

	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0)
		return ERR_INTERNAL;
	gnutls_hash(hash, before, HASH);
	hash_int(hash, r->id);
	hash_int(hash, r->time);
	for (size_t i = 0; i < 9; i++)
		hash_text(hash, r->text[i]);
	gnutls_hash_deinit(hash, out);
	return 0;
}

static int
head_mac(struct audit *a, int64_t id, const uint8_t hash[HASH],
	uint8_t mac[HASH])
{
	uint8_t data[8 + HASH];

	for (int i = 0; i < 8; i++)
		data[i] = (uint8_t)((uint64_t)id >> (56 - 8 * i));
	memcpy(data + 8, hash, HASH);
	return gnutls_hmac_fast(GNUTLS_MAC_SHA256, a->key, sizeof(a->key),
	    data, sizeof(data), mac) == 0 ? 0 : ERR_INTERNAL;
}

/* The newest row's id and hash; 0 and zeroes before the first. */
static int
head_get(struct db *d, int64_t *id, uint8_t hash[HASH])
{
	sqlite3_stmt *stmt = db_query(d, select_head, "");
	int rc = db_step(stmt);

	*id = 0;
	memset(hash, 0, HASH);
	if (rc < 0)
		return ERR_INTERNAL;
	if (rc == 0)
		return 0;
	*id = sqlite3_column_int64(stmt, 0);
	if (sqlite3_column_bytes(stmt, 1) == HASH)
		memcpy(hash, sqlite3_column_blob(stmt, 1), HASH);
	db_done(stmt);
	return 0;
}

static int
head_set(struct audit *a, struct db *d, int64_t id, const uint8_t hash[HASH])
{
	uint8_t mac[HASH];
	int err = head_mac(a, id, hash, mac);

	if (err == 0)
		err = db_run(d, "UPDATE audit_head SET id = ?, hash = ?,"
		    " mac = ? WHERE one = 1", "ibb", id, hash, (size_t)HASH,
		    mac, (size_t)HASH);
	if (err == 0 && db_changes(d) == 0)
		err = db_run(d, "INSERT INTO audit_head (one, id, hash, mac)"
		    " VALUES (1, ?, ?, ?)", "ibb", id, hash, (size_t)HASH,
		    mac, (size_t)HASH);
	return err;
}

/* Adds behind the row *id with hash, which then are those of the new one. */
static int
row_add(struct db *d, const struct audit_entry *e, int64_t *id,
	uint8_t hash[HASH])
{
	struct row r = { *id + 1, time(NULL), { e->action, e->result, e->user,
		e->user_name, e->credential, e->address, e->request_id,
		e->target, e->detail } };
	int err = row_hash(&r, hash, hash);

	if (err != 0)
		return err;
	*id = r.id;
	return db_run(d, insert_row, "iitttttttttb", r.id, r.time, r.text[0],
	    r.text[1], r.text[2], r.text[3], r.text[4], r.text[5], r.text[6],
	    r.text[7], r.text[8], hash, (size_t)HASH);
}

int
audit_write(struct audit *a, struct db *d, const struct audit_entry *e)
{
	uint8_t hash[HASH];
	int64_t id;
	int err = head_get(d, &id, hash);

	if (err == 0)
		err = row_add(d, e, &id, hash);
	return err != 0 ? err : head_set(a, d, id, hash);
}

static int
batch_write(struct audit *a, const struct audit_ticket *batch, struct fault *f)
{
	struct db *d = database_write_begin(a->store, f);
	uint8_t hash[HASH];
	int64_t id;
	int err;

	if (d == NULL)
		return f->err;
	err = head_get(d, &id, hash);
	for (; batch != NULL && err == 0; batch = batch->next)
		err = row_add(d, batch->entry, &id, hash);
	if (err == 0)
		err = head_set(a, d, id, hash);
	return database_write_end(a->store, err, f);
}

/* Writes all that is queued, with the lock held on entry and on return. */
static void
queue_write(struct audit *a)
{
	struct audit_ticket *batch = a->first;
	struct fault f = { 0 };
	int err;

	a->first = NULL;
	a->last = &a->first;
	pthread_mutex_unlock(&a->lock);
	err = batch_write(a, batch, &f);
	pthread_mutex_lock(&a->lock);
	while (batch != NULL) {
		struct audit_ticket *next = batch->next;

		/* Its thread may go on, and the ticket with it. */
		batch->err = err;
		batch->done = true;
		batch = next;
	}
	pthread_cond_broadcast(&a->written);
}

static void *
writer_run(void *arg)
{
	struct audit *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->ending || a->first != NULL) {
		if (a->first != NULL)
			queue_write(a);
		else
			pthread_cond_wait(&a->queued, &a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

void
audit_start(struct audit *a, struct audit_ticket *t,
	const struct audit_entry *e)
{
	*t = (struct audit_ticket){ .entry = e };
	pthread_mutex_lock(&a->lock);
	/* Not earlier: threads inherit confinement only when it is there. */
	if (!a->started)
		a->started = pthread_create(&a->writer, NULL, writer_run,
		    a) == 0;
	if (a->started) {
		*a->last = t;
		a->last = &t->next;
		pthread_cond_signal(&a->queued);
	} else {
		t->err = ERR_NO_MEMORY;
		t->done = true;
	}
	pthread_mutex_unlock(&a->lock);
}

int
audit_finish(struct audit *a, struct audit_ticket *t, struct fault *f)
{
	pthread_mutex_lock(&a->lock);
	while (!t->done)
		pthread_cond_wait(&a->written, &a->lock);
	pthread_mutex_unlock(&a->lock);
	if (t->err != 0)
		return fault_set(f, t->err,
		    "The audit log can not be written, so nothing was done.");
	return 0;
}

int
audit_append(struct audit *a, const struct audit_entry *e, struct fault *f)
{
	struct audit_ticket t;

	audit_start(a, &t, e);
	return audit_finish(a, &t, f);
}

static bool
row_fits(sqlite3_stmt *stmt, int64_t id, uint8_t hash[HASH])
{
	struct row r = { sqlite3_column_int64(stmt, 0),
		sqlite3_column_int64(stmt, 1), { NULL } };

	for (int i = 0; i < 9; i++)
		r.text[i] = (const char *)sqlite3_column_text(stmt, i + 2);
	return r.id == id && row_hash(&r, hash, hash) == 0 &&
	    sqlite3_column_bytes(stmt, 11) == HASH &&
	    memcmp(sqlite3_column_blob(stmt, 11), hash, HASH) == 0;
}

static int
head_check(struct audit *a, struct db *d, int64_t id, const uint8_t hash[HASH],
	struct fault *f)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT id, hash, mac FROM audit_head",
	    "");
	uint8_t mac[HASH];
	bool fits;

	if (db_step(stmt) != 1) {
		if (id == 0)
			return 0;
		return fault_set(f, ERR_INTERNAL,
		    "The seal of the audit log is missing.");
	}
	fits = head_mac(a, id, hash, mac) == 0 &&
	    sqlite3_column_int64(stmt, 0) == id &&
	    sqlite3_column_bytes(stmt, 2) == HASH &&
	    bytes_equal(sqlite3_column_blob(stmt, 2), mac, HASH);
	db_done(stmt);
	if (fits)
		return 0;
	return fault_set(f, ERR_INTERNAL, "The audit log does not end where "
	    "its seal says: rows behind %lld were removed or changed.",
	    (long long)id);
}

int
audit_verify(struct audit *a, struct db *d, int64_t *rows, struct fault *f)
{
	uint8_t hash[HASH] = { 0 };
	sqlite3_stmt *stmt;
	int64_t id = 0;
	int rc;

	if (db_read_begin(d) != 0)
		return db_fault(d, f);
	stmt = db_query(d, select_all, "");
	while ((rc = db_step(stmt)) == 1) {
		if (row_fits(stmt, ++id, hash))
			continue;
		db_done(stmt);
		return fault_set(f, ERR_INTERNAL, "The audit log is broken at "
		    "row %lld: it, or one before it, was changed or removed.",
		    (long long)id);
	}
	if (rc < 0)
		return db_fault(d, f);
	*rows = id;
	return head_check(a, d, id, hash, f);
}
