/* SPDX-License-Identifier: ISC */
/*
 * albatross-sandbox: an albatross server for tests and the demo, which keeps
 * the protocol to the letter and runs nothing. See README.md.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/sandbox/blocks.h"
#include "tests/sandbox/ca.h"
#include "tests/sandbox/policies.h"
#include "tests/sandbox/serve.h"
#include "tests/sandbox/unikernels.h"

#define EXIT_DIED 3		/* a daemon died on the way, or was lost */

static int
folder_enter(const char *dir)
{
	static const char *const folders[] = { "policies", "unikernels",
		"blocks" };
	size_t i;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return -1;
	if (chdir(dir) != 0)
		return -1;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdir(folders[i], 0700) != 0 && errno != EEXIST)
			return -1;
	return 0;
}

static int
sandbox_run(const struct options *o)
{
	struct sandbox s;
	struct ca ca;
	int rc;

	if (ca_load(&ca, o->server_name) != 0)
		return 1;
	sandbox_init(&s, o);
	blocks_restore(&s);
	policies_restore(&s);
	unikernels_restore(&s);
	rc = serve(&s, &ca) != 0;
	if (rc == 0 && (s.albatrossd_dead || s.console_dead ||
	    s.console_lost))
		rc = EXIT_DIED;
	sandbox_free(&s);
	ca_free(&ca);
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o;

	if (options_read(argc, argv, &o) != 0)
		return 2;
	log_init("albatross-sandbox", LOG_LEVEL_INFO);
	if (folder_enter(o.dir) != 0) {
		log_event(LOG_LEVEL_ERROR, "state", "dir", o.dir, "error",
			strerror(errno), NULL);
		return 1;
	}
	if (o.control != NULL)
		return control_send(o.control) == 0 ? 0 : 1;
	if (ca_make(o.server_name, o.ca_days) != 0)
		return 1;
	return o.init ? 0 : sandbox_run(&o);
}
