/* SPDX-License-Identifier: ISC */
/* base: buffers, strict JSON and declared reading, text, messages. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/message.h"
#include "base/text.h"

static void
buf_is_bounded(void **state)
{
	const uint8_t *ref;
	uint32_t v;
	struct buf b;

	buf_init(&b, 10);
	buf_put_u32(&b, 0x01020304);
	buf_putf(&b, "%s-%d", "abc", 42);
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, 10);
	assert_memory_equal(buf_str(&b), "\1\2\3\4abc-42", 11);
	buf_put_u8(&b, 'x');
	assert_false(buf_ok(&b));
	assert_int_equal(b.len, 10);
	assert_int_equal(buf_get_u32(&b, &v), 0);
	assert_int_equal(v, 0x01020304);
	assert_int_equal(buf_get_ref(&b, &ref, 7), -1);
	assert_int_equal(buf_get_ref(&b, &ref, 6), 0);
	assert_memory_equal(ref, "abc-42", 6);
	assert_int_equal(buf_left(&b), 0);
	buf_reset(&b);
	assert_true(buf_ok(&b));
	buf_wipe(&b);
	assert_null(b.data);
}

static void
buf_moves_the_rest_to_the_start(void **state)
{
	uint8_t c;
	struct buf b;

	buf_init(&b, 100);
	buf_put_str(&b, "abc");
	assert_int_equal(buf_get_u8(&b, &c), 0);
	buf_compact(&b);
	assert_int_equal(b.len, 2);
	assert_string_equal(buf_str(&b), "bc");
	buf_free(&b);
	assert_int_equal(buf_get(&b, &c, 0), 0);
	assert_int_equal(buf_get_u8(&b, &c), -1);
}

static void
json_scan_is_strict(void **state)
{
	static const char *const good[] = { "{}", " [1, -0.5e+3 ,true] ",
		"\"\\u00e9\\ud83d\\ude00\"", "null", "0",
		"{\"a\":{\"b\":[]},\"b\":\"\xc3\xa9\"}" };
	static const char *const bad[] = { "", "{'a':1}", "NaN", "01", "1.",
		"+1", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[1 2]",
		"\"\t\"", "\"\\x41\"", "\"\\u0000\"", "\"\\ud800\"",
		"\"\\udc00\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
		"{\"a\":1,\"a\":2}", "{\"\\u0061\":1}", "1 1", "tru", "nullx",
		"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "\"", "{", "// x\n1" };
	char why[80];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(json_scan(good[i], strlen(good[i]), why,
		    sizeof(why)), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(json_scan(bad[i], strlen(bad[i]), why,
		    sizeof(why)), -1);
		assert_non_null(strstr(why, "at byte"));
	}
	assert_int_equal(json_scan("1\0", 2, NULL, 0), -1);
}

struct item {
	const char *name;
};

struct thing {
	const char *name;
	int64_t size;
	bool has_size;
	bool on;
	struct json_ints ints;
	struct json_strings words;
	struct json_objects items;
	struct json_object *rest;
};

static const char *
no_blank(const char *s)
{
	return strchr(s, ' ') == NULL ? NULL : "must have no blank";
}

static const struct json_field item_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true, .max = 9,
	  .offset = offsetof(struct item, name) },
	{ 0 }
};

static const struct json_field thing_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true, .min = 1,
	  .max = 5, .check = no_blank, .offset = offsetof(struct thing, name) },
	{ .name = "size", .type = JSON_INT, .min = 1, .max = 9,
	  .offset = offsetof(struct thing, size),
	  .given = offsetof(struct thing, has_size) },
	{ .name = "on", .type = JSON_BOOL,
	  .offset = offsetof(struct thing, on) },
	{ .name = "ints", .type = JSON_INTS, .max = 9,
	  .offset = offsetof(struct thing, ints) },
	{ .name = "words", .type = JSON_STRINGS, .max = 9, .count_max = 2,
	  .offset = offsetof(struct thing, words) },
	{ .name = "items", .type = JSON_OBJECTS, .fields = item_fields,
	  .item_size = sizeof(struct item),
	  .offset = offsetof(struct thing, items) },
	{ .name = "rest", .type = JSON_OBJECT,
	  .offset = offsetof(struct thing, rest) },
	{ 0 }
};

static void
json_read_fills_a_struct(void **state)
{
	static const char text[] = "{\"name\":\"x\",\"size\":3,\"on\":true,"
		"\"ints\":[1,2],\"words\":[\"a\",\"b\"],"
		"\"items\":[{\"name\":\"i\"}],\"rest\":{\"any\":1}}";
	struct thing t = { 0 };
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);

	assert_non_null(o);
	assert_int_equal(json_read(o, thing_fields, &t, "", &f), 0);
	assert_string_equal(t.name, "x");
	assert_true(t.has_size);
	assert_int_equal(t.size, 3);
	assert_true(t.on);
	assert_int_equal(t.ints.len, 2);
	assert_int_equal(t.ints.items[1], 2);
	assert_string_equal(t.words.items[1], "b");
	assert_string_equal(((struct item *)t.items.items)[0].name, "i");
	assert_non_null(t.rest);
	json_free(thing_fields, &t);
	assert_null(t.items.items);
}

static bool
has_fault(const struct fault *f, const char *field)
{
	for (size_t i = 0; i < f->nfields; i++)
		if (strcmp(f->fields[i].field, field) == 0)
			return true;
	return false;
}

static void
json_read_tells_all_faults(void **state)
{
	static const char text[] = "{\"size\":10,\"on\":1,\"ints\":[1,\"a\"],"
		"\"words\":[\"a\",\"b\",\"c\"],\"items\":[{\"nome\":1},3],"
		"\"rest\":[],\"more\":1}";
	static const char *const fields[] = { "t.name", "t.size", "t.on",
		"t.ints[1]", "t.words", "t.items[0].nome", "t.items[0].name",
		"t.items[1]", "t.rest", "t.more" };
	struct thing t = { 0 };
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);

	assert_int_equal(json_read(o, thing_fields, &t, "t.", &f),
	    ERR_INVALID);
	assert_int_equal(f.nfields, sizeof(fields) / sizeof(*fields));
	for (size_t i = 0; i < f.nfields; i++)
		assert_true(has_fault(&f, fields[i]));
	assert_false(t.has_size);
	json_free(thing_fields, &t);
}

static void
json_parse_takes_all_of_unicode(void **state)
{
	static const char text[] = "{\"name\":\"\xc3\xa9 \xf0\x9f\x90\xa6\"}";
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);

	assert_non_null(o);
	assert_string_equal(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), text);
}

static void
json_parse_wants_an_object(void **state)
{
	struct fault f = { 0 };

	assert_null(json_parse("[1]", 3, &f));
	assert_int_equal(f.err, ERR_BAD_JSON);
	assert_null(json_parse("12", 2, &f));
}

static void
json_list_is_looked_through(void **state)
{
	const char *text = "{\"l\":[1,{\"name\":2},{\"name\":\"ab\"}]}";
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);
	struct json_object *l = json_member(o, "l", json_type_array);

	assert_true(json_list_has(l, "name", "ab"));
	assert_false(json_list_has(l, "name", "a"));
	assert_false(json_list_has(l, "name", "abc"));
	assert_false(json_list_has(l, "title", "ab"));
	assert_false(json_list_has(o, "name", "ab"));
	assert_false(json_list_has(NULL, "name", "ab"));
}

static void
text_encodes_and_decodes(void **state)
{
	uint8_t bytes[256], back[256], *decoded;
	char hex[513], *text;
	size_t len;

	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), hex);
	assert_int_equal(hex_decode(hex, back, sizeof(back)), 0);
	assert_memory_equal(bytes, back, sizeof(bytes));
	assert_int_equal(hex_decode("0g", back, 1), -1);
	assert_int_equal(hex_decode("000", back, 1), -1);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		text = base64_encode(bytes, n);
		decoded = base64_decode(text, &len);
		assert_non_null(decoded);
		assert_int_equal(len, n);
		assert_memory_equal(decoded, bytes, n);
		free(text);
		free(decoded);
	}
	assert_null(base64_decode("QQ", &len));
	assert_null(base64_decode("QR==", &len));
	assert_null(base64_decode("Q===", &len));
	assert_null(base64_decode("Q=Q=", &len));
	assert_null(base64_decode("QQ\n=", &len));
}

static void
times_go_both_ways(void **state)
{
	char text[RFC3339_SIZE];
	int millis;
	time_t t;

	assert_int_equal(rfc3339_parse("2026-07-14T09:08:07.1239Z", &t,
	    &millis), 0);
	rfc3339_format(t, millis, text);
	assert_string_equal(text, "2026-07-14T09:08:07.123Z");
	assert_int_equal(rfc3339_parse("1970-01-01t01:00:00+01:00", &t, NULL),
	    0);
	assert_int_equal(t, 0);
	assert_int_equal(rfc3339_parse("2026-02-30T00:00:00Z", &t, NULL), -1);
	assert_int_equal(rfc3339_parse("2026-02-03T24:00:00Z", &t, NULL), -1);
	assert_int_equal(rfc3339_parse("2026-02-03T00:00:00", &t, NULL), -1);
	assert_int_equal(rfc3339_parse("2026-02-03T00:00:00Zx", &t, NULL), -1);
}

static void
numbers_are_whole(void **state)
{
	int64_t v;

	assert_int_equal(int_parse("-5", -5, 5, &v), 0);
	assert_int_equal(v, -5);
	assert_int_equal(int_parse("6", -5, 5, &v), -1);
	assert_int_equal(int_parse(" 1", 0, 5, &v), -1);
	assert_int_equal(int_parse("1x", 0, 5, &v), -1);
	assert_int_equal(int_parse("", 0, 5, &v), -1);
	assert_int_equal(int_parse("99999999999999999999", 0, INT64_MAX, &v),
	    -1);
}

static void
random_text_has_all_digits(void **state)
{
	char a[33], b[33];

	random_base62(a, 32);
	random_base62(b, 32);
	assert_int_equal(strspn(a, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz"), 32);
	assert_string_not_equal(a, b);
	assert_true(bytes_equal(a, a, 32));
	assert_false(bytes_equal(a, b, 32));
}

static void
errors_have_codes(void **state)
{
	struct fault f = { 0 };

	for (int err = 1; err < ERR_COUNT; err++) {
		assert_int_equal(err_from_code(err_code(err)), err);
		assert_in_range(err_status(err), 400, 599);
	}
	assert_int_equal(err_from_code("no such"), ERR_INTERNAL);
	for (int i = 0; i < FAULT_FIELDS_MAX + 3; i++)
		fault_field(&f, "x", "%d", i);
	assert_int_equal(f.nfields, FAULT_FIELDS_MAX);
	assert_int_equal(f.err, ERR_INVALID);
}

static void
messages_cross_a_socket(void **state)
{
	AUTO_JSON struct json_object *o = json_object_new_object();
	struct json_object *back;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	json_add_str(o, "op", "whoami");
	json_add_str(o, "a/b", "c/d");
	assert_int_equal(message_send(fds[0], o), 0);
	back = message_receive(fds[1], 1000);
	assert_non_null(back);
	assert_string_equal(json_object_to_json_string(back),
	    json_object_to_json_string(o));
	json_object_put(back);
	assert_null(message_receive(fds[1], 10));
	assert_int_equal(errno, ETIMEDOUT);
	close(fds[0]);
	assert_null(message_receive(fds[1], 1000));
	assert_int_equal(errno, 0);
	close(fds[1]);
}

/* What a peer may send instead of a message, and the errno it is told by. */
static void
receive_bad(const char *bytes, size_t len, int expected)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[0], bytes, len), len);
	close(fds[0]);
	assert_null(message_receive(fds[1], 1000));
	assert_int_equal(errno, expected);
	close(fds[1]);
}

static void
messages_that_are_none(void **state)
{
	receive_bad("\0\0", 2, ECONNRESET);
	receive_bad("\0\0\0\0", 4, EMSGSIZE);
	receive_bad("\xff\xff\xff\xff", 4, EMSGSIZE);
	receive_bad("\0\0\0\5{}", 6, ECONNRESET);
	receive_bad("\0\0\0\2[]", 6, EBADMSG);
}

/* A path of a test's own in a fresh directory; removed by path_remove. */
static void
path_make(char *path, size_t size)
{
	char dir[] = "/tmp/test_base-XXXXXX";

	assert_non_null(mkdtemp(dir));
	snprintf(path, size, "%s/socket", dir);
}

static void
path_remove(char *path)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rmdir(path), 0);
}

static void
listening_replaces_a_stale_socket(void **state)
{
	char path[64], longest[200];
	struct stat st;
	int fd, peer;

	path_make(path, sizeof(path));
	assert_int_equal(message_connect(path), -1);
	fd = message_listen(path, 1, 0600);
	assert_in_range(fd, 0, 1024);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	peer = message_connect(path);
	assert_in_range(peer, 0, 1024);
	assert_int_equal(fcntl(peer, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(peer);
	/* One that is answered on is left alone, */
	assert_int_equal(message_listen(path, 1, 0600), -1);
	assert_int_equal(errno, EADDRINUSE);
	close(fd);
	/* one that is not is replaced. */
	fd = message_listen(path, 1, 0660);
	assert_in_range(fd, 0, 1024);
	close(fd);
	path_remove(path);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(message_listen(longest, 1, 0600), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

static void
listening_spares_what_is_no_socket(void **state)
{
	char path[64];
	struct stat st;
	int fd;

	path_make(path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
	assert_int_equal(message_listen(path, 1, 0600), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	path_remove(path);
}

static void
messages_have_a_bound(void **state)
{
	AUTO_JSON struct json_object *o = json_object_new_object();
	struct json_object *back;
	char *text = malloc(MESSAGE_MAX);
	int fds[2], room = 2 * MESSAGE_MAX;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room,
	    sizeof(room)), 0);
	memset(text, 'x', MESSAGE_MAX);
	text[MESSAGE_MAX - 8] = '\0';	/* {"a":""} are 8 bytes */
	json_add_str(o, "a", text);
	assert_int_equal(message_send(fds[0], o), 0);
	back = message_receive(fds[1], 1000);
	assert_non_null(back);
	json_object_put(back);
	text[MESSAGE_MAX - 8] = 'x';
	text[MESSAGE_MAX - 7] = '\0';
	json_add_str(o, "a", text);
	assert_int_equal(message_send(fds[0], o), -1);
	assert_int_equal(errno, EMSGSIZE);
	/* A peer that went away is an error, never a signal. */
	close(fds[1]);
	json_add_str(o, "a", "x");
	assert_int_equal(message_send(fds[0], o), -1);
	assert_int_equal(errno, EPIPE);
	close(fds[0]);
	free(text);
}

/* What log_event writes for one pair, without the time in front of it. */
static void
log_line(const char *value, char *out, size_t size)
{
	int fds[2], saved = dup(STDERR_FILENO);
	char line[8192];
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	log_event(LOG_LEVEL_INFO, "test", "key", value, NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	n = read(fds[0], line, sizeof(line) - 1);
	close(fds[0]);
	assert_true(n > 0);
	line[n] = '\0';
	assert_non_null(strstr(line, " level=info event=test key="));
	snprintf(out, size, "%s", strstr(line, "key=") + 4);
}

static void
log_values_stay_in_their_line(void **state)
{
	static const struct {
		const char *value, *shown;
	} cases[] = {
		{ "plain/word-1.2", "plain/word-1.2\n" },
		{ NULL, "-\n" },
		{ "", "\"\"\n" },
		{ "two words", "\"two words\"\n" },
		{ "a=b", "\"a=b\"\n" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"\n" },
		{ "x\nlevel=error event=forged",
		  "\"x\\x0alevel=error event=forged\"\n" },
		{ "\033[2J\177", "\"\\x1b[2J\\x7f\"\n" },
		{ "\xc3\xa9\xe2\x82\xac", "\"\xc3\xa9\xe2\x82\xac\"\n" },
		{ "\xc2\x9b" "2J", "\"\\xc2\\x9b2J\"\n" },
		{ "\xc2\xa0", "\"\xc2\xa0\"\n" },
		{ "\x9b" "2J\xc3\xa9", "\"\\x9b2J\\xc3\\xa9\"\n" },
	};
	char shown[8192];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		log_line(cases[i].value, shown, sizeof(shown));
		assert_string_equal(shown, cases[i].shown);
	}
}

static void
log_lines_are_bounded(void **state)
{
	char *value = malloc(10001), shown[8192];

	memset(value, 'v', 10000);
	value[10000] = '\0';
	log_line(value, shown, sizeof(shown));
	assert_in_range(strlen(shown), 1, 4096);
	assert_int_equal(shown[strlen(shown) - 1], '\n');
	assert_ptr_equal(strchr(shown, '\n'), shown + strlen(shown) - 1);
	free(value);
}

static void
networks_of_addresses(void **state)
{
	static const struct { const char *address, *network; } each[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
		{ "2001:DB8:1:2::", "2001:db8:1:2::" },
		{ "::ffff:192.0.2.7", "::ffff:192.0.2.7" },
		{ "::1", "::" }, { "local", "local" }, { "", "-" },
		{ NULL, "-" },
	};
	char network[ADDRESS_NETWORK_SIZE];

	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		address_network(each[i].address, network);
		assert_string_equal(network, each[i].network);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_is_bounded),
		cmocka_unit_test(buf_moves_the_rest_to_the_start),
		cmocka_unit_test(json_scan_is_strict),
		cmocka_unit_test(json_read_fills_a_struct),
		cmocka_unit_test(json_read_tells_all_faults),
		cmocka_unit_test(json_parse_takes_all_of_unicode),
		cmocka_unit_test(json_parse_wants_an_object),
		cmocka_unit_test(json_list_is_looked_through),
		cmocka_unit_test(text_encodes_and_decodes),
		cmocka_unit_test(times_go_both_ways),
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(random_text_has_all_digits),
		cmocka_unit_test(errors_have_codes),
		cmocka_unit_test(messages_cross_a_socket),
		cmocka_unit_test(messages_that_are_none),
		cmocka_unit_test(messages_have_a_bound),
		cmocka_unit_test(listening_replaces_a_stale_socket),
		cmocka_unit_test(listening_spares_what_is_no_socket),
		cmocka_unit_test(log_values_stay_in_their_line),
		cmocka_unit_test(log_lines_are_bounded),
		cmocka_unit_test(networks_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
