/* SPDX-License-Identifier: ISC */
/* s3: see s3.h. */
#include "fcgi/s3.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "fcgi/clean.h"
#include "fcgi/curl.h"
#include "fcgi/digest.h"
#include "fcgi/web_url.h"

#define CONNECT_S 10L
#define SLOW_BYTES 1L		/* less for so long: it hangs */
#define SLOW_S 60L
#define WORDS_MAX (64 * 1024)	/* of an answer that is no object */
#define CODE_MAX 64
#define MESSAGE_MAX 256
#define UPLOAD_ID_MAX 1024
#define ETAG_MAX 128
#define URL_SIZE 5120
#define PARTS_DONE "CompleteMultipartUploadResult"

/* The SHA-256 of nothing, for requests without a body. */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* One request and its answer. */
struct exchange {
	const struct s3_settings *s;
	const struct s3_watch *watch;
	CURL *curl;
	const char *method, *key;
	const char *query;	/* escaped and in order, or NULL */
	/* What is sent: size bytes of fd from a place on, or text. */
	int fd;
	uint64_t from, size, sent;
	const char *text;
	const char *sha256;	/* of it */
	bool unreadable;
	/* Where an object goes; else what comes is words. */
	const struct s3_range *range;
	int (*sink)(void *arg, const void *data, size_t len);
	void *arg;
	uint64_t came;
	int result;
	bool beyond;
	struct buf words;
	long status;
	uint64_t before;	/* bytes moved before this one */
};

/* ---- settings ---- */

static const char *
check_chars(const char *text, const char *allowed, const char *why)
{
	return text[strspn(text, allowed)] == '\0' ? NULL : why;
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

const char *
s3_endpoint_check(const char *text)
{
	const char *why = web_url_check(text);
	const char *host = strstr(text, "://");

	if (why != NULL)
		return why;
	if (strlen(text) > S3_ENDPOINT_MAX || host == NULL)
		return "is too long";
	return host[3 + strcspn(host + 3, "/?")] == '\0' ? NULL :
		"must be a host alone, such as https://s3.example.org";
}

const char *
s3_region_check(const char *text)
{
	return check_chars(text, LOWER UPPER DIGITS "-_",
	    "must be letters, digits and -");
}

const char *
s3_bucket_check(const char *text)
{
	if (text[0] == '.' || text[0] == '-' || strstr(text, "..") != NULL)
		return "must be the name of a bucket";
	return check_chars(text, LOWER DIGITS "-.",
	    "must be lower-case letters, digits, - and .");
}

const char *
s3_prefix_check(const char *text)
{
	size_t len;

	if (*text == '\0')
		return NULL;
	for (;; text += len + 1) {
		len = strcspn(text, "/");
		if (len == 0 || (text[0] == '.' && (len == 1 ||
		    (len == 2 && text[1] == '.'))))
			return "must be names with / between them";
		if (text[len] == '\0')
			break;
	}
	return check_chars(text, LOWER UPPER DIGITS "-_.",
	    "must be letters, digits, -, _, . and /");
}

const char *
s3_access_key_check(const char *text)
{
	return check_chars(text, LOWER UPPER DIGITS "-_.+=@/",
	    "must be letters and digits");
}

/* ---- what goes and comes ---- */

static size_t
file_give(char *data, size_t one, size_t len, void *arg)
{
	struct exchange *x = arg;
	ssize_t n;

	if (len > x->size - x->sent)
		len = (size_t)(x->size - x->sent);
	n = pread(x->fd, data, len, (off_t)(x->from + x->sent));
	if (n < 0 || (n == 0 && len > 0)) {
		x->unreadable = true;
		return CURL_READFUNC_ABORT;
	}
	x->sent += (uint64_t)n;
	return (size_t)n;
}

/* To its beginning, when it has to be sent again. */
static int
file_seek(void *arg, curl_off_t offset, int origin)
{
	struct exchange *x = arg;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->size)
		return CURL_SEEKFUNC_FAIL;
	x->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static bool
is_object(const struct exchange *x)
{
	bool whole = x->range != NULL && x->range->len == x->range->size;

	return x->sink != NULL && x->status == (whole ? 200 : 206);
}

static size_t
body_take(char *data, size_t one, size_t len, void *arg)
{
	struct exchange *x = arg;

	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &x->status);
	if (!is_object(x)) {
		buf_put(&x->words, data, len);
		return len;
	}
	x->beyond = len > x->range->len - x->came;
	if (x->beyond)
		return 0;
	x->came += len;
	x->result = x->sink(x->arg, data, len);
	return x->result == 0 ? len : 0;
}

static int
look_on(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
	curl_off_t up_now)
{
	const struct exchange *x = arg;
	const struct s3_watch *w = x->watch;

	if (w == NULL)
		return 0;
	if (w->moved != NULL && (x->sink != NULL || x->fd >= 0))
		w->moved(w->arg, x->before + (x->sink != NULL ? x->came :
		    (uint64_t)up_now));
	return w->stopped != NULL && w->stopped(w->arg);
}

/* ---- one request ---- */

/* "https://s3.example.org/bucket/key?query", or with the bucket as a host. */
static int
url_make(const struct exchange *x, char url[URL_SIZE])
{
	const struct s3_settings *s = x->s;
	const char *host = strstr(s->endpoint, "://");
	int n;

	if (host == NULL)
		return -1;
	host += 3;
	if (s->path_style)
		n = snprintf(url, URL_SIZE, "%s/%s/%s", s->endpoint, s->bucket,
		    x->key);
	else
		n = snprintf(url, URL_SIZE, "%.*s%s.%s/%s",
		    (int)(host - s->endpoint), s->endpoint, s->bucket, host,
		    x->key);
	if (n >= 0 && n < URL_SIZE && x->query != NULL)
		n += snprintf(url + n, URL_SIZE - (size_t)n, "?%s", x->query);
	return n >= 0 && n < URL_SIZE ? 0 : -1;
}

/*
 * Every one of them is signed: none may be there that is not sent, such as
 * "Expect:" to leave one out. Owned; NULL: out of memory.
 */
static struct curl_slist *
headers_make(const struct exchange *x)
{
	char line[128];
	struct curl_slist *list, *more;

	snprintf(line, sizeof(line), "x-amz-content-sha256: %s", x->sha256);
	list = curl_slist_append(NULL, line);
	if (list == NULL || x->text == NULL)
		return list;
	more = curl_slist_append(list, "Content-Type: application/xml");
	if (more == NULL)
		curl_slist_free_all(list);
	return more;
}

static bool
signing_set(const struct exchange *x)
{
	char provider[S3_REGION_MAX + 16];
	CURL *c = x->curl;

	snprintf(provider, sizeof(provider), "aws:amz:%s:s3", x->s->region);
	return curl_easy_setopt(c, CURLOPT_AWS_SIGV4, provider) == 0 &&
	    curl_easy_setopt(c, CURLOPT_USERNAME, x->s->access_key) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PASSWORD, x->s->secret_key) == 0;
}

static bool
method_set(struct exchange *x)
{
	char range[64];
	CURL *c = x->curl;

	if (x->fd >= 0)
		return curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == 0 &&
		    curl_easy_setopt(c, CURLOPT_READFUNCTION, file_give) == 0 &&
		    curl_easy_setopt(c, CURLOPT_READDATA, x) == 0 &&
		    curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, file_seek) == 0 &&
		    curl_easy_setopt(c, CURLOPT_SEEKDATA, x) == 0 &&
		    curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE,
			(curl_off_t)x->size) == 0;
	if (x->text != NULL)
		return curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE,
			(long)strlen(x->text)) == 0 &&
		    curl_easy_setopt(c, CURLOPT_POSTFIELDS, x->text) == 0;
	if (x->sink == NULL)
		return curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST,
		    x->method) == 0;
	if (x->range->len == x->range->size)
		return true;
	snprintf(range, sizeof(range), "%llu-%llu",
	    (unsigned long long)x->range->from,
	    (unsigned long long)(x->range->from + x->range->len - 1));
	return curl_easy_setopt(c, CURLOPT_RANGE, range) == 0;
}

static bool
options_set(struct exchange *x, const char *url, struct curl_slist *headers)
{
	CURL *c = x->curl;

	return curl_easy_setopt(c, CURLOPT_URL, url) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http") == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
		(long)CURL_HTTP_VERSION_1_1) == 0 &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S) == 0 &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT, x->watch == NULL ? 0L :
		(long)x->watch->seconds) == 0 &&
	    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES) == 0 &&
	    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOW_S) == 0 &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "mollymawk") == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, look_on) == 0 &&
	    curl_easy_setopt(c, CURLOPT_XFERINFODATA, x) == 0 &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, body_take) == 0 &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, x) == 0 &&
	    signing_set(x) && method_set(x);
}

/* ---- what the store says ---- */

/* The text of the first element of that name; "" when there is none. */
static void
element_copy(struct buf *words, const char *name, char *out, size_t size)
{
	const char *text = words->len == 0 ? NULL : buf_str(words);
	const char *end;
	char tag[32];

	out[0] = '\0';
	snprintf(tag, sizeof(tag), "<%s>", name);
	text = text == NULL ? NULL : strstr(text, tag);
	if (text == NULL)
		return;
	text += strlen(tag);
	end = strchr(text, '<');
	if (end != NULL && (size_t)(end - text) < size) {
		memcpy(out, text, (size_t)(end - text));
		out[end - text] = '\0';
	}
}

/* In its own words, as far as they are for people. */
static int
refusal(struct exchange *x, struct fault *f)
{
	char code[CODE_MAX], message[MESSAGE_MAX], clean[2 * MESSAGE_MAX];
	char words[2 * CODE_MAX];

	element_copy(&x->words, "Code", code, sizeof(code));
	element_copy(&x->words, "Message", message, sizeof(message));
	clean_copy(clean, sizeof(clean), message);
	clean_copy(words, sizeof(words), code);
	if (x->status == 404 && strcmp(code, "NoSuchBucket") != 0)
		return fault_set(f, ERR_NOT_FOUND, "The S3 store does not "
		    "have this object.");
	if (x->status >= 300 && x->status < 400)
		return fault_set(f, ERR_STORE, "The S3 store answered %ld%s%s: "
		    "redirects are not followed; set the endpoint and region "
		    "of the bucket.", x->status, *words == '\0' ? "" : " ",
		    words);
	if (*words == '\0')
		return fault_set(f, ERR_STORE, "The S3 store answered with "
		    "the status %ld.", x->status);
	return fault_set(f, ERR_STORE, "The S3 store answered %ld %s%s%s",
	    x->status, words, *clean == '\0' ? "." : ": ", clean);
}

static int
broken(const struct exchange *x, CURLcode code, struct fault *f)
{
	if (x->result != 0)
		return x->result;
	if (x->unreadable)
		return fault_set(f, ERR_INTERNAL, "The file of the copy can "
		    "not be read.");
	switch (code) {
	case CURLE_OUT_OF_MEMORY:
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	case CURLE_ABORTED_BY_CALLBACK:
		return fault_set(f, ERR_CONFLICT, "It was stopped.");
	case CURLE_OPERATION_TIMEDOUT:
		return fault_set(f, ERR_STORE,
		    "The S3 store did not answer in time.");
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
		return fault_set(f, ERR_STORE,
		    "The S3 store broke the connection off.");
	default:
		return fault_set(f, ERR_STORE, "The S3 store can not be "
		    "asked: %s.", x->beyond ? "more came than the object has" :
		    curl_easy_strerror(code));
	}
}

static int
judge(struct exchange *x, CURLcode code, struct fault *f)
{
	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &x->status);
	/* One that refuses may close before all of it was sent. */
	if (x->status >= 300)
		return refusal(x, f);
	if (code != CURLE_OK)
		return broken(x, code, f);
	if (x->sink == NULL)
		return x->status >= 200 ? 0 : refusal(x, f);
	if (!is_object(x))
		return fault_set(f, ERR_STORE, "The S3 store answered %ld "
		    "where a part of an object was due.", x->status);
	return x->came == x->range->len ? 0 : fault_set(f, ERR_STORE,
	    "The S3 store sent %llu bytes where %llu were due.",
	    (unsigned long long)x->came, (unsigned long long)x->range->len);
}

/* etag (or NULL) gets that of the answer, of ETAG_MAX bytes at most. */
static int
run(struct exchange *x, char *etag, struct fault *f)
{
	AUTO_CURL CURL *curl = curl_easy_init();
	AUTO_SLIST struct curl_slist *headers = headers_make(x);
	struct curl_header *header;
	char url[URL_SIZE];

	x->curl = curl;
	buf_reset(&x->words);
	if (url_make(x, url) < 0)
		return fault_set(f, ERR_INTERNAL, "The name of the object is "
		    "too long.");
	if (curl == NULL || headers == NULL || !options_set(x, url, headers))
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (judge(x, curl_easy_perform(curl), f) != 0)
		return f->err != 0 ? f->err : x->result;
	if (etag == NULL)
		return 0;
	if (curl_easy_header(curl, "ETag", 0, CURLH_HEADER, -1, &header) != 0 ||
	    strlen(header->value) >= ETAG_MAX)
		return fault_set(f, ERR_STORE, "The S3 store answered without "
		    "an ETag.");
	snprintf(etag, ETAG_MAX, "%s", header->value);
	return 0;
}

static void
exchange_init(struct exchange *x, const struct s3_settings *s,
	const char *method, const char *key, const struct s3_watch *watch)
{
	*x = (struct exchange){ .s = s, .watch = watch, .method = method,
		.key = key, .fd = -1, .sha256 = EMPTY };
	buf_init(&x->words, WORDS_MAX);
}

static int
run_once(struct exchange *x, struct fault *f)
{
	int err = run(x, NULL, f);

	buf_free(&x->words);
	return err;
}

int
s3_put(const struct s3_settings *s, const char *key, int fd, uint64_t size,
	const char *sha256, const struct s3_watch *watch, struct fault *f)
{
	struct exchange x;

	if (size > S3_PUT_MAX)
		return s3_put_parts(s, key, fd, size, S3_PART, watch, f);
	exchange_init(&x, s, "PUT", key, watch);
	x.fd = fd;
	x.size = size;
	x.sha256 = sha256;
	return run_once(&x, f);
}

int
s3_get(const struct s3_settings *s, const char *key,
	const struct s3_range *range, int (*sink)(void *arg, const void *data,
	size_t len), void *arg, const struct s3_watch *watch, struct fault *f)
{
	struct exchange x;

	exchange_init(&x, s, "GET", key, watch);
	x.range = range;
	x.sink = sink;
	x.arg = arg;
	return run_once(&x, f);
}

int
s3_delete(const struct s3_settings *s, const char *key,
	const struct s3_watch *watch, struct fault *f)
{
	struct exchange x;
	int err;

	exchange_init(&x, s, "DELETE", key, watch);
	err = run_once(&x, f);
	if (err == ERR_NOT_FOUND) {
		*f = (struct fault){ 0 };
		err = 0;
	}
	return err;
}

/* ---- in parts ---- */

/* One object on its way. */
struct parts {
	const struct s3_settings *s;
	const struct s3_watch *watch;
	const char *key;
	int fd;
	uint64_t size, part;
	char *id;		/* escaped; owned */
	struct buf list;	/* what ends it */
};

static int
part_digest(const struct parts *p, uint64_t from, uint64_t len,
	char out[DIGEST_SIZE], struct fault *f)
{
	uint64_t there = len;

	if (digest_of_file(p->fd, from, &there, out) < 0 && errno == ENOMEM)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return there == len ? 0 : fault_set(f, ERR_INTERNAL, "The file of the "
	    "copy can not be read.");
}

static int
parts_begin(struct parts *p, struct fault *f)
{
	AUTO_CURL CURL *curl = curl_easy_init();
	AUTO_CURL_FREE char *escaped = NULL;
	char id[UPLOAD_ID_MAX] = "";
	struct exchange x;
	int err;

	exchange_init(&x, p->s, "POST", p->key, p->watch);
	x.query = "uploads=";
	x.text = "";
	err = run(&x, NULL, f);
	if (err == 0)
		element_copy(&x.words, "UploadId", id, sizeof(id));
	buf_free(&x.words);
	if (err != 0)
		return err;
	if (id[0] == '\0')
		return fault_set(f, ERR_STORE, "The S3 store does not take "
		    "objects in parts.");
	escaped = curl == NULL ? NULL : curl_easy_escape(curl, id, 0);
	p->id = escaped == NULL ? NULL : strdup(escaped);
	return p->id != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

static int
part_put(struct parts *p, int number, uint64_t from, struct fault *f)
{
	uint64_t left = p->size - from;
	char query[3 * UPLOAD_ID_MAX + 64], sha256[DIGEST_SIZE];
	char etag[ETAG_MAX];
	struct exchange x;
	int err;

	exchange_init(&x, p->s, "PUT", p->key, p->watch);
	x.fd = p->fd;
	x.from = x.before = from;
	x.size = left < p->part ? left : p->part;
	err = part_digest(p, from, x.size, sha256, f);
	snprintf(query, sizeof(query), "partNumber=%d&uploadId=%s", number,
	    p->id);
	x.query = query;
	x.sha256 = sha256;
	if (err == 0)
		err = run(&x, etag, f);
	buf_free(&x.words);
	if (err != 0)
		return err;
	if (etag[strcspn(etag, "<>&")] != '\0')
		return fault_set(f, ERR_STORE, "The S3 store answered with an "
		    "ETag that is none.");
	buf_putf(&p->list, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag>"
	    "</Part>", number, etag);
	return 0;
}

/* An error may come with the status 200: what it is to say is looked for. */
static int
parts_end(struct parts *p, struct fault *f)
{
	char query[3 * UPLOAD_ID_MAX + 32], code[CODE_MAX];
	char sha256[DIGEST_SIZE];
	struct exchange x;
	int err;

	buf_put_str(&p->list, "</CompleteMultipartUpload>");
	exchange_init(&x, p->s, "POST", p->key, p->watch);
	x.text = buf_str(&p->list);
	if (x.text == NULL || digest_of(x.text, strlen(x.text), sha256) < 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	x.sha256 = sha256;
	snprintf(query, sizeof(query), "uploadId=%s", p->id);
	x.query = query;
	err = run(&x, NULL, f);
	element_copy(&x.words, "Code", code, sizeof(code));
	if (err == 0 && code[0] != '\0')
		err = refusal(&x, f);
	else if (err == 0 && (x.words.len == 0 || buf_str(&x.words) == NULL ||
	    strstr(buf_str(&x.words), PARTS_DONE) == NULL))
		err = fault_set(f, ERR_STORE, "The S3 store did not say that "
			"it has put the parts together.");
	buf_free(&x.words);
	return err;
}

/* Else its parts would stay, and be paid for. */
static void
parts_drop(struct parts *p)
{
	char query[3 * UPLOAD_ID_MAX + 32];
	struct fault unused = { 0 };
	struct exchange x;

	exchange_init(&x, p->s, "DELETE", p->key, NULL);
	snprintf(query, sizeof(query), "uploadId=%s", p->id);
	x.query = query;
	(void)run_once(&x, &unused);
}

int
s3_put_parts(const struct s3_settings *s, const char *key, int fd,
	uint64_t size, uint64_t part, const struct s3_watch *watch,
	struct fault *f)
{
	struct parts p = { .s = s, .watch = watch, .key = key, .fd = fd,
		.size = size, .part = part };
	int err, number = 0;

	if (size / part >= S3_PARTS_MAX)
		return fault_set(f, ERR_TOO_LARGE, "An S3 store takes %d "
		    "parts of an object at most.", S3_PARTS_MAX);
	err = parts_begin(&p, f);
	if (err != 0)
		return err;
	buf_init(&p.list, S3_PARTS_MAX * 256);
	buf_put_str(&p.list, "<CompleteMultipartUpload>");
	for (uint64_t at = 0; err == 0 && at < size; at += part)
		err = part_put(&p, ++number, at, f);
	if (err == 0)
		err = parts_end(&p, f);
	if (err != 0)
		parts_drop(&p);
	buf_free(&p.list);
	free(p.id);
	return err;
}
