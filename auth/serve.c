/* SPDX-License-Identifier: ISC */
/* serve: accepting, and a thread per connection; see serve.h. */
#include "config.h"

#include "auth/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "auth/ops.h"
#include "base/log.h"
#include "base/message.h"

#define MESSAGE_TIMEOUT 30000
#ifdef SANITIZERS
#define STACK_SIZE (2 * 1024 * 1024)
#else
#define STACK_SIZE (512 * 1024)
#endif

struct connections;

struct connection {
	struct connections *all;
	int fd;			/* -1: free */
	pthread_t thread;
	bool ended;		/* to be joined */
};

struct connections {
	struct authority *a;
	pthread_mutex_t lock;
	struct connection each[SERVE_CONNECTIONS];
};

/* Nothing of a request, which may hold a password or key, stays in memory. */
static void
strings_wipe(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_object: {
		json_object_object_foreach(o, key, value) {
			(void)key;
			strings_wipe(value);
		}
		break;
	}
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(o); i++)
			strings_wipe(json_object_array_get_idx(o, i));
		break;
	case json_type_string:
		explicit_bzero((char *)(uintptr_t)json_object_get_string(o),
		    (size_t)json_object_get_string_len(o));
		break;
	default:
		break;
	}
}

static void
message_drop(struct json_object *o)
{
	strings_wipe(o);
	json_object_put(o);
}

/* One question, one answer; false at the end of the connection. */
static bool
exchange(struct authority *a, struct db *db, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct json_object *message, *answer;
	int rc;

	/* Idle for as long as it likes, but a message comes whole. */
	if (poll(&p, 1, -1) < 0)
		return errno == EINTR;
	message = message_receive(fd, MESSAGE_TIMEOUT);
	if (message == NULL)
		return false;
	answer = ops_answer(a, db, message);
	message_drop(message);
	rc = answer == NULL ? -1 : message_send(fd, answer);
	if (answer != NULL)
		message_drop(answer);
	return rc == 0;
}

static void *
connection_run(void *arg)
{
	struct connection *c = arg;
	struct connections *all = c->all;
	struct db *db = database_reader(all->a->store);

	while (db != NULL && exchange(all->a, db, c->fd))
		;
	db_close(db);
	pthread_mutex_lock(&all->lock);
	close(c->fd);
	c->fd = -1;
	c->ended = true;
	pthread_mutex_unlock(&all->lock);
	return NULL;
}

static bool
peer_known(int fd, const struct serve_options *o)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	char uid[24];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid() || peer.uid == o->peer)
		return true;
	snprintf(uid, sizeof(uid), "%lu", (unsigned long)peer.uid);
	log_event(LOG_LEVEL_WARNING, "peer-refused", "uid", uid, NULL);
	return false;
}

static void
refuse_busy(int fd)
{
	struct json_object *answer = json_object_new_object();
	struct json_object *error = json_object_new_object();

	json_add_str(error, "code", err_code(ERR_BUSY));
	json_add_str(error, "detail", "The authority has too many "
	    "connections.");
	json_object_object_add(answer, "error", error);
	message_send(fd, answer);
	json_object_put(answer);
}

/* A free place, after joining what ended; NULL when all are taken. */
static struct connection *
place_find(struct connections *all)
{
	for (size_t i = 0; i < SERVE_CONNECTIONS; i++) {
		struct connection *c = &all->each[i];

		if (c->ended) {
			pthread_join(c->thread, NULL);
			c->ended = false;
		}
		if (c->fd < 0)
			return c;
	}
	return NULL;
}

/* A peer that does not read must not hold up the end. */
static void
send_limit(int fd)
{
	struct timeval limit = { .tv_sec = MESSAGE_TIMEOUT / 1000 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static bool
connection_start(struct connection *c, int fd)
{
	pthread_attr_t attr;
	int rc;

	c->fd = fd;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	rc = pthread_create(&c->thread, &attr, connection_run, c);
	pthread_attr_destroy(&attr);
	if (rc != 0)
		c->fd = -1;
	return rc == 0;
}

static void
connection_accept(struct connections *all, const struct serve_options *o)
{
	int fd = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC);
	struct connection *c;
	bool started = false;

	if (fd < 0) {
		/* Out of descriptors: not at once again. */
		if (errno == EMFILE || errno == ENFILE)
			poll(NULL, 0, 100);
		return;
	}
	if (!peer_known(fd, o)) {
		close(fd);
		return;
	}
	send_limit(fd);
	pthread_mutex_lock(&all->lock);
	c = place_find(all);
	if (c != NULL)
		started = connection_start(c, fd);
	pthread_mutex_unlock(&all->lock);
	if (started)
		return;
	log_event(LOG_LEVEL_WARNING, "too-many-connections", NULL);
	refuse_busy(fd);
	close(fd);
}

/* No further question is read; the one being answered is finished. */
static void
connections_end(struct connections *all)
{
	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < SERVE_CONNECTIONS; i++)
		if (all->each[i].fd >= 0)
			shutdown(all->each[i].fd, SHUT_RD);
	for (size_t i = 0; i < SERVE_CONNECTIONS; i++) {
		struct connection *c = &all->each[i];
		bool started = c->fd >= 0 || c->ended;

		pthread_mutex_unlock(&all->lock);
		if (started)
			pthread_join(c->thread, NULL);
		pthread_mutex_lock(&all->lock);
	}
	pthread_mutex_unlock(&all->lock);
}

/* Does what is to be done now and then when it is due: ms to the next time. */
static int
tend(struct authority *a, time_t *last)
{
	time_t now = time(NULL);
	struct fault f = { 0 };

	if (now >= *last && now - *last < AUTHORITY_TEND_SECONDS)
		return (int)(*last + AUTHORITY_TEND_SECONDS - now) * 1000;
	*last = now;
	if (authority_tend(a, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "tend", "error", f.detail, NULL);
	return AUTHORITY_TEND_SECONDS * 1000;
}

int
serve(struct authority *a, const struct serve_options *o, struct fault *f)
{
	struct pollfd fds[2] = {
		{ .fd = o->listener, .events = POLLIN },
		{ .fd = o->stop, .events = POLLIN },
	};
	struct connections *all = calloc(1, sizeof(*all));
	time_t tended = time(NULL);

	if (all == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	all->a = a;
	pthread_mutex_init(&all->lock, NULL);
	for (size_t i = 0; i < SERVE_CONNECTIONS; i++)
		all->each[i] = (struct connection){ .all = all, .fd = -1 };
	for (;;) {
		if (poll(fds, 2, tend(a, &tended)) < 0 && errno != EINTR)
			break;
		if (fds[1].revents != 0)
			break;
		if (fds[0].revents != 0)
			connection_accept(all, o);
	}
	connections_end(all);
	pthread_mutex_destroy(&all->lock);
	free(all);
	return 0;
}
