/* SPDX-License-Identifier: ISC */
/* Unikernels of the sandbox, or of a real albatross (see drive.h). */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <gnutls/crypto.h>

#include "tests/sandbox/drive.h"
#include "tests/sandbox/web.h"

static void
destroy(const char *label)
{
	struct alb_wire w;

	must_say(ask_kind(label, ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

static int
send_plain(const char *label, struct alb_command *c, struct alb_wire *w)
{
	return ask_data(label, c, drive.plain.data, drive.plain.len, w);
}

static void
test_info(void **state)
{
	uint8_t digest[32];
	struct alb_wire w;

	(void)state;
	assert_int_equal(running(), 0);
	create_plain("hello", 32);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, drive.plain.data,
		drive.plain.len, digest);
	assert_int_equal(ask_kind("hello", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.ninfos, 1);
	assert_string_equal(w.infos[0].name.path, drive.tenant);
	assert_string_equal(w.infos[0].name.label, "hello");
	assert_memory_equal(w.infos[0].digest, digest, sizeof(digest));
	assert_int_equal(w.infos[0].config.memory, 32);
	assert_true(labs((long)(time(NULL) - w.infos[0].started)) < 10);
	alb_wire_free(&w);
	assert_int_equal(ask_kind("", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.ninfos, 1);
	assert_string_equal(w.infos[0].name.path, "");
	assert_string_equal(w.infos[0].name.label, "hello");
	assert_string_equal(w.name.path, drive.tenant);
	alb_wire_free(&w);
	assert_int_equal(ask_kind("other", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.ninfos, 0);
	alb_wire_free(&w);
	destroy("hello");
	assert_int_equal(running(), 0);
}

static void
test_create_twice(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 32);
	struct alb_wire w;

	(void)state;
	create_plain("one", 32);
	must_fail(send_plain("one", &c, &w), &w,
		"Unikernel with same name is already running");
	destroy("one");
	must_say(ask_kind("one", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed: removed from restarting");
	must_fail(ask_kind("one", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroy: not found");
	must_fail(ask_kind("one", ALB_UNIKERNEL_RESTART, &w), &w,
		"destroy: not found");
}

static void
must_get(const char *label, int64_t level, bool packed)
{
	struct alb_command c = command(ALB_UNIKERNEL_GET);
	uLongf len = drive.plain.len;
	struct alb_wire w;
	uint8_t *raw;

	c.compression = level;
	assert_int_equal(ask(label, &c, &w), ALB_OK);
	assert_int_equal(w.payload, ALB_PAYLOAD_IMAGE);
	assert_int_equal(w.flag, packed);
	raw = malloc(len);
	if (packed)
		assert_int_equal(uncompress(raw, &len, w.bytes, w.bytes_len),
			Z_OK);
	else
		memcpy(raw, w.bytes, len);
	assert_int_equal(packed ? len : w.bytes_len, drive.plain.len);
	assert_memory_equal(raw, drive.plain.data, len);
	free(raw);
	alb_wire_free(&w);
}

static void
test_compressed(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	uLongf len = compressBound(drive.plain.len);
	uint8_t *packed = malloc(len), digest[32];
	struct alb_wire w;

	(void)state;
	assert_int_equal(compress2(packed, &len, drive.plain.data,
		drive.plain.len, 9), Z_OK);
	c.compressed = true;
	must_say(ask_data("zip", &c, packed, len, &w), &w,
		"created unikernel");
	gnutls_hash_fast(GNUTLS_DIG_SHA256, drive.plain.data,
		drive.plain.len, digest);
	assert_int_equal(ask_kind("zip", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_memory_equal(w.infos[0].digest, digest, sizeof(digest));
	alb_wire_free(&w);
	must_get("zip", 0, false);
	must_get("zip", 9, true);
	destroy("zip");
	free(packed);
	create_plain("raw", 16);
	must_get("raw", 0, false);
	must_get("raw", 4, true);
	destroy("raw");
	must_fail(ask_kind("raw", ALB_UNIKERNEL_GET, &w), &w,
		"get: no unikernel found");
}

static void
test_bad_images(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct image xen;
	struct alb_wire w;
	char text[256];

	(void)state;
	must_fail(ask_data("bad", &c, "no image", 8, &w), &w,
		"error during ELF parsing");
	c = create(ALB_UNIKERNEL_CREATE, 16);
	must_fail(ask_data("bad", &c, "", 0, &w), &w,
		"error during ELF parsing");
	image_make(&xen, "virtio", NULL, NULL);
	c = create(ALB_UNIKERNEL_CREATE, 16);
	must_fail(ask_data("bad", &c, xen.data, xen.len, &w), &w,
		"unsupported solo5 target virtio");
	free(xen.data);
	c = create(ALB_UNIKERNEL_CREATE, 16);
	snprintf(text, sizeof(text), "specified bridge(s) does not match "
		"with the manifest. Devices present in manifest: net \"%s\"",
		drive.net.device);
	must_fail(ask_data("bad", &c, drive.net.data, drive.net.len, &w), &w,
		text);
	c = create(ALB_UNIKERNEL_CREATE, 16);
	snprintf(text, sizeof(text), "specified block device(s) does not "
		"match with manifest. Devices present in manifest: block "
		"\"%s\"", drive.block.device);
	must_fail(ask_data("bad", &c, drive.block.data, drive.block.len, &w),
		&w, text);
	assert_int_equal(running(), 0);
}

/* A policy that names a bridge which the host lacks. */
static void
test_missing_bridge(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_wire w;

	(void)state;
	add_net(&c, drive.net.device, "nope");
	must_fail(ask_data("net", &c, drive.net.data, drive.net.len, &w), &w,
		"bridges nope not allowed by policy");
	free(drive.policy.bridges[0]);
	drive.policy.bridges[0] = strdup("nope");
	c = create(ALB_UNIKERNEL_CREATE, 16);
	add_net(&c, drive.net.device, "nope");
	must_fail(ask_data("net", &c, drive.net.data, drive.net.len, &w), &w,
		"interface nope does not exist");
}

static void
test_net(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	uint8_t digest[16];
	char text[256];
	struct alb_wire w;

	(void)state;
	add_net(&c, drive.net.device, "service");
	must_say(ask_data("net", &c, drive.net.data, drive.net.len, &w), &w,
		"created unikernel");
	assert_int_equal(ask_kind("", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.infos[0].config.nnets, 1);
	assert_string_equal(w.infos[0].config.nets[0].bridge, "service");
	snprintf(text, sizeof(text), "%s%s:net", drive.net.device,
		drive.tenant);
	gnutls_hash_fast(GNUTLS_DIG_MD5, text, strlen(text), digest);
	assert_memory_equal(w.infos[0].config.nets[0].mac, "\x00\x80\x41", 3);
	assert_memory_equal(w.infos[0].config.nets[0].mac + 3, digest, 3);
	alb_wire_free(&w);
	destroy("net");
}

static void
test_policy_limits(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 200);
	struct alb_wire w;

	(void)state;
	create_plain("a", 100);
	must_fail(send_plain("b", &c, &w), &w, "maximum allowed memory (256, "
		"used 100) would be exceeded (requesting 200)");
	c = create(ALB_UNIKERNEL_CREATE, 16);
	c.config.cpus[0] = 7;
	must_fail(send_plain("b", &c, &w), &w,
		"CPUids 7 are not allowed by policy");
	c = create(ALB_UNIKERNEL_CREATE, 16);
	add_block(&c, "storage", "gone");
	assert_int_equal(send_plain("b", &c, &w), ALB_OK);
	assert_non_null(strstr(w.text, ":gone not found"));
	alb_wire_free(&w);
	drive.policy.unikernels = 1;
	c = create(ALB_UNIKERNEL_CREATE, 16);
	must_fail(send_plain("b", &c, &w), &w,
		"maximum amount of unikernels (1) reached");
	destroy("a");
}

static void
test_force(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_FORCE_CREATE, 16);
	struct alb_wire w;

	(void)state;
	must_say(send_plain("f", &c, &w), &w, "created unikernel");
	c = create(ALB_UNIKERNEL_FORCE_CREATE, 256);
	must_say(send_plain("f", &c, &w), &w, "created unikernel");
	c = create(ALB_UNIKERNEL_FORCE_CREATE, 257);
	must_fail(send_plain("f", &c, &w), &w, "maximum allowed memory (256, "
		"used 0) would be exceeded (requesting 257)");
	assert_int_equal(running(), 1);
	c = create(ALB_UNIKERNEL_FORCE_CREATE, 16);
	must_fail(ask_data("f", &c, "bad", 3, &w), &w,
		"error during ELF parsing");
	assert_int_equal(running(), 0);
}

static void
test_restart(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_RESTART, 64);
	struct alb_wire w;

	(void)state;
	create_plain("r", 32);
	must_say(ask_kind("r", ALB_UNIKERNEL_RESTART, &w), &w,
		"created unikernel");
	add_argument(&c, "--x=1");
	must_say(ask("r", &c, &w), &w, "created unikernel");
	assert_int_equal(ask_kind("r", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.infos[0].config.memory, 64);
	assert_int_equal(w.infos[0].config.narguments, 1);
	assert_string_equal(w.infos[0].config.arguments[0], "--x=1");
	alb_wire_free(&w);
	c = create(ALB_UNIKERNEL_RESTART, 64);
	add_net(&c, "extra", NULL);
	assert_int_equal(ask("r", &c, &w), ALB_OK);
	must_fail(ALB_OK, &w, "specified bridge(s) does not match with the "
		"manifest. Devices present in manifest: ");
	assert_int_equal(running(), 1);
	c = create(ALB_UNIKERNEL_RESTART, 300);
	must_fail(ask("r", &c, &w), &w, "maximum allowed memory (256, used 0) "
		"would be exceeded (requesting 300)");
	assert_int_equal(running(), 0);
}

/* What a real unikernel would have to be written for. */
static void
test_exits(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_wire w;

	(void)state;
	if (drive.real)
		skip();
	add_argument(&c, "--exit-after=0.05:0");
	must_say(send_plain("x", &c, &w), &w, "created unikernel");
	usleep(200000);
	assert_int_equal(running(), 0);
	c = create(ALB_UNIKERNEL_CREATE, 16);
	c.config.restart = true;
	add_argument(&c, "--exit-after=0.05:3");
	must_say(send_plain("x", &c, &w), &w, "created unikernel");
	usleep(300000);
	assert_true(ask_kind("x", ALB_UNIKERNEL_DESTROY, &w) == ALB_OK &&
		w.payload == ALB_PAYLOAD_STRING);
	alb_wire_free(&w);
	c = create(ALB_UNIKERNEL_CREATE, 16);
	c.config.add_name = true;
	add_argument(&c, "--refuse-name");
	must_say(send_plain("y", &c, &w), &w, "created unikernel");
	usleep(300000);
	assert_int_equal(running(), 1);
	destroy("y");
}

/* A port that was free a moment ago. */
static int
port_free(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

/* All that is answered to text; -1 if nobody is there. */
static ssize_t
http_ask(int port, const char *text, char *out, size_t size)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t len = 0;
	ssize_t n = 1;

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	while (n > 0 && len < size - 1) {
		n = read(fd, out + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	out[len] = '\0';
	close(fd);
	return (ssize_t)len;
}

static void
http_must(int port, const char *status, const char *text)
{
	char out[1024];

	assert_true(http_ask(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", out,
		sizeof(out)) > 0);
	assert_true(strncmp(out, status, strlen(status)) == 0);
	assert_string_equal(strstr(out, "\r\n\r\n") + 4, text);
}

/* Runs an image that answers so, or says nothing about it when NULL. */
static void
http_run(const char *label, int port, const char *answer)
{
	struct alb_command c = create(ALB_UNIKERNEL_FORCE_CREATE, 16);
	struct elf_spec spec;
	struct buf image;
	struct alb_wire w;
	char argument[32];

	elf_spec_init(&spec);
	assert_int_equal(elf_spec_target(&spec, "spt"), 0);
	if (answer != NULL)
		assert_int_equal(elf_spec_http(&spec, answer), 0);
	buf_init(&image, 1 << 20);
	elf_build(&spec, &image);
	assert_true(buf_ok(&image));
	snprintf(argument, sizeof(argument), "--http=%d", port);
	add_argument(&c, argument);
	must_say(ask_data(label, &c, image.data, image.len, &w), &w,
		"created unikernel");
	buf_free(&image);
}

/* The image decides what is answered, and the port follows what runs. */
static void
test_http(void **state)
{
	int port = port_free();
	char out[1024];

	(void)state;
	if (drive.real)
		skip();
	http_run("web", port, NULL);
	http_must(port, "HTTP/1.1 200 ", "hello\n");
	http_run("web", port, "503:out of order");
	http_must(port, "HTTP/1.1 503 ", "out of order\n");
	/* Taken: it runs all the same, and the first goes on answering. */
	http_run("late", port, "200:late");
	http_must(port, "HTTP/1.1 503 ", "out of order\n");
	assert_int_equal(running(), 2);
	destroy("late");
	drive_end();
	drive_begin();
	http_must(port, "HTTP/1.1 503 ", "out of order\n");
	destroy("web");
	assert_int_equal(http_ask(port, "", out, sizeof(out)), -1);
}

/* A request that is too long, or none, gets no answer and holds up nothing. */
static void
test_http_nonsense(void **state)
{
	int port = port_free();
	char text[6000], out[1024];

	(void)state;
	if (drive.real)
		skip();
	http_run("web", port, "200:fine");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_true(http_ask(port, text, out, sizeof(out)) <= 0);
	assert_int_equal(http_ask(port, "GET / HTTP/1.1\r\n", out,
		sizeof(out)), 0);
	http_must(port, "HTTP/1.1 200 ", "fine\n");
	destroy("web");
}

/* What can not stand in an image. */
static void
test_http_marks(void **state)
{
	struct web_answer a;
	const uint8_t text[] = ELF_HTTP "503", bad[] = ELF_HTTP "099:x";
	struct elf_spec spec;

	(void)state;
	elf_spec_init(&spec);
	assert_int_equal(elf_spec_http(&spec, "200"), -1);
	assert_int_equal(elf_spec_http(&spec, "100:x"), -1);
	assert_int_equal(elf_spec_http(&spec, "2000:x"), -1);
	web_answer_read(&a, text, sizeof(text));
	assert_int_equal(a.status, 200);
	web_answer_read(&a, text, sizeof(text) - 1);
	assert_int_equal(a.status, 200);
	web_answer_read(&a, bad, sizeof(bad));
	assert_string_equal(a.text, "hello");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_info, drive_tenant),
		cmocka_unit_test_setup(test_create_twice, drive_tenant),
		cmocka_unit_test_setup(test_compressed, drive_tenant),
		cmocka_unit_test_setup(test_bad_images, drive_tenant),
		cmocka_unit_test_setup(test_missing_bridge, drive_tenant),
		cmocka_unit_test_setup(test_net, drive_tenant),
		cmocka_unit_test_setup(test_policy_limits, drive_tenant),
		cmocka_unit_test_setup(test_force, drive_tenant),
		cmocka_unit_test_setup(test_restart, drive_tenant),
		cmocka_unit_test_setup(test_exits, drive_tenant),
		cmocka_unit_test_setup(test_http, drive_tenant),
		cmocka_unit_test_setup(test_http_nonsense, drive_tenant),
		cmocka_unit_test(test_http_marks),
	};

	return cmocka_run_group_tests(tests, drive_start, drive_stop);
}
