/* SPDX-License-Identifier: ISC */
/* smtp_peer: see smtp_peer.h. */
#include "tests/unit/smtp_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SAID_MAX (1024 * 1024)
#define LINE_SIZE 4096

static void
say(int fd, const char *wanted, const char *usual)
{
	const char *s = wanted == NULL ? usual : wanted;

	(void)!send(fd, s, strlen(s), MSG_NOSIGNAL);
}

/* One line with its end, byte by byte; false when there is no more. */
static bool
line_read(int fd, char line[LINE_SIZE])
{
	size_t len = 0;

	while (len < LINE_SIZE - 1 && recv(fd, &line[len], 1, 0) == 1)
		if (line[len++] == '\n')
			break;
	line[len] = '\0';
	return len > 0 && line[len - 1] == '\n';
}

static void
text_read(struct smtp_peer *p, int fd)
{
	char line[LINE_SIZE];

	while (line_read(fd, line)) {
		buf_put_str(&p->said, line);
		if (strcmp(line, ".\r\n") == 0)
			break;
	}
	say(fd, p->end, "250 Taken\r\n");
	p->taken += p->end == NULL;
}

/* A client that does not trust the certificate ends it. */
static void
handshake(struct smtp_peer *p, int fd)
{
	gnutls_session_t s;
	char byte;
	int rc;

	assert_int_equal(gnutls_init(&s, GNUTLS_SERVER), 0);
	gnutls_set_default_priority(s);
	gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, p->tls);
	gnutls_transport_set_int(s, fd);
	do
		rc = gnutls_handshake(s);
	while (rc < 0 && gnutls_error_is_fatal(rc) == 0);
	if (rc == 0)
		rc = (int)gnutls_record_recv(s, &byte, 1);
	p->refused += rc <= 0;
	gnutls_deinit(s);
}

static void
login(struct smtp_peer *p, int fd)
{
	char line[LINE_SIZE];

	say(fd, NULL, "334 \r\n");
	if (!line_read(fd, line))
		return;
	buf_put_str(&p->said, line);
	say(fd, p->auth, "235 Welcome\r\n");
}

/* False at the end of the connection. */
static bool
command(struct smtp_peer *p, int fd, const char *line)
{
	if (strncasecmp(line, "EHLO", 4) == 0)
		say(fd, p->greeting, "250-here\r\n250 AUTH PLAIN\r\n");
	else if (strncasecmp(line, "AUTH", 4) == 0)
		login(p, fd);
	else if (strncasecmp(line, "RCPT", 4) == 0)
		say(fd, p->rcpt, "250 Known\r\n");
	else if (strncasecmp(line, "DATA", 4) == 0) {
		say(fd, NULL, "354 Go on\r\n");
		text_read(p, fd);
	} else if (strncasecmp(line, "STARTTLS", 8) == 0) {
		say(fd, NULL, "220 Go on\r\n");
		handshake(p, fd);
		return false;
	} else {
		say(fd, NULL, "250 So it is\r\n");
	}
	return strncasecmp(line, "QUIT", 4) != 0;
}

static void *
peer_main(void *arg)
{
	struct smtp_peer *p = arg;
	char line[LINE_SIZE];
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) >= 0) {
		p->met++;
		poll(NULL, 0, p->late_ms);
		say(fd, NULL, "220 here\r\n");
		while (line_read(fd, line)) {
			buf_put_str(&p->said, line);
			if (!command(p, fd, line))
				break;
		}
		close(fd);
	}
	return NULL;
}

void
smtp_peer_start(struct smtp_peer *p)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);

	buf_init(&p->said, SAID_MAX);
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(p->fd >= 0);
	assert_int_equal(bind(p->fd, (void *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(p->fd, (void *)&sa, &len), 0);
	assert_int_equal(listen(p->fd, 8), 0);
	p->port = ntohs(sa.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_main, p), 0);
}

void
smtp_peer_stop(struct smtp_peer *p)
{
	shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->fd);
}

void
smtp_peer_free(struct smtp_peer *p)
{
	buf_free(&p->said);
}
