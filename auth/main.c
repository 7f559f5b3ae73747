/* SPDX-License-Identifier: ISC */
/* mollymawk-auth: the authority. Reads the command line and starts. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/admin.h"
#include "base/text.h"

static admin_command serve;

/*
 * Needed and taken are options by their letters. The help says what is not
 * plain from them.
 */
static const struct command {
	const char *name;	/* of one or two words */
	admin_command *run;
	const char *needed;
	const char *taken;
	const char *what;
	const char *help;
} commands[] = {
	{ "serve", serve, "ds", "up", "run the authority",
"Answers mollymawk-fcgi on the socket until SIGTERM or SIGINT. While there\n"
"is nobody, prints a link to make the first administrator with.\n" },
	{ "admin-create", admin_create, "den", "g", "make an administrator",
"The password is a line of standard input, or made and printed (--generate).\n"
	},
	{ "user-create", admin_user_create, "den", "g", "make an account",
"The password is a line of standard input, or made and printed (--generate).\n"
	},
	{ "passwd", admin_passwd, "de", "gr", "set a password",
"The password is a line of standard input, or made and printed (--generate).\n"
"Ends all sessions of the account. --remove-second-factor: for who lost it.\n"
	},
	{ "token-create", admin_token_create, "denS", "ijUx", "make a token",
"Of that account; it may do no more than that may. Prints the token, which is\n"
"not to be seen again. Lists have commas between: --scopes\n"
"unikernel:read,unikernel:deploy. Expires after 30 days unless told.\n" },
	{ "instance-add", admin_instance_add, "dnhPck", "a",
	  "add an albatross server",
"Certificate, key and, unless the certificate is self-signed, the CA of the\n"
"server are files in PEM form; they are checked as in the web pages. No\n"
"connection is tried: the authority makes none.\n" },
	{ "keys rotate", admin_keys_rotate, "d", "",
	  "sign sessions with a new key", "" },
	{ "rekey", admin_rekey, "d", "", "make a new master key",
"Seals everything in the database anew. mollymawk-auth must be stopped.\n"
"Everybody has to sign in again; tokens go on. May be cut off anywhere: the\n"
"next start ends it or leaves it undone.\n" },
	{ "audit-verify", admin_audit_verify, "d", "",
	  "check the audit log for removed or changed rows", "" },
	{ "check", admin_check, "d", "",
	  "check files, database, keys and audit log",
"Prints a line for each thing; fails when one of them is BAD. Changes\n"
"nothing, mollymawk-auth may be running.\n" },
	{ "backup", admin_backup, "dt", "K", "copy the database",
"To a new file, as it is at one moment; mollymawk-auth may be running. With\n"
"--with-key the master key goes to FILE.key: whoever has both has everything.\n"
	},
	{ "restore", admin_restore, "dF", "kf", "bring a copy back",
"The copy is checked first. --key is the master key it was made with, unless\n"
"that is in DIR. With --force in place of what is in DIR, which is kept as\n"
"auth.db.before. mollymawk-auth must be stopped.\n" },
	{ .name = NULL },
};

static const struct option options[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "socket", required_argument, NULL, 's' },
	{ "public-url", required_argument, NULL, 'u' },
	{ "peer-uid", required_argument, NULL, 'p' },
	{ "email", required_argument, NULL, 'e' },
	{ "name", required_argument, NULL, 'n' },
	{ "generate", no_argument, NULL, 'g' },
	{ "remove-second-factor", no_argument, NULL, 'r' },
	{ "scopes", required_argument, NULL, 'S' },
	{ "instances", required_argument, NULL, 'i' },
	{ "project", required_argument, NULL, 'j' },
	{ "unikernels", required_argument, NULL, 'U' },
	{ "expires-in-days", required_argument, NULL, 'x' },
	{ "host", required_argument, NULL, 'h' },
	{ "port", required_argument, NULL, 'P' },
	{ "certificate", required_argument, NULL, 'c' },
	{ "key", required_argument, NULL, 'k' },
	{ "server-ca", required_argument, NULL, 'a' },
	{ "to", required_argument, NULL, 't' },
	{ "with-key", no_argument, NULL, 'K' },
	{ "from", required_argument, NULL, 'F' },
	{ "force", no_argument, NULL, 'f' },
	{ NULL, 0, NULL, 0 },
};

static int
serve(const struct arguments *a)
{
	return daemon_run(&a->daemon);
}

static void
option_print(FILE *out, char letter, bool needed)
{
	const struct option *o = options;

	while (o->val != letter)
		o++;
	fprintf(out, needed ? " --%s%s" : " [--%s%s]", o->name,
	    o->has_arg == no_argument ? "" : " ...");
}

static int
command_usage(FILE *out, const struct command *c)
{
	fprintf(out, "usage: mollymawk-auth %s", c->name);
	for (const char *s = c->needed; *s != '\0'; s++)
		option_print(out, *s, true);
	for (const char *s = c->taken; *s != '\0'; s++)
		option_print(out, *s, false);
	fprintf(out, "\n%s", c->help);
	return 2;
}

static int
usage(FILE *out)
{
	fputs("usage: mollymawk-auth COMMAND ...\n", out);
	for (const struct command *c = commands; c->name != NULL; c++)
		fprintf(out, "  %-13s %s\n", c->name, c->what);
	fputs("  help COMMAND  say more of one\n", out);
	return 2;
}

/* The command that the n words begin with, and how many of them it is. */
static const struct command *
command_find(char *const *words, int n, int *taken)
{
	for (const struct command *c = commands; c->name != NULL && n > 0;
	    c++) {
		size_t len = strcspn(c->name, " ");
		bool two = c->name[len] == ' ';

		*taken = two ? 2 : 1;
		if (strlen(words[0]) == len &&
		    memcmp(words[0], c->name, len) == 0 && (!two || (n > 1 &&
		    strcmp(words[1], c->name + len + 1) == 0)))
			return c;
	}
	return NULL;
}

static int
number_take(int64_t max, int64_t *out)
{
	return int_parse(optarg, 0, max, out);
}

/* Where the text of an option goes; NULL: it is none. */
static const char **
text_slot(struct arguments *a, int option)
{
	switch (option) {
	case 'd': return &a->dir;
	case 's': return &a->daemon.socket;
	case 'u': return &a->daemon.public_url;
	case 'e': return &a->email;
	case 'n': return &a->name;
	case 'S': return &a->scopes;
	case 'i': return &a->instances;
	case 'j': return &a->project;
	case 'U': return &a->unikernels;
	case 'h': return &a->host;
	case 'c': return &a->certificate;
	case 'k': return &a->key;
	case 'a': return &a->server_ca;
	case 't':
	case 'F': return &a->file;
	default: return NULL;
	}
}

static int
option_take(struct arguments *a, int option)
{
	const char **slot = text_slot(a, option);
	int64_t uid = 0;
	int rc = 0;

	if (slot != NULL)
		*slot = optarg;
	a->generate = a->generate || option == 'g';
	a->without_factors = a->without_factors || option == 'r';
	a->with_key = a->with_key || option == 'K';
	a->force = a->force || option == 'f';
	if (option == 'P')
		rc = number_take(65535, &a->port);
	else if (option == 'x')
		rc = number_take(365, &a->days);
	else if (option == 'p')
		rc = number_take(UINT32_MAX - 1, &uid);
	if (option == 'p' && rc == 0)
		a->daemon.peer = (uid_t)uid;
	return rc;
}

/* Only what the command takes, and all that it needs. */
static bool
options_read(const struct command *c, int argc, char **argv,
	struct arguments *a)
{
	bool given[128] = { false };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?' || (strchr(c->needed, option) == NULL &&
		    strchr(c->taken, option) == NULL) ||
		    option_take(a, option) < 0)
			return false;
		given[option] = true;
	}
	a->daemon.dir = a->dir;
	for (const char *s = c->needed; *s != '\0'; s++)
		if (!given[(unsigned char)*s])
			return false;
	return optind == argc;
}

int
main(int argc, char **argv)
{
	struct arguments a = { .daemon.peer = geteuid() };
	bool help = argc > 1 && (strcmp(argv[1], "help") == 0 ||
		strcmp(argv[1], "--help") == 0);
	const struct command *c;
	int words = 0;

	c = command_find(argv + 1 + help, argc - 1 - help, &words);
	if (help)
		return (c == NULL ? usage(stdout) : command_usage(stdout,
		    c)) - 2;
	if (c == NULL)
		return usage(stderr);
	if (!options_read(c, argc - words, argv + words, &a))
		return command_usage(stderr, c);
	return c->run(&a);
}
