/* SPDX-License-Identifier: ISC */
/* alb_name: labels, paths and full names, protocol.md section 5. */
#ifndef ALBATROSS_NAME_H
#define ALBATROSS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define ALB_LABEL_MAX 63
/* Bytes of the text form: a chain has room for eight labels and a leaf. */
#define ALB_NAME_MAX 575

/*
 * Folds s to lower case into out. NULL when it is a label (1 to 63 bytes of
 * [A-Za-z0-9.-], not beginning with '-', not only dots); else the reason, as
 * a phrase that fits behind "name".
 */
const char *alb_label_fold(const char *s, char out[ALB_LABEL_MAX + 1]);
/* The reason alone, for json_field.check (base/json.h). */
const char *alb_label_check(const char *s);
/* True for a folded label. */
bool alb_label_valid(const char *s);

/*
 * A name from the wire: path text ("" for the root, "alice", "a:b") and label
 * ("" when the name is a path). Both borrow from the struct.
 */
struct alb_name {
	char path[ALB_NAME_MAX + 1];
	char label[ALB_LABEL_MAX + 1];
};

/*
 * Reads the text form of protocol.md section 5 (":hello", "hello",
 * "alice:hello", "alice:", ":"): 0 or ALB_DECODE.
 */
int alb_name_parse(const char *text, size_t len, struct alb_name *name);
/*
 * Writes the text form: path ":" label, ":" for the root itself; "" for what
 * is too long to be a name.
 */
void alb_name_format(const struct alb_name *name, char out[ALB_NAME_MAX + 2]);
/*
 * Makes a relative name of a reply absolute by the path that was asked
 * ("alice" and ":hello" give alice:hello). 0, or ALB_DECODE when too long.
 */
int alb_name_prefix(struct alb_name *name, const char *path);

#endif
