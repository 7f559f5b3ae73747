/* SPDX-License-Identifier: ISC */
/* daemon: opening, confining, serving, closing; see daemon.h. */
#include "config.h"

#include "auth/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "auth/authority.h"
#include "auth/confine.h"
#include "auth/serve.h"
#include "base/log.h"
#include "base/message.h"

#define BACKLOG 128
#define MODE 0660

/* A descriptor that can be read when it is time to end. */
static int
stop_open(void)
{
	sigset_t stop;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	/* Before any thread, so that none of them takes it. */
	if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0)
		return -1;
	return signalfd(-1, &stop, SFD_CLOEXEC);
}

/*
 * Standard output is for whoever starts the daemon; the log never holds the
 * secret.
 */
static void
setup_announce(const struct authority *a, const char *url)
{
	size_t len = url == NULL ? 0 : strlen(url);

	if (a->setup_secret[0] == '\0')
		return;
	while (len > 0 && url[len - 1] == '/')
		len--;
	printf("To make the first administrator, open %.*s/setup#secret=%s\n",
	    (int)len, url == NULL ? "" : url, a->setup_secret);
	fflush(stdout);
}

static int
listen_and_serve(struct authority *a, const struct daemon_options *o, int stop,
	struct fault *f)
{
	AUTO_FD int fd = message_listen(o->socket, BACKLOG, MODE);
	struct serve_options serving = { fd, stop, o->peer };
	int landlock = 0, err;

	if (fd < 0)
		return fault_set(f, ERR_INTERNAL, "Can not listen on %s: %m.",
		    o->socket);
	setup_announce(a, o->public_url);
	err = confine(o->dir, &landlock, f);
	if (err != 0)
		return err;
	log_event(LOG_LEVEL_INFO, "listen", "socket", o->socket, "seccomp",
	    "on", "landlock", landlock ? "on" : "not in this kernel", NULL);
	return serve(a, &serving, f);
}

int
daemon_run(const struct daemon_options *o)
{
	AUTO_FD int stop = stop_open();
	struct authority *a = NULL;
	struct fault f = { 0 };
	int err;

	log_init("mollymawk-auth", LOG_LEVEL_INFO);
	err = stop < 0 ? fault_set(&f, ERR_INTERNAL, "No signals.") :
		authority_open(o->dir, &a, &f);
	if (err == 0) {
		relying_set(&a->relying, o->public_url);
		err = listen_and_serve(a, o, stop, &f);
	}
	authority_close(a);
	if (err != 0) {
		log_event(LOG_LEVEL_ERROR, "failed", "error", f.detail, NULL);
		return EXIT_FAILURE;
	}
	log_event(LOG_LEVEL_INFO, "stop", NULL);
	return EXIT_SUCCESS;
}
