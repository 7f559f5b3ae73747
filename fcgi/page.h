/* SPDX-License-Identifier: ISC */
/*
 * page: one way for all lists: ?limit= and ?cursor=, answered as {items,
 * next}. A list is ordered by a key; the cursor is the last key of the page
 * before, so that what comes and goes in between moves nothing.
 */
#ifndef FCGI_PAGE_H
#define FCGI_PAGE_H

#include "fcgi/request.h"

#define PAGE_KEY_MAX 255
#define PAGE_LIMIT_MAX 1000
#define PAGE_LIMIT_DEFAULT 100	/* of whole lists of the authority */

struct page {
	int64_t limit;
	char after[PAGE_KEY_MAX + 1];	/* "" for the first page */
};

/*
 * One key of three labels that is ordered as they are one after the other:
 * what stands between them is smaller than all that can be in them.
 */
void page_key(const char *instance, const char *project, const char *name,
	char key[PAGE_KEY_MAX + 1]);
/* Reads both keys: 0 or ERR_INVALID. */
int page_read(const struct request *r, int64_t limit_default, struct page *p,
	struct fault *f);
/* The cursor behind key as an owned string; NULL: out of memory. */
struct json_object *page_cursor(const char *key);
/*
 * Orders items (an array of objects, taken) by their string member key and
 * cuts the page out of it: an owned {items, next}, or NULL.
 */
struct json_object *page_list(struct json_object *items, const char *key,
	const struct page *p);

#endif
