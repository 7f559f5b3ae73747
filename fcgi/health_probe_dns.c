/* SPDX-License-Identifier: ISC */
/* health_probe_dns: one query by c-ares, to the one server that is meant. */
#include "config.h"	/* for memmem */

#include "fcgi/health_probe.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* Which of c-ares' functions 1.34 calls deprecated, 1.18 has nothing else. */
#define CARES_NO_DEPRECATED
#include <ares.h>

#include "fcgi/health_answer.h"

#define CLASS_INTERNET 1
/* One message's answers as text: each byte of it may become some. */
#define TEXT_MAX (512 * 1024)
#define SOCKETS 4	/* one server has UDP, and TCP for what is long */

struct query {
	const struct probe *probe;
	struct fault *fault;
	bool over;
	int err;
};

static int
answer_check(const struct query *q, const uint8_t *message, int len)
{
	const struct health_check *c = q->probe->check;
	const char *place = q->probe->place;
	struct buf text;
	int n, err = 0;

	buf_init(&text, TEXT_MAX);
	n = len < 0 ? -1 : answer_read(message, (size_t)len,
	    health_record_type(c->record), &text);
	if (n < 0)
		err = fault_set(q->fault, ERR_HEALTH,
		    "What %s answered is not a proper DNS message.", place);
	else if (n == 0)
		err = fault_set(q->fault, ERR_HEALTH,
		    "%s knows no %s record of %s.", place, c->record, c->name);
	else if (memmem(text.data, text.len, c->answer,
	    strlen(c->answer)) == NULL)
		err = fault_set(q->fault, ERR_HEALTH, "%s answered, but "
		    "without \"%s\" in the %s records of %s.", place,
		    c->answer, c->record, c->name);
	buf_free(&text);
	return err;
}

/* What c-ares says when there is no answer. */
static int
refused(const struct query *q, int status)
{
	const struct health_check *c = q->probe->check;
	const char *place = q->probe->place;

	switch (status) {
	case ARES_ENODATA:
		return fault_set(q->fault, ERR_HEALTH,
		    "%s knows no %s record of %s.", place, c->record, c->name);
	case ARES_ENOTFOUND:
		return fault_set(q->fault, ERR_HEALTH,
		    "%s says that there is no %s.", place, c->name);
	case ARES_ECONNREFUSED:
		return fault_set(q->fault, ERR_HEALTH,
		    "%s refused the query.", place);
	case ARES_ETIMEOUT:
	case ARES_ECANCELLED:
	case ARES_EDESTRUCTION:
		return probe_late(q->probe, q->fault);
	case ARES_ENOMEM:
		return fault_set(q->fault, ERR_NO_MEMORY, "Out of memory.");
	case ARES_EBADRESP:
		return fault_set(q->fault, ERR_HEALTH,
		    "What %s answered is not a proper DNS message.", place);
	default:
		return fault_set(q->fault, ERR_HEALTH,
		    "%s did not answer the query for %s: %s.", place, c->name,
		    ares_strerror(status));
	}
}

static void
answered(void *arg, int status, int timeouts, unsigned char *message, int len)
{
	struct query *q = arg;

	q->over = true;
	q->err = status == ARES_SUCCESS ? answer_check(q, message, len) :
		refused(q, status);
}

/* Waits for what c-ares waits for, and has it go on. */
static void
turn(ares_channel channel, const struct probe *p)
{
	ares_socket_t sockets[SOCKETS];
	struct pollfd fds[SOCKETS];
	int bits = ares_getsock(channel, sockets, SOCKETS);
	int left = probe_left(p);
	nfds_t n = 0;

	for (int i = 0; i < SOCKETS; i++) {
		short events = (short)((ARES_GETSOCK_READABLE(bits, i) ?
		    POLLIN : 0) | (ARES_GETSOCK_WRITABLE(bits, i) ?
		    POLLOUT : 0));

		if (events != 0)
			fds[n++] = (struct pollfd){ sockets[i], events, 0 };
	}
	if (poll(fds, n, left < PROBE_TICK_MS ? left : PROBE_TICK_MS) <= 0)
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	else
		for (nfds_t i = 0; i < n; i++)
			ares_process_fd(channel,
			    fds[i].revents & ~POLLOUT ? fds[i].fd :
			    ARES_SOCKET_BAD, fds[i].revents & POLLOUT ?
			    fds[i].fd : ARES_SOCKET_BAD);
}

/* Nothing of this machine's own ways to resolve names. */
static int
channel_open(const struct probe *p, ares_channel *channel)
{
	struct ares_options o = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
			ARES_FLAG_NOCHECKRESP,
		.tries = 1,
		/* Ours is the deadline; this is behind it. */
		.timeout = 2 * p->check->timeout * 1000,
		.lookups = (char[]){ "b" },
	};
	int status = ares_init_options(channel, &o, ARES_OPT_FLAGS |
	    ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS | ARES_OPT_LOOKUPS |
	    ARES_OPT_DOMAINS);

	if (status != ARES_SUCCESS)
		return status;
	status = ares_set_servers_ports_csv(*channel, p->place);
	if (status != ARES_SUCCESS)
		ares_destroy(*channel);
	return status;
}

int
probe_dns(const struct probe *p, struct fault *f)
{
	struct query q = { .probe = p, .fault = f };
	ares_channel channel;

	if (channel_open(p, &channel) != ARES_SUCCESS)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	ares_query(channel, p->check->name, CLASS_INTERNET,
	    health_record_type(p->check->record), answered, &q);
	while (!q.over && probe_left(p) > 0)
		turn(channel, p);
	ares_cancel(channel);
	ares_destroy(channel);
	return q.err;
}
