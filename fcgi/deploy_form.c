/* SPDX-License-Identifier: ISC */
/*
 * deploy_form: the three forms of a deploy. The query of the raw form becomes
 * the same JSON the other two carry, so that one reader judges all.
 */
#include "fcgi/deploy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "albatross/json.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/health.h"
#include "fcgi/multipart.h"
#include "fcgi/update.h"

#define CONFIG_MAX (64 * 1024)
#define STEP 65536

/* ---- images ---- */

static int
receive_some(struct request *r, struct multipart *m, void *data, size_t *got,
	struct fault *f)
{
	if (m != NULL)
		return multipart_read(m, data, STEP, got, f);
	return request_read(r, data, STEP, got, f);
}

static int
receive_all(struct request *r, struct multipart *m, struct image_upload *u,
	struct fault *f)
{
	AUTO_FREE uint8_t *data = malloc(STEP);
	size_t got = 1;
	int err = 0;

	if (data == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	while (err == 0 && got > 0) {
		err = receive_some(r, m, data, &got, f);
		if (err == 0)
			err = image_upload_write(u, data, got, f);
	}
	return err != 0 ? err : image_upload_end(u, f);
}

int
deploy_receive(struct request *r, struct multipart *m,
	struct image_file *out, struct fault *f)
{
	struct image_upload *u;
	struct alb_image image;
	int err = image_upload_begin(r->app->images, &u, f);

	if (err != 0)
		return err;
	err = receive_all(r, m, u, f);
	/* What is no image is not kept. */
	if (err == 0)
		err = alb_image_read(image_upload_file(u)->fd,
		    image_upload_file(u)->size, &image, f);
	if (err == 0)
		err = image_upload_keep(u, r->project, out, f);
	image_upload_free(u);
	return err;
}

/* What is no image is a finding among others: told with them. */
static int
image_receive(struct plan *p, struct multipart *m, struct fault *f)
{
	int err = deploy_receive(p->r, m, &p->image, f);

	p->has_image = err == 0 || err == ERR_BAD_IMAGE;
	if (err != ERR_BAD_IMAGE)
		return err;
	p->image_wrong = strdup(f->detail);
	*f = (struct fault){ 0 };
	return p->image_wrong != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

/* ---- options ---- */

/* Shown as a link: nothing that runs when it is pressed. */
static const char *
check_link(const char *s)
{
	if (strncasecmp(s, "https://", 8) != 0 &&
	    strncasecmp(s, "http://", 7) != 0)
		return "must be an http or https address";
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("\"<>\\^`{|}", *s))
			return "must be an address in plain ASCII";
	return NULL;
}

static int
check_take(struct plan *p, const struct health_check *check, struct fault *f)
{
	AUTO_JSON struct json_object *o = health_check_to_json(check);

	free(p->check);
	p->check = json_text(o);
	p->check_given = true;
	return p->check != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

static void
query_check(struct plan *p, struct fault *f)
{
	const char *url = request_query(p->r, "check");
	struct health_check check;

	if (url != NULL && health_check_from_url(url, &check, f) == 0)
		check_take(p, &check, f);
}

int
plan_options_read(struct plan *p, struct fault *f)
{
	const struct request *r = p->r;
	const char *why;

	p->link = request_query(r, "link");
	why = p->link == NULL ? NULL : strlen(p->link) > DEPLOYMENT_LINK_MAX ?
		"is too long" : check_link(p->link);
	if (why != NULL)
		fault_field(f, "link", "%s", why);
	(void)request_query_bool(r, "dry_run", &p->dry_run, f);
	(void)request_query_bool(r, "auto_rollback", &p->auto_rollback, f);
	(void)request_query_int(r, "grace", 1, DEPLOYMENT_GRACE_MAX,
	    &p->grace, f);
	(void)request_query_int(r, "wait", 1, DEPLOY_WAIT_MAX, &p->wait, f);
	query_check(p, f);
	return f->err;
}

/* ---- JSON ---- */

/* Which build; all of it, or nothing. */
struct build_form {
	const char *builder;
	const char *job;
	const char *build;
};

#define BUILD_FIELDS(of, at)						\
	{ .name = "builder", .type = JSON_STRING,			\
	  .check = alb_label_check, .max = ALB_LABEL_MAX,		\
	  .offset = offsetof(of, at builder) },				\
	{ .name = "job", .type = JSON_STRING, .check = build_job_check,	\
	  .max = BUILD_JOB_MAX, .offset = offsetof(of, at job) },	\
	{ .name = "build", .type = JSON_STRING,				\
	  .check = build_uuid_check, .max = BUILD_UUID_LEN,		\
	  .offset = offsetof(of, at build) }

static const struct json_field build_fields[] = {
	BUILD_FIELDS(struct build_form, ), { .name = NULL }
};

struct json_form {
	const char *image;
	struct json_object *from;
	struct build_form build;
	struct json_object *config;
	struct json_object *check;
	bool auto_rollback;
	int64_t grace;
	const char *link;
};

#define OPTION_FIELDS							\
	{ .name = "config", .type = JSON_OBJECT,			\
	  .offset = offsetof(struct json_form, config) },		\
	{ .name = "check", .type = JSON_OBJECT,				\
	  .offset = offsetof(struct json_form, check) },		\
	{ .name = "auto_rollback", .type = JSON_BOOL,			\
	  .offset = offsetof(struct json_form, auto_rollback) },	\
	{ .name = "grace", .type = JSON_INT, .min = 1,			\
	  .max = DEPLOYMENT_GRACE_MAX,					\
	  .offset = offsetof(struct json_form, grace) },		\
	{ .name = "link", .type = JSON_STRING, .min = 1,		\
	  .max = DEPLOYMENT_LINK_MAX, .check = check_link,		\
	  .offset = offsetof(struct json_form, link) }

static const struct json_field json_form_fields[] = {
	{ .name = "image", .type = JSON_STRING, .min = 1, .max = 64,
	  .offset = offsetof(struct json_form, image) },
	{ .name = "build", .type = JSON_OBJECT,
	  .offset = offsetof(struct json_form, from) },
	OPTION_FIELDS, { .name = NULL }
};

static const struct json_field update_fields[] = {
	BUILD_FIELDS(struct json_form, build.), OPTION_FIELDS,
	{ .name = NULL }
};

static int
config_read(struct plan *p, struct json_object *config,
	const char *prefix, struct fault *f)
{
	return config == NULL ? 0 :
		alb_config_from_json(config, prefix, &p->config, f);
}

/* BHyve boots from a volume: there is nothing to send. */
static int
image_needed(const struct plan *p, bool given, struct fault *f)
{
	bool bhyve = p->config.type == ALB_BHYVE;

	if (bhyve && given)
		return fault_field(f, "image", "is not for BHyve");
	if (!bhyve && !given)
		return fault_field(f, "image", "is missing");
	return 0;
}

/* The body says it more plainly than the query. */
static int
json_options_take(struct plan *p, const struct json_form *form,
	struct fault *f)
{
	struct health_check check;
	int err = 0;

	p->auto_rollback = form->auto_rollback;
	p->grace = form->grace;
	if (form->link != NULL) {
		free(p->link_text);
		p->link = p->link_text = strdup(form->link);
		if (p->link == NULL)
			return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	if (form->check != NULL)
		err = health_check_from_json(form->check, "check.", &check,
		    f);
	if (form->check != NULL && err == 0)
		err = check_take(p, &check, f);
	return err;
}

/* All three, or none. */
static int
build_whole(const struct build_form *b, const char *prefix, struct fault *f)
{
	const char *const keys[] = { "builder", "job", "build" };
	const char *const values[] = { b->builder, b->job, b->build };
	char field[32];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (values[i] == NULL) {
			snprintf(field, sizeof(field), "%s%s", prefix,
			    keys[i]);
			fault_field(f, field, "is missing");
		}
	return f->err;
}

static int
form_build_take(struct plan *p, struct json_form *form, struct fault *f)
{
	int err = json_read(form->from, build_fields, &form->build, "build.",
		f);

	if (err == 0)
		err = build_whole(&form->build, "build.", f);
	p->source = DEPLOYED_BUILD;
	return err != 0 ? err : update_build_take(p, form->build.builder,
	    form->build.job, form->build.build, "build", f);
}

static int
form_image_take(struct plan *p, const struct json_form *form,
	struct fault *f)
{
	int err = images_open(p->r->app->images, p->r->project, form->image,
		&p->image, f);

	p->source = DEPLOYED_IMAGE;
	p->has_image = err == 0;
	return err;
}

int
plan_update_read(struct plan *p, struct fault *f)
{
	struct json_form form = { .auto_rollback = p->auto_rollback,
		.grace = p->grace };
	const struct build_form *b = &form.build;
	int err = p->r->body == NULL ? 0 : json_read(p->r->body,
		update_fields, &form, "", f);

	if (err == 0)
		err = json_options_take(p, &form, f);
	if (err != 0)
		return err;
	p->change = form.config;
	p->change_prefix = "config.";
	if (b->builder == NULL && b->job == NULL && b->build == NULL)
		return update_latest_take(p, f);
	if (build_whole(b, "", f) != 0)
		return f->err;
	return update_build_take(p, b->builder, b->job, b->build, "build", f);
}

static int
json_form_read(struct plan *p, struct fault *f)
{
	AUTO_JSON struct json_object *body = NULL;
	struct json_form form = { .auto_rollback = p->auto_rollback,
		.grace = p->grace };
	int err = request_read_json(p->r, CONFIG_MAX, false, &body, f);

	if (err == 0)
		err = json_read(body, json_form_fields, &form, "", f);
	if (err == 0)
		err = json_options_take(p, &form, f);
	if (err == 0)
		err = config_read(p, form.config, "config.", f);
	if (err == 0)
		err = image_needed(p, form.image != NULL ||
			form.from != NULL, f);
	if (err == 0 && form.image != NULL && form.from != NULL)
		err = fault_field(f, "build", "is given beside an image: one "
		    "of both says what is to run");
	if (err == 0 && form.from != NULL)
		return form_build_take(p, &form, f);
	return err != 0 || form.image == NULL ? err :
		form_image_take(p, &form, f);
}

/* ---- multipart ---- */

/* The part as text of at most CONFIG_MAX bytes, parsed. */
static int
config_part_read(struct multipart *m, struct json_object **out,
	struct fault *f)
{
	struct buf text;
	uint8_t data[4096];
	size_t got = 1;
	int err = 0;

	buf_init(&text, CONFIG_MAX);
	while (err == 0 && got > 0) {
		err = multipart_read(m, data, sizeof(data), &got, f);
		buf_put(&text, data, err == 0 ? got : 0);
	}
	if (err == 0 && !buf_ok(&text))
		err = fault_set(f, ERR_TOO_LARGE, "The part \"config\" has "
		    "more than %d bytes.", CONFIG_MAX);
	if (err == 0) {
		*out = json_parse(text.len == 0 ? "" :
		    (const char *)text.data, text.len, f);
		err = *out == NULL ? f->err : 0;
	}
	buf_free(&text);
	return err;
}

static int
part_read(struct plan *p, struct multipart *m, const char *name,
	struct json_object **config, struct fault *f)
{
	if (strcmp(name, "config") == 0 && *config == NULL)
		return config_part_read(m, config, f);
	if (strcmp(name, "image") == 0 && !p->has_image)
		return image_receive(p, m, f);
	return fault_field(f, name, strcmp(name, "config") == 0 ||
	    strcmp(name, "image") == 0 ? "is given twice" :
	    "is not known here: the parts are config and image");
}

static int
multipart_form_read(struct plan *p, struct fault *f)
{
	AUTO_JSON struct json_object *config = NULL;
	AUTO_FREE struct multipart *m = malloc(sizeof(*m));
	const char *name = NULL;
	int err;

	if (m == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = multipart_init(m, p->r->content_type, request_source, p->r, f);
	while (err == 0) {
		err = multipart_next(m, &name, f);
		if (err != 0 || name == NULL)
			break;
		err = part_read(p, m, name, &config, f);
	}
	if (err == 0)
		err = config_read(p, config, "config.", f);
	return err != 0 ? err : image_needed(p, p->has_image, f);
}

/* ---- the raw image with its configuration in the query ---- */

static void
query_int(const struct request *r, const char *key, const char *member,
	struct json_object *o, struct fault *f)
{
	const char *text = request_query(r, key);
	int64_t value;

	if (text == NULL)
		return;
	if (int_parse(text, INT64_MIN, INT64_MAX, &value) < 0)
		fault_field(f, key, "must be a whole number");
	else
		json_add_int(o, member, value);
}

static void
query_ints(const struct request *r, const char *key, const char *member,
	struct json_object *o, struct fault *f)
{
	struct json_object *list = json_object_new_array();
	const char *text;
	int64_t value;
	size_t at = 0;

	while ((text = request_query_next(r, key, &at)) != NULL) {
		if (int_parse(text, INT64_MIN, INT64_MAX, &value) < 0)
			fault_field(f, key, "must be a whole number");
		else
			json_object_array_add(list,
			    json_object_new_int64(value));
	}
	if (json_object_array_length(list) > 0)
		json_object_object_add(o, member, list);
	else
		json_object_put(list);
}

static void
query_text(const struct request *r, const char *key, struct json_object *o)
{
	if (request_query(r, key) != NULL)
		json_add_str(o, key, request_query(r, key));
}

static void
query_arguments(const struct request *r, struct json_object *o)
{
	struct json_object *list = json_object_new_array();
	const char *text;
	size_t at = 0;

	while ((text = request_query_next(r, "arg", &at)) != NULL)
		json_object_array_add(list, json_object_new_string(text));
	if (json_object_array_length(list) > 0)
		json_object_object_add(o, "arguments", list);
	else
		json_object_put(list);
}

/* "NAME[:HOST[@MORE]]" with the members these are called. */
struct device_words {
	const char *key, *list, *host, *more;
	bool more_is_int;
};

static void
device_more(const struct device_words *words, const char *more,
	struct json_object *o, struct fault *f)
{
	int64_t value;

	if (!words->more_is_int)
		json_add_str(o, words->more, more);
	else if (int_parse(more, INT64_MIN, INT64_MAX, &value) < 0)
		fault_field(f, words->key,
		    "must be NAME[:VOLUME[@SECTOR-SIZE]]");
	else
		json_add_int(o, words->more, value);
}

static struct json_object *
query_device(const struct device_words *words, const char *text,
	struct fault *f)
{
	struct json_object *o = json_object_new_object();
	size_t name = strcspn(text, ":");
	const char *host = text[name] == ':' ? text + name + 1 : NULL;
	size_t host_len = host == NULL ? 0 : strcspn(host, "@");

	json_object_object_add(o, "name",
	    json_object_new_string_len(text, (int)name));
	if (host == NULL)
		return o;
	json_object_object_add(o, words->host,
	    json_object_new_string_len(host, (int)host_len));
	if (host[host_len] == '@')
		device_more(words, host + host_len + 1, o, f);
	return o;
}

static void
query_devices(const struct request *r, const struct device_words *words,
	struct json_object *o, struct fault *f)
{
	struct json_object *list = json_object_new_array();
	const char *text;
	size_t at = 0;

	while ((text = request_query_next(r, words->key, &at)) != NULL)
		json_object_array_add(list, query_device(words, text, f));
	if (json_object_array_length(list) > 0)
		json_object_object_add(o, words->list, list);
	else
		json_object_put(list);
}

static struct json_object *
query_config(const struct request *r, struct fault *f)
{
	static const struct device_words networks = { "network", "networks",
		"bridge", "mac", false };
	static const struct device_words volumes = { "volume", "volumes",
		"volume", "sector_size", true };
	struct json_object *o = json_object_new_object();
	bool add_name = true;

	query_int(r, "memory", "memory", o, f);
	query_int(r, "startup", "startup", o, f);
	query_ints(r, "cpu", "cpus", o, f);
	query_ints(r, "exit_code", "exit_codes", o, f);
	query_text(r, "fail_behaviour", o);
	query_text(r, "type", o);
	query_arguments(r, o);
	query_devices(r, &networks, o, f);
	query_devices(r, &volumes, o, f);
	if (request_query_bool(r, "add_name", &add_name, f) == 0)
		json_add_bool(o, "add_name", add_name);
	return o;
}

static int
raw_form_read(struct plan *p, struct fault *f)
{
	AUTO_JSON struct json_object *config = query_config(p->r, f);
	int err = f->err;

	if (err == 0)
		err = config_read(p, config, "", f);
	if (err != 0 || p->config.type == ALB_BHYVE)
		return err;
	return image_receive(p, NULL, f);
}

/* ---- which form ---- */

static bool
is_option(const char *key)
{
	static const char *const keys[] = { "digest", "wait", "dry_run",
		"auto_rollback", "grace", "link", "check" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static int
query_has_options_only(const struct request *r, struct fault *f)
{
	for (size_t i = 0; i < r->nquery; i++)
		if (!is_option(r->query[i].key))
			fault_field(f, r->query[i].key,
			    "belongs into the configuration of this form");
	return f->err;
}

int
plan_form_read(struct plan *p, struct fault *f)
{
	const char *type = p->r->media_type;
	bool json = strcmp(type, "application/json") == 0;

	if (!json && strcmp(type, "multipart/form-data") != 0)
		return raw_form_read(p, f);
	if (query_has_options_only(p->r, f) != 0)
		return f->err;
	return json ? json_form_read(p, f) : multipart_form_read(p, f);
}
