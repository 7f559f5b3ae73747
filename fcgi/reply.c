/* SPDX-License-Identifier: ISC */
/* reply: head, body and problem documents through FastCGI; see reply.h. */
#include "fcgi/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/clean.h"
#include "fcgi/handover.h"
#include "fcgi/problem.h"
#include "fcgi/request.h"

#define HEAD_MAX 16384
#define PIECE 65536
#define EXTRA_MAX 12288
#define RETRY_AFTER_SECONDS 2

void
reply_init(struct reply *p, struct request *r)
{
	*p = (struct reply){ .request = r };
	buf_init(&p->extra, EXTRA_MAX);
}

void
reply_free(struct reply *p)
{
	buf_wipe(&p->extra);	/* cookies were in there */
	json_object_put(p->members);
}

static bool
header_value_valid(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

void
reply_header(struct reply *p, const char *name, const char *fmt, ...)
{
	char value[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(value) && header_value_valid(value))
		buf_putf(&p->extra, "%s: %s\r\n", name, value);
}

void
reply_cookie(struct reply *p, const char *name, const char *value,
	const char *path, long max_age)
{
	if (value == NULL) {
		value = "";
		max_age = 0;
	}
	buf_putf(&p->extra, "Set-Cookie: %s=%s; Path=%s; Max-Age=%ld; "
	    "HttpOnly; SameSite=Strict%s\r\n", name, value, path, max_age,
	    p->request->app->secure ? "; Secure" : "");
}

int
reply_write(struct reply *p, const void *data, size_t len)
{
	const char *at = data;

	if (p->request->head)
		return 0;
	while (len > 0 && !p->failed) {
		int piece = len > PIECE ? PIECE : (int)len;

		if (FCGX_PutStr(at, piece, p->request->fcgi->out) != piece)
			p->failed = true;
		at += piece;
		len -= (size_t)piece;
	}
	return p->failed ? -1 : 0;
}

int
reply_flush(struct reply *p)
{
	if (FCGX_FFlush(p->request->fcgi->out) < 0)
		p->failed = true;
	return p->failed ? -1 : 0;
}

/* HTTP/1.1 wants at least a space behind the number; nginx adds none. */
static const char *
status_words(int status)
{
	static const struct { int status; const char *words; } list[] = {
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
		{ 204, "No Content" }, { 206, "Partial Content" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 409, "Conflict" },
		{ 411, "Length Required" }, { 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" }, { 502, "Bad Gateway" },
		{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i].status == status)
			return list[i].words;
	return "Internal Server Error";
}

/* length < 0: not known. */
static void
head_put(struct buf *head, const struct reply *p, const char *content_type,
	ssize_t length)
{
	buf_putf(head, "Status: %d %s\r\n"
	    "X-Request-Id: %s\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n",
	    p->status, status_words(p->status), p->request->id);
	if (content_type != NULL)
		buf_putf(head, "Content-Type: %s\r\n", content_type);
	if (length >= 0)
		buf_putf(head, "Content-Length: %zd\r\n", length);
	buf_put(head, p->extra.data, p->extra.len);
	buf_put_str(head, "\r\n");
}

static int
head_send(struct reply *p, int status, const char *content_type,
	ssize_t length)
{
	struct buf head;
	int n;

	if (!buf_ok(&p->extra))
		return ERR_NO_MEMORY;
	p->status = status;
	buf_init(&head, HEAD_MAX);
	head_put(&head, p, content_type, length);
	if (!buf_ok(&head)) {
		buf_wipe(&head);
		p->status = 0;
		return ERR_NO_MEMORY;
	}
	n = FCGX_PutStr((const char *)head.data, (int)head.len,
	    p->request->fcgi->out);
	p->failed = n != (int)head.len;
	buf_wipe(&head);
	return 0;
}

int
reply_begin(struct reply *p, int status, const char *content_type)
{
	return head_send(p, status, content_type, -1) == 0 && !p->failed ?
	    0 : -1;
}

int
reply_begin_sized(struct reply *p, int status, const char *content_type,
	uint64_t length)
{
	return head_send(p, status, content_type, (ssize_t)length) == 0 &&
	    !p->failed ? 0 : -1;
}

void
reply_break(struct reply *p)
{
	p->failed = true;
	p->request->handed_over = true;
	handover_break(p->request->fcgi);
}

int
reply_data(struct reply *p, int status, const char *content_type,
	const void *data, size_t len)
{
	int err = head_send(p, status, content_type, (ssize_t)len);

	if (err == 0)
		(void)reply_write(p, data, len);
	return err;
}

int
reply_empty(struct reply *p, int status)
{
	return head_send(p, status, NULL, status == 204 ? -1 : 0);
}

int
reply_file(struct reply *p, int status, const char *content_type, int fd,
	uint64_t size)
{
	AUTO_FREE uint8_t *data = malloc(PIECE);
	uint64_t at = 0;
	ssize_t n;
	int err = data == NULL ? ERR_NO_MEMORY :
		head_send(p, status, content_type, (ssize_t)size);

	if (err != 0 || p->request->head)
		return err;
	/* A file that ends early is told by the length that was promised. */
	while (at < size && (n = pread(fd, data, PIECE, (off_t)at)) > 0 &&
	    reply_write(p, data, (size_t)n) == 0)
		at += (uint64_t)n;
	p->failed |= at < size;
	return 0;
}

static int
json_send(struct reply *p, int status, const char *content_type,
	struct json_object *o)
{
	const char *text;
	size_t len;
	int err = ERR_NO_MEMORY;

	text = o == NULL ? NULL : json_object_to_json_string_length(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (text != NULL)
		err = reply_data(p, status, content_type, text, len);
	json_object_put(o);
	return err;
}

int
reply_json(struct reply *p, int status, struct json_object *o)
{
	return json_send(p, status, "application/json", o);
}

static void
members_add(const struct reply *p, struct json_object *o)
{
	if (p->members == NULL)
		return;
	json_object_object_foreach(p->members, key, value) {
		json_object_object_add(o, key, json_object_get(value));
	}
}

static struct json_object *
problem_json(const struct reply *p, const struct fault *f,
	const char *instance)
{
	struct json_object *o = json_object_new_object();
	const char *code = err_code(f->err);
	char type[96];

	snprintf(type, sizeof(type), "urn:mollymawk:problem:%s", code);
	json_add_str(o, "type", type);
	json_add_str(o, "title", err_title(f->err));
	json_add_int(o, "status", err_status(f->err));
	json_add_str(o, "code", code);
	if (f->detail[0] != '\0' || f->nfields > 0)
		clean_add(o, "detail", f->detail[0] != '\0' ? f->detail :
		    "Check the fields.");
	json_add_str(o, "request_id", p->request->id);
	if (f->nfields > 0)
		json_object_object_add(o, "errors", problem_fields(f));
	if (f->albatross[0] != '\0')
		clean_add(o, "albatross", f->albatross);
	if (instance != NULL)
		json_add_str(o, "instance", instance);
	members_add(p, o);
	return o;
}

void
reply_problem_member(struct reply *p, const char *key,
	struct json_object *value)
{
	if (p->members == NULL)
		p->members = json_object_new_object();
	json_object_object_add(p->members, key, value);
}

void
reply_problem(struct reply *p, const struct fault *f, const char *instance)
{
	int status = err_status(f->err);

	if (p->status != 0)
		return;
	if (status == 401)
		reply_header(p, "WWW-Authenticate",
		    "Bearer realm=\"mollymawk\"");
	if (status == 429 || status == 503)
		reply_header(p, "Retry-After", "%d", f->wait > 0 ? f->wait :
		    RETRY_AFTER_SECONDS);
	if (json_send(p, status, "application/problem+json",
	    problem_json(p, f, instance)) != 0) {
		/* No memory for words: the status alone must do. */
		buf_reset(&p->extra);
		(void)head_send(p, status, NULL, 0);
	}
}
