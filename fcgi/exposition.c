/* SPDX-License-Identifier: ISC */
/* exposition: see exposition.h. */
#include "fcgi/exposition.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
exposition_init(struct exposition *e, bool open_metrics)
{
	*e = (struct exposition){ .open_metrics = open_metrics };
	buf_init(&e->text, EXPOSITION_MAX);
}

void
exposition_free(struct exposition *e)
{
	buf_free(&e->text);
}

const char *
exposition_type(const struct exposition *e)
{
	return e->open_metrics ?
		"application/openmetrics-text; version=1.0.0; charset=utf-8" :
		"text/plain; version=0.0.4; charset=utf-8";
}

void
exposition_begin(struct exposition *e, const struct family *f)
{
	static const char *const kinds[] = { [FAMILY_COUNTER] = "counter",
		[FAMILY_GAUGE] = "gauge", [FAMILY_HISTOGRAM] = "histogram" };
	const char *end = f->kind == FAMILY_COUNTER && !e->open_metrics ?
		"_total" : "";

	e->family = f;
	buf_putf(&e->text, "# HELP %s%s %s\n# TYPE %s%s %s\n", f->name, end,
	    f->help, f->name, end, kinds[f->kind]);
}

static void
put_value(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			buf_put_str(b, "\\n");
		else if (*s == '"' || *s == '\\')
			buf_putf(b, "\\%c", *s);
		else
			buf_put_u8(b, (uint8_t)*s);
	}
}

/* "{a=\"b\",le=\"0.5\"}"; le may be NULL. */
static void
put_labels(struct buf *b, const char *le, va_list ap)
{
	const char *name, *before = "{";

	while ((name = va_arg(ap, const char *)) != NULL) {
		buf_putf(b, "%s%s=\"", before, name);
		put_value(b, va_arg(ap, const char *));
		buf_put_u8(b, '"');
		before = ",";
	}
	if (le != NULL)
		buf_putf(b, "%sle=\"%s\"", before, le);
	if (le != NULL || *before == ',')
		buf_put_u8(b, '}');
}

static void
put_head(struct exposition *e, const char *end, const char *le, va_list ap)
{
	va_list again;

	buf_putf(&e->text, "%s%s", e->family->name, end);
	va_copy(again, ap);
	put_labels(&e->text, le, again);
	va_end(again);
}

static const char *
ending(const struct exposition *e)
{
	return e->family->kind == FAMILY_COUNTER ? "_total" : "";
}

void
exposition_put(struct exposition *e, double value, ...)
{
	va_list ap;

	va_start(ap, value);
	put_head(e, ending(e), NULL, ap);
	va_end(ap);
	if (isfinite(value))
		buf_putf(&e->text, " %.15g\n", value);
	else
		buf_put_str(&e->text, " NaN\n");
}

void
exposition_count(struct exposition *e, uint64_t value, ...)
{
	va_list ap;

	va_start(ap, value);
	put_head(e, ending(e), NULL, ap);
	va_end(ap);
	buf_putf(&e->text, " %llu\n", (unsigned long long)value);
}

/* In seconds, as both forms of the text write it: "0.5", "1.0". */
static void
bound_text(size_t i, char out[24])
{
	if (i == HISTOGRAM_BOUNDS)
		snprintf(out, 24, "+Inf");
	else
		snprintf(out, 24, histogram_bounds[i] % 1000000 == 0 ?
		    "%.1f" : "%g", (double)histogram_bounds[i] / 1e6);
}

void
exposition_histogram(struct exposition *e, const struct histogram *h, ...)
{
	unsigned long long n = 0;
	char le[24];
	va_list ap;

	va_start(ap, h);
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		n += h->buckets[i];
		bound_text(i, le);
		put_head(e, "_bucket", le, ap);
		buf_putf(&e->text, " %llu\n", n);
	}
	put_head(e, "_sum", NULL, ap);
	buf_putf(&e->text, " %.15g\n", (double)h->sum / 1e6);
	put_head(e, "_count", NULL, ap);
	buf_putf(&e->text, " %llu\n", n);
	va_end(ap);
}

bool
exposition_end(struct exposition *e)
{
	if (e->open_metrics)
		buf_put_str(&e->text, "# EOF\n");
	return buf_ok(&e->text);
}
