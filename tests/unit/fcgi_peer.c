/* SPDX-License-Identifier: ISC */
/* fcgi_peer: FastCGI records by hand; see fcgi_peer.h. */
#include "tests/unit/fcgi_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/message.h"

#define RECORD_MAX 65535
#define STREAM_MAX (8 * 1024 * 1024)

enum { BEGIN_REQUEST = 1, PARAMS = 4, STDIN = 5, STDOUT = 6 };

static void
socket_path(const struct fcgi_peer *p, char path[80])
{
	snprintf(path, 80, "%s/socket", p->dir);
}

int
fcgi_peer_open(struct fcgi_peer *p)
{
	char path[80];

	snprintf(p->dir, sizeof(p->dir), "/tmp/fcgi-peer-XXXXXX");
	p->fd = -1;
	if (mkdtemp(p->dir) == NULL)
		return -1;
	socket_path(p, path);
	p->listening = message_listen(path, 16, 0600);
	return p->listening < 0 ? -1 : 0;
}

void
fcgi_peer_close(struct fcgi_peer *p)
{
	char path[80];

	socket_path(p, path);
	if (p->fd >= 0)
		close(p->fd);
	close(p->listening);
	unlink(path);
	rmdir(p->dir);
}

static void
put_record(struct buf *b, int type, const void *data, size_t len)
{
	const uint8_t head[8] = { 1, (uint8_t)type, 0, 1, (uint8_t)(len >> 8),
		(uint8_t)len, 0, 0 };

	buf_put(b, head, sizeof(head));
	buf_put(b, data, len);
}

static void
put_stream(struct buf *b, int type, const uint8_t *data, size_t len)
{
	while (len > 0) {
		size_t n = len > RECORD_MAX ? RECORD_MAX : len;

		put_record(b, type, data, n);
		data += n;
		len -= n;
	}
}

static void
put_params(struct buf *b, const char *const *params)
{
	struct buf pairs;

	buf_init(&pairs, STREAM_MAX);
	for (; *params != NULL; params++) {
		const char *value = strchr(*params, '=') + 1;
		size_t name_len = (size_t)(value - *params) - 1;

		buf_put_u32(&pairs, (uint32_t)name_len | 0x80000000u);
		buf_put_u32(&pairs, (uint32_t)strlen(value) | 0x80000000u);
		buf_put(&pairs, *params, name_len);
		buf_put_str(&pairs, value);
	}
	put_stream(b, PARAMS, pairs.data, pairs.len);
	put_record(b, PARAMS, "", 0);
	buf_free(&pairs);
}

int
fcgi_peer_send(struct fcgi_peer *p, const char *const *params,
	const void *body, size_t len, bool abrupt)
{
	static const uint8_t responder[8] = { 0, 1 };
	struct buf b;
	char path[80];
	ssize_t n = -1;

	socket_path(p, path);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = message_connect(path);
	buf_init(&b, STREAM_MAX);
	put_record(&b, BEGIN_REQUEST, responder, sizeof(responder));
	put_params(&b, params);
	put_stream(&b, STDIN, body, len);
	if (!abrupt)
		put_record(&b, STDIN, "", 0);
	if (p->fd >= 0 && buf_ok(&b))
		n = send(p->fd, b.data, b.len, MSG_NOSIGNAL);
	/* So that the end of the request is the end of the connection. */
	if (p->fd >= 0)
		shutdown(p->fd, SHUT_WR);
	n = n == (ssize_t)b.len ? 0 : -1;
	buf_free(&b);
	return (int)n;
}

static int
read_all(int fd, void *data, size_t len)
{
	uint8_t *at = data;

	while (len > 0) {
		ssize_t n = recv(fd, at, len, 0);

		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int
fcgi_peer_receive(struct fcgi_peer *p, struct buf *out)
{
	uint8_t head[8], body[RECORD_MAX + 255];
	size_t len;

	while (read_all(p->fd, head, sizeof(head)) == 0) {
		len = (size_t)head[4] << 8 | head[5];
		if (read_all(p->fd, body, len + head[6]) < 0)
			return -1;
		if (head[1] == STDOUT)
			buf_put(out, body, len);
	}
	return buf_ok(out) ? 0 : -1;
}
