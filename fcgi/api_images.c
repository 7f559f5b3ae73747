/* SPDX-License-Identifier: ISC */
/* api_images: images by their SHA-256, kept per project. */
#include "fcgi/api.h"

#include <string.h>

#include "fcgi/deploy.h"
#include "fcgi/multipart.h"

/* The one part "image" of a multipart body. */
static int
receive_part(struct request *r, struct image_file *out, struct fault *f)
{
	AUTO_FREE struct multipart *m = malloc(sizeof(*m));
	const char *name = NULL;
	int err;

	if (m == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = multipart_init(m, r->content_type, request_source, r, f);
	if (err == 0)
		err = multipart_next(m, &name, f);
	if (err == 0 && (name == NULL || strcmp(name, "image") != 0))
		err = fault_field(f, "image", "is missing");
	return err != 0 ? err : deploy_receive(r, m, out, f);
}

static int
send_image(struct reply *p, int status, struct image_file *file,
	struct fault *f)
{
	struct alb_image image;
	int err = alb_image_read(file->fd, file->size, &image, f);

	if (err == 0)
		err = reply_json(p, status, deploy_image_json(file, &image));
	image_file_close(file);
	return err;
}

int
api_images_post(struct request *r, struct reply *p, struct fault *f)
{
	struct image_file file = { .fd = -1 };
	int err;

	if (strcmp(r->media_type, "multipart/form-data") == 0)
		err = receive_part(r, &file, f);
	else
		err = deploy_receive(r, NULL, &file, f);
	return err != 0 ? err : send_image(p, 201, &file, f);
}

int
api_images_get(struct request *r, struct reply *p, struct fault *f)
{
	struct image_file file = { .fd = -1 };
	int err = images_open(r->app->images, r->project, r->item, &file, f);

	return err != 0 ? err : send_image(p, 200, &file, f);
}
