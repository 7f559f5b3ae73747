/* SPDX-License-Identifier: ISC */
/* build: what builders say of one build; see build.h. */
#include "fcgi/build.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"

bool
build_uuid(const char *s, char out[BUILD_UUID_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(s) != BUILD_UUID_LEN)
		return false;
	for (int i = 0; i < BUILD_UUID_LEN; i++) {
		char c = s[i] >= 'A' && s[i] <= 'F' ? s[i] + 32 : s[i];
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? c != '-' : strchr(digits, c) == NULL)
			return false;
		out[i] = c;
	}
	out[BUILD_UUID_LEN] = '\0';
	return true;
}

bool
build_job_ok(const char *s)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@";
	size_t len = strspn(s, fine);

	return len > 0 && len <= BUILD_JOB_MAX && s[len] == '\0' &&
		strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

const char *
build_uuid_check(const char *s)
{
	char folded[BUILD_UUID_LEN + 1];

	return build_uuid(s, folded) ? NULL : "must be the uuid of a build";
}

const char *
build_job_check(const char *s)
{
	return build_job_ok(s) ? NULL : "must be the name of a job";
}

/* ---- members of foreign objects ---- */

static int64_t
number(struct json_object *o, const char *key)
{
	struct json_object *m = json_member(o, key, json_type_int);

	return m == NULL ? 0 : json_object_get_int64(m);
}

static int64_t
time_ms(struct json_object *o, const char *key)
{
	const char *text = json_member_text(o, key, 64);
	time_t t;

	if (rfc3339_parse(text, &t, NULL) < 0 || t < 0 ||
	    t > INT64_C(253402300799))
		return 0;
	return (int64_t)t * 1000;
}

/* ---- devices ---- */

static struct json_object *
device_json(const struct alb_device *d)
{
	struct json_object *o = json_object_new_object();

	clean_add(o, "name", d->name);
	json_add_str(o, "type", d->type == ALB_DEVICE_NET ? "net" : "block");
	return o;
}

struct json_object *
build_devices_to_json(const struct build_devices *d)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < d->len; i++)
		json_object_array_add(list, device_json(&d->items[i]));
	return list;
}

/* One with a type that is not known is no device: -1. */
static int
device_read(struct json_object *o, struct alb_device *out)
{
	const char *name = json_member_text(o, "name", ALB_MANIFEST_NAME_MAX);
	const char *type = json_member_text(o, "type", 16);

	snprintf(out->name, sizeof(out->name), "%s", name);
	if (strcmp(type, "NET_BASIC") == 0 || strcmp(type, "net") == 0)
		out->type = ALB_DEVICE_NET;
	else if (strcmp(type, "BLOCK_BASIC") == 0 ||
	    strcmp(type, "block") == 0)
		out->type = ALB_DEVICE_BLOCK;
	else
		return -1;
	return *name == '\0' ? -1 : 0;
}

int
build_devices_from_json(struct json_object *list, struct build_devices *out)
{
	size_t n;

	out->len = 0;
	if (!json_object_is_type(list, json_type_array))
		return -1;
	n = json_object_array_length(list);
	if (n > ALB_MANIFEST_MAX)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (device_read(json_object_array_get_idx(list, i),
		    &out->items[out->len++]) < 0)
			return -1;
	return 0;
}

static bool
devices_hold(const struct build_devices *d, const struct alb_device *want)
{
	for (size_t i = 0; i < d->len; i++)
		if (d->items[i].type == want->type &&
		    strcmp(d->items[i].name, want->name) == 0)
			return true;
	return false;
}

/* Those of a that b has not. */
static struct json_object *
devices_without(const struct build_devices *a, const struct build_devices *b)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < a->len; i++)
		if (!devices_hold(b, &a->items[i]))
			json_object_array_add(list,
			    device_json(&a->items[i]));
	return list;
}

struct json_object *
build_devices_diff(const struct build_devices *left,
	const struct build_devices *right)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "added", devices_without(right, left));
	json_object_object_add(o, "removed", devices_without(left, right));
	return o;
}

bool
build_devices_same(const struct build_devices *a,
	const struct build_devices *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (!devices_hold(b, &a->items[i]))
			return false;
	return true;
}

/* ---- one build ---- */

/* Manifest and ABI are told together, of a solo5 binary; else left out. */
static void
solo5_read(struct json_object *o, struct build *out)
{
	struct json_object *manifest = json_member(o, "solo5_manifest",
		json_type_object);
	struct json_object *abi = json_member(o, "solo5_abi", json_type_object);
	struct json_object *list = json_member(manifest, "devices",
		json_type_array);

	snprintf(out->target, sizeof(out->target), "%s",
	    json_member_text(abi, "target", BUILD_TARGET_MAX));
	out->abi = number(abi, "version");
	out->has_devices = manifest != NULL && (list == NULL ||
	    build_devices_from_json(list, &out->devices) == 0);
	if (!out->has_devices)
		out->devices.len = 0;
}

int
build_from_json(const char *builder, struct json_object *o,
	struct build *out)
{
	struct json_object *binary = json_member(o, "main_binary",
		json_type_boolean);
	const char *job = json_member_text(o, "job", BUILD_JOB_MAX);

	*out = (struct build){ 0 };
	if (!build_job_ok(job) || binary == NULL ||
	    !build_uuid(json_member_text(o, "uuid", BUILD_UUID_LEN), out->uuid))
		return -1;
	snprintf(out->builder, sizeof(out->builder), "%s", builder);
	snprintf(out->job, sizeof(out->job), "%s", job);
	clean_copy(out->platform, sizeof(out->platform),
	    json_member_text(o, "platform", BUILD_PLATFORM_MAX));
	out->started = time_ms(o, "start_time");
	out->finished = time_ms(o, "finish_time");
	out->binary = json_object_get_boolean(binary);
	solo5_read(o, out);
	return 0;
}

bool
build_deployable(const struct build *b)
{
	return b->has_devices && (strcmp(b->target, "hvt") == 0 ||
		strcmp(b->target, "spt") == 0);
}

static void
file_add(struct json_object *o, const struct build_file *file)
{
	json_add_str(o, "sha256", file == NULL ? NULL :
	    text_or_null(file->sha256));
	json_add_nonzero(o, "size", file == NULL ? 0 : file->size);
}

static void
url_add(struct json_object *o, const struct build *b, const char *url)
{
	struct buf whole;

	buf_init(&whole, strlen(url) + sizeof(b->job) + sizeof(b->uuid) + 16);
	buf_putf(&whole, "%s/job/%s/build/%s", url, b->job, b->uuid);
	json_add_str(o, "url", buf_str(&whole));
	buf_free(&whole);
}

struct json_object *
build_to_json(const struct build *b, const char *url,
	const struct build_file *file)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "builder", b->builder);
	json_add_str(o, "job", b->job);
	json_add_str(o, "build", b->uuid);
	clean_add_or_null(o, "platform", b->platform);
	json_add_time_ms(o, "started_at", b->started);
	json_add_time_ms(o, "finished_at", b->finished);
	clean_add_or_null(o, "target", b->target);
	if (b->target[0] == '\0')
		json_object_object_add(o, "abi_version", NULL);
	else
		json_add_int(o, "abi_version", b->abi);
	json_object_object_add(o, "devices", !b->has_devices ? NULL :
	    build_devices_to_json(&b->devices));
	file_add(o, file);
	if (url == NULL)
		json_object_object_add(o, "url", NULL);
	else
		url_add(o, b, url);
	return o;
}
