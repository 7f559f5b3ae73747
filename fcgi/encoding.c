/* SPDX-License-Identifier: ISC */
/* encoding: see encoding.h. */
#include "fcgi/encoding.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

#define STEP 32768
#define GZIP_WINDOW (MAX_WBITS + 16)	/* zlib's way to ask for gzip */

struct decoder {
	z_stream z;
	enum encoding encoding;
	encoding_read *read;
	void *arg;
	bool begun;		/* a stream, that has not ended */
	bool ended;		/* at least one has */
	bool drained;		/* nothing more comes in */
	uint8_t in[STEP];
};

int
encoding_parse(const char *header, enum encoding *out, struct fault *f)
{
	*out = ENCODING_NONE;
	if (header == NULL || strcasecmp(header, "identity") == 0)
		return 0;
	if (strcasecmp(header, "gzip") == 0)
		*out = ENCODING_GZIP;
	else if (strcasecmp(header, "deflate") == 0)
		*out = ENCODING_DEFLATE;
	else
		return fault_set(f, ERR_MEDIA_TYPE, "Send the body as it is, "
		    "or with Content-Encoding gzip or deflate.");
	return 0;
}

struct decoder *
decoder_new(enum encoding encoding, encoding_read *read, void *arg)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->encoding = encoding;
	d->read = read;
	d->arg = arg;
	if (inflateInit2(&d->z, encoding == ENCODING_GZIP ? GZIP_WINDOW :
	    MAX_WBITS) != Z_OK) {
		free(d);
		return NULL;
	}
	return d;
}

void
decoder_free(struct decoder *d)
{
	if (d == NULL)
		return;
	inflateEnd(&d->z);
	free(d);
}

static int
wrong(const struct decoder *d, const char *what, struct fault *f)
{
	fault_field(f, "body", "is no %s stream: %s", d->encoding ==
	    ENCODING_GZIP ? "gzip" : "deflate (zlib)", what);
	return fault_set(f, ERR_INVALID, "The body could not be taken apart.");
}

static int
take_in(struct decoder *d, struct fault *f)
{
	size_t got = 0;
	int err;

	if (d->z.avail_in > 0 || d->drained)
		return 0;
	err = d->read(d->arg, d->in, sizeof(d->in), &got, f);
	if (err != 0)
		return err;
	d->z.next_in = d->in;
	d->z.avail_in = (uInt)got;
	d->drained = got == 0;
	return 0;
}

/* Another member may follow the one that ended; zlib has but one. */
static int
next_begin(struct decoder *d, struct fault *f)
{
	if (d->begun)
		return 0;
	if (d->ended && d->encoding != ENCODING_GZIP)
		return wrong(d, "more follows its end", f);
	if (d->ended && inflateReset(&d->z) != Z_OK)
		return fault_set(f, ERR_INTERNAL, "zlib can not go on.");
	d->begun = true;
	return 0;
}

static int
inflate_some(struct decoder *d, struct fault *f)
{
	switch (inflate(&d->z, Z_NO_FLUSH)) {
	case Z_STREAM_END:
		d->begun = false;
		d->ended = true;
		return 0;
	case Z_OK:
	case Z_BUF_ERROR:	/* nothing was left to do */
		return 0;
	case Z_MEM_ERROR:
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	default:
		return wrong(d, d->ended ? "what follows its end is none" :
		    "it is damaged, or something else", f);
	}
}

int
decoder_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct decoder *d = arg;
	int err = 0;

	*got = 0;
	if (size > UINT_MAX)
		size = UINT_MAX;
	while (err == 0 && size > 0 && *got == 0) {
		err = take_in(d, f);
		if (err != 0)
			break;
		if (d->drained && !d->begun && d->ended)
			break;
		if (d->drained && d->z.avail_in == 0 && !d->begun)
			return wrong(d, "it is empty", f);
		err = next_begin(d, f);
		if (err != 0)
			break;
		d->z.next_out = data;
		d->z.avail_out = (uInt)size;
		err = inflate_some(d, f);
		*got = size - d->z.avail_out;
		/* All was read, and it wants more. */
		if (err == 0 && *got == 0 && d->begun && d->drained)
			err = wrong(d, "it breaks off", f);
	}
	return err;
}
