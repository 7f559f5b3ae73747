/* SPDX-License-Identifier: ISC */
/*
 * alb_command_decode: what it takes is encoded, taken again, and from then on
 * the same bytes; it can be checked and shown as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "albatross/json.h"
#include "tests/fuzz/fuzz.h"

static void
again(const struct buf *first)
{
	struct alb_command c;
	struct buf second;

	if (alb_command_decode(first->data, first->len, &c) != ALB_OK)
		abort();
	buf_init(&second, first->len);
	if (alb_command_encode(&c, &second) != ALB_OK ||
	    second.len != first->len ||
	    memcmp(first->data, second.data, first->len) != 0)
		abort();
	buf_free(&second);
	alb_command_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alb_command c;
	struct fault f = { 0 };
	struct json_object *o;
	struct buf out;

	if (alb_command_decode(data, size, &c) != ALB_OK)
		return 0;
	buf_init(&out, 2 * size + 64);
	if (alb_command_encode(&c, &out) != ALB_OK)
		abort();
	again(&out);
	buf_free(&out);
	alb_command_check(&c, "hello", &f);
	o = alb_command_to_json(&c);
	json_object_put(o);
	alb_command_free(&c);
	return 0;
}
