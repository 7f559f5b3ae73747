/* SPDX-License-Identifier: ISC */
/*
 * transfer against an upstream of our own, which ends as a test wants: what is
 * said of the volume afterwards is what happened to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/transfer.h"
#include "tests/unit/deployments.h"

/* Of "hello". */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define MB (1024 * 1024)

static char dir[FOLDER_SIZE];
static struct app app;
static struct operation o;

/* The volume, and what albatross does. */
static struct {
	bool there, active;
	int find_err;		/* that nobody says whether it is there */
	uint8_t data[2 * MB];
	size_t len;
	int sets;
	int err;		/* of the first set, after so many bytes */
	enum set_effect effect;
	size_t after;
	/* of dumps */
	size_t sends;		/* bytes */
	int level;
	int dump_err;
} alb;

int
volume_find(struct upstream *u, const struct ask *a, struct volume *out,
	struct fault *f)
{
	(void)u;
	(void)a;
	*out = (struct volume){ .size = 1, .active = alb.active };
	if (alb.find_err != 0)
		return fault_set(f, alb.find_err, "Nobody answers.");
	return alb.there ? 0 : fault_set(f, ERR_NOT_FOUND, "No volume.");
}

void
volume_changed(struct upstream *u, const struct ask *a)
{
	(void)u;
	(void)a;
}

int
upstream_set(struct upstream *u, const struct ask *a,
	int (*next)(void *arg, uint8_t *data, size_t *len), void *arg,
	uint64_t *sent, enum set_effect *effect, struct fault *f)
{
	bool fails = alb.sets++ == 0 && alb.err != 0;
	uint8_t data[1000];
	size_t len = sizeof(data);

	(void)u;
	(void)a;
	*sent = 0;
	*effect = SET_NONE;
	if (next(arg, data, &len) != 0)
		return fault_set(f, ERR_INTERNAL, "Nothing to send.");
	*effect = alb.effect;
	alb.len = 0;
	while (len > 0 && (!fails || alb.len < alb.after)) {
		memcpy(alb.data + alb.len, data, len);
		alb.len += len;
		len = sizeof(data);
		if (next(arg, data, &len) != 0)
			break;
	}
	*sent = alb.len;
	return fails ? fault_set(f, alb.err, "Broken.") : 0;
}

int
upstream_dump(struct upstream *u, const struct ask *a, int level,
	const struct dump_taker *taker, struct fault *f)
{
	static uint8_t packed[2 * MB];
	uLongf n = sizeof(packed);
	const uint8_t *p = alb.data;
	size_t at, len = alb.sends;

	(void)u;
	(void)a;
	alb.level = level;
	if (level > 0) {
		assert_int_equal(compress2(packed, &n, alb.data, len, level),
		    Z_OK);
		p = packed;
		len = n;
	}
	if (taker->begin(taker->arg) != 0)
		return fault_set(f, ERR_INTERNAL, "Not begun.");
	for (at = 0; at < len; at += 4096) {
		size_t some = len - at < 4096 ? len - at : 4096;

		if (taker->take(taker->arg, p + at, some) != 0)
			return fault_set(f, ERR_INTERNAL, "Not taken.");
	}
	return alb.dump_err == 0 ? 0 : fault_set(f, alb.dump_err, "Broken.");
}

static int
setup(void **state)
{
	const struct auth_grant ada = { .user = "u1", .user_name = "ada" };
	struct fault f = { 0 };

	(void)state;
	app = (struct app){ 0 };
	memset(&alb, 0, sizeof(alb));
	alb.there = true;
	alb.sends = MB;
	if (ledger_begin(dir, &app.ledger) < 0)
		return -1;
	app.operations = operations_new(&app);
	operation_init(&o, OPERATION_UPLOAD, "i1", "ada", "data", &ada);
	return operation_begin(app.operations, &o, &f);
}

static int
teardown(void **state)
{
	(void)state;
	operation_free(&o);
	operations_free(app.operations);
	return ledger_finish(dir, app.ledger);
}

static const struct volume volume = { "i1", "ada", "data", 1, false };
static const struct ask ask = { .instance = "i1", .project = "ada",
	.label = "data" };

/* ---- in ---- */

struct text {
	const char *p;
	size_t left, step;
	int err;		/* at the end */
};

static int
text_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct text *t = arg;
	size_t n = t->left < t->step ? t->left : t->step;

	*got = n < size ? n : size;
	memcpy(data, t->p, *got);
	t->p += *got;
	t->left -= *got;
	return *got > 0 || t->err == 0 ? 0 : fault_set(f, t->err, "Ended.");
}

static int
fill(const char *text, uint64_t size, int err, const char *digest,
	struct volume_outcome *out, struct fault *f)
{
	struct text t = { text, strlen(text), 2, err };
	struct volume_source s = { text_read, &t, size };

	*f = (struct fault){ 0 };
	return volume_fill(&app, &ask, &volume, &s, digest, &o, out, f);
}

/* What the ledger says of it. */
static void
content(const char *state, int64_t bytes, const char *sha256)
{
	AUTO_JSON struct json_object *c = volume_content_json(app.ledger,
		"i1", "ada", "data");

	if (state == NULL) {
		assert_null(c);
		return;
	}
	assert_string_equal(json_member_text(c, "state", 99), state);
	assert_string_equal(json_member_text(c, "user", 99), "ada");
	assert_string_equal(json_member_text(c, "sha256", 99), sha256);
	assert_int_equal(json_object_get_int64(json_member(c, "bytes",
	    json_type_int)), bytes);
	assert_int_equal(json_object_get_int64(json_member(c, "operation",
	    json_type_int)), o.id);
}

static void
test_whole(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	assert_int_equal(fill("hello", 5, 0, HELLO, &out, &f), 0);
	assert_int_equal(out.state, VOLUME_WHOLE);
	assert_int_equal(alb.len, 5);
	assert_memory_equal(alb.data, "hello", 5);
	content("whole", 5, HELLO);
	assert_int_equal(fill("", 0, 0, NULL, &out, &f), 0);
	assert_int_equal(out.state, VOLUME_WHOLE);
	assert_int_equal(alb.len, 0);
}

/* What does not fit is never begun. */
static void
test_too_large(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	assert_int_equal(fill("hello", MB + 1, 0, NULL, &out, &f),
	    ERR_TOO_LARGE);
	assert_int_equal(out.state, VOLUME_UNTOUCHED);
	assert_int_equal(alb.sets, 0);
	content(NULL, 0, NULL);
}

/* What the source does ends the stream properly. */
static void
test_source_ends(void **state)
{
	char text[1501] = "";
	struct volume_outcome out;
	struct fault f;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(fill(text, 1501, 0, NULL, &out, &f),
	    ERR_BAD_REQUEST);
	assert_int_equal(out.state, VOLUME_PARTIAL);
	assert_int_equal(out.bytes, 1500);
	assert_int_equal(alb.len, 1500);
	content("partial", 1500, out.sha256);
	assert_int_equal(fill(text, 1900, ERR_INVALID, NULL, &out, &f),
	    ERR_INVALID);
	content("partial", 1500, out.sha256);
}

/* With the first piece missing, nothing is erased. */
static void
test_source_fails_at_once(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	assert_int_equal(fill("", 9, ERR_INVALID, NULL, &out, &f),
	    ERR_INVALID);
	assert_int_equal(out.state, VOLUME_UNTOUCHED);
	assert_int_equal(fill("hello", 9, ERR_INVALID, NULL, &out, &f),
	    ERR_INVALID);
	assert_int_equal(out.state, VOLUME_UNTOUCHED);
	content(NULL, 0, NULL);
}

static void
test_other_digest(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	assert_int_equal(fill("hellO", 5, 0, HELLO, &out, &f), ERR_DIGEST);
	assert_int_equal(out.state, VOLUME_PARTIAL);
	assert_int_equal(out.bytes, 5);
	assert_int_equal(alb.sets, 1);
}

static void
test_stopped(void **state)
{
	struct volume_outcome out;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(operation_stop(app.operations, o.id, &f), 0);
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f), ERR_CONFLICT);
	assert_int_equal(out.state, VOLUME_UNTOUCHED);
	content(NULL, 0, NULL);
	/* What puts things right is not stopped by that. */
	o.step = STEP_PUTTING_BACK;
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f), 0);
	content("whole", 5, HELLO);
}

static void
test_not_begun(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	alb.err = ERR_ALB_NETWORK;
	alb.effect = SET_NONE;
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f),
	    ERR_ALB_NETWORK);
	assert_int_equal(out.state, VOLUME_UNTOUCHED);
	assert_int_equal(alb.sets, 1);
	content(NULL, 0, NULL);
}

static void
test_healed(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	alb.err = ERR_ALB_FAILURE;
	alb.effect = SET_FAILED;
	alb.after = 3;
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f),
	    ERR_ALB_FAILURE);
	assert_int_equal(out.state, VOLUME_ZEROES);
	assert_int_equal(alb.sets, 2);
	assert_int_equal(alb.len, 0);
	content("zeroes", 0, "");
}

/* One that is in use, or gone, is left alone, and is the reason. */
static void
test_not_healed(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	alb.err = ERR_ALB_UNKNOWN;
	alb.effect = SET_LOST;
	alb.active = true;
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f), ERR_CONFLICT);
	assert_int_equal(out.state, VOLUME_UNKNOWN);
	assert_int_equal(alb.sets, 1);
	alb.sets = 0;
	alb.there = false;
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f), ERR_NOT_FOUND);
	assert_int_equal(out.state, VOLUME_UNKNOWN);
	assert_int_equal(alb.sets, 1);
}

/* What may still hold what it held before is never emptied. */
static void
test_lost(void **state)
{
	struct volume_outcome out;
	struct fault f;

	(void)state;
	alb.err = ERR_ALB_UNKNOWN;
	alb.effect = SET_LOST;
	alb.after = 3;
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f),
	    ERR_ALB_UNKNOWN);
	assert_int_equal(out.state, VOLUME_UNKNOWN);
	assert_non_null(strstr(out.detail, "before"));
	assert_null(strstr(out.detail, "lost"));
	assert_int_equal(alb.sets, 1);
	content("unknown", 0, "");
	alb.find_err = ERR_ALB_DAEMON;
	alb.sets = 0;
	assert_int_equal(fill("hello", 5, 0, NULL, &out, &f),
	    ERR_ALB_UNKNOWN);
	assert_non_null(strstr(out.detail, "before"));
	assert_non_null(strstr(out.detail, "lost if albatross"));
	assert_int_equal(alb.sets, 1);
}

/* ---- out ---- */

struct taken {
	bool begun, gone;
	size_t len, max;
};

static int
taken_begin(void *arg, struct fault *f)
{
	struct taken *t = arg;

	(void)f;
	t->begun = true;
	return 0;
}

static int
taken_write(void *arg, const void *data, size_t len, struct fault *f)
{
	struct taken *t = arg;

	if (t->len + len > t->max)
		return fault_set(f, ERR_STORAGE_FULL, "Full.");
	assert_memory_equal(alb.data + t->len, data, len);
	t->len += len;
	return 0;
}

static int
dump(int level, struct taken *t, char sha256[65], struct fault *f)
{
	struct volume_sink s = { taken_begin, taken_write, NULL, t };

	*f = (struct fault){ 0 };
	t->max = t->max == 0 ? SIZE_MAX : t->max;
	return volume_dump(&app, &ask, &volume, level, &s, &o, sha256, f);
}

static void
test_dumped(void **state)
{
	struct taken t = { 0 }, z = { 0 };
	char raw[65], packed[65];
	struct fault f;

	(void)state;
	memset(alb.data, 'x', MB / 2);
	assert_int_equal(dump(0, &t, raw, &f), 0);
	assert_true(t.begun);
	assert_int_equal(t.len, MB);
	assert_int_equal(strlen(raw), 64);
	assert_int_equal(dump(6, &z, packed, &f), 0);
	assert_int_equal(alb.level, 6);
	assert_int_equal(z.len, MB);
	assert_string_equal(raw, packed);
}

static void
test_dump_ends(void **state)
{
	struct taken t = { 0 };
	char sha256[65];
	struct fault f;

	(void)state;
	alb.sends = MB - 4096;
	assert_int_equal(dump(0, &t, sha256, &f), ERR_ALB_INCOMPATIBLE);
	assert_string_equal(sha256, "");
	alb.sends = MB + 4096;
	t = (struct taken){ 0 };
	assert_int_equal(dump(0, &t, sha256, &f), ERR_ALB_INCOMPATIBLE);
	assert_int_equal(t.len, MB);
	alb.sends = MB;
	alb.dump_err = ERR_ALB_NETWORK;
	t = (struct taken){ 0 };
	assert_int_equal(dump(0, &t, sha256, &f), ERR_ALB_NETWORK);
	t = (struct taken){ .max = 8192 };
	assert_int_equal(dump(0, &t, sha256, &f), ERR_STORAGE_FULL);
}

static void
test_dump_stopped(void **state)
{
	struct taken t = { 0 };
	char sha256[65];
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(operation_stop(app.operations, o.id, &f), 0);
	assert_int_equal(dump(0, &t, sha256, &f), ERR_CONFLICT);
	assert_true(t.len < MB);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_too_large),
		TEST(test_source_ends),
		TEST(test_source_fails_at_once),
		TEST(test_other_digest),
		TEST(test_stopped),
		TEST(test_not_begun),
		TEST(test_healed),
		TEST(test_not_healed),
		TEST(test_lost),
		TEST(test_dumped),
		TEST(test_dump_ends),
		TEST(test_dump_stopped),
	};

	log_init("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
