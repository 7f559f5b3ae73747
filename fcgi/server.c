/* SPDX-License-Identifier: ISC */
/*
 * server: worker threads around FCGX_Accept_r, and their orderly end. A worker
 * that waits for a request is woken by SIGUSR2, again and again until it has
 * seen that there is nothing more to wait for; one that serves is left alone.
 */
#include "config.h"	/* for pthread_tryjoin_np */

#include "fcgi/server.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/log.h"
#include "base/message.h"
#include "base/text.h"
#include "fcgi/router.h"

#define BACKLOG 4096
#define WAKE_INTERVAL_NS (20 * 1000 * 1000)
#ifdef SANITIZERS
#define STACK_SIZE (4 * 1024 * 1024)	/* redzones take room */
#else
#define STACK_SIZE (384 * 1024)
#endif

struct worker {
	pthread_t thread;
	struct app *app;
	int fd;
	atomic_bool waiting;	/* inside FCGX_Accept_r */
	bool joined;
};

static int
socket_inherited(struct fault *f)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	int fd = STDIN_FILENO, listens = 0;
	socklen_t len = sizeof(listens);
	int64_t n;

	if (fds != NULL && pid != NULL &&
	    int_parse(pid, getpid(), getpid(), &n) == 0) {
		if (int_parse(fds, 1, 1, &n) < 0) {
			fault_set(f, ERR_INVALID,
			    "Exactly one socket must be passed.");
			return -1;
		}
		fd = 3;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 ||
	    !listens) {
		fault_set(f, ERR_INVALID, "Give --socket: no listening socket "
		    "was inherited.");
		return -1;
	}
	return fd;
}

static int
group_set(const char *path, const char *name, struct fault *f)
{
	struct group *group = getgrnam(name);

	if (group == NULL) {
		fault_set(f, ERR_INVALID, "There is no group %s.", name);
		return -1;
	}
	if (chown(path, (uid_t)-1, group->gr_gid) < 0) {
		fault_set(f, ERR_INTERNAL, "Giving %s to group %s: %s.", path,
		    name, strerror(errno));
		return -1;
	}
	return 0;
}

int
server_listen(const char *path, const char *group, struct fault *f)
{
	int fd;

	if (path == NULL)
		return socket_inherited(f);
	fd = message_listen(path, BACKLOG, 0660);
	if (fd < 0) {
		fault_set(f, ERR_INTERNAL, "Listening on %s: %s.", path,
		    strerror(errno));
		return -1;
	}
	if (group != NULL && group_set(path, group, f) < 0) {
		close(fd);
		unlink(path);
		return -1;
	}
	return fd;
}

static void
signals_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

static void
wake(int signo)
{
	(void)signo;
}

void
server_block_signals(void)
{
	struct sigaction woken = { .sa_handler = wake };	/* no restart */
	sigset_t set;

	signals_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A limit of the file size is one more kind of full disk. */
	signal(SIGXFSZ, SIG_IGN);
	sigaction(SIGUSR2, &woken, NULL);
}

static int
worker_accept(struct worker *w, FCGX_Request *fcgi)
{
	int rc;

	w->waiting = true;
	rc = w->app->stopping ? -1 : FCGX_Accept_r(fcgi);
	w->waiting = false;
	return rc;
}

/* From malloc: a request that waits for long takes it along. */
static FCGX_Request *
request_new(int fd)
{
	FCGX_Request *fcgi = malloc(sizeof(*fcgi));

	if (fcgi != NULL && FCGX_InitRequest(fcgi, fd,
	    FCGI_FAIL_ACCEPT_ON_INTR) == 0)
		return fcgi;
	free(fcgi);
	return NULL;
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct auth_client *auth;
	FCGX_Request *fcgi = NULL;

	auth = auth_client_new(w->app->config->auth_socket);
	if (auth == NULL)
		log_event(LOG_LEVEL_ERROR, "worker-failed", NULL);
	while (auth != NULL && !w->app->stopping) {
		if (fcgi == NULL)
			fcgi = request_new(w->fd);
		if (fcgi != NULL && worker_accept(w, fcgi) == 0) {
			if (router_serve(w->app, auth, fcgi))
				fcgi = NULL;
		} else if (!w->app->stopping) {
			usleep(10000);	/* out of descriptors: not in a spin */
		}
	}
	if (fcgi != NULL)
		FCGX_Free(fcgi, 1);
	free(fcgi);
	auth_client_free(auth);
	return NULL;
}

static int
workers_start(struct worker *workers, struct app *app, int fd)
{
	pthread_attr_t attr;
	int n;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (n = 0; n < app->config->workers; n++) {
		workers[n] = (struct worker){ .app = app, .fd = fd };
		if (pthread_create(&workers[n].thread, &attr, worker_main,
		    &workers[n]) != 0)
			break;
	}
	pthread_attr_destroy(&attr);
	return n;
}

static void
workers_join(struct worker *workers, int n)
{
	const struct timespec interval = { .tv_nsec = WAKE_INTERVAL_NS };
	int i, left = n;

	while (left > 0) {
		for (i = 0, left = 0; i < n; i++) {
			struct worker *w = &workers[i];

			if (!w->joined && w->waiting)
				pthread_kill(w->thread, SIGUSR2);
			if (!w->joined)
				w->joined = pthread_tryjoin_np(w->thread,
				    NULL) == 0;
			left += !w->joined;
		}
		if (left > 0)
			nanosleep(&interval, NULL);
	}
}

int
server_run(struct app *app, int fd, struct fault *f)
{
	struct worker *workers;
	sigset_t set;
	int n, signo;

	workers = calloc((size_t)app->config->workers, sizeof(*workers));
	if (workers == NULL || FCGX_Init() != 0) {
		free(workers);
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	n = workers_start(workers, app, fd);
	if (n == app->config->workers) {
		log_event(LOG_LEVEL_INFO, "ready", "url", app->origin, NULL);
		signals_set(&set);
		sigwait(&set, &signo);
	} else {
		fault_set(f, ERR_NO_MEMORY, "A thread could not be made.");
	}
	app->stopping = true;
	workers_join(workers, n);
	free(workers);
	return f->err;
}
