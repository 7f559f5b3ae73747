/* SPDX-License-Identifier: ISC */
/*
 * due STATE-DIR: as if time had gone by: every schedule is due since long. For
 * while the daemon does not run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fcgi/copy_rule.h"

int
main(int argc, char **argv)
{
	struct fault f = { 0 };
	struct ledger *l = NULL;
	struct copy_rule *list;
	size_t n = 0;

	if (argc != 2 || ledger_open(argv[1], &l, &f) != 0) {
		fprintf(stderr, "due: %s\n", f.detail);
		return 1;
	}
	list = copy_rules_due(l, INT64_MAX, &n);
	for (size_t i = 0; f.err == 0 && i < n; i++) {
		list[i].next = 1000;
		(void)copy_rule_note(l, &list[i], &f);
	}
	free(list);
	ledger_close(l);
	return f.err == 0 && n > 0 ? 0 : 1;
}
