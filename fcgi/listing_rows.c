/* SPDX-License-Identifier: ISC */
/* listing_rows: see listing_rows.h. */
#include "fcgi/listing_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/app.h"
#include "fcgi/volume.h"

static void
rows_free(struct answer *a)
{
	struct rows *rows = (struct rows *)a;

	for (size_t i = 0; i < rows->len; i++)
		free(rows->items[i].json);
	free(rows->items);
	free(rows);
}

static int
row_compare(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->name,
	    ((const struct row *)b)->name);
}

/* With room for n. */
static struct rows *
rows_new(size_t n)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	if (rows == NULL)
		return NULL;
	answer_init(&rows->answer, rows_free);
	rows->as_of = time(NULL);
	rows->items = calloc(n + 1, sizeof(*rows->items));
	if (rows->items != NULL)
		return rows;
	rows_free(&rows->answer);
	return NULL;
}

/* o is taken. */
static bool
rows_add(struct rows *rows, const char *name, struct json_object *o)
{
	struct row *row = &rows->items[rows->len];

	row->json = json_text(o);
	json_object_put(o);
	if (row->json == NULL)
		return false;
	row->len = strlen(row->json);
	snprintf(row->name, sizeof(row->name), "%s", name);
	rows->len++;
	return true;
}

/* Freed when they are not all there. */
static struct rows *
rows_done(struct rows *rows, bool whole)
{
	if (rows == NULL)
		return NULL;
	if (whole) {
		qsort(rows->items, rows->len, sizeof(*rows->items),
		    row_compare);
		return rows;
	}
	rows_free(&rows->answer);
	return NULL;
}

/* Names are relative to the project. */
static struct rows *
volume_rows(struct app *app, const struct ask *a, const struct alb_wire *w,
	const struct alb_wire *infos)
{
	struct rows *rows = rows_new(w->nblocks);
	bool whole = rows != NULL;

	for (size_t i = 0; whole && i < w->nblocks; i++) {
		const struct alb_block_info *b = &w->blocks[i];
		struct volume v = { .size = b->size, .active = b->active };

		rows->used += b->size;
		if (b->name.path[0] != '\0' || b->name.label[0] == '\0')
			continue;
		snprintf(v.instance, sizeof(v.instance), "%s", a->instance);
		snprintf(v.project, sizeof(v.project), "%s", a->project);
		snprintf(v.name, sizeof(v.name), "%s", b->name.label);
		whole = rows_add(rows, v.name, volume_json(app, &v,
		    volume_users_of(infos, v.name)));
	}
	return rows_done(rows, whole);
}

static int
volumes_ask(struct app *app, const struct ask *a, bool alone,
	struct rows **out, struct fault *f)
{
	struct fault found = { 0 };
	struct alb_wire w, infos;
	int err = upstream_blocks(app->upstream, a, true, &w, NULL, f);

	if (err != 0)
		return err;
	if (alone)
		alb_wire_init(&infos, ALB_PAYLOAD_INFOS);
	else
		err = upstream_infos(app->upstream, a, true, &infos, NULL,
		    &found);
	if (err == 0) {
		*out = volume_rows(app, a, &w, &infos);
		alb_wire_free(&infos);
	} else {
		*f = found;
	}
	alb_wire_free(&w);
	return err;
}

struct rows *
rows_ask(struct app *app, struct auth_client *auth, enum listing_kind kind,
	const struct ticket *t, struct fault *f)
{
	struct ask ask = { .auth = auth, .who = &t->who,
		.instance = t->instance, .project = t->project, .label = "" };
	struct rows *rows = NULL;
	int err = auth == NULL ? ERR_NO_MEMORY : 0;

	if (err == 0)
		err = volumes_ask(app, &ask, kind == LISTING_VOLUMES_ALONE,
		    &rows, f);
	if (rows == NULL && f->err == 0)
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return rows;
}
