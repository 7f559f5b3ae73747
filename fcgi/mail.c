/* SPDX-License-Identifier: ISC */
/* mail: how one is written out, and into a folder; see mail.h. */
#include "fcgi/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"

#define QUOTED_LINE_MAX 76	/* RFC 2045 */
#define SUBJECT_ASCII_MAX 66
#define WORD_BYTES 39	/* "Subject: " and their word are within 76 */
#define ASCII_LINE_MAX 900
#define PATH_SIZE 512

const char *
mail_address_check(const char *s)
{
	const char *at = strchr(s, '@');
	size_t len = strlen(s);

	if (len > MAIL_ADDRESS_MAX)
		return "must have at most 254 bytes";
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || strchr("<>\",;:\\()[]", s[i]))
			return "must be an e-mail address of plain ASCII";
	if (at == NULL || at == s || at[1] == '\0' || strchr(at + 1, '@'))
		return "must be an e-mail address";
	return NULL;
}

/* ---- header lines ---- */

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static bool
is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* One that looks encoded would be decoded. */
static bool
subject_is_plain(const char *s)
{
	size_t len = 0;

	while (is_printable(s[len]))
		len++;
	return s[len] == '\0' && len <= SUBJECT_ASCII_MAX &&
		strstr(s, "=?") == NULL;
}

/* How many of its first bytes make an encoded word of whole characters. */
static size_t
word_len(const char *s)
{
	size_t len = strnlen(s, WORD_BYTES);

	while (len > 1 && s[len] != '\0' && ((unsigned char)s[len] & 0xc0) ==
	    0x80)
		len--;
	return len;
}

static void
put_encoded(struct buf *out, const char *s)
{
	while (*s != '\0') {
		size_t len = word_len(s);
		AUTO_FREE char *word = base64_encode(s, len);

		if (word == NULL) {
			out->failed = true;
			return;
		}
		buf_putf(out, "=?UTF-8?B?%s?=", word);
		s += len;
		if (*s != '\0')
			buf_put_str(out, "\r\n ");
	}
}

static void
put_subject(struct buf *out, const char *subject)
{
	buf_put_str(out, "Subject: ");
	if (subject_is_plain(subject))
		buf_put_str(out, subject);
	else
		put_encoded(out, subject);
	buf_put_str(out, "\r\n");
}

static void
put_date(struct buf *out, int64_t at)
{
	time_t t = (time_t)(at / 1000);
	char text[64];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buf_putf(out, "Date: %s\r\n", text);
}

/* ---- the text ---- */

static bool
is_plain(const char *text)
{
	size_t line = 0;

	for (; *text != '\0'; text++) {
		line = *text == '\n' ? 0 : line + 1;
		if (line > ASCII_LINE_MAX ||
		    (*text != '\n' && !is_printable(*text)))
			return false;
	}
	return true;
}

static void
put_plain(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_put_u8(out, '\r');
		buf_put_u8(out, (uint8_t)*text);
	}
}

/* A blank at the end of a line would get lost. */
static bool
is_literal(const char *s)
{
	unsigned char c = (unsigned char)*s;

	if (c == ' ' || c == '\t')
		return s[1] != '\n' && s[1] != '\0';
	return c > ' ' && c < 0x7f && c != '=';
}

static void
put_quoted(struct buf *out, const char *text)
{
	size_t line = 0, need;

	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			buf_put_str(out, "\r\n");
			line = 0;
			continue;
		}
		need = is_literal(text) ? 1 : 3;
		if (line + need > QUOTED_LINE_MAX - 1) {
			buf_put_str(out, "=\r\n");
			line = 0;
		}
		if (need == 1)
			buf_put_u8(out, (uint8_t)*text);
		else
			buf_putf(out, "=%02X", (unsigned char)*text);
		line += need;
	}
}

static int
check(const struct mail *m, const char *from, struct fault *f)
{
	if (mail_address_check(m->to) != NULL)
		return fault_set(f, ERR_INVALID,
		    "The address of the mail is none.");
	if (mail_address_check(from) != NULL)
		return fault_set(f, ERR_INVALID,
		    "The sender's address is none.");
	if (has_control(m->subject) || has_control(m->mark))
		return fault_set(f, ERR_INVALID,
		    "The subject has control characters.");
	return 0;
}

int
mail_write(const struct mail *m, const char *from, struct buf *out,
	struct fault *f)
{
	bool plain = is_plain(m->text);
	int err = check(m, from, f);

	if (err != 0)
		return err;
	buf_putf(out, "From: Mollymawk <%s>\r\nTo: <%s>\r\n", from, m->to);
	put_subject(out, m->subject);
	put_date(out, m->at);
	buf_putf(out, "Message-ID: <%s%s>\r\n", m->mark, strchr(from, '@'));
	buf_put_str(out, "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n");
	buf_putf(out, "Content-Transfer-Encoding: %s\r\n\r\n",
	    plain ? "7bit" : "quoted-printable");
	if (plain)
		put_plain(out, m->text);
	else
		put_quoted(out, m->text);
	return buf_ok(out) ? 0 : fault_set(f, ERR_NO_MEMORY, "Out of memory.");
}

/* ---- a folder ---- */

static int
file_write(const char *path, const struct buf *b)
{
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		0600);
	size_t done = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (done < b->len) {
		n = write(fd, b->data + done, b->len - done);
		if (n < 0 && errno != EINTR)
			return -1;
		done += n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

static int
file_keep(const char *dir, const struct mail *m, const struct buf *b,
	struct fault *f)
{
	char path[PATH_SIZE], temporary[PATH_SIZE];
	int error = 0;

	snprintf(path, sizeof(path), "%s/%lld-%s.eml", dir, (long long)m->at,
	    m->mark);
	snprintf(temporary, sizeof(temporary), "%s/.%lld-%s", dir,
	    (long long)m->at, m->mark);
	if (file_write(temporary, b) < 0 || rename(temporary, path) < 0)
		error = errno;
	if (error == 0)
		return 0;
	(void)unlink(temporary);
	return fault_set(f, ERR_MAIL, "The folder for mails: %s.",
	    strerror(error));
}

int
mail_store(const char *dir, const struct mail *m, const char *from,
	struct fault *f)
{
	struct buf b;
	int err;

	buf_init(&b, MAIL_MAX);
	err = mail_write(m, from, &b, f);
	if (err == 0)
		err = file_keep(dir, m, &b, f);
	buf_free(&b);
	return err;
}
