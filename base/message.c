/* SPDX-License-Identifier: ISC */
/* message: JSON objects over a unix stream socket; see message.h. */
#include "base/message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "base/buf.h"

static int
address_set(struct sockaddr_un *sa, const char *path)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sa->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa->sun_path, path, strlen(path) + 1);
	return 0;
}

/* Closes fd, keeps errno; for the error paths. */
static int
close_failed(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int
message_connect(const char *path)
{
	struct sockaddr_un sa;
	int fd;

	if (address_set(&sa, path) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return close_failed(fd);
	return fd;
}

/*
 * Removes a socket which no process answers on. A live one stays, and so does
 * what is no socket, which refuses a connection too.
 */
static void
stale_remove(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = message_connect(path);
	if (fd >= 0)
		close(fd);
	else if (errno == ECONNREFUSED)
		unlink(path);
}

int
message_listen(const char *path, int backlog, unsigned mode)
{
	struct sockaddr_un sa;
	mode_t mask;
	int fd, rc;

	if (address_set(&sa, path) < 0)
		return -1;
	stale_remove(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* No moment in which the socket is open to more than mode says. */
	mask = umask(0777 & ~mode);
	rc = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	umask(mask);
	if (rc < 0 || chmod(path, mode) < 0 || listen(fd, backlog) < 0)
		return close_failed(fd);
	return fd;
}

static int
send_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int
message_send(int fd, struct json_object *o)
{
	struct buf out;
	const char *text;
	size_t len;
	int rc;

	/* A slash in a key must not be escaped: json_scan takes no such key. */
	text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (text == NULL || len > MESSAGE_MAX) {
		errno = text == NULL ? ENOMEM : EMSGSIZE;
		return -1;
	}
	buf_init(&out, MESSAGE_MAX + 4);
	buf_put_u32(&out, (uint32_t)len);
	buf_put(&out, text, len);
	/* json-c keeps its own copy of the text, and would only free it. */
	explicit_bzero((char *)(uintptr_t)text, len);
	errno = ENOMEM;
	rc = buf_ok(&out) ? send_all(fd, out.data, out.len) : -1;
	/* Messages can hold secrets. */
	buf_wipe(&out);
	return rc;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until fd can be read, at most to deadline (-1: for ever). */
static int
wait_readable(int fd, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left = -1;
	int rc;

	do {
		if (deadline >= 0)
			left = deadline - now_ms() < 0 ? 0 :
				deadline - now_ms();
		rc = poll(&p, 1, (int)left);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0)
		errno = ETIMEDOUT;
	return rc > 0 ? 0 : -1;
}

/*
 * Receives exactly len bytes. A clean end before the first is errno 0, a later
 * one ECONNRESET.
 */
static int
receive_all(int fd, uint8_t *data, size_t len, int64_t deadline)
{
	size_t got = 0;

	while (got < len) {
		/* Mostly it is there already: ask before waiting. */
		ssize_t n = recv(fd, data + got, len - got, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (wait_readable(fd, deadline) < 0)
				return -1;
			continue;
		}
		if (n == 0)
			errno = got == 0 ? 0 : ECONNRESET;
		if (n <= 0)
			return -1;
		got += (size_t)n;
	}
	return 0;
}

static struct json_object *
receive_body(int fd, size_t len, int64_t deadline)
{
	struct json_object *o = NULL;
	struct fault f = { 0 };
	struct buf body;
	uint8_t *data;

	buf_init(&body, MESSAGE_MAX);
	data = buf_extend(&body, len);
	if (data == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	if (receive_all(fd, data, len, deadline) == 0) {
		o = json_parse((const char *)data, len, &f);
		if (o == NULL)
			errno = EBADMSG;
	} else if (errno == 0) {
		errno = ECONNRESET;
	}
	buf_wipe(&body);
	return o;
}

struct json_object *
message_receive(int fd, int timeout_ms)
{
	int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	uint8_t head[4];
	size_t len;

	if (receive_all(fd, head, sizeof(head), deadline) < 0)
		return NULL;
	len = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
	    (size_t)head[2] << 8 | head[3];
	if (len == 0 || len > MESSAGE_MAX) {
		errno = EMSGSIZE;
		return NULL;
	}
	return receive_body(fd, len, deadline);
}
