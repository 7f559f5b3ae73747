/* SPDX-License-Identifier: ISC */
/*
 * alb_wire and the DER under it: whatever can be said comes back as it was,
 * whatever is not DER of the module is refused, and a stranger's message
 * costs no more than it is worth.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "albatross/der.h"
#include "base/text.h"
#include "tests/wire/random.h"

#define ROUNDS 20000

static void
commands_again(void **state)
{
	struct rng r = { 1 };
	struct alb_command c, again;
	struct buf out, twice;
	int i;

	buf_init(&out, 1 << 20);
	buf_init(&twice, 1 << 20);
	for (i = 0; i < ROUNDS; i++) {
		random_command(&r, &c);
		assert_int_equal(alb_command_encode(&c, &out), ALB_OK);
		assert_int_equal(alb_command_decode(out.data, out.len, &again),
		    ALB_OK);
		assert_true(command_equal(&c, &again));
		assert_int_equal(alb_command_encode(&again, &twice), ALB_OK);
		assert_int_equal(out.len, twice.len);
		assert_memory_equal(out.data, twice.data, out.len);
		alb_command_free(&c);
		alb_command_free(&again);
		buf_reset(&out);
		buf_reset(&twice);
	}
	buf_free(&out);
	buf_free(&twice);
}

static void
wires_again(void **state)
{
	struct rng r = { 2 };
	struct alb_wire w, again;
	struct buf out, twice;
	int i;

	buf_init(&out, 1 << 20);
	buf_init(&twice, 1 << 20);
	for (i = 0; i < ROUNDS; i++) {
		random_wire(&r, &w);
		assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
		assert_int_equal(alb_wire_decode(out.data, out.len, &again),
		    ALB_OK);
		assert_true(wire_equal(&w, &again));
		assert_int_equal(alb_wire_encode(&again, &twice), ALB_OK);
		assert_int_equal(out.len, twice.len);
		assert_memory_equal(out.data, twice.data, out.len);
		alb_wire_free(&w);
		alb_wire_free(&again);
		buf_reset(&out);
		buf_reset(&twice);
	}
	buf_free(&out);
	buf_free(&twice);
}

/* A volume of a size that can not be is no answer. */
static void
volume_sizes(void **state)
{
	static const struct { int64_t size; int rc; } cases[] = {
		{ 0, ALB_OK }, { ALB_SIZE_MAX, ALB_OK }, { -1, ALB_DECODE },
		{ ALB_SIZE_MAX + 1, ALB_DECODE },
	};
	struct alb_wire w, again;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_init(&out, 1 << 20);
		alb_wire_init(&w, ALB_PAYLOAD_BLOCKS);
		w.blocks = calloc(1, sizeof(*w.blocks));
		w.nblocks = 1;
		w.blocks[0].size = cases[i].size;
		memcpy(w.blocks[0].name.label, "data", 5);
		assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
		assert_int_equal(alb_wire_decode(out.data, out.len, &again),
		    cases[i].rc);
		if (cases[i].rc == ALB_OK)
			alb_wire_free(&again);
		alb_wire_free(&w);
		buf_free(&out);
	}
}

/* Cut, prolonged or with one bit turned: refused, or something else. */
static void
damaged(void **state)
{
	struct rng r = { 3 };
	struct alb_wire w, again;
	struct buf out;
	uint8_t *copy;
	size_t cut;
	int i;

	buf_init(&out, 1 << 20);
	for (i = 0; i < ROUNDS / 4; i++) {
		random_wire(&r, &w);
		assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
		alb_wire_free(&w);
		cut = rng_below(&r, out.len);
		/* exactly as long, so that a sanitizer sees reads beyond */
		copy = malloc(cut + 1);
		memcpy(copy, out.data, cut);
		copy = realloc(copy, cut > 0 ? cut : 1);
		assert_int_equal(alb_wire_decode(copy, cut, &again),
		    ALB_DECODE);
		free(copy);
		out.data[cut] ^= 1 << rng_below(&r, 8);
		if (alb_wire_decode(out.data, out.len, &again) == ALB_OK)
			alb_wire_free(&again);
		out.data[cut] ^= 1 << rng_below(&r, 8);
		buf_put_u8(&out, 0);
		assert_int_equal(alb_wire_decode(out.data, out.len, &again),
		    ALB_DECODE);
		buf_reset(&out);
	}
	buf_free(&out);
}

static int
decode_command(const char *hex)
{
	uint8_t der[256];
	size_t len = strlen(hex) / 2;
	struct alb_command c;
	int rc;

	assert_true(len <= sizeof(der));
	assert_int_equal(hex_decode(hex, der, len), 0);
	rc = alb_command_decode(der, len, &c);
	if (rc == ALB_OK)
		alb_command_free(&c);
	return rc;
}

static void
strict(void **state)
{
	static const char *const bad[] = {
		"",
		"30",
		"3000",
		"3080020105a304b30205000000",	/* indefinite */
		"308109020105a304b3020500",	/* long form of a short one */
		"30820009020105a304b3020500",	/* leading zero */
		"3084ffffffff020105a304b3020500",
		"3085000000000902",		/* five octets of length */
		"3009020104a304b3020500",	/* version */
		"300a02020005a304b3020500",	/* 0005 is not minimal */
		"3009020105a304b302050000",	/* behind the end */
		"300a020105a304b302050000",	/* inside the end */
		"3009020105a304b3020501",	/* NULL with content */
		"300a020105a305b303050100",
		"3009020105a304b4020500",	/* create is not NULL */
		"3009020105a304a0020500",	/* destroyed alternatives */
		"3009020105a204a0020500",	/* log */
		"3009020105a604a0020500",
		"3009020105a304bf020500",	/* high tag */
		"3109020105a304b3020500",	/* SET for SEQUENCE */
		"300a020105a505a102020a",	/* INTEGER beyond its place */
		/* INTEGER of no octets */
		"3009020105a504a1020200",
		/* 007f, ff80: not minimal */
		"300b020105a506a1040202007f",
		"300b020105a506a1040202ff80",
		/* 2^62, -2^62-1, 2^63 */
		"3011020105a50ca10a02084000000000000000",
		"3011020105a50ca10a0208bfffffffffffffff",
		"3012020105a50da10b0209008000000000000000",
		/* BOOLEAN of two octets, of none */
		"300b020105a506a704010200ff",
		"3009020105a504a7020100",
		/*
		 * Times: no Z, a letter for it, 31 February, second 60, a
		 * hyphen, one decimal, four, a UTCTime with 32 July
		 */
		"3019020105a014a212a010180e3230323630373134303930383037",
		"301a020105a015a213a011180f323032363037313430393038303761",
		"301a020105a015a213a011180f32303236303233313039303830375a",
		"301a020105a015a213a011180f32303236303731343039303836305a",
		"301a020105a015a213a011180f323032363037313430393038322d5a",
		"301c020105a017a215a013181132303236303731343039303830"
		"372e315a",
		"301f020105a01aa218a016181432303236303731343039303830"
		"372e313233345a",
		"3018020105a013a111a00f170d3236303733323039303830375a",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (decode_command(bad[i]) != ALB_DECODE)
			fail_msg("%s was taken", bad[i]);
}

/* Just on this side of what is refused above. */
static void
just_right(void **state)
{
	static const char *const good[] = {
		/* the ends of INTEGER, and what is minimal */
		"300a020105a505a10302017f",
		"300a020105a505a103020180",
		"300b020105a506a104020200ff",
		"300b020105a506a1040202ff7f",
		"3011020105a50ca10a02083fffffffffffffff",
		"3011020105a50ca10a0208c000000000000000",
		/* times: without decimals, with, the year 0, UTCTime */
		"301a020105a015a213a011180f32303236303731343039303830375a",
		"301e020105a019a217a015181332303236303731343039303830"
		"372e3030305a",
		"301a020105a015a213a011180f30303030303232393030303030305a",
		"3018020105a013a111a00f170d3236303731343039303830375a",
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (decode_command(good[i]) != ALB_OK)
			fail_msg("%s was refused", good[i]);
}

/* What is strict ends at BOOLEAN and SET OF, as albatross takes them. */
static void
lenient(void **state)
{
	/* cpuids {3, 0} */
	static const uint8_t unsorted[] = {
		0x30, 0x29, 2, 1, 5, 0xa3, 0x24, 0xb4, 0x22, 0x30, 0x20,
		0xa0, 2, 5, 0, 1, 1, 7, 4, 0, 1, 1, 0xff, 0xa0, 2, 5, 0,
		0x31, 6, 2, 1, 3, 2, 1, 0, 2, 1, 0x20, 0xa3, 3, 2, 1, 1,
	};
	struct alb_command c;
	/* any BOOLEAN but zero is true */
	static const uint8_t set[] = { 0x30, 0x0a, 2, 1, 5, 0xa5, 5, 0xa7, 3,
		1, 1, 1 };

	assert_int_equal(alb_command_decode(set, sizeof(set), &c), ALB_OK);
	assert_true(c.compressed);
	alb_command_free(&c);
	assert_int_equal(alb_command_decode(unsorted, sizeof(unsorted), &c),
	    ALB_OK);
	assert_int_equal(c.config.ncpus, 2);
	assert_true(c.compressed);
	alb_command_free(&c);
}

/* A reply to list inactive, of n times the same name. */
static void
put_list(struct buf *out, size_t n, const char *item, size_t len)
{
	struct der_writer w = der_write(out);
	size_t open = der_open(&w), list, i;

	der_put_int(&w, 5);
	der_put_u64(&w, 0);
	der_put_string(&w, ":");
	der_close(&w, open, DER_SEQUENCE);
	list = der_open(&w);
	for (i = 0; i < n; i++)
		buf_put(out, item, len);
	der_close(&w, list, DER_SEQUENCE);
	der_close(&w, list, DER_CONTEXT(12));
	der_close(&w, list, DER_CONTEXT(1));
	der_close(&w, open, DER_SEQUENCE);
	assert_int_equal(der_written(&w), ALB_OK);
}

static void
long_lists(void **state)
{
	struct alb_wire w;
	struct buf out;

	buf_init(&out, 1 << 24);
	put_list(&out, DER_LIST_MAX, "\x0c\x01:", 3);
	assert_int_equal(alb_wire_decode(out.data, out.len, &w), ALB_OK);
	assert_int_equal(w.nnames, DER_LIST_MAX);
	alb_wire_free(&w);
	buf_reset(&out);
	put_list(&out, DER_LIST_MAX + 1, "\x0c\x01:", 3);
	assert_int_equal(alb_wire_decode(out.data, out.len, &w), ALB_DECODE);
	buf_free(&out);
}

/* Lists in lists: infos with as many empty arguments as fit into a frame. */
static void
deep_lists(void **state)
{
	struct rng r = { 4 };
	struct alb_wire w, again;
	struct alb_config *c;
	struct buf out;
	size_t i, k;
	bool found;

	do {
		random_wire(&r, &w);
		found = w.payload == ALB_PAYLOAD_INFOS && w.ninfos > 20;
		if (!found)
			alb_wire_free(&w);
	} while (!found);
	for (i = 0; i < w.ninfos; i++) {
		c = &w.infos[i].config;
		for (k = 0; k < c->narguments; k++)
			free(c->arguments[k]);
		c->has_arguments = true;
		c->narguments = DER_LIST_MAX;
		c->arguments = realloc(c->arguments, DER_LIST_MAX *
		    sizeof(*c->arguments));
		for (k = 0; k < DER_LIST_MAX; k++)
			c->arguments[k] = strdup("");
	}
	buf_init(&out, 1 << 24);
	assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
	assert_int_equal(alb_wire_decode(out.data, out.len, &again),
	    ALB_DECODE);
	alb_wire_free(&w);
	buf_free(&out);
}

static void
thousand_infos(struct alb_wire *w)
{
	struct rng r = { 5 };
	size_t i;

	alb_wire_init(w, ALB_PAYLOAD_INFOS);
	w->ninfos = 1000;
	w->infos = calloc(w->ninfos, sizeof(*w->infos));
	for (i = 0; i < w->ninfos; i++) {
		random_sane_config(&r, &w->infos[i].config);
		for (size_t k = 0; k < w->infos[i].config.nblocks; k++) {
			struct alb_block *b = &w->infos[i].config.blocks[k];

			if (b->volume == NULL)
				b->volume = strdup(b->name);
			b->has_sector_size = true;
		}
		for (size_t k = 0; k < w->infos[i].config.nnets; k++) {
			struct alb_net *n = &w->infos[i].config.nets[k];

			if (n->bridge == NULL)
				n->bridge = strdup(n->name);
		}
		memcpy(w->infos[i].name.label, "hello", 6);
		w->infos[i].digest_len = 32;
		w->infos[i].has_started = true;
		w->infos[i].started = 1784020087;
		w->infos[i].started_millis = 123;
	}
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void
fast(void **state)
{
	struct alb_wire w, again;
	struct buf out;
	double begin, best = 1e9, took;
	int i;

	thousand_infos(&w);
	buf_init(&out, 1 << 24);
	assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
	for (i = 0; i < 10; i++) {
		begin = now_ms();
		assert_int_equal(alb_wire_decode(out.data, out.len, &again),
		    ALB_OK);
		took = now_ms() - begin;
		best = took < best ? took : best;
		assert_int_equal(again.ninfos, 1000);
		alb_wire_free(&again);
	}
	print_message("# 1,000 unikernels in %zu bytes: %.2f ms\n", out.len,
	    best);
#ifndef SANITIZERS
	assert_true(best < 10);
#endif
	alb_wire_free(&w);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_again),
		cmocka_unit_test(wires_again),
		cmocka_unit_test(volume_sizes),
		cmocka_unit_test(damaged),
		cmocka_unit_test(strict),
		cmocka_unit_test(just_right),
		cmocka_unit_test(lenient),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(deep_lists),
		cmocka_unit_test(fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
