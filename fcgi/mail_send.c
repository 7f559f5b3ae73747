/* SPDX-License-Identifier: ISC */
/*
 * mail_send: SMTP by libcurl. What a server answers is kept, since its words
 * say best what is wrong; but none of what it says to a password.
 */
#include "fcgi/mail.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/curl.h"

#define WORDS_SIZE 256
#define URL_SIZE (MAIL_SERVER_MAX + 24)

struct sending {
	const struct mail_settings *settings;
	const atomic_bool *stop;
	CURL *curl;
	struct buf text;
	struct curl_slist *to;
	char url[URL_SIZE];
	char sender[MAIL_ADDRESS_MAX + 3];
	char error[CURL_ERROR_SIZE];
	char words[WORDS_SIZE];	/* with which it refused, or "" */
};

int
mail_server_split(const char *server, char host[MAIL_SERVER_MAX + 1],
	int *port)
{
	const char *colon;
	int64_t n = 0;

	if (strncasecmp(server, "smtp://", 7) != 0)
		return -1;
	server += 7;
	colon = strrchr(server, ':');
	if (colon != NULL && strchr(colon, ']') != NULL)
		colon = NULL;
	if (colon != NULL && int_parse(colon + 1, 1, 65535, &n) < 0)
		return -1;
	snprintf(host, MAIL_SERVER_MAX + 1, "%.*s", colon == NULL ?
	    (int)strlen(server) : (int)(colon - server), server);
	*port = (int)n;
	return host[0] != '\0' && host[strspn(host, host[0] == '[' ?
	    "[]0123456789abcdefABCDEF:." : "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")] == '\0' ? 0 : -1;
}

static int
url_make(struct sending *s)
{
	static const int usual[] = { [MAIL_STARTTLS] = 587, [MAIL_TLS] = 465,
		[MAIL_PLAIN] = 25 };
	enum mail_tls tls = s->settings->tls;
	char host[MAIL_SERVER_MAX + 1];
	int port;

	if (mail_server_split(s->settings->server, host, &port) < 0)
		return -1;
	snprintf(s->url, sizeof(s->url), "%s://%s:%d",
	    tls == MAIL_TLS ? "smtps" : "smtp", host,
	    port == 0 ? usual[tls] : port);
	return 0;
}

static size_t
text_give(char *out, size_t one, size_t room, void *arg)
{
	struct sending *s = arg;
	size_t left = buf_left(&s->text);

	room *= one;
	room = room < left ? room : left;
	return buf_get(&s->text, out, room) == 0 ? room : CURL_READFUNC_ABORT;
}

/*
 * libcurl hands over each line that the server says; to the last one, which is
 * to its good-bye, there is always a friendly answer.
 */
static size_t
line_take(char *data, size_t one, size_t len, void *arg)
{
	struct sending *s = arg;
	char line[WORDS_SIZE];
	size_t n = len;

	if (len < 3 || (data[0] != '4' && data[0] != '5'))
		return len;
	while (n > 0 && (data[n - 1] == '\n' || data[n - 1] == '\r'))
		n--;
	snprintf(line, sizeof(line), "%.*s", (int)n, data);
	clean_copy(s->words, sizeof(s->words), line);
	return len;
}

static bool
user_set(CURL *c, const struct mail_settings *m)
{
	return m->user[0] == '\0' ||
	    (curl_easy_setopt(c, CURLOPT_USERNAME, m->user) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PASSWORD, m->password) == 0);
}

static bool
options_set(struct sending *s)
{
	const struct mail_settings *m = s->settings;
	CURL *c = s->curl;

	return user_set(c, m) &&
	    curl_easy_setopt(c, CURLOPT_URL, s->url) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == 0 &&
	    curl_easy_setopt(c, CURLOPT_USE_SSL, m->tls == MAIL_PLAIN ?
		(long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PROXY, "") == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)MAIL_SECONDS) == 0 &&
	    curl_easy_setopt(c, CURLOPT_MAIL_FROM, s->sender) == 0 &&
	    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, s->to) == 0 &&
	    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_READFUNCTION, text_give) == 0 &&
	    curl_easy_setopt(c, CURLOPT_READDATA, s) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, line_take) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HEADERDATA, s) == 0 &&
	    curl_ends_with(c, s->stop) &&
	    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->error) == 0;
}

static int
judge(const struct sending *s, CURLcode code, struct fault *f)
{
	const char *server = s->settings->server;
	char error[CURL_ERROR_SIZE];

	if (code == CURLE_OK)
		return 0;
	if (code == CURLE_LOGIN_DENIED)
		return fault_set(f, ERR_MAIL, "%s does not take this user and "
		    "password (%.3s).", server, s->words[0] != '\0' ?
		    s->words : "no");
	if (s->words[0] != '\0')
		return fault_set(f, ERR_MAIL, "%s said: %s", server, s->words);
	if (code == CURLE_USE_SSL_FAILED)
		return fault_set(f, ERR_MAIL,
		    "%s does not offer STARTTLS.", server);
	clean_copy(error, sizeof(error), s->error[0] != '\0' ? s->error :
	    curl_easy_strerror(code));
	return fault_set(f, ERR_MAIL, "%s can not be used: %s.", server,
	    error);
}

static int
perform(struct sending *s, const struct mail *m, struct fault *f)
{
	char to[MAIL_ADDRESS_MAX + 3];

	snprintf(to, sizeof(to), "<%s>", m->to);
	snprintf(s->sender, sizeof(s->sender), "<%s>", s->settings->from);
	s->curl = curl_easy_init();
	s->to = curl_slist_append(NULL, to);
	if (s->curl == NULL || s->to == NULL || !options_set(s))
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return judge(s, curl_easy_perform(s->curl), f);
}

int
mail_send(const struct mail_settings *settings, const struct mail *m,
	const atomic_bool *stop, struct fault *f)
{
	struct sending s = { .settings = settings, .stop = stop };
	int err;

	if (url_make(&s) < 0)
		return fault_set(f, ERR_MAIL, "No mail server is set.");
	buf_init(&s.text, MAIL_MAX);
	err = mail_write(m, settings->from, &s.text, f);
	if (err == 0)
		err = perform(&s, m, f);
	curl_easy_cleanup(s.curl);
	curl_slist_free_all(s.to);
	buf_free(&s.text);
	return err;
}
