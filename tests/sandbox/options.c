/* SPDX-License-Identifier: ISC */
/* options: the command line of albatross-sandbox. */
#include "tests/sandbox/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum {
	DIR_, LISTEN, NAME, CONTROL, INIT, LEVEL, CPUS, MEMORY, BLOCK, STATS,
	GAP, SUBSCRIBERS, CA_DAYS, BRIDGE, HELP
};

static const struct option longs[] = {
	{ "dir", required_argument, NULL, DIR_ },
	{ "listen", required_argument, NULL, LISTEN },
	{ "server-name", required_argument, NULL, NAME },
	{ "control", required_argument, NULL, CONTROL },
	{ "init", no_argument, NULL, INIT },
	{ "level", required_argument, NULL, LEVEL },
	{ "cpus", required_argument, NULL, CPUS },
	{ "memory", required_argument, NULL, MEMORY },
	{ "block", required_argument, NULL, BLOCK },
	{ "stats-interval", required_argument, NULL, STATS },
	{ "restart-gap", required_argument, NULL, GAP },
	{ "max-subscribers", required_argument, NULL, SUBSCRIBERS },
	{ "ca-days", required_argument, NULL, CA_DAYS },
	{ "bridge", required_argument, NULL, BRIDGE },
	{ "help", no_argument, NULL, HELP },
	{ 0 }
};

static const char usage[] =
	"albatross-sandbox --dir DIR --init | --control LINE |\n"
	"    --listen ADDRESS:PORT [--server-name NAME] [--level 2.5|2.6|2.7]\n"
	"    [--cpus N] [--memory MB] [--block MB] [--bridge NAME]...\n"
	"    [--stats-interval MS] [--restart-gap MS] [--max-subscribers N]\n"
	"    [--ca-days DAYS]\n";

static void
options_init(struct options *o)
{
	*o = (struct options){
		.server_name = "localhost",
		.level = ALB_LEVEL_NEWEST,
		.cpus = sysconf(_SC_NPROCESSORS_ONLN),
		.memory = 4096,
		.block = -1,
		.stats_interval = 10000,
		.restart_gap = 10,
		.subscribers = 5,
		.ca_days = 3650,
	};
}

static int
level_read(const char *s, struct options *o)
{
	int level = alb_level_parse(s);

	if (level < ALB_LEVEL_2_5)
		return -1;
	o->level = level;
	return 0;
}

static int
bridge_add(char *s, struct options *o)
{
	if (o->nbridges == OPTIONS_BRIDGES_MAX || s[0] == '\0')
		return -1;
	o->bridges[o->nbridges++] = s;
	return 0;
}

static int
number_take(int opt, const char *s, struct options *o)
{
	switch (opt) {
	case CPUS:
		return int_parse(s, 1, ALB_CPUS_MAX, &o->cpus);
	case MEMORY:
		return int_parse(s, 0, INT32_MAX, &o->memory);
	case BLOCK:
		return int_parse(s, 0, INT32_MAX, &o->block);
	case STATS:
		return int_parse(s, 10, INT32_MAX, &o->stats_interval);
	case GAP:
		return int_parse(s, 0, INT32_MAX, &o->restart_gap);
	case SUBSCRIBERS:
		return int_parse(s, 1, INT32_MAX, &o->subscribers);
	case CA_DAYS:
		return int_parse(s, 1, 36500, &o->ca_days);
	default:
		return -1;
	}
}

static int
option_take(int opt, char *s, struct options *o)
{
	switch (opt) {
	case DIR_:
		o->dir = s;
		return 0;
	case LISTEN:
		o->listen = s;
		return 0;
	case NAME:
		o->server_name = s;
		return 0;
	case CONTROL:
		o->control = s;
		return 0;
	case INIT:
		o->init = true;
		return 0;
	case LEVEL:
		return level_read(s, o);
	case BRIDGE:
		return bridge_add(s, o);
	default:
		return number_take(opt, s, o);
	}
}

int
options_read(int argc, char **argv, struct options *o)
{
	int opt, i;

	options_init(o);
	while ((opt = getopt_long(argc, argv, "", longs, &i)) != -1) {
		if (opt == HELP || opt == '?') {
			fputs(usage, stderr);
			return -1;
		}
		if (option_take(opt, optarg, o) != 0) {
			fprintf(stderr, "albatross-sandbox: --%s: bad value\n",
				longs[i].name);
			return -1;
		}
	}
	if (o->dir != NULL && optind == argc &&
	    (o->listen != NULL) + (o->control != NULL) + o->init == 1)
		return 0;
	fputs(usage, stderr);
	return -1;
}
