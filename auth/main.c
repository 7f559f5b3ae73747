/* SPDX-License-Identifier: ISC */
/* mollymawk-auth: the authority. Reads the command line and starts. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/admin.h"
#include "auth/daemon.h"
#include "base/text.h"

static const char usage[] =
"usage: mollymawk-auth serve --dir DIR --socket PATH [--public-url URL]\n"
"                            [--peer-uid UID]\n"
"       mollymawk-auth admin-create --dir DIR --email E --name N [--generate]\n"
"       mollymawk-auth user-create --dir DIR --email E --name N [--generate]\n"
"       mollymawk-auth password --dir DIR --email E [--generate]\n"
"       mollymawk-auth keys rotate --dir DIR\n"
"       mollymawk-auth audit-verify --dir DIR\n"
"Passwords are read from standard input, or made and printed (--generate).\n";

struct arguments {
	struct admin_options admin;
	struct daemon_options daemon;
};

static const struct option options[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "socket", required_argument, NULL, 's' },
	{ "public-url", required_argument, NULL, 'u' },
	{ "peer-uid", required_argument, NULL, 'p' },
	{ "email", required_argument, NULL, 'e' },
	{ "name", required_argument, NULL, 'n' },
	{ "generate", no_argument, NULL, 'g' },
	{ NULL, 0, NULL, 0 },
};

static int
usage_fail(void)
{
	fputs(usage, stderr);
	return 2;
}

static int
option_take(struct arguments *a, int option)
{
	int64_t uid;

	switch (option) {
	case 'd':
		a->admin.dir = a->daemon.dir = optarg;
		return 0;
	case 's':
		a->daemon.socket = optarg;
		return 0;
	case 'u':
		a->daemon.public_url = optarg;
		return 0;
	case 'p':
		if (int_parse(optarg, 0, UINT32_MAX - 1, &uid) < 0)
			return -1;
		a->daemon.peer = (uid_t)uid;
		return 0;
	case 'e':
		a->admin.email = optarg;
		return 0;
	case 'n':
		a->admin.name = optarg;
		return 0;
	case 'g':
		a->admin.generate = true;
		return 0;
	default:
		return -1;
	}
}

static int
command_run(const char *command, struct arguments *a)
{
	a->admin.admin = strcmp(command, "admin-create") == 0;
	if (a->admin.dir == NULL)
		return usage_fail();
	if (strcmp(command, "serve") == 0 && a->daemon.socket != NULL)
		return daemon_run(&a->daemon);
	if ((a->admin.admin || strcmp(command, "user-create") == 0) &&
	    a->admin.email != NULL && a->admin.name != NULL)
		return admin_user_create(&a->admin);
	if (strcmp(command, "password") == 0 && a->admin.email != NULL)
		return admin_password(&a->admin);
	if (strcmp(command, "keys-rotate") == 0)
		return admin_keys_rotate(&a->admin);
	if (strcmp(command, "audit-verify") == 0)
		return admin_audit_verify(&a->admin);
	return usage_fail();
}

int
main(int argc, char **argv)
{
	struct arguments a = { .daemon.peer = geteuid() };
	const char *command = argc > 1 ? argv[1] : "";
	int option, words = 1;

	if (argc > 2 && strcmp(command, "keys") == 0 &&
	    strcmp(argv[2], "rotate") == 0) {
		command = "keys-rotate";
		words = 2;
	}
	if (strcmp(command, "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	argc -= words;
	argv += words;
	while (argc > 0 && (option = getopt_long(argc, argv, "", options,
	    NULL)) != -1)
		if (option_take(&a, option) < 0)
			return usage_fail();
	if (argc > 0 && optind != argc)
		return usage_fail();
	return command_run(command, &a);
}
