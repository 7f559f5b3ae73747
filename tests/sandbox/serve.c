/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE
/* serve: listens, a thread per connection, and the clock; see serve.h. */
#include "tests/sandbox/serve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "albatross/deadline.h"
#include "base/log.h"
#include "tests/sandbox/chain.h"
#include "tests/sandbox/conn.h"
#include "tests/sandbox/console.h"
#include "tests/sandbox/endpoint.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/stats.h"
#include "tests/sandbox/unikernels.h"

#define CLIENTS_MAX 2048
#define STACK_SIZE (1024 * 1024)
#define HANDSHAKE_MAX ((1 << 24) - 1)
#define CHUNK_MAX ((size_t)INT32_MAX)
#define BACKLOG 1024
#define PAUSE 50		/* ms, while there is no room or no listener */
#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:%COMPAT"

struct client {
	struct client *next;
	struct server *server;
	int fd;
};

struct server {
	struct sandbox *s;
	struct ca *ca;
	int listener;		/* -1 while refusing */
	struct sockaddr_storage address;
	socklen_t address_len;
	/* these two under the sandbox's lock */
	struct client *clients;
	unsigned nclients;
	pthread_cond_t gone;
};

static int
session_init(struct server *v, struct conn *c)
{
	gnutls_certificate_credentials_t own = v->ca->good;
	int rc;

	if (c->fault == FAULT_WRONG_CERT)
		own = v->ca->wrong;
	if (c->fault == FAULT_EXPIRED_CERT)
		own = v->ca->expired;
	rc = gnutls_init(&c->tls, GNUTLS_SERVER | GNUTLS_NO_TICKETS |
		GNUTLS_NO_SIGNAL);
	if (rc >= 0)
		rc = gnutls_priority_set_direct(c->tls, PRIORITY, NULL);
	if (rc >= 0)
		rc = gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE,
			own);
	if (rc < 0)
		return -1;
	gnutls_certificate_server_set_request(c->tls, GNUTLS_CERT_REQUEST);
	gnutls_handshake_set_max_packet_length(c->tls, HANDSHAKE_MAX);
	gnutls_handshake_set_timeout(c->tls, GNUTLS_INDEFINITE_TIMEOUT);
	gnutls_transport_set_int(c->tls, c->fd);
	return 0;
}

static int
handshake(struct conn *c)
{
	int rc;

	do
		rc = gnutls_handshake(c->tls);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	if (rc >= 0)
		return 0;
	log_event(LOG_LEVEL_INFO, "handshake", "error", gnutls_strerror(rc),
		NULL);
	/* What is wrong with a certificate is always the same to them. */
	if (rc == GNUTLS_E_KEY_USAGE_VIOLATION ||
	    rc == GNUTLS_E_CERTIFICATE_ERROR ||
	    rc == GNUTLS_E_PK_SIG_VERIFY_FAILED)
		gnutls_alert_send(c->tls, GNUTLS_AL_FATAL,
			GNUTLS_A_BAD_CERTIFICATE);
	else
		gnutls_alert_send_appropriate(c->tls, rc);
	return -1;
}

static time_t
endpoint_time(struct sandbox *s)
{
	time_t now = time(NULL);

	pthread_mutex_lock(&s->lock);
	now += s->clock_offset;
	pthread_mutex_unlock(&s->lock);
	return now;
}

static enum chain_verdict
chain_judge(struct server *v, struct conn *c, struct request *r)
{
	static const char *const verdicts[] = {
		[CHAIN_SILENT] = "closed silently",
		[CHAIN_BAD] = "bad certificate",
		[CHAIN_EXPIRED] = "certificate expired",
	};
	const gnutls_datum_t *certs;
	enum chain_verdict verdict;
	const char *why = "";
	unsigned n = 0;

	certs = gnutls_certificate_get_peers(c->tls, &n);
	verdict = chain_read(certs, certs == NULL ? 0 : n, v->ca->anchor,
		endpoint_time(v->s), r, &why);
	if (verdict != CHAIN_GOOD)
		log_event(LOG_LEVEL_INFO, "refused", "how", verdicts[verdict],
			"why", why, NULL);
	return verdict;
}

static void
conn_serve(struct server *v, struct conn *c)
{
	struct request r;

	switch (chain_judge(v, c, &r)) {
	case CHAIN_BAD:
		gnutls_alert_send(c->tls, GNUTLS_AL_FATAL,
			GNUTLS_A_BAD_CERTIFICATE);
		return;
	case CHAIN_EXPIRED:
		gnutls_alert_send(c->tls, GNUTLS_AL_FATAL,
			GNUTLS_A_CERTIFICATE_EXPIRED);
		return;
	case CHAIN_GOOD:
		endpoint_run(v->s, c, &r);
		request_free(&r);
		break;
	case CHAIN_SILENT:
		break;
	}
	if (!c->broken)
		gnutls_bye(c->tls, GNUTLS_SHUT_WR);
}

static void
reset_at_close(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void
client_serve(struct server *v, int fd)
{
	struct conn c = { .fd = fd };
	int on = 1;

	fault_take(v->s, &c);
	if (c.fault == FAULT_RESET) {
		reset_at_close(fd);
		return;
	}
	if (c.fault == FAULT_STALL_HANDSHAKE) {
		conn_wait_gone(&c);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	alb_frames_init(&c.in, CHUNK_MAX);
	if (session_init(v, &c) == 0 && handshake(&c) == 0)
		conn_serve(v, &c);
	if (c.abrupt)
		reset_at_close(fd);
	if (c.tls != NULL)
		gnutls_deinit(c.tls);
	alb_frames_free(&c.in);
}

static void
client_remove(struct client *x)
{
	struct server *v = x->server;
	struct client **at = &v->clients;

	pthread_mutex_lock(&v->s->lock);
	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	close(x->fd);
	v->nclients--;
	pthread_cond_signal(&v->gone);
	pthread_mutex_unlock(&v->s->lock);
	free(x);
}

static void *
client_run(void *arg)
{
	struct client *x = arg;

	client_serve(x->server, x->fd);
	client_remove(x);
	return NULL;
}

static void
client_start(struct server *v, int fd)
{
	struct client *x = xcalloc(1, sizeof(*x));
	pthread_attr_t attr;
	pthread_t thread;

	x->server = v;
	x->fd = fd;
	pthread_mutex_lock(&v->s->lock);
	x->next = v->clients;
	v->clients = x;
	v->nclients++;
	pthread_mutex_unlock(&v->s->lock);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (pthread_create(&thread, &attr, client_run, x) != 0)
		client_remove(x);
	pthread_attr_destroy(&attr);
}

/* Unikernels and statistics, whenever something is due. */
static void *
clock_run(void *arg)
{
	struct sandbox *s = arg;
	int64_t now, until;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping) {
		now = alb_now();
		until = unikernels_run(s, now);
		if (now >= s->next_stats) {
			s->next_stats = now + s->stats_interval;
			stats_tick(s);
		}
		if (until > s->next_stats)
			until = s->next_stats;
		cond_wait_until(s, &s->due, until);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int
listen_failed(const char *step)
{
	log_event(LOG_LEVEL_ERROR, "listen", "step", step, "error",
		strerror(errno), NULL);
	return -1;
}

/* ADDRESS:PORT */
static int
address_read(struct server *v, const char *text)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *list = NULL;
	char host[256];
	const char *colon = strrchr(text, ':');
	int rc;

	errno = EINVAL;
	if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
		return listen_failed(text);
	memcpy(host, text, colon - text);
	host[colon - text] = '\0';
	rc = getaddrinfo(host, colon + 1, &hints, &list);
	if (rc != 0)
		return listen_failed(gai_strerror(rc));
	memcpy(&v->address, list->ai_addr, list->ai_addrlen);
	v->address_len = list->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

/* The port that was free stays ours from now on. */
static int
listener_open(struct server *v)
{
	struct sockaddr *a = (struct sockaddr *)&v->address;
	int on = 1;
	int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return listen_failed("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a, v->address_len) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, a, &v->address_len) != 0) {
		close(fd);
		return listen_failed("bind");
	}
	v->listener = fd;
	return 0;
}

static int
port_write(const struct server *v)
{
	char port[NI_MAXSERV], text[NI_MAXSERV + 1];
	int n;

	if (getnameinfo((const struct sockaddr *)&v->address,
	    v->address_len, NULL, 0, port, sizeof(port), NI_NUMERICSERV) != 0)
		return listen_failed("port");
	n = snprintf(text, sizeof(text), "%s\n", port);
	log_event(LOG_LEVEL_INFO, "ready", "port", port, NULL);
	return file_write(NULL, ".", "port", text, n, 0644);
}

static bool
server_full(struct server *v)
{
	bool full;

	pthread_mutex_lock(&v->s->lock);
	full = v->nclients >= CLIENTS_MAX;
	pthread_mutex_unlock(&v->s->lock);
	return full;
}

/* Closes or reopens the listener, as the fault "refuse" wants it. */
static void
listener_follow(struct server *v)
{
	bool refuse = fault_refuses(v->s);

	if (refuse && v->listener >= 0) {
		close(v->listener);
		v->listener = -1;
	}
	if (!refuse && v->listener < 0)
		listener_open(v);
}

static void
server_loop(struct server *v, int control, int signals)
{
	struct pollfd p[3] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = control, .events = POLLIN },
		{ .events = POLLIN },
	};
	bool pause;
	int fd;

	for (;;) {
		pause = v->listener < 0 || server_full(v);
		p[2].fd = pause ? -1 : v->listener;
		if (poll(p, 3, pause ? PAUSE : -1) < 0 && errno != EINTR)
			return;
		if (p[0].revents != 0)
			return;
		if (p[1].revents != 0) {
			control_serve(v->s, control);
			listener_follow(v);
		}
		if (p[2].fd < 0 || v->listener < 0 || p[2].revents == 0)
			continue;
		fd = accept4(v->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			client_start(v, fd);
	}
}

/* Ends all connections and waits for their threads. */
static void
server_stop(struct server *v)
{
	struct sandbox *s = v->s;
	struct client *x;

	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_signal(&s->due);
	while (v->nclients > 0) {
		for (x = v->clients; x != NULL; x = x->next)
			shutdown(x->fd, SHUT_RDWR);
		consoles_wake(s);
		stats_tick(s);
		cond_wait_until(s, &v->gone, alb_now() + PAUSE);
	}
	pthread_mutex_unlock(&s->lock);
}

static int
signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int
serve(struct sandbox *s, struct ca *ca)
{
	struct server v = { .s = s, .ca = ca, .listener = -1 };
	int signals = signals_open(), control = control_listen();
	pthread_t clock;
	int rc = -1;

	cond_init(&v.gone);
	if (signals < 0 || control < 0)
		listen_failed("control");
	else if (address_read(&v, s->options->listen) == 0 &&
	    listener_open(&v) == 0 && port_write(&v) == 0 &&
	    pthread_create(&clock, NULL, clock_run, s) == 0) {
		server_loop(&v, control, signals);
		server_stop(&v);
		pthread_join(clock, NULL);
		rc = 0;
	}
	if (v.listener >= 0)
		close(v.listener);
	if (control >= 0)
		close(control);
	if (signals >= 0)
		close(signals);
	unlink("port");
	unlink("control");
	pthread_cond_destroy(&v.gone);
	return rc;
}
