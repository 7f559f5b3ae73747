/* SPDX-License-Identifier: ISC */
/*
 * problem: a fault as the ledger keeps it: the members of a problem document
 * that tell of it (code, title, detail, albatross, errors), as JSON.
 */
#ifndef FCGI_PROBLEM_H
#define FCGI_PROBLEM_H

#include "base/json.h"

/* Its fields as [{"field", "message"}]; owned. */
struct json_object *problem_fields(const struct fault *f);
/* Owned; NULL: out of memory. */
char *problem_text(const struct fault *why);
/* Back again; f->err is 0 for NULL. */
void problem_fault(const char *text, struct fault *f);

#endif
