/* SPDX-License-Identifier: ISC */
/*
 * builders_ask: what builders.c and builders_image.c share of asking; nobody
 * else looks in here.
 */
#ifndef FCGI_BUILDERS_ASK_H
#define FCGI_BUILDERS_ASK_H

#include "fcgi/builders.h"

struct site;

struct app *builders_app(struct builders *b);
struct builder_ask builders_ask_make(struct builders *b,
	const struct builder *builder, const char *path, int seconds);
/*
 * A turn at the builder: 0 with *site, to be ended with what came of it; or
 * ERR_BUSY, or the fault of its last failure while it is left alone.
 */
int builders_begin(struct builders *b, const struct builder *builder,
	struct site **site, struct fault *f);
void builders_end(struct builders *b, struct site *site, int err,
	bool unreached, const struct fault *f);
/* Of each distinct binary of a job, as told now: owned. */
int builders_files(struct builders *b, const struct builder *builder,
	const char *job, const char *platform, struct build_file **out,
	size_t *n, struct fault *f);

#endif
