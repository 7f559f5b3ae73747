/* SPDX-License-Identifier: ISC */
/*
 * due STATE-DIR: as if time had gone by: every schedule is due since long, and
 * what is to be sent. For while the daemon does not run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fcgi/copy_rule.h"

/* How many there are. */
static int
outbox_due(struct ledger *l, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int n = 0, err;

	if (d == NULL)
		return 0;
	err = db_run(d, "UPDATE outbox SET due = 1000", "");
	if (err == 0)
		n = db_changes(d);
	return ledger_write_end(l, err, f) == 0 ? n : 0;
}

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
	n += (size_t)outbox_due(l, &f);
	ledger_close(l);
	return f.err == 0 && n > 0 ? 0 : 1;
}
