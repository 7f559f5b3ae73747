/* SPDX-License-Identifier: ISC */
/*
 * mollymawk-fcgi: the HTTP side of mollymawk. Reads the options, starts what
 * serves, and ends it; or has the images checked.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/health.h"
#include "fcgi/image_check.h"
#include "fcgi/server.h"

struct options {
	struct app_config app;
	const char *socket;
	const char *group;
	enum log_level level;
};

static void
usage(FILE *out)
{
	fputs("usage: mollymawk-fcgi --auth-socket PATH --state DIR "
	    "--public-url URL [options]\n"
	    "       mollymawk-fcgi check-images --state DIR\n"
	    "  --socket PATH        listen there (else: inherited socket)\n"
	    "  --socket-group NAME  who else may connect: nginx's group\n"
	    "  --auth-socket PATH   where mollymawk-auth listens\n"
	    "  --state DIR          images are kept below it\n"
	    "  --public-url URL     https://host[:port], as browsers see it\n"
	    "  --mail-dir DIR       mails go there as files, not to a "
	    "server\n"
	    "  --workers N          requests at a time, 1 to 256 "
	    "(default 16)\n"
	    "  --log-level LEVEL    error, warning, info or debug "
	    "(default info)\n", out);
}

static int
level_parse(const char *s, enum log_level *level)
{
	static const char *const names[] = { "error", "warning", "info",
		"debug" };

	for (enum log_level l = LOG_LEVEL_ERROR; l <= LOG_LEVEL_DEBUG; l++) {
		if (strcmp(s, names[l]) == 0) {
			*level = l;
			return 0;
		}
	}
	return -1;
}

static int
workers_parse(const char *s, int *workers)
{
	int64_t n;

	if (int_parse(s, 1, 256, &n) < 0)
		return -1;
	*workers = (int)n;
	return 0;
}

enum { OPT_SOCKET = 1, OPT_GROUP, OPT_AUTH, OPT_STATE, OPT_URL, OPT_MAIL,
	OPT_WORKERS, OPT_LEVEL, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "socket-group", required_argument, NULL, OPT_GROUP },
	{ "auth-socket", required_argument, NULL, OPT_AUTH },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "public-url", required_argument, NULL, OPT_URL },
	{ "mail-dir", required_argument, NULL, OPT_MAIL },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "log-level", required_argument, NULL, OPT_LEVEL },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 }
};

/* 0, or -1 when option makes no sense; 1 when the program has done its job. */
static int
option_take(struct options *o, int option)
{
	switch (option) {
	case OPT_SOCKET:
		o->socket = optarg;
		return 0;
	case OPT_GROUP:
		o->group = optarg;
		return 0;
	case OPT_AUTH:
		o->app.auth_socket = optarg;
		return 0;
	case OPT_STATE:
		o->app.state_dir = optarg;
		return 0;
	case OPT_URL:
		o->app.public_url = optarg;
		return 0;
	case OPT_MAIL:
		o->app.mail_dir = optarg;
		return 0;
	case OPT_WORKERS:
		return workers_parse(optarg, &o->app.workers);
	case OPT_LEVEL:
		return level_parse(optarg, &o->level);
	case OPT_HELP:
		usage(stdout);
		return 1;
	case OPT_VERSION:
		puts("mollymawk-fcgi " PACKAGE_VERSION);
		return 1;
	default:
		return -1;
	}
}

static int
options_read(struct options *o, int argc, char **argv)
{
	int option, rc;

	while ((option = getopt_long(argc, argv, "", long_options,
	    NULL)) != -1) {
		rc = option_take(o, option);
		if (rc != 0)
			return rc;
	}
	return optind == argc && o->app.auth_socket != NULL &&
	    o->app.state_dir != NULL && o->app.public_url != NULL ? 0 : -1;
}

/* Each stream has a descriptor, and so has each console that is listened to. */
static void
files_allow(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Tokens pass through this memory: it must not land in a core file. */
static void
process_harden(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int
serve(const struct options *o, struct fault *f)
{
	struct app app;
	int fd;

	if (health_start() < 0)
		return fault_set(f, ERR_INTERNAL,
		    "libcurl or c-ares can not be started.");
	if (app_start(&app, &o->app, f) != 0) {
		health_end();
		return f->err;
	}
	fd = server_listen(o->socket, o->group, f);
	if (fd >= 0) {
		server_run(&app, fd, f);
		close(fd);
		if (o->socket != NULL)
			unlink(o->socket);
	}
	app_end(&app);
	health_end();
	return f->err;
}

int
main(int argc, char **argv)
{
	struct options o = { .app.workers = 16, .level = LOG_LEVEL_INFO };
	struct fault f = { 0 };
	int rc;

	if (argc > 1 && strcmp(argv[1], "check-images") == 0)
		return image_check_main(argc - 1, argv + 1);
	rc = options_read(&o, argc, argv);
	if (rc > 0)
		return 0;
	if (rc < 0) {
		usage(stderr);
		return 2;
	}
	log_init("mollymawk-fcgi", o.level);
	process_harden();
	files_allow();
	server_block_signals();
	if (serve(&o, &f) != 0) {
		log_event(LOG_LEVEL_ERROR, "failed", "why", f.detail, NULL);
		return 1;
	}
	return 0;
}
