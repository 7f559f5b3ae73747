/* SPDX-License-Identifier: ISC */
/* builders_image: the binary of a build comes into the store; builders.h. */
#include "fcgi/builders.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/builders_ask.h"

#define DOWNLOAD_S 540

/*
 * The digest an ETag tells: base64 of 32 bytes, whatever a proxy put around
 * it. False: it is of another kind.
 */
static bool
etag_digest(const char *etag, char out[IMAGE_DIGEST_LEN + 1])
{
	char text[BUILDER_ETAG_MAX + 1];
	AUTO_FREE uint8_t *bytes = NULL;
	size_t len;

	etag += strncmp(etag, "W/", 2) == 0 ? 2 : 0;
	etag += *etag == '"';
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(etag, "\""), etag);
	bytes = base64_decode(text, &len);
	if (bytes == NULL || len != IMAGE_DIGEST_LEN / 2)
		return false;
	hex_encode(bytes, len, out);
	return true;
}

static const struct build_file *
by_digest(const struct build_file *files, size_t n, const char *sha256)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i].sha256, sha256) == 0)
			return &files[i];
	return NULL;
}

/* What came must be what the builder says it is, in both places it does. */
static int
verify(const struct builder *b, const struct builder_answer *answer,
	const struct image_file *image, const struct build_file *files,
	size_t n, struct fault *f)
{
	const struct build_file *file = by_digest(files, n, image->sha256);
	char told[IMAGE_DIGEST_LEN + 1];

	if (etag_digest(answer->etag, told) &&
	    strcmp(told, image->sha256) != 0)
		return fault_set(f, ERR_DIGEST, "What %s sent has the SHA-256 "
		    "%s, but it said %s. Nothing was kept.", b->name,
		    image->sha256, told);
	if (file == NULL)
		return fault_set(f, ERR_DIGEST, "What %s sent has the SHA-256 "
		    "%s, which is none of this job's. Nothing was kept.",
		    b->name, image->sha256);
	if ((uint64_t)file->size != image->size)
		return fault_set(f, ERR_DIGEST, "What %s sent has %llu bytes, "
		    "not %lld. Nothing was kept.", b->name,
		    (unsigned long long)image->size, (long long)file->size);
	return 0;
}

struct sink {
	struct image_upload *upload;
	struct fault *f;
};

static int
take(void *arg, const void *data, size_t len)
{
	struct sink *sink = arg;

	return image_upload_write(sink->upload, data, len, sink->f);
}

/* The whole binary into u: 0 once it is what the builder says. */
static int
download(struct builders *b, const struct builder *builder,
	const struct build *build, const struct build_file *files, size_t n,
	struct image_upload *u, struct fault *f)
{
	char path[BUILDER_PATH_MAX + 1] = "";
	struct builder_ask ask = builders_ask_make(b, builder, path,
		DOWNLOAD_S);
	struct builder_answer answer;
	struct alb_image unused;
	struct sink sink = { u, f };
	struct site *site;
	int err = builders_begin(b, builder, &site, f);

	if (err != 0)
		return err;
	snprintf(path, sizeof(path), "/job/%s/build/%s/main-binary",
	    build->job, build->uuid);
	err = builder_get_file(&ask, take, &sink, &answer, f);
	builders_end(b, site, err, answer.unreached, f);
	if (err == 0)
		err = image_upload_end(u, f);
	if (err == 0)
		err = verify(builder, &answer, image_upload_file(u), files, n,
		    f);
	return err != 0 ? err : alb_image_read(image_upload_file(u)->fd,
	    image_upload_file(u)->size, &unused, f);
}

/* The digest of the build's binary, when the builder tells it beforehand. */
static const struct build_file *
by_uuid(const struct build_file *files, size_t n, const char *uuid)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i].uuid, uuid) == 0)
			return &files[i];
	return NULL;
}

int
builders_image(struct builders *b, const struct builder *builder,
	const struct build *build, const char *project,
	struct image_file *out, struct fault *f)
{
	struct images *images = builders_app(b)->images;
	AUTO_FREE struct build_file *files = NULL;
	const struct build_file *file;
	struct image_upload *u;
	size_t n = 0;
	int err = builders_files(b, builder, build->job, NULL, &files, &n, f);

	if (err != 0)
		return err;
	file = by_uuid(files, n, build->uuid);
	if (file != NULL && images_has(images, project, file->sha256, NULL) &&
	    images_open(images, project, file->sha256, out, f) == 0)
		return 0;
	*f = (struct fault){ 0 };
	if (file != NULL && (uint64_t)file->size > images_size_max(images))
		return fault_set(f, ERR_TOO_LARGE, "The image has %lld bytes, "
		    "more than is allowed.", (long long)file->size);
	err = image_upload_begin(images, &u, f);
	if (err != 0)
		return err;
	err = download(b, builder, build, files, n, u, f);
	if (err == 0)
		err = image_upload_keep(u, project, out, f);
	image_upload_free(u);
	return err;
}
