/* SPDX-License-Identifier: ISC */
/*
 * copies: what volumes held, saved: rows of the ledger, and a file each in
 * STATE/copies/PROJECT/ID or an object in the S3 store. A row is 'writing'
 * until all of it is where it belongs, 'kept' from then on, 'removing' at its
 * end; only kept ones are found. What a killed daemon left of the others is
 * removed at the start. copy_row.c has the rows.
 */
#ifndef FCGI_COPIES_H
#define FCGI_COPIES_H

#include "fcgi/copy_file.h"
#include "fcgi/copy_settings.h"
#include "fcgi/s3.h"
#include "fcgi/transfer.h"

#define COPY_NOTE_MAX 200
#define COPY_SAFE_KEPT 3	/* of a volume, of those made by themselves */

struct app;
struct copies;

enum copy_place { COPY_LOCAL, COPY_S3, COPY_PLACES };

struct copy {
	int64_t id;		/* 0: not in the ledger yet */
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];	/* of the volume */
	int64_t size;			/* of it, MB */
	uint64_t bytes;			/* of the content */
	char sha256[DIGEST_SIZE];	/* of the content */
	uint64_t stored;		/* bytes that are kept */
	char stored_sha256[DIGEST_SIZE];
	enum copy_place place;
	/* PROJECT/ID; in the S3 store, bucket and key: BUCKET/KEY */
	char object[S3_BUCKET_MAX + S3_KEY_MAX + 2];
	char cause[16];		/* "manual", "scheduled", "before-..." */
	char note[COPY_NOTE_MAX + 1];
	char user[37], user_name[64];
	int64_t operation;	/* that made it */
	int64_t created;	/* ms since 1970 */
};

/*
 * Opens STATE/copies, made where missing, and removes what is left here of
 * copies that were not finished. Owned, or NULL with a sentence in f.
 */
struct copies *copies_new(const char *state_dir, struct ledger *l,
	struct fault *f);
void copies_free(struct copies *s);	/* NULL is fine */
/* What is left in the S3 store of those; asks it, so it may take its time. */
void copies_sweep(struct app *app);

/* Found only when kept: 0, ERR_NOT_FOUND, ERR_INTERNAL. */
int copy_get(struct ledger *l, int64_t id, struct copy *out, struct fault *f);
/* The newest below id (or 0) of a volume with that cause (or NULL: any). */
int copy_newest(struct ledger *l, const char *instance, const char *project,
	const char *name, const char *cause, int64_t below, struct copy *out);
/* As the API shows it; owned. */
struct json_object *copy_json(const struct copy *c);
/* "local" and "s3"; -1 when it is neither. */
const char *copy_place_text(enum copy_place place);
int copy_place_find(const char *text);

/*
 * Saves what v holds now; the caller has claimed it and runs operation o, which
 * goes through its steps and knows the copy by o->copy. place: "local" or "s3".
 * 0 with *out, or as volume_dump, ERR_STORAGE_FULL, ERR_STORE, ERR_CONFLICT (no
 * S3 store is set); then nothing of it is left.
 */
int copy_make(struct app *app, const struct ask *a, const struct volume *v,
	struct operation *o, const char *cause, const char *place,
	const char *note, struct copy *out, struct fault *f);
/*
 * Makes c the content of v. All that is stored is held against its digest
 * before v is touched (out->state is VOLUME_UNTOUCHED then), the content while
 * it goes. ERR_TOO_LARGE, ERR_DIGEST, ERR_STORE, or as volume_fill. In the step
 * putting-back o stays in it.
 */
int copy_put(struct app *app, const struct ask *a, const struct volume *v,
	const struct copy *c, struct operation *o,
	struct volume_outcome *out, struct fault *f);
/* Its parts: does it fit; checked, a descriptor to read it from; and in. */
int copy_fits(const struct copy *c, const struct volume *v, struct fault *f);
int copy_fetch(struct app *app, const struct copy *c, struct operation *o,
	int *fd, struct fault *f);
int copy_fill(struct app *app, const struct ask *a, const struct volume *v,
	const struct copy *c, int fd, struct operation *o,
	struct volume_outcome *out, struct fault *f);
/* Removes it, wherever it is. */
int copy_remove(struct app *app, const struct copy *c, struct fault *f);
/*
 * All but the newest keep of a volume that have that cause, and those that an
 * operation under way is about.
 */
void copy_retain(struct app *app, const char *instance, const char *project,
	const char *name, const char *cause, int64_t keep);

/* Opens what is kept here: a descriptor, or -1 with f. */
int copy_open(struct copies *s, const struct copy *c, struct fault *f);
/*
 * The settings of the store that has c, and its key there: 0, or ERR_CONFLICT
 * when another bucket is set now.
 */
int copy_store(struct app *app, const struct copy *c,
	struct copy_settings *out, const char **key, struct fault *f);

/* ---- copy_row.c ---- */

int copy_row_add(struct ledger *l, struct copy *c, struct fault *f);
int copy_row_keep(struct ledger *l, const struct copy *c, struct fault *f);
/* object is set, but nothing lies there yet. */
int copy_row_place(struct ledger *l, const struct copy *c, struct fault *f);
/* ERR_NOT_FOUND when somebody else removes it. */
int copy_row_removing(struct ledger *l, const struct copy *c,
	struct fault *f);
int copy_row_remove(struct ledger *l, int64_t id, struct fault *f);
/* The first that is not kept, with an id above after. */
int copy_unfinished(struct ledger *l, int64_t after, struct copy *out);
/* Bytes that kept ones take here. */
uint64_t copies_local_bytes(struct ledger *l);
/* Fills a struct copy from COPY_COLUMNS; for db_rows. */
#define COPY_COLUMNS							\
	"id, instance, project, name, size, bytes, sha256,"		\
	" stored, stored_sha256, place, object, cause, note, user_id,"	\
	" user_name, operation_id, created"
bool copy_row_take(sqlite3_stmt *stmt, void *row);

#endif
