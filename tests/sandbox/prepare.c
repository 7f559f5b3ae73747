/* SPDX-License-Identifier: ISC */
/* prepare: what albatrossd finds out about an image; see prepare.h. */
#define _GNU_SOURCE
#include "tests/sandbox/prepare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <gnutls/crypto.h>

#include "albatross/image.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/sandbox/pack.h"
#include "tests/sandbox/reply.h"

#define IMAGE_MAX ((size_t)INT32_MAX)
#define LIST_MAX 8192
#define ABI_NEWEST 2		/* of hvt and spt alike */

/* The image's own bytes, in out. */
static bool
image_raw(const struct unikernel *u, struct buf *out, struct alb_wire *reply)
{
	const char *why;

	buf_init(out, IMAGE_MAX);
	if (!u->compressed) {
		buf_put(out, u->image, u->image_len);
		return buf_ok(out);
	}
	why = pack_inflate(u->image, u->image_len, out);
	return why == NULL ? true :
		reply_failure(reply, "failed to uncompress: %s", why);
}

static bool
image_parse(const struct buf *raw, struct alb_image *image,
	struct alb_wire *reply)
{
	struct fault f = { 0 };
	AUTO_FD int fd = memfd_create("image", MFD_CLOEXEC);
	size_t done = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && done < raw->len) {
		n = write(fd, raw->data + done, raw->len - done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || done < raw->len)
		return reply_failure(reply, "image: out of memory");
	if (alb_image_read(fd, raw->len, image, &f) == 0)
		return true;
	return reply_failure(reply, "%s",
		strstr(f.detail, "has no solo5") != NULL ?
		"manifest not found" : "error during ELF parsing");
}

static bool
target_runs(const struct alb_image *image, struct alb_wire *reply)
{
	if (strcmp(image->target, "hvt") != 0 &&
	    strcmp(image->target, "spt") != 0)
		return reply_failure(reply, "unsupported solo5 target %s",
			image->target);
	if (image->abi_version >= 1 && image->abi_version <= ABI_NEWEST)
		return true;
	return reply_failure(reply, "tender does not exist, looked for "
		"solo5-%s.%" PRIu32 ", solo5-%s", image->target,
		image->abi_version, image->target);
}

/* Both as sets: a name may be there twice. */
static bool
devices_equal(const struct alb_image *image, const struct alb_config *c,
	enum alb_device_type type)
{
	bool net = type == ALB_DEVICE_NET;
	size_t n = net ? c->nnets : c->nblocks, i, k;
	const char *name;
	bool found;

	for (i = 0; i < image->ndevices; i++) {
		found = image->devices[i].type != type;
		for (k = 0; k < n && !found; k++)
			found = strcmp(image->devices[i].name, net ?
				c->nets[k].name : c->blocks[k].name) == 0;
		if (!found)
			return false;
	}
	for (k = 0; k < n; k++) {
		name = net ? c->nets[k].name : c->blocks[k].name;
		found = false;
		for (i = 0; i < image->ndevices && !found; i++)
			found = image->devices[i].type == type &&
				strcmp(image->devices[i].name, name) == 0;
		if (!found)
			return false;
	}
	return true;
}

static bool
devices_differ(const struct alb_image *image, const char *what,
	struct alb_wire *reply)
{
	const struct alb_device *d;
	struct buf list;
	size_t i;

	buf_init(&list, LIST_MAX);
	for (i = 0; i < image->ndevices; i++) {
		d = &image->devices[i];
		buf_putf(&list, "%s%s \"%s\"", i > 0 ? ", " : "",
			d->type == ALB_DEVICE_NET ? "net" : "block", d->name);
	}
	reply_failure(reply, "%s manifest. Devices present in manifest: %s",
		what, list.len > 0 ? buf_str(&list) : "");
	buf_free(&list);
	return false;
}

static bool
devices_match(const struct alb_image *image, const struct alb_config *c,
	struct alb_wire *reply)
{
	if (!devices_equal(image, c, ALB_DEVICE_BLOCK))
		return devices_differ(image,
			"specified block device(s) does not match with",
			reply);
	if (!devices_equal(image, c, ALB_DEVICE_NET))
		return devices_differ(image,
			"specified bridge(s) does not match with the", reply);
	return true;
}

static bool
bridges_exist(struct sandbox *s, const struct alb_config *c,
	struct alb_wire *reply)
{
	const struct options *o = s->options;
	bool found;
	size_t i, k;

	for (i = 0; i < c->nnets; i++) {
		found = false;
		for (k = 0; k < o->nbridges && !found; k++)
			found = strcmp(o->bridges[k],
				net_bridge(&c->nets[i])) == 0;
		if (!found)
			return reply_failure(reply,
				"interface %s does not exist",
				net_bridge(&c->nets[i]));
	}
	return true;
}

static bool
prepare_solo5(struct sandbox *s, struct unikernel *u, struct alb_wire *reply)
{
	struct alb_image image;
	struct buf raw;
	bool good;

	good = image_raw(u, &raw, reply) && image_parse(&raw, &image, reply) &&
		target_runs(&image, reply) &&
		devices_match(&image, &u->config, reply) &&
		bridges_exist(s, &u->config, reply);
	if (good) {
		gnutls_hash_fast(GNUTLS_DIG_SHA256, raw.data, raw.len,
			u->digest);
		u->digest_len = gnutls_hash_get_len(GNUTLS_DIG_SHA256);
		web_answer_read(&u->answer, raw.data, raw.len);
		machine_says_read(u->says, raw.data, raw.len);
	}
	buf_free(&raw);
	return good;
}

static bool
ordered(const char *name, size_t n, const char *kind, const char *host,
	struct alb_wire *reply)
{
	char expected[24];

	snprintf(expected, sizeof(expected), "%zu", n);
	return strcmp(name, expected) == 0 ? true : reply_failure(reply,
		"%s %s with name %s not in ascending order (expected %s)",
		kind, host, name, expected);
}

static bool
prepare_bhyve(struct unikernel *u, struct alb_wire *reply)
{
	const struct alb_config *c = &u->config;
	uint32_t number;
	size_t i;

	for (i = 0; i < c->nnets; i++)
		if (!ordered(c->nets[i].name, i, "network device on",
		    net_bridge(&c->nets[i]), reply))
			return false;
	for (i = 0; i < c->nblocks; i++)
		if (!ordered(c->blocks[i].name, i, "block device",
		    block_volume(&c->blocks[i]), reply))
			return false;
	if (c->nblocks == 0)
		return reply_failure(reply,
			"couldn't find initial block device");
	if (c->blocks[0].volume == NULL)
		return reply_failure(reply, "no name for initial disk");
	web_answer_read(&u->answer, (const uint8_t *)"", 0);
	random_bytes(&number, sizeof(number));
	u->digest_len = snprintf((char *)u->digest, sizeof(u->digest),
		"alba-%" PRIu32, number % 100000);
	return true;
}

bool
prepare(struct sandbox *s, struct unikernel *u, struct alb_wire *reply)
{
	disk_wait(s);
	if (u->config.type == ALB_BHYVE)
		return prepare_bhyve(u, reply);
	return prepare_solo5(s, u, reply);
}

bool
prepare_match(const struct unikernel *u, const struct alb_config *c,
	struct alb_wire *reply)
{
	struct alb_image image;
	struct buf raw;
	bool good;

	good = image_raw(u, &raw, reply) && image_parse(&raw, &image, reply) &&
		devices_match(&image, c, reply);
	buf_free(&raw);
	return good;
}
