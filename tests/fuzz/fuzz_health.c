/* SPDX-License-Identifier: ISC */
/*
 * health: the first byte says what the rest is: a check's URL, a range of
 * addresses, or a DNS message (then the second byte is the type that is looked
 * for). What is taken is said again in the one form, which reads as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "fcgi/health.h"
#include "fcgi/health_answer.h"
#include "tests/fuzz/fuzz.h"

#define ANSWERS_MAX (512 * 1024)

static void
check_url(const char *text)
{
	struct health_check c, again;
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = NULL, *same = NULL;

	if (health_check_from_url(text, &c, &f) != 0) {
		if (f.err != ERR_INVALID || f.nfields == 0)
			abort();
		return;
	}
	o = health_check_to_json(&c);
	if (health_check_from_json(o, "", &again, &f) != 0)
		abort();
	same = health_check_to_json(&again);
	if (!json_object_equal(o, same) || c.port < 1 || c.port > 65535 ||
	    strpbrk(c.path, " \r\n#") != NULL ||
	    (c.type == HEALTH_HTTP && c.path[0] != '/') ||
	    (c.type == HEALTH_DNS && !health_name_valid(c.name)))
		abort();
}

static void
check_range(const char *text)
{
	struct range r, again;
	char out[RANGE_TEXT_SIZE];

	if (range_parse(text, &r) < 0)
		return;
	range_format(&r, out);
	if (range_parse(out, &again) < 0 || again.bits != r.bits ||
	    !address_same(&again.address, &r.address) ||
	    !range_holds(&r, &r.address))
		abort();
	(void)address_kind(&r.address);
}

static void
check_message(const uint8_t *data, size_t size)
{
	struct buf text;
	int found;

	if (size == 0)
		return;
	buf_init(&text, ANSWERS_MAX);
	found = answer_read(data + 1, size - 1, data[0], &text);
	/* Each answer is a line, and takes eleven bytes at least. */
	if (found > 0 && (text.len < (size_t)found ||
	    (size_t)found > size / 11))
		abort();
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	if (data[0] == 'd') {
		check_message(data + 1, size - 1);
		return 0;
	}
	text = malloc(size);
	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 'u')
		check_url(text);
	if (data[0] == 'r')
		check_range(text);
	free(text);
	return 0;
}
