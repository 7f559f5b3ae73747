/* SPDX-License-Identifier: ISC */
/* err: the table behind err.h, and faults. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int status;
	const char *code;
	const char *title;
} table[ERR_COUNT] = {
	[ERR_OK] = { 200, "ok", "OK" },
#define X(name, status, code, title) [ERR_##name] = { status, code, title },
	ERR_LIST(X)
#undef X
};

static int
err_known(int err)
{
	return err > ERR_OK && err < ERR_COUNT ? err : ERR_INTERNAL;
}

const char *
err_code(int err)
{
	return table[err_known(err)].code;
}

const char *
err_title(int err)
{
	return table[err_known(err)].title;
}

int
err_status(int err)
{
	return table[err_known(err)].status;
}

int
err_from_code(const char *code)
{
	for (int err = ERR_OK + 1; err < ERR_COUNT; err++)
		if (strcmp(table[err].code, code) == 0)
			return err;
	return ERR_INTERNAL;
}

int
fault_set(struct fault *f, int err, const char *fmt, ...)
{
	va_list ap;

	f->err = err;
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
	return err;
}

void
fault_add(struct fault *f, const char *fmt, ...)
{
	size_t at = strlen(f->detail);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->detail + at, sizeof(f->detail) - at, fmt, ap);
	va_end(ap);
}

int
fault_field(struct fault *f, const char *field, const char *fmt, ...)
{
	struct fault_field *ff;
	va_list ap;

	if (f->err == ERR_OK)
		f->err = ERR_INVALID;
	if (f->nfields == FAULT_FIELDS_MAX)
		return f->err;
	ff = &f->fields[f->nfields++];
	snprintf(ff->field, sizeof(ff->field), "%s", field);
	va_start(ap, fmt);
	vsnprintf(ff->message, sizeof(ff->message), fmt, ap);
	va_end(ap);
	return f->err;
}
