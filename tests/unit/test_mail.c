/* SPDX-License-Identifier: ISC */
/*
 * mail: how it is written out, the folder, and SMTP with servers that take it,
 * refuse it, offer no encryption or cannot be trusted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <dirent.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "fcgi/mail.h"
#include "tests/unit/folder.h"
#include "tests/unit/pki.h"
#include "tests/unit/smtp_peer.h"

#define PASSWORD "correct horse"
#define FROM "m@example.org"

static const struct mail plain = { .to = "ada@example.org",
	.subject = "Update available", .text = "One.\n.\n..two\nThree.\n",
	.mark = "abc", .at = 1784020087000 };

/* ---- written out ---- */

static struct buf out;

static const char *
written(const struct mail *m)
{
	struct fault f = { 0 };

	buf_free(&out);
	buf_init(&out, MAIL_MAX);
	assert_int_equal(mail_write(m, FROM, &out, &f), 0);
	return buf_str(&out);
}

static void
whole(void **state)
{
	assert_string_equal(written(&plain),
	    "From: Mollymawk <m@example.org>\r\n"
	    "To: <ada@example.org>\r\n"
	    "Subject: Update available\r\n"
	    "Date: Tue, 14 Jul 2026 09:08:07 +0000\r\n"
	    "Message-ID: <abc@example.org>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "One.\r\n.\r\n..two\r\nThree.\r\n");
}

/* The subject of a mail as a reader would see it, into text. */
static void
subject_decode(const char *mail, char *text, size_t size)
{
	const char *at = strstr(mail, "Subject: ") + 9;
	const char *end = strstr(at, "\r\nDate:");

	*text = '\0';
	while (at < end) {
		AUTO_FREE uint8_t *bytes = NULL;
		char word[80];
		size_t n;

		assert_int_equal(strncmp(at, "=?UTF-8?B?", 10), 0);
		assert_int_equal(sscanf(at + 10, "%79[^?]", word), 1);
		bytes = base64_decode(word, &n);
		assert_non_null(bytes);
		assert_true(utf8_valid((char *)bytes, n));
		snprintf(text + strlen(text), size - strlen(text), "%.*s",
		    (int)n, (char *)bytes);
		at += 10 + strlen(word);
		assert_int_equal(strncmp(at, "?=", 2), 0);
		at += 2;
		if (at < end) {
			assert_int_equal(strncmp(at, "\r\n ", 3), 0);
			at += 3;
		}
	}
}

static void
lines_fit(const char *mail, size_t most)
{
	size_t line = 0;

	for (; *mail != '\0'; mail++) {
		line = *mail == '\n' ? 0 : line + 1;
		assert_true(line <= most + 1);	/* and its "\r" */
	}
}

static void
subjects(void **state)
{
	static const char *const all[] = {
		"\xc3\x9c", "Gr\xc3\xbc\xc3\x9f" "e",
		"=?UTF-8?Q?not_encoded?=",
		"long long long long long long long long long long long long "
		"long long long long long long long long long long long long",
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		"x\xf0\x9f\x90\xab\xf0\x9f\x90\xab\xf0\x9f\x90\xab",
	};
	struct mail m = plain;
	char text[256];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		m.subject = all[i];
		lines_fit(written(&m), 76);
		subject_decode(buf_str(&out), text, sizeof(text));
		assert_string_equal(text, all[i]);
	}
}

static void
body_decode(const char *mail, char *text)
{
	const char *at = strstr(mail, "\r\n\r\n") + 4;
	unsigned byte;

	while (*at != '\0') {
		if (strncmp(at, "=\r\n", 3) == 0) {
			at += 3;
		} else if (*at == '=') {
			assert_int_equal(sscanf(at + 1, "%2X", &byte), 1);
			*text++ = (char)byte;
			at += 3;
		} else {
			if (*at != '\r')
				*text++ = *at;
			at++;
		}
	}
	*text = '\0';
}

static void
texts(void **state)
{
	static const char *const all[] = {
		"Gr\xc3\xbc\xc3\x9f" "e, a=b \nend \t\n\n", "=3D\n", "\r\n",
		"\xe2\x82\xac" "0123456789012345678901234567890123456789"
		"012345678901234567890123456789012345678901234567890123456789"
		"\xe2\x82\xac" "01234567890123456789012345678901234567890 "
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac" "0123456",
	};
	struct mail m = plain;
	char text[512], very_long[2000];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		m.text = all[i];
		lines_fit(written(&m), 76);
		body_decode(buf_str(&out), text);
		if (strcmp(all[i], "=3D\n") != 0)
			assert_string_equal(text, all[i]);
		else
			assert_non_null(strstr(buf_str(&out), "7bit"));
	}
	memset(very_long, 'x', sizeof(very_long) - 1);
	very_long[sizeof(very_long) - 1] = '\0';
	m.text = very_long;
	lines_fit(written(&m), 76);
}

static void
no_header_gets_in(void **state)
{
	static const char *const addresses[] = { "", "ada", "@", "a@", "@b",
		"a@b@c", "a@b\r\nBcc: x@y", "a@b>", "<a@b", "a b@c", "a@b,c@d",
		"a@\xc3\xbc.example", "a@b\n", "\"a\"@b" };
	struct mail m = plain;
	struct fault f = { 0 };
	struct buf b;

	buf_init(&b, MAIL_MAX);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		m.to = addresses[i];
		assert_int_equal(mail_write(&m, FROM, &b, &f), ERR_INVALID);
		assert_int_equal(mail_write(&plain, addresses[i], &b, &f),
		    ERR_INVALID);
	}
	m = plain;
	m.subject = "News\r\nBcc: eve@example.org";
	assert_int_equal(mail_write(&m, FROM, &b, &f), ERR_INVALID);
	m.subject = "News\nX: y";
	assert_int_equal(mail_write(&m, FROM, &b, &f), ERR_INVALID);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void
servers(void **state)
{
	static const char *const bad[] = { "", "smtp://", "http://a",
		"smtp://a:0", "smtp://a:65536", "smtp://a:x", "smtp://a/b",
		"smtp://u@a", "smtp://a\r\nb", "smtp://:25", "smtp://[::1x" };
	char host[MAIL_SERVER_MAX + 1];
	int port;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mail_server_split(bad[i], host, &port), -1);
	assert_int_equal(mail_server_split("smtp://[::1]:25", host, &port), 0);
	assert_string_equal(host, "[::1]");
	assert_int_equal(port, 25);
	assert_int_equal(mail_server_split("SMTP://Mail.example", host, &port),
	    0);
	assert_string_equal(host, "Mail.example");
	assert_int_equal(port, 0);
}

/* ---- a folder ---- */

static void
folder(void **state)
{
	char dir[FOLDER_SIZE], path[FOLDER_SIZE + 64], text[1024];
	struct fault f = { 0 };
	size_t n;
	FILE *file;

	folder_make(dir);
	assert_int_equal(mail_store(dir, &plain, FROM, &f), 0);
	snprintf(path, sizeof(path), "%s/1784020087000-abc.eml", dir);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	assert_string_equal(text, written(&plain));
	assert_int_equal(folder_remove(dir), 0);
	assert_int_equal(mail_store(dir, &plain, FROM, &f), ERR_MAIL);
	assert_non_null(strstr(f.detail, "No such file"));
}

/* ---- SMTP ---- */

static struct fault said;

/* Sends to it with a password and stops it: the err. */
static int
send_to(struct smtp_peer *p, const struct mail *m, enum mail_tls tls,
	const char *user)
{
	struct mail_settings s = { .tls = tls, .from = FROM,
		.password = PASSWORD };
	int err;

	said = (struct fault){ 0 };
	smtp_peer_start(p);
	snprintf(s.server, sizeof(s.server), "smtp://127.0.0.1:%d", p->port);
	snprintf(s.user, sizeof(s.user), "%s", user);
	err = mail_send(&s, m, NULL, &said);
	smtp_peer_stop(p);
	return err;
}

static void
taken(void **state)
{
	struct smtp_peer p = { .taken = 0 };
	AUTO_FREE char *login = base64_encode("\0molly\0" PASSWORD, 20);
	char line[128];

	assert_int_equal(send_to(&p, &plain, MAIL_PLAIN, "molly"), 0);
	assert_int_equal(p.taken, 1);
	assert_non_null(strstr(buf_str(&p.said), "MAIL FROM:<" FROM ">"));
	assert_non_null(strstr(buf_str(&p.said),
	    "RCPT TO:<ada@example.org>\r\n"));
	snprintf(line, sizeof(line), "AUTH PLAIN\r\n%s\r\n", login);
	assert_non_null(strstr(buf_str(&p.said), line));
	/* Lines that begin with a dot get another one. */
	assert_non_null(strstr(buf_str(&p.said),
	    "\r\nOne.\r\n..\r\n...two\r\nThree.\r\n.\r\n"));
	smtp_peer_free(&p);
}

static void
taken_from_nobody(void **state)
{
	struct smtp_peer p = { .greeting = "250 here\r\n" };

	assert_int_equal(send_to(&p, &plain, MAIL_PLAIN, ""), 0);
	assert_int_equal(p.taken, 1);
	assert_null(strstr(buf_str(&p.said), "AUTH"));
	smtp_peer_free(&p);
}

static void
refused_with_words(void **state)
{
	struct smtp_peer p = { .rcpt = "550 5.1.1 Nobody\x01 like that\r\n" };
	struct smtp_peer q = { .end = "554 It looks odd\r\n" };

	assert_int_equal(send_to(&p, &plain, MAIL_PLAIN, "molly"), ERR_MAIL);
	assert_non_null(strstr(said.detail, "said: 550 5.1.1 Nobody"));
	assert_null(strchr(said.detail, '\x01'));
	assert_int_equal(p.taken, 0);
	smtp_peer_free(&p);
	assert_int_equal(send_to(&q, &plain, MAIL_PLAIN, "molly"), ERR_MAIL);
	assert_non_null(strstr(said.detail, "said: 554 It looks odd"));
	smtp_peer_free(&q);
}

/* It may repeat what it was sent: that is not told. */
static void
login_refused(void **state)
{
	struct smtp_peer p = { .auth = "535 No: " PASSWORD "\r\n" };

	assert_int_equal(send_to(&p, &plain, MAIL_PLAIN, "molly"), ERR_MAIL);
	assert_non_null(strstr(said.detail, "password (535)"));
	assert_null(strstr(said.detail, PASSWORD));
	assert_null(strstr(buf_str(&p.said), "MAIL FROM"));
	smtp_peer_free(&p);
}

/* No word of the mail or the login goes out without encryption. */
static void
encryption_needed(void **state)
{
	struct smtp_peer p = { .taken = 0 }, q = { .taken = 0 };

	assert_int_equal(send_to(&p, &plain, MAIL_STARTTLS, "molly"),
	    ERR_MAIL);
	assert_non_null(strstr(said.detail, "does not offer STARTTLS"));
	assert_null(strstr(buf_str(&p.said), "AUTH"));
	assert_null(strstr(buf_str(&p.said), "MAIL"));
	smtp_peer_free(&p);
	assert_int_equal(send_to(&q, &plain, MAIL_TLS, "molly"), ERR_MAIL);
	assert_int_equal(q.taken, 0);
	smtp_peer_free(&q);
}

static void
certificate_needed(void **state)
{
	struct smtp_peer p = { .greeting = "250-here\r\n250-AUTH PLAIN\r\n"
		"250 STARTTLS\r\n" };
	struct pki ca, server;

	pki_ca(&ca);
	pki_server(&server, &ca);
	assert_int_equal(gnutls_certificate_allocate_credentials(&p.tls), 0);
	assert_int_equal(gnutls_certificate_set_x509_key_mem(p.tls,
	    &server.cert_pem, &server.key_pem, GNUTLS_X509_FMT_PEM), 0);
	assert_int_equal(send_to(&p, &plain, MAIL_STARTTLS, "molly"),
	    ERR_MAIL);
	assert_int_equal(p.refused, 1);
	assert_null(strstr(buf_str(&p.said), "AUTH"));
	assert_non_null(strstr(said.detail, "certificate"));
	gnutls_certificate_free_credentials(p.tls);
	smtp_peer_free(&p);
	pki_free(&server);
	pki_free(&ca);
}

static void
nobody_there(void **state)
{
	struct mail_settings s = { .tls = MAIL_PLAIN, .from = FROM };
	struct fault f = { 0 };
	struct smtp_peer p = { .taken = 0 };

	assert_int_equal(mail_send(&s, &plain, NULL, &f), ERR_MAIL);
	assert_string_equal(f.detail, "No mail server is set.");
	smtp_peer_start(&p);
	smtp_peer_stop(&p);
	snprintf(s.server, sizeof(s.server), "smtp://127.0.0.1:%d", p.port);
	assert_int_equal(mail_send(&s, &plain, NULL, &f), ERR_MAIL);
	assert_non_null(strstr(f.detail, "can not be used"));
	smtp_peer_free(&p);
}

/* A server that only holds the connection does not hold up the end. */
static void
ended(void **state)
{
	struct mail_settings s = { .tls = MAIL_TLS, .from = FROM };
	const atomic_bool stop = true;
	struct smtp_peer p = { .taken = 0 };
	time_t begin = time(NULL);

	smtp_peer_start(&p);
	snprintf(s.server, sizeof(s.server), "smtp://127.0.0.1:%d", p.port);
	said = (struct fault){ 0 };
	assert_int_equal(mail_send(&s, &plain, &stop, &said), ERR_MAIL);
	assert_true(time(NULL) - begin < MAIL_SECONDS / 2);
	smtp_peer_stop(&p);
	smtp_peer_free(&p);
}

static int
begin(void **state)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int
end(void **state)
{
	buf_free(&out);
	curl_global_cleanup();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(subjects),
		cmocka_unit_test(texts),
		cmocka_unit_test(no_header_gets_in),
		cmocka_unit_test(servers),
		cmocka_unit_test(folder),
		cmocka_unit_test(taken),
		cmocka_unit_test(taken_from_nobody),
		cmocka_unit_test(refused_with_words),
		cmocka_unit_test(login_refused),
		cmocka_unit_test(encryption_needed),
		cmocka_unit_test(certificate_needed),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(ended),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
