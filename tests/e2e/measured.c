/* SPDX-License-Identifier: ISC */
/*
 * measured STATE-DIR: keeps what unikernels used in the past, as if it had been
 * measured, oldest first. For while the daemon does not run. Standard input:
 *
 *   of INSTANCE PROJECT NAME DEVICE        whose the next lines are
 *   TIME SPAN CPU MEMORY FAULTS RX TX      as in gauge_file.h; of so many
 *                                          seconds up to TIME
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fcgi/gauge_file.h"
#include "fcgi/state_dir.h"

#define WORD_SIZE 64
#define LINE_SIZE 512

struct whose {
	char instance[WORD_SIZE], project[WORD_SIZE], name[WORD_SIZE];
	char device[WORD_SIZE];
};

static bool
line_keep(int root, const struct whose *w, const char *line)
{
	struct gauge_place place = { w->instance, w->project, w->name };
	struct gauge_values v = { .nnets = 1 };
	int64_t at, span;

	if (sscanf(line, "%" SCNd64 " %" SCNd64 " %lf %lf %lf %lf %lf", &at,
	    &span, &v.cpu, &v.memory, &v.faults, &v.nets[0].rx,
	    &v.nets[0].tx) != 7)
		return false;
	memcpy(v.nets[0].name, w->device, WORD_SIZE);
	return gauge_file_add(root, &place, at - span, at, &v) == 0;
}

int
main(int argc, char **argv)
{
	AUTO_FD int state = argc == 2 ?
		open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	AUTO_FD int root = state < 0 ? -1 : state_dir_open(state, "metrics");
	struct whose w = { 0 };
	char line[LINE_SIZE];

	if (root < 0)
		return 2;
	while (fgets(line, sizeof(line), stdin) != NULL)
		if (sscanf(line, "of %63s %63s %63s %63s", w.instance,
		    w.project, w.name, w.device) != 4 &&
		    !line_keep(root, &w, line)) {
			fprintf(stderr, "measured: %s", line);
			return 1;
		}
	return 0;
}
