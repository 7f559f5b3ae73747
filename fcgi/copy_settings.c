/* SPDX-License-Identifier: ISC */
/* copy_settings: see copy_settings.h. */
#include "config.h"	/* for memfd_create */

#include "fcgi/copy_settings.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/text.h"
#include "fcgi/digest.h"
#include "fcgi/settings.h"

#define COPIES "copies"

/* ---- what is sent ---- */

struct s3_form {
	const char *endpoint, *region, *bucket, *prefix;
	const char *access_key, *secret_key;
	bool path_style;
};

static const char *
check_secret(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value <= ' ' || *value == 0x7f)
			return "must have no blanks and control characters";
	return NULL;
}

static const struct json_field s3_fields[] = {
	{ "endpoint", JSON_STRING, .required = true, .min = 8,
	  .max = S3_ENDPOINT_MAX, .check = s3_endpoint_check,
	  .offset = offsetof(struct s3_form, endpoint) },
	{ "region", JSON_STRING, .required = true, .min = 1,
	  .max = S3_REGION_MAX, .check = s3_region_check,
	  .offset = offsetof(struct s3_form, region) },
	{ "bucket", JSON_STRING, .required = true, .min = 3,
	  .max = S3_BUCKET_MAX, .check = s3_bucket_check,
	  .offset = offsetof(struct s3_form, bucket) },
	{ "prefix", JSON_STRING, .max = S3_PREFIX_MAX,
	  .check = s3_prefix_check,
	  .offset = offsetof(struct s3_form, prefix) },
	{ "access_key", JSON_STRING, .required = true, .min = 1,
	  .max = S3_ACCESS_KEY_MAX, .check = s3_access_key_check,
	  .offset = offsetof(struct s3_form, access_key) },
	{ "secret_key", JSON_STRING, .min = 1, .max = S3_SECRET_KEY_MAX,
	  .check = check_secret,
	  .offset = offsetof(struct s3_form, secret_key) },
	{ "path_style", JSON_BOOL,
	  .offset = offsetof(struct s3_form, path_style) },
	{ .name = NULL }
};

struct form {
	struct json_object *s3;
	int64_t local_max;
};

static const struct json_field fields[] = {
	{ "s3", JSON_OBJECT, .offset = offsetof(struct form, s3) },
	{ "local_max", JSON_INT, .min = 1, .max = COPIES_LOCAL_MAX_MAX,
	  .offset = offsetof(struct form, local_max) },
	{ .name = NULL }
};

static void
text_set(char *out, size_t size, const char *value)
{
	snprintf(out, size, "%s", value == NULL ? "" : value);
}

static int
s3_take(struct json_object *o, struct s3_settings *s, struct fault *f)
{
	struct s3_form in = { 0 };
	int err = json_read(o, s3_fields, &in, "s3.", f);
	bool same;

	if (err != 0)
		return err;
	same = strcmp(s->endpoint, in.endpoint) == 0 &&
		strcmp(s->access_key, in.access_key) == 0;
	if (in.secret_key == NULL && (!same || s->secret_key[0] == '\0'))
		return fault_field(f, "s3.secret_key", "must be given for "
		    "another endpoint or access key");
	text_set(s->endpoint, sizeof(s->endpoint), in.endpoint);
	if (s->endpoint[strlen(s->endpoint) - 1] == '/')
		s->endpoint[strlen(s->endpoint) - 1] = '\0';
	text_set(s->region, sizeof(s->region), in.region);
	text_set(s->bucket, sizeof(s->bucket), in.bucket);
	text_set(s->prefix, sizeof(s->prefix), in.prefix);
	text_set(s->access_key, sizeof(s->access_key), in.access_key);
	if (in.secret_key != NULL)
		text_set(s->secret_key, sizeof(s->secret_key), in.secret_key);
	s->path_style = in.path_style;
	return 0;
}

int
copy_settings_take(struct json_object *o, struct copy_settings *s,
	struct fault *f)
{
	struct form in = { .local_max = COPIES_LOCAL_MAX_DEFAULT };
	int err = json_read(o, fields, &in, "", f);

	if (err == 0 && in.s3 != NULL)
		err = s3_take(in.s3, &s->s3, f);
	if (err != 0)
		return err;
	if (in.s3 == NULL)
		copy_settings_wipe(s);
	s->local_max = in.local_max;
	return 0;
}

/* ---- what is shown, and kept ---- */

static struct json_object *
s3_json(const struct s3_settings *s)
{
	struct json_object *o;

	if (s->endpoint[0] == '\0')
		return NULL;
	o = json_object_new_object();
	json_add_str(o, "endpoint", s->endpoint);
	json_add_str(o, "region", s->region);
	json_add_str(o, "bucket", s->bucket);
	json_add_str(o, "prefix", text_or_null(s->prefix));
	json_add_str(o, "access_key", s->access_key);
	json_add_bool(o, "path_style", s->path_style);
	return o;
}

struct json_object *
copy_settings_show(const struct copy_settings *s)
{
	struct json_object *o = json_object_new_object();
	struct json_object *s3 = s3_json(&s->s3);

	if (s3 != NULL)
		json_add_bool(s3, "secret_key_set", true);
	json_object_object_add(o, "s3", s3);
	json_add_int(o, "local_max", s->local_max);
	return o;
}

int
copy_settings_get(struct ledger *l, struct copy_settings *out,
	struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	int err = settings_get(l, COPIES, &o, f);

	*out = (struct copy_settings){
		.local_max = COPIES_LOCAL_MAX_DEFAULT };
	return err != 0 || o == NULL ? err : copy_settings_take(o, out, f);
}

int
copy_settings_set(struct ledger *l, const struct copy_settings *s,
	struct fault *f)
{
	struct json_object *o = json_object_new_object();
	struct json_object *s3 = s3_json(&s->s3);

	if (s3 != NULL)
		json_add_str(s3, "secret_key", s->s3.secret_key);
	json_object_object_add(o, "s3", s3);
	json_add_int(o, "local_max", s->local_max);
	return settings_put(l, COPIES, o, f);
}

void
copy_settings_wipe(struct copy_settings *s)
{
	explicit_bzero(&s->s3, sizeof(s->s3));
}

/* ---- does it work? ---- */

static int
same_take(void *arg, const void *data, size_t len)
{
	const char **due = arg;

	if (strncmp(*due, data, len) != 0)
		return ERR_STORE;
	*due += len;
	return 0;
}

static int
test_read(const struct s3_settings *s, const char *key, const char *text,
	const struct s3_watch *watch, struct fault *f)
{
	struct s3_range all = { 0, strlen(text), strlen(text) };
	int err = s3_get(s, key, &all, same_take, &text, watch, f);

	return err == 0 || f->err != 0 ? err : fault_set(f, err,
	    "It is another one than was put.");
}

static int
test_put(const struct s3_settings *s, const char *key, const char *text,
	const struct s3_watch *watch, struct fault *f)
{
	AUTO_FD int fd = memfd_create("test", MFD_CLOEXEC);
	size_t len = strlen(text);
	char sha256[DIGEST_SIZE];

	if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
	    digest_of(text, len, sha256) < 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return s3_put(s, key, fd, len, sha256, watch, f);
}

int
copy_settings_test(const struct copy_settings *s,
	const struct s3_watch *watch, struct fault *f)
{
	const char *text = "A test object of Mollymawk.\n", *step = "putting";
	char mark[17], key[S3_PREFIX_MAX + 64];
	struct fault why = { 0 };
	int err;

	if (s->s3.endpoint[0] == '\0')
		return fault_set(f, ERR_CONFLICT, "No S3 store is set.");
	random_base62(mark, sizeof(mark) - 1);
	snprintf(key, sizeof(key), "%s%stest-%s", s->s3.prefix,
	    s->s3.prefix[0] == '\0' ? "" : "/", mark);
	err = test_put(&s->s3, key, text, watch, &why);
	if (err == 0) {
		step = "reading";
		err = test_read(&s->s3, key, text, watch, &why);
	}
	if (err == 0) {
		step = "removing";
		err = s3_delete(&s->s3, key, watch, &why);
	}
	/* That it is not there is the store's fault here. */
	return err == 0 ? 0 : fault_set(f, err == ERR_NOT_FOUND ? ERR_STORE :
	    err, "The test failed at %s an object: %s", step, why.detail);
}
