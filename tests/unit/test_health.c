/* SPDX-License-Identifier: ISC */
/* health: the forms of a check, addresses, ranges, and the settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include "fcgi/app.h"
#include "fcgi/health.h"
#include "fcgi/health_answer.h"
#include "fcgi/settings.h"

static struct app app;
static char state_dir[] = "/tmp/mollymawk-test-XXXXXX";

/* The check of a JSON text; field gets the first finding's. */
static int
read_json(const char *text, struct health_check *c, char field[96])
{
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);
	int err;

	assert_non_null(o);
	err = health_check_from_json(o, "check.", c, &f);
	snprintf(field, 96, "%s", f.nfields > 0 ? f.fields[0].field : "");
	return err;
}

static void
good(const char *text, struct health_check *c)
{
	char field[96];

	if (read_json(text, c, field) != 0)
		fail_msg("%s: %s", text, field);
}

static void
bad(const char *text, const char *want)
{
	struct health_check c;
	char field[96];

	assert_int_equal(read_json(text, &c, field), ERR_INVALID);
	assert_string_equal(field, want);
}

static void
json_defaults(void **state)
{
	struct health_check c;

	good("{\"type\":\"http\"}", &c);
	assert_int_equal(c.port, 80);
	assert_string_equal(c.path, "/");
	assert_string_equal(c.address, "");
	assert_int_equal(c.nstatus, 1);
	assert_int_equal(c.status[0], 200);
	assert_false(c.redirects);
	assert_int_equal(c.timeout, 5);
	assert_int_equal(c.interval, 30);
	assert_int_equal(c.retries, 3);
	good("{\"type\":\"dns\",\"name\":\"example.org\"}", &c);
	assert_int_equal(c.port, 53);
	assert_string_equal(c.record, "A");
	assert_int_equal(c.nstatus, 0);
	good("{\"type\":\"tcp\",\"port\":25,\"address\":null}", &c);
	assert_int_equal(c.port, 25);
}

static void
json_refused(void **state)
{
	bad("{}", "check.type");
	bad("{\"type\":\"icmp\"}", "check.type");
	bad("{\"type\":7}", "check.type");
	bad("{\"type\":\"tcp\"}", "check.port");
	bad("{\"type\":\"tcp\",\"port\":0}", "check.port");
	bad("{\"type\":\"tcp\",\"port\":65536}", "check.port");
	bad("{\"type\":\"tcp\",\"port\":1,\"path\":\"/\"}", "check.path");
	bad("{\"type\":\"http\",\"name\":\"a\"}", "check.name");
	bad("{\"type\":\"http\",\"path\":\"x\"}", "check.path");
	bad("{\"type\":\"http\",\"path\":\"/a b\"}", "check.path");
	bad("{\"type\":\"http\",\"path\":\"/a\\r\\nX: y\"}", "check.path");
	bad("{\"type\":\"http\",\"path\":\"/a#b\"}", "check.path");
	bad("{\"type\":\"http\",\"path\":\"/\\u00e9\"}", "check.path");
	bad("{\"type\":\"http\",\"host\":\"a\\r\\nX: y\"}", "check.host");
	bad("{\"type\":\"http\",\"host\":\"a:80\"}", "check.host");
	bad("{\"type\":\"http\",\"status\":[]}", "check.status");
	bad("{\"type\":\"http\",\"status\":[99]}", "check.status[0]");
	bad("{\"type\":\"http\",\"status\":200}", "check.status");
	bad("{\"type\":\"http\",\"body\":\"\"}", "check.body");
	bad("{\"type\":\"http\",\"timeout\":31}", "check.timeout");
	bad("{\"type\":\"http\",\"interval\":9}", "check.interval");
	bad("{\"type\":\"http\",\"retries\":21}", "check.retries");
	bad("{\"type\":\"http\",\"address\":\"localhost\"}", "check.address");
	bad("{\"type\":\"http\",\"address\":\"fe80::1%lo\"}",
	    "check.address");
	bad("{\"type\":\"http\",\"address\":\"0x7f.1\"}", "check.address");
	bad("{\"type\":\"http\",\"address\":\"127.1\"}", "check.address");
	bad("{\"type\":\"dns\"}", "check.name");
	bad("{\"type\":\"dns\",\"name\":\"a..b\"}", "check.name");
	bad("{\"type\":\"dns\",\"name\":\".\"}", "check.name");
	bad("{\"type\":\"dns\",\"name\":\"a\",\"record\":\"ANY\"}",
	    "check.record");
	bad("{\"type\":\"dns\",\"name\":\"a\",\"body\":\"x\"}", "check.body");
}

static void
json_both_ways(void **state)
{
	static const char *const texts[] = {
		"{\"type\":\"http\",\"address\":\"10.0.0.2\",\"port\":8080,"
		"\"path\":\"/a?b\",\"host\":\"x.example\",\"status\":[200,204]"
		",\"body\":\"ok\",\"redirects\":true,\"timeout\":1,"
		"\"interval\":10,\"retries\":0}",
		"{\"type\":\"tcp\",\"address\":null,\"port\":25,\"timeout\":5,"
		"\"interval\":30,\"retries\":3}",
		"{\"type\":\"dns\",\"address\":\"2001:db8::1\",\"port\":53,"
		"\"name\":\"a.example\",\"record\":\"TXT\",\"answer\":\"v=\","
		"\"timeout\":30,\"interval\":3600,\"retries\":20}",
	};
	struct health_check c;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		AUTO_JSON struct json_object *o = NULL;

		good(texts[i], &c);
		o = health_check_to_json(&c);
		assert_string_equal(json_object_to_json_string_ext(o,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
		    texts[i]);
	}
	good("{\"type\":\"http\",\"address\":\"::FFFF:10.0.0.2\"}", &c);
	assert_string_equal(c.address, "10.0.0.2");
}

static void
url_forms(void **state)
{
	struct health_check c;
	struct fault f = { 0 };

	assert_int_equal(health_check_from_url(
	    "http://10.0.0.2:8080/healthz?full=1", &c, &f), 0);
	assert_int_equal(c.type, HEALTH_HTTP);
	assert_string_equal(c.address, "10.0.0.2");
	assert_int_equal(c.port, 8080);
	assert_string_equal(c.path, "/healthz?full=1");
	assert_int_equal(health_check_from_url("http://", &c, &f), 0);
	assert_int_equal(c.port, 80);
	assert_string_equal(c.address, "");
	assert_string_equal(c.path, "/");
	assert_int_equal(health_check_from_url("http://[2001:DB8::1]/", &c,
	    &f), 0);
	assert_string_equal(c.address, "2001:db8::1");
	assert_int_equal(health_check_from_url("tcp://:443", &c, &f), 0);
	assert_int_equal(c.type, HEALTH_TCP);
	assert_int_equal(c.port, 443);
	assert_int_equal(health_check_from_url("tcp://[::1]:53", &c, &f), 0);
	assert_string_equal(c.address, "::1");
	assert_int_equal(health_check_from_url("dns:///example.org", &c, &f),
	    0);
	assert_int_equal(c.type, HEALTH_DNS);
	assert_string_equal(c.name, "example.org");
	assert_string_equal(c.record, "A");
	assert_int_equal(health_check_from_url(
	    "dns://10.0.0.2:5353/example.org?type=AAAA", &c, &f), 0);
	assert_int_equal(c.port, 5353);
	assert_string_equal(c.record, "AAAA");
}

static void
urls_refused(void **state)
{
	static const char *const urls[] = { "", "http", "http:/x", "://",
		"https://10.0.0.2/", "ftp://10.0.0.2/", "HTTP://10.0.0.2/",
		"http://localhost/", "http://u@10.0.0.2/",
		"http://10.0.0.2:/", "http://10.0.0.2:0/",
		"http://10.0.0.2:65536/", "http://10.0.0.2:80x/",
		"http://2001:db8::1/", "http://[10.0.0.2]/",
		"http://[2001:db8::1/", "http://[2001:db8::1]80/",
		"http://[]/", "http://10.0.0.2/a b", "http://10.0.0.2/#a",
		"http://10.0.0.2?a", "http://10.0.0.2\\@a/",
		"http://10.0.0.2/\r\nX:y", "tcp://10.0.0.2",
		"tcp://10.0.0.2:80/", "tcp://10.0.0.2:80/x", "dns://10.0.0.2",
		"dns://10.0.0.2/", "dns://10.0.0.2/a?type=ANY",
		"dns://10.0.0.2/a?x=A", "dns://10.0.0.2/a?type=A&x",
		"dns://10.0.0.2/a/b", "http://\xff/" };
	struct health_check c;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct fault f = { 0 };

		if (health_check_from_url(urls[i], &c, &f) != ERR_INVALID)
			fail_msg("taken: %s", urls[i]);
		assert_string_equal(f.fields[0].field, "check");
	}
}

/* ---- addresses ---- */

static void
kind_is(const char *text, enum address_kind want)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	if (address_kind(&a) != want)
		fail_msg("%s is of kind %d", text, address_kind(&a));
}

static void
kinds(void **state)
{
	kind_is("127.0.0.1", ADDRESS_LOOPBACK);
	kind_is("127.255.255.254", ADDRESS_LOOPBACK);
	kind_is("::1", ADDRESS_LOOPBACK);
	kind_is("::ffff:127.0.0.1", ADDRESS_LOOPBACK);
	kind_is("::ffff:7f00:1", ADDRESS_LOOPBACK);
	kind_is("169.254.169.254", ADDRESS_LINK_LOCAL);
	kind_is("::ffff:169.254.169.254", ADDRESS_LINK_LOCAL);
	kind_is("fe80::1", ADDRESS_LINK_LOCAL);
	kind_is("febf::1", ADDRESS_LINK_LOCAL);
	kind_is("0.0.0.0", ADDRESS_NEVER);
	kind_is("0.1.2.3", ADDRESS_NEVER);
	kind_is("::", ADDRESS_NEVER);
	kind_is("::ffff:0.0.0.0", ADDRESS_NEVER);
	kind_is("::127.0.0.1", ADDRESS_NEVER);
	kind_is("224.0.0.1", ADDRESS_NEVER);
	kind_is("239.255.255.255", ADDRESS_NEVER);
	kind_is("240.0.0.1", ADDRESS_NEVER);
	kind_is("255.255.255.255", ADDRESS_NEVER);
	kind_is("ff02::1", ADDRESS_NEVER);
	kind_is("64:ff9b::7f00:1", ADDRESS_TUNNEL);
	kind_is("2002:7f00:1::", ADDRESS_TUNNEL);
	kind_is("2001:0:1::1", ADDRESS_TUNNEL);
	kind_is("192.0.2.77", ADDRESS_PLAIN);
	kind_is("2001:db8::77", ADDRESS_PLAIN);
	kind_is("fd00:77::77", ADDRESS_PLAIN);
	kind_is("::ffff:192.0.2.77", ADDRESS_PLAIN);
}

/* Every address of this machine's interfaces is none for a check. */
static void
this_host(void **state)
{
	struct ifaddrs *list, *i;
	char text[INET_ADDRSTRLEN];

	assert_int_equal(getifaddrs(&list), 0);
	for (i = list; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
			continue;
		inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)
		    i->ifa_addr)->sin_addr, text, sizeof(text));
		kind_is(text, strncmp(text, "127.", 4) == 0 ?
		    ADDRESS_LOOPBACK : ADDRESS_THIS_HOST);
	}
	freeifaddrs(list);
}

static void
addresses_refused(void **state)
{
	static const char *const texts[] = { "", "1", "1.2.3", "1.2.3.4.5",
		"1.2.3.256", "01.2.3.4", " 1.2.3.4", "1.2.3.4 ", "0x1.2.3.4",
		"2130706433", "fe80::1%1", "[::1]", ":::", "1.2.3.4/8",
		"localhost", "::ffff:1.2.3" };
	struct address a;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (address_parse(texts[i], &a) == 0)
			fail_msg("taken: %s", texts[i]);
}

static void
ranges(void **state)
{
	static const char *const same[][2] = { { "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.0.0.1", "10.0.0.1/32" }, { "0.0.0.0/0", "0.0.0.0/0" },
		{ "::/0", "::/0" }, { "2001:DB8:0::/32", "2001:db8::/32" },
		{ "::1", "::1/128" }, { "::ffff:10.0.0.0/104", "10.0.0.0/8" },
		{ "::ffff:10.0.0.1", "10.0.0.1/32" },
		{ "10.0.0.2/31", "10.0.0.2/31" } };
	static const char *const wrong[] = { "", "/", "/8", "10.0.0.0/",
		"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/ 8",
		"10.0.0.1/31", "10.1.0.0/8", "::/129", "2001:db8::1/64",
		"::ffff:10.0.0.0/95", "::ffff:10.0.0.0/8", "10.0.0.0/08x",
		"a/8", "10/8" };
	char text[RANGE_TEXT_SIZE];
	struct range r;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(range_parse(same[i][0], &r), 0);
		range_format(&r, text);
		assert_string_equal(text, same[i][1]);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (range_parse(wrong[i], &r) == 0)
			fail_msg("taken: %s", wrong[i]);
}

static bool
allows(const char *range, const char *address)
{
	struct range r;
	struct address a;

	assert_int_equal(range_parse(range, &r), 0);
	assert_int_equal(address_parse(address, &a), 0);
	return range_allows(&r, &a);
}

static void
ranges_allow(void **state)
{
	assert_true(allows("192.0.2.0/24", "192.0.2.77"));
	assert_true(allows("192.0.2.64/26", "192.0.2.127"));
	assert_false(allows("192.0.2.64/26", "192.0.2.128"));
	assert_false(allows("192.0.2.0/24", "::192.0.2.77"));
	assert_true(allows("192.0.2.0/24", "::ffff:192.0.2.77"));
	assert_true(allows("0.0.0.0/0", "192.0.2.77"));
	assert_true(allows("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(allows("2001:db8::/33", "2001:db8:8000::1"));
	/* What is not plain must be meant. */
	assert_true(allows("127.0.0.1", "127.0.0.1"));
	assert_true(allows("127.0.0.0/8", "127.0.0.1"));
	assert_false(allows("0.0.0.0/0", "127.0.0.1"));
	assert_false(allows("0.0.0.0/0", "169.254.169.254"));
	assert_true(allows("169.254.0.0/16", "169.254.169.254"));
	assert_false(allows("0.0.0.0/0", "0.0.0.0"));
	assert_false(allows("224.0.0.0/4", "224.0.0.1"));
	assert_false(allows("255.255.255.255", "255.255.255.255"));
	assert_false(allows("::/0", "::1"));
	assert_false(allows("::/0", "64:ff9b::7f00:1"));
	assert_true(allows("::1/128", "::1"));
}

/* ---- own addresses ---- */

#define ARGUMENTS(...)							\
	(const char *[]){ __VA_ARGS__ },				\
	sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)

/* What is wrong with asking at address (NULL: the unikernel's own). */
static int
allowed(const char *address, const char **arguments, size_t n, char why[200])
{
	struct alb_config config = { .arguments = (char **)arguments,
		.narguments = n };
	struct health_check c = { .type = HEALTH_TCP, .port = 1,
		.timeout = 1 };
	struct fault f = { 0 };
	int err;

	snprintf(c.address, sizeof(c.address), "%s",
	    address == NULL ? "" : address);
	err = health_check_allowed(&app, &c, &config, "check.", &f);
	why[0] = '\0';
	if (err == ERR_INVALID) {
		assert_string_equal(f.fields[0].field, "check.address");
		snprintf(why, 200, "%s", f.fields[0].message);
	}
	return err;
}

static void
fine(const char *address, const char **arguments, size_t n)
{
	char why[200];

	if (allowed(address, arguments, n, why) != 0)
		fail_msg("%s", why);
}

static void
wrong(const char *address, const char **arguments, size_t n, const char *want)
{
	char why[200];

	assert_int_equal(allowed(address, arguments, n, why), ERR_INVALID);
	if (strstr(why, want) == NULL)
		fail_msg("%s: %s", want, why);
}

static void
own_addresses(void **state)
{
	fine(NULL, ARGUMENTS("-l", "info", "--ipv4=192.0.2.7/24"));
	fine("192.0.2.7", ARGUMENTS("--ipv4", "192.0.2.7/24"));
	fine("192.0.2.7", ARGUMENTS("--ipv4=192.0.2.7"));
	fine("2001:db8::7", ARGUMENTS("--ipv4=192.0.2.7/24",
	    "--ipv6=2001:db8::7/64"));
	fine(NULL, ARGUMENTS("--ipv6=2001:db8::7/64"));
	fine("192.0.2.7", ARGUMENTS("--ipv6=::ffff:192.0.2.7/120"));
	fine("192.0.2.255", ARGUMENTS("--ipv4=192.0.2.255/31"));
	wrong(NULL, ARGUMENTS("-l", "--ipv4"), "must be given");
	wrong(NULL, ARGUMENTS("--ipv4-gateway=192.0.2.1"), "must be given");
	wrong(NULL, ARGUMENTS("--ipv4=x", "--ipv4="), "must be given");
	wrong(NULL, ARGUMENTS("--ipv4=192.0.2.7/33"), "must be given");
	wrong("192.0.2.8", ARGUMENTS("--ipv4=192.0.2.7/24"),
	    "not an address of this unikernel");
	wrong("192.0.2.1", ARGUMENTS("--ipv4-gateway=192.0.2.1"),
	    "not an address of this unikernel");
}

static void
own_unfit(void **state)
{
	wrong(NULL, ARGUMENTS("--ipv4=127.0.0.1/8"), "loopback");
	wrong(NULL, ARGUMENTS("--ipv6=::1/128"), "loopback");
	wrong(NULL, ARGUMENTS("--ipv6=::ffff:127.0.0.1"), "loopback");
	wrong("127.0.0.1", ARGUMENTS("--ipv4=192.0.2.7/24",
	    "--ipv4=127.0.0.1"), "loopback");
	wrong(NULL, ARGUMENTS("--ipv4=169.254.169.254/16"), "link-local");
	wrong(NULL, ARGUMENTS("--ipv6=fe80::1/64"), "link-local");
	wrong(NULL, ARGUMENTS("--ipv4=0.0.0.0/0"), "one machine");
	wrong(NULL, ARGUMENTS("--ipv6=::/0"), "one machine");
	wrong(NULL, ARGUMENTS("--ipv4=224.0.0.1"), "one machine");
	wrong(NULL, ARGUMENTS("--ipv4=255.255.255.255"), "one machine");
	wrong(NULL, ARGUMENTS("--ipv4=192.0.2.255/24"), "broadcast");
	wrong(NULL, ARGUMENTS("--ipv6=64:ff9b::7f00:1"), "elsewhere");
}

/* ---- settings ---- */

static void
list_set(const char *text)
{
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);
	struct address_ranges r;

	assert_int_equal(settings_ranges_from_json(o, &r, &f), 0);
	assert_int_equal(settings_ranges_set(app.ledger, SETTING_CHECKS, &r,
	    &f), 0);
}

static void
list_allows(void **state)
{
	wrong("127.0.0.1", ARGUMENTS("-x"), "nor one that administrators");
	list_set("{\"allowed\":[\"127.0.0.1\",\"203.0.113.0/24\"]}");
	fine("127.0.0.1", ARGUMENTS("-x"));
	fine("::ffff:127.0.0.1", ARGUMENTS("-x"));
	fine(NULL, ARGUMENTS("--ipv4=127.0.0.1/8"));
	fine("203.0.113.9", ARGUMENTS("-x"));
	wrong("127.0.0.2", ARGUMENTS("-x"), "nor one that administrators");
	list_set("{\"allowed\":[]}");
	wrong("127.0.0.1", ARGUMENTS("-x"), "nor one that administrators");
}

static void
list_refused(void **state)
{
	static const char text[] =
		"{\"allowed\":[\"10.0.0.0/8\",\"10.0.0.1/8\"]}";
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);
	struct address_ranges r;

	assert_int_equal(settings_ranges_from_json(o, &r, &f), ERR_INVALID);
	assert_string_equal(f.fields[0].field, "allowed[1]");
}

static void
retention_kept(void **state)
{
	struct fault f = { 0 };
	struct retention r;

	retention_read(app.ledger, &r);
	assert_int_equal(r.deployments, 10);
	assert_int_equal(r.days, 30);
	r = (struct retention){ 3, 0 };
	assert_int_equal(settings_retention_set(app.ledger, &r, &f), 0);
	r = (struct retention){ 0 };
	retention_read(app.ledger, &r);
	assert_int_equal(r.deployments, 3);
	assert_int_equal(r.days, 0);
}

/* ---- answers of DNS ---- */

static int
answers(const void *message, size_t len, int type, char out[256])
{
	struct buf text;
	int n;

	buf_init(&text, 255);
	n = answer_read(message, len, type, &text);
	snprintf(out, 256, "%s", n < 0 ? "" : buf_str(&text));
	buf_free(&text);
	return n;
}

/* example.org has an address by way of an alias, and an MX. */
static const char message[] =
	"\0\1\x81\x80\0\1\0\3\0\0\0\0"
	"\7example\3org\0\0\1\0\1"
	"\xc0\x0c\0\5\0\1\0\0\0\1\0\6\3www\xc0\x0c"
	"\xc0\x29\0\1\0\1\0\0\0\1\0\4\xc0\0\2\1"
	"\xc0\x0c\0\x0f\0\1\0\0\0\1\0\4\0\x0a\xc0\x29";

static void
answers_read(void **state)
{
	char text[256];
	size_t len = sizeof(message) - 1;

	assert_int_equal(answers(message, len, 1, text), 1);
	assert_string_equal(text, "192.0.2.1\n");
	assert_int_equal(answers(message, len, 5, text), 1);
	assert_string_equal(text, "www.example.org\n");
	assert_int_equal(answers(message, len, 15, text), 1);
	assert_string_equal(text, "10 www.example.org\n");
	assert_int_equal(answers(message, len, 16, text), 0);
	/* Wherever it is cut, it is malformed. */
	for (size_t i = 0; i < len; i++)
		assert_int_equal(answers(message, i, 1, text), -1);
}

static void
answers_malformed(void **state)
{
	static const char loop[] = "\0\1\x81\x80\0\0\0\1\0\0\0\0"
		"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4";
	static const char text_long[] = "\0\1\x81\x80\0\0\0\1\0\0\0\0"
		"\0\0\x10\0\1\0\0\0\1\0\2\x05" "a";
	char text[256];

	assert_int_equal(answers(loop, sizeof(loop) - 1, 1, text), -1);
	assert_int_equal(answers(text_long, sizeof(text_long) - 1, 16, text),
	    -1);
}

static int
set_up(void **state)
{
	struct fault f = { 0 };

	return mkdtemp(state_dir) == NULL ? -1 :
		ledger_open(state_dir, &app.ledger, &f);
}

static int
tear_down(void **state)
{
	char command[64];

	ledger_close(app.ledger);
	snprintf(command, sizeof(command), "rm -r %s", state_dir);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_defaults),
		cmocka_unit_test(json_refused),
		cmocka_unit_test(json_both_ways),
		cmocka_unit_test(url_forms),
		cmocka_unit_test(urls_refused),
		cmocka_unit_test(kinds),
		cmocka_unit_test(this_host),
		cmocka_unit_test(addresses_refused),
		cmocka_unit_test(ranges),
		cmocka_unit_test(ranges_allow),
		cmocka_unit_test(own_addresses),
		cmocka_unit_test(own_unfit),
		cmocka_unit_test(list_allows),
		cmocka_unit_test(list_refused),
		cmocka_unit_test(retention_kept),
		cmocka_unit_test(answers_read),
		cmocka_unit_test(answers_malformed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
