/* SPDX-License-Identifier: ISC */
/*
 * transfer: bytes into a volume and out of it, streamed, never more than a
 * chunk in memory. Both run in the caller's thread, as its operation o, which
 * is told of the bytes and asked whether to stop; the caller has claimed the
 * volume. The ask should be by the operation's own grant: it may take hours.
 *
 * albatross erases a volume before it writes (protocol section 3.3), and
 * leaves a wrong file behind when something went wrong on its side. So what
 * can go wrong here ends with the stream ended properly, or with the volume
 * emptied, and always with a true sentence. Only where no answer came is it
 * left alone: what it held before may still be there.
 */
#ifndef FCGI_TRANSFER_H
#define FCGI_TRANSFER_H

#include "fcgi/operation.h"
#include "fcgi/volume.h"
#include "fcgi/volume_content.h"

struct app;

/*
 * Whether it is to end: 0, ERR_CONFLICT (somebody asked for it), or ERR_BUSY
 * (this service ends). For sources that may wait long for few bytes.
 */
int volume_stop_check(struct app *app, const struct operation *o,
	struct fault *f);

/* Where bytes come from. */
struct volume_source {
	/* *got 0: there are no more, which is early when size are not there */
	int (*read)(void *arg, void *data, size_t size, size_t *got,
		struct fault *f);
	void *arg;
	uint64_t size;		/* how many bytes it has, 0 is fine */
};

/* 0, or ERR_TOO_LARGE when size bytes do not fit into it. */
int volume_fits(const struct volume *v, uint64_t size, struct fault *f);
/*
 * Makes the source's bytes the content, zeroes behind them. digest (or NULL) is
 * the SHA-256 they must have. 0, or an err: of the source, ERR_TOO_LARGE,
 * ERR_DIGEST, ERR_CONFLICT or ERR_BUSY (asked to stop), or albatross'. In any
 * case *out is what the volume holds now, and the ledger has it.
 */
int volume_fill(struct app *app, const struct ask *a, const struct volume *v,
	const struct volume_source *s, const char *digest,
	struct operation *o, struct volume_outcome *out, struct fault *f);

/* Where bytes go to. */
struct volume_sink {
	/* once albatross has said that it sends; the first chance to fail */
	int (*begin)(void *arg, struct fault *f);
	int (*write)(void *arg, const void *data, size_t len,
		struct fault *f);
	bool (*gone)(void *arg);	/* nobody wants it; NULL: never */
	void *arg;
};

/*
 * All of the volume into the sink, raw; level 0..9 is how albatross compresses
 * it on the way. 0 only when exactly the volume's bytes came; sha256 is theirs.
 * Else an err: of the sink, ERR_CONFLICT or ERR_BUSY (it was asked to stop), or
 * albatross'.
 */
int volume_dump(struct app *app, const struct ask *a, const struct volume *v,
	int level, const struct volume_sink *s, struct operation *o,
	char sha256[DIGEST_SIZE], struct fault *f);

#endif
