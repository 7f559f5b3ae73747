/* SPDX-License-Identifier: ISC */
/* health_json: checks as JSON, both ways; see health.h. */
#include <stdio.h>
#include <string.h>

#include "fcgi/health.h"

static const char *const types[] = { [HEALTH_HTTP] = "http",
	[HEALTH_TCP] = "tcp", [HEALTH_DNS] = "dns" };
#define TYPES (sizeof(types) / sizeof(types[0]))

static const struct {
	const char *name;
	int type;
} records[] = {
	{ "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "SOA", 6 }, { "MX", 15 },
	{ "TXT", 16 }, { "AAAA", 28 },
};

int
health_record_type(const char *record)
{
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		if (strcmp(records[i].name, record) == 0)
			return records[i].type;
	return 0;
}

bool
health_name_valid(const char *name)
{
	size_t len = strlen(name), label = 0;

	if (len == 0 || len > HEALTH_NAME_MAX || strspn(name,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789.-_") != len)
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (name[i] != '.' && name[i] != '\0') {
			label++;
			continue;
		}
		if (label == 0 || label > 63)
			return false;
		label = 0;
	}
	return true;
}

/* What JSON says, before it is copied. */
struct form {
	const char *type, *address, *path, *host, *body;
	const char *name, *record, *answer;
	struct json_ints status;
	bool has_status;
	int64_t port, timeout, interval, retries;
	bool redirects;
};

static const char *
check_address(const char *value)
{
	struct address a;

	return address_parse(value, &a) == 0 ? NULL :
		"must be a numeric IPv4 or IPv6 address";
}

static const char *
check_path(const char *value)
{
	if (*value != '/')
		return "must begin with /";
	for (; *value != '\0'; value++)
		if (*value <= 0x20 || *value >= 0x7f || *value == '#')
			return "must be printable ASCII without blanks and #; "
				"write other bytes as %XX";
	return NULL;
}

static const char *
check_name(const char *value)
{
	return health_name_valid(value) ? NULL :
		"must be a name such as www.example.org";
}

static const char *
check_record(const char *value)
{
	return health_record_type(value) != 0 ? NULL :
		"must be A, AAAA, TXT, MX, NS, SOA or CNAME";
}

#define COMMON								\
	{ "type", JSON_STRING, .required = true, .min = 1, .max = 8,	\
	  .offset = offsetof(struct form, type) },			\
	{ "address", JSON_STRING, .min = 1,				\
	  .max = ADDRESS_TEXT_SIZE - 1, .check = check_address,		\
	  .offset = offsetof(struct form, address) },			\
	{ "timeout", JSON_INT, .min = 1, .max = 30,			\
	  .offset = offsetof(struct form, timeout) },			\
	{ "interval", JSON_INT, .min = 10, .max = 3600,			\
	  .offset = offsetof(struct form, interval) },			\
	{ "retries", JSON_INT, .min = 0, .max = 20,			\
	  .offset = offsetof(struct form, retries) }
#define PORT(needed)							\
	{ "port", JSON_INT, .required = needed, .min = 1, .max = 65535,	\
	  .offset = offsetof(struct form, port) }

static const struct json_field http_fields[] = {
	COMMON, PORT(false),
	{ "path", JSON_STRING, .min = 1, .max = HEALTH_PATH_MAX,
	  .check = check_path, .offset = offsetof(struct form, path) },
	{ "host", JSON_STRING, .min = 1, .max = HEALTH_NAME_MAX,
	  .check = check_name, .offset = offsetof(struct form, host) },
	{ "status", JSON_INTS, .min = 100, .max = 599,
	  .count_max = HEALTH_STATUS_MAX,
	  .offset = offsetof(struct form, status),
	  .given = offsetof(struct form, has_status) },
	{ "body", JSON_STRING, .min = 1, .max = HEALTH_TEXT_MAX,
	  .offset = offsetof(struct form, body) },
	{ "redirects", JSON_BOOL,
	  .offset = offsetof(struct form, redirects) },
	{ .name = NULL }
};

static const struct json_field tcp_fields[] = {
	COMMON, PORT(true),
	{ .name = NULL }
};

static const struct json_field dns_fields[] = {
	COMMON, PORT(false),
	{ "name", JSON_STRING, .required = true, .min = 1,
	  .max = HEALTH_NAME_MAX, .check = check_name,
	  .offset = offsetof(struct form, name) },
	{ "record", JSON_STRING, .min = 1, .max = HEALTH_RECORD_MAX,
	  .check = check_record, .offset = offsetof(struct form, record) },
	{ "answer", JSON_STRING, .min = 1, .max = HEALTH_TEXT_MAX,
	  .offset = offsetof(struct form, answer) },
	{ .name = NULL }
};

static const struct json_field *const fields_of[] = {
	[HEALTH_HTTP] = http_fields, [HEALTH_TCP] = tcp_fields,
	[HEALTH_DNS] = dns_fields };

static const struct form defaults[] = {
	[HEALTH_HTTP] = { .port = 80, .path = "/", .timeout = 5,
	  .interval = 30, .retries = 3 },
	[HEALTH_TCP] = { .timeout = 5, .interval = 30, .retries = 3 },
	[HEALTH_DNS] = { .port = 53, .record = "A", .timeout = 5,
	  .interval = 30, .retries = 3 },
};

static void
copy(char *out, size_t size, const char *from)
{
	snprintf(out, size, "%s", from == NULL ? "" : from);
}

/* One form for one address, so that comparing texts is comparing addresses. */
static void
copy_address(char out[ADDRESS_TEXT_SIZE], const char *from)
{
	struct address a;

	out[0] = '\0';
	if (from != NULL && address_parse(from, &a) == 0)
		address_format(&a, out);
}

static void
copy_status(struct health_check *c, const struct json_ints *from)
{
	if (c->type != HEALTH_HTTP)
		return;
	for (size_t i = 0; i < from->len; i++)
		c->status[c->nstatus++] = (int)from->items[i];
	if (c->nstatus == 0)
		c->status[c->nstatus++] = 200;
}

static void
form_copy(const struct form *in, enum health_type type,
	struct health_check *out)
{
	*out = (struct health_check){ .type = type, .port = (int)in->port,
		.timeout = (int)in->timeout, .interval = (int)in->interval,
		.retries = (int)in->retries, .redirects = in->redirects };
	copy_address(out->address, in->address);
	copy(out->path, sizeof(out->path), in->path);
	copy(out->host, sizeof(out->host), in->host);
	copy(out->body, sizeof(out->body), in->body);
	copy(out->name, sizeof(out->name), in->name);
	copy(out->record, sizeof(out->record), in->record);
	copy(out->answer, sizeof(out->answer), in->answer);
	copy_status(out, &in->status);
}

/* 0 or -1. */
static int
type_read(struct json_object *o, enum health_type *out)
{
	struct json_object *value = NULL;
	const char *text;

	json_object_object_get_ex(o, "type", &value);
	text = json_object_is_type(value, json_type_string) ?
		json_object_get_string(value) : "";
	for (size_t i = 0; i < TYPES; i++) {
		if (strcmp(types[i], text) != 0)
			continue;
		*out = (enum health_type)i;
		return 0;
	}
	return -1;
}

static void
prefixed(char *out, size_t size, const char *prefix, const char *name)
{
	snprintf(out, size, "%.60s%.34s", prefix, name);
}

int
health_check_from_json(struct json_object *o, const char *prefix,
	struct health_check *out, struct fault *f)
{
	enum health_type type;
	struct form in;
	char field[96];
	int err;

	if (type_read(o, &type) < 0) {
		prefixed(field, sizeof(field), prefix, "type");
		return fault_field(f, field, "must be http, tcp or dns");
	}
	in = defaults[type];
	err = json_read(o, fields_of[type], &in, prefix, f);
	if (err == 0 && in.has_status && in.status.len == 0) {
		prefixed(field, sizeof(field), prefix, "status");
		err = fault_field(f, field, "must have at least one item");
	}
	if (err == 0)
		form_copy(&in, type, out);
	json_free(fields_of[type], &in);
	return err;
}

static void
add_text(struct json_object *o, const char *key, const char *value)
{
	json_add_str(o, key, value[0] == '\0' ? NULL : value);
}

static void
add_http(struct json_object *o, const struct health_check *c)
{
	struct json_object *status = json_object_new_array();

	for (size_t i = 0; i < c->nstatus; i++)
		json_object_array_add(status,
		    json_object_new_int(c->status[i]));
	add_text(o, "path", c->path);
	add_text(o, "host", c->host);
	json_object_object_add(o, "status", status);
	add_text(o, "body", c->body);
	json_add_bool(o, "redirects", c->redirects);
}

static void
add_dns(struct json_object *o, const struct health_check *c)
{
	add_text(o, "name", c->name);
	add_text(o, "record", c->record);
	add_text(o, "answer", c->answer);
}

struct json_object *
health_check_to_json(const struct health_check *c)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "type", types[c->type]);
	add_text(o, "address", c->address);
	json_add_int(o, "port", c->port);
	if (c->type == HEALTH_HTTP)
		add_http(o, c);
	if (c->type == HEALTH_DNS)
		add_dns(o, c);
	json_add_int(o, "timeout", c->timeout);
	json_add_int(o, "interval", c->interval);
	json_add_int(o, "retries", c->retries);
	return o;
}
