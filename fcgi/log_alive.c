/* SPDX-License-Identifier: ISC */
/* log_alive: see log_alive.h. */
#include "fcgi/log_alive.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fcgi/states.h"

static bool
take(void *arg, const struct state_row *row)
{
	const struct log_place place = { row->instance, row->project,
		row->name };
	struct log_alive *a = arg;

	if (row->state == STATE_STOPPED)
		return true;
	a->failed = !array_grow((void **)&a->paths, &a->cap, a->n,
		sizeof(*a->paths));
	if (a->failed)
		return false;
	log_path(&place, a->paths[a->n++]);
	return true;
}

static int
path_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
log_alive_find(struct states *states, struct log_alive *out)
{
	*out = (struct log_alive){ .failed = states == NULL };
	if (states != NULL)
		states_each(states, NULL, take, out);
	if (out->n > 0)
		qsort(out->paths, out->n, sizeof(*out->paths), path_compare);
}

void
log_alive_free(struct log_alive *a)
{
	free(a->paths);
}

bool
log_alive_has(void *arg, const char *path)
{
	const struct log_alive *a = arg;

	return a->n > 0 && bsearch(path, a->paths, a->n, sizeof(*a->paths),
		path_compare) != NULL;
}
