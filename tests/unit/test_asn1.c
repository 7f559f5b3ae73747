/* SPDX-License-Identifier: ISC */
/*
 * Our reading and writing of DER held against somebody else's: libtasn1 with
 * the module in albatross/albatross.asn. What we write it decodes strictly
 * and writes again to the same bytes; what it refuses we refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libtasn1.h>

#include "tests/wire/random.h"

#define ROUNDS 2000

extern const asn1_static_node albatross_asn[];

static asn1_node module;

static int
load(void **state)
{
	return asn1_array2tree(albatross_asn, &module, NULL) == ASN1_SUCCESS ?
		0 : -1;
}

static int
unload(void **state)
{
	asn1_delete_structure(&module);
	return 0;
}

/* der through libtasn1 as type: whether it decodes, and is the same again. */
static bool
foreign(const char *type, const struct buf *der, bool *same)
{
	asn1_node node = NULL;
	char why[ASN1_MAX_ERROR_DESCRIPTION_SIZE];
	struct buf out;
	int len = (int)der->len, rc;

	assert_int_equal(asn1_create_element(module, type, &node),
	    ASN1_SUCCESS);
	rc = asn1_der_decoding2(&node, der->data, &len,
	    ASN1_DECODE_FLAG_STRICT_DER, why);
	if (rc != ASN1_SUCCESS) {
		asn1_delete_structure(&node);
		return false;
	}
	buf_init(&out, der->len + 1024);
	len = (int)der->len + 1024;
	assert_non_null(buf_extend(&out, len));
	rc = asn1_der_coding(node, "", out.data, &len, why);
	*same = rc == ASN1_SUCCESS && (size_t)len == der->len &&
		memcmp(out.data, der->data, der->len) == 0;
	buf_free(&out);
	asn1_delete_structure(&node);
	return true;
}

static void
commands(void **state)
{
	struct rng r = { 11 };
	struct alb_command c;
	struct buf out;
	bool same;
	int i;

	buf_init(&out, 1 << 20);
	for (i = 0; i < ROUNDS; i++) {
		random_command(&r, &c);
		assert_int_equal(alb_command_encode(&c, &out), ALB_OK);
		assert_true(foreign("ALBATROSS-WIRE.CertExtension", &out,
		    &same));
		assert_true(same);
		alb_command_free(&c);
		buf_reset(&out);
	}
	buf_free(&out);
}

static void
wires(void **state)
{
	struct rng r = { 12 };
	struct alb_wire w;
	struct buf out;
	bool same;
	int i;

	buf_init(&out, 1 << 20);
	for (i = 0; i < ROUNDS; i++) {
		random_wire(&r, &w);
		assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
		assert_true(foreign("ALBATROSS-WIRE.Wire", &out, &same));
		assert_true(same);
		alb_wire_free(&w);
		buf_reset(&out);
	}
	buf_free(&out);
}

/*
 * One bit turned: what we then take, libtasn1 takes as well. Statistics are
 * taken in more forms than the module has (stats_der.c).
 */
static void
damaged(void **state)
{
	struct rng r = { 13 };
	struct alb_wire w;
	struct buf out;
	size_t at;
	bool same;
	int i;

	buf_init(&out, 1 << 20);
	for (i = 0; i < ROUNDS; i++) {
		random_wire(&r, &w);
		assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
		alb_wire_free(&w);
		at = rng_below(&r, out.len < 200 ? out.len : 200);
		out.data[at] ^= 1 << rng_below(&r, 8);
		if (alb_wire_decode(out.data, out.len, &w) == ALB_OK) {
			same = w.payload == ALB_PAYLOAD_STATS ||
				foreign("ALBATROSS-WIRE.Wire", &out, &same);
			alb_wire_free(&w);
			assert_true(same);
		}
		buf_reset(&out);
	}
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(wires),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
