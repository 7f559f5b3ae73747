/* SPDX-License-Identifier: ISC */
/* drive: what the tests of the sandbox speak through; see drive.h. */
#define _GNU_SOURCE
#include "tests/sandbox/drive.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "albatross/image.h"
#include "base/text.h"
#include "tests/images/elf.h"

#define IMAGE_MAX (64 * 1024 * 1024)
#define START_TRIES 500		/* of 20 ms */
#define REPLY_MS 5000

struct drive drive;

static char *
file_text(const char *dir, const char *name)
{
	char path[512];
	gnutls_datum_t d;
	char *text;

	snprintf(path, sizeof(path), "%s%s%s", dir, dir[0] ? "/" : "", name);
	if (gnutls_load_file(path, &d) < 0)
		return NULL;
	text = strndup((char *)d.data, d.size);
	gnutls_free(d.data);
	return text;
}

void
image_make(struct image *out, const char *target, const char *net,
	const char *block)
{
	struct elf_spec spec;
	struct buf b;

	elf_spec_init(&spec);
	assert_int_equal(elf_spec_target(&spec, target), 0);
	if (net != NULL)
		elf_spec_device(&spec, ALB_DEVICE_NET, net);
	if (block != NULL)
		elf_spec_device(&spec, ALB_DEVICE_BLOCK, block);
	buf_init(&b, IMAGE_MAX);
	elf_build(&spec, &b);
	assert_true(buf_ok(&b));
	snprintf(out->device, sizeof(out->device), "%s",
		net != NULL ? net : block != NULL ? block : "");
	out->data = b.data;
	out->len = b.len;
}

static void
image_load(struct image *out, const char *name)
{
	char path[512];
	struct alb_image image;
	struct fault f = { 0 };
	gnutls_datum_t d;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", getenv("ALBATROSS_IMAGES"),
		name);
	assert_int_equal(gnutls_load_file(path, &d), 0);
	out->data = malloc(d.size);
	assert_non_null(out->data);
	memcpy(out->data, d.data, d.size);
	out->len = d.size;
	gnutls_free(d.data);
	fd = open(path, O_RDONLY);
	assert_int_equal(alb_image_read(fd, out->len, &image, &f), 0);
	close(fd);
	if (image.ndevices > 0)
		snprintf(out->device, sizeof(out->device), "%s",
			image.devices[0].name);
}

/* The port file appears when the sandbox is ready. */
static int
port_wait(void)
{
	int64_t port = 0;
	char *text;
	int i;

	for (i = 0; i < START_TRIES && port == 0; i++) {
		usleep(20000);
		text = file_text(drive.dir, "port");
		if (text != NULL) {
			text[strcspn(text, "\n")] = '\0';
			int_parse(text, 1, 65535, &port);
		}
		free(text);
	}
	return port;
}

void
drive_begin(void)
{
	const char *argv[DRIVE_OPTIONS_MAX + 12] = { "albatross-sandbox",
		"--dir", drive.dir, "--listen", "127.0.0.1:0", "--bridge",
		"service", "--stats-interval", "100" };
	const char *build = getenv("top_builddir");
	char program[512];
	size_t i, n = 9;

	snprintf(program, sizeof(program),
		"%s/tests/sandbox/albatross-sandbox",
		build == NULL ? "." : build);
	for (i = 0; drive.options[i] != NULL; i++)
		argv[n++] = drive.options[i];
	drive.pid = fork();
	if (drive.pid == 0) {
		if (getenv("V") == NULL)
			dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		execv(program, (char **)(uintptr_t)argv);
		_exit(127);
	}
	drive.port = port_wait();
	assert_true(drive.port > 0);
}

int
drive_end(void)
{
	int status;

	kill(drive.pid, SIGTERM);
	assert_int_equal(waitpid(drive.pid, &status, 0), drive.pid);
	drive.pid = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static char *
start_own(void)
{
	snprintf(drive.dir, sizeof(drive.dir), "/tmp/sandbox-XXXXXX");
	assert_non_null(mkdtemp(drive.dir));
	image_make(&drive.plain, "spt", NULL, NULL);
	image_make(&drive.net, "spt", "service", NULL);
	image_make(&drive.block, "spt", NULL, "storage");
	drive_begin();
	drive.ca_pem = file_text(drive.dir, "ca.pem");
	return file_text(drive.dir, "ca.key");
}

static char *
start_real(const char *port)
{
	drive.real = true;
	drive.port = strtol(port, NULL, 10);
	image_load(&drive.plain, "plain");
	image_load(&drive.net, "net");
	image_load(&drive.block, "block");
	drive.ca_pem = file_text("", getenv("ALBATROSS_CA"));
	return file_text("", getenv("ALBATROSS_KEY"));
}

int
drive_start(void **state)
{
	const char *port = getenv("ALBATROSS_PORT");
	struct fault f = { 0 };
	char *key;

	(void)state;
	key = port != NULL ? start_real(port) : start_own();
	assert_non_null(drive.ca_pem);
	assert_non_null(key);
	assert_int_equal(alb_signer_new(drive.ca_pem, key, time(NULL),
		&drive.signer, &f), 0);
	drive.key_pem = key;
	return 0;
}

int
drive_stop(void **state)
{
	char line[300];

	(void)state;
	if (drive.pid > 0)
		assert_int_equal(drive_end(), 0);
	if (drive.dir[0] != '\0') {
		snprintf(line, sizeof(line), "rm -rf '%s'", drive.dir);
		assert_int_equal(system(line), 0);
	}
	alb_signer_free(drive.signer);
	alb_policy_free(&drive.policy);
	free(drive.ca_pem);
	free(drive.key_pem);
	free(drive.plain.data);
	free(drive.net.data);
	free(drive.block.data);
	return 0;
}

int
drive_tenant(void **state)
{
	struct alb_policy *p = &drive.policy;
	char fresh[9];

	(void)state;
	alb_policy_free(p);
	random_base62(fresh, sizeof(fresh) - 1);
	fresh[0] = 't';
	assert_null(alb_label_fold(fresh, drive.tenant));
	p->cpus = calloc(2, sizeof(*p->cpus));
	p->cpus[1] = 1;
	p->ncpus = 2;
	p->unikernels = 8;
	p->memory = 256;
	p->has_block = true;
	p->block = 64;
	p->bridges = calloc(1, sizeof(*p->bridges));
	p->bridges[0] = strdup("service");
	p->nbridges = 1;
	return 0;
}

void
drive_control(const char *line)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char answer[8] = "";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/control", drive.dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(write(fd, line, strlen(line)), strlen(line));
	assert_int_equal(write(fd, "\n", 1), 1);
	assert_true(read(fd, answer, sizeof(answer) - 1) > 0);
	assert_string_equal(answer, "ok\n");
	close(fd);
}

struct alb_command
command(enum alb_command_kind kind)
{
	struct alb_command c;

	alb_command_init(&c, kind);
	return c;
}

struct alb_command
create(enum alb_command_kind kind, int64_t memory)
{
	struct alb_command c = command(kind);

	c.config.add_name = false;
	c.config.cpus = calloc(1, sizeof(*c.config.cpus));
	c.config.ncpus = 1;
	c.config.memory = memory;
	c.has_config = true;
	return c;
}

void
add_argument(struct alb_command *c, const char *s)
{
	struct alb_config *f = &c->config;

	f->arguments = reallocarray(f->arguments, f->narguments + 1,
		sizeof(*f->arguments));
	f->arguments[f->narguments++] = strdup(s);
	f->has_arguments = true;
}

void
add_net(struct alb_command *c, const char *name, const char *bridge)
{
	struct alb_net *n;

	assert_null(c->config.nets);
	n = c->config.nets = calloc(1, sizeof(*n));
	c->config.nnets = 1;
	c->config.has_nets = true;
	n->name = strdup(name);
	n->bridge = bridge == NULL ? NULL : strdup(bridge);
}

void
add_block(struct alb_command *c, const char *name, const char *volume)
{
	struct alb_block *b;

	assert_null(c->config.blocks);
	b = c->config.blocks = calloc(1, sizeof(*b));
	c->config.nblocks = 1;
	c->config.has_blocks = true;
	b->name = strdup(name);
	b->volume = volume == NULL ? NULL : strdup(volume);
}

int
try_chain(struct alb_chain *chain, struct alb_session **s)
{
	struct alb_timeouts timeouts = { .reply = REPLY_MS };
	char why[256];
	int rc;

	rc = alb_session_open("127.0.0.1", drive.port, drive.ca_pem, chain,
		&timeouts, s, why, sizeof(why));
	alb_chain_free(chain);
	return rc;
}

struct alb_session *
open_chain(struct alb_chain *chain)
{
	struct alb_session *s = NULL;

	assert_int_equal(try_chain(chain, &s), ALB_OK);
	return s;
}

struct alb_session *
open_command(const char *label, struct alb_command *c)
{
	bool root = drive.tenant[0] == '\0';
	struct alb_chain chain;

	assert_int_equal(alb_chain_make(drive.signer,
		root ? NULL : drive.tenant, root ? NULL : &drive.policy,
		label, c, time(NULL), &chain), ALB_OK);
	alb_command_free(c);
	return open_chain(&chain);
}

int
ask_data(const char *label, struct alb_command *c, const void *data,
	size_t len, struct alb_wire *w)
{
	struct alb_session *s = open_command(label, c);
	int rc;

	/* What goes wrong here is told by the reply. */
	if (len == 0 || alb_session_send(s, data, len) == ALB_OK)
		alb_session_finish(s);
	rc = alb_session_read(s, w);
	alb_session_close(s);
	return rc;
}

int
ask(const char *label, struct alb_command *c, struct alb_wire *w)
{
	struct alb_session *s = open_command(label, c);
	int rc = alb_session_read(s, w);

	alb_session_close(s);
	return rc;
}

int
ask_kind(const char *label, enum alb_command_kind kind, struct alb_wire *w)
{
	struct alb_command c = command(kind);

	return ask(label, &c, w);
}

static void
must_be(int rc, struct alb_wire *w, enum alb_payload payload,
	const char *text)
{
	assert_int_equal(rc, ALB_OK);
	assert_non_null(w->text);
	assert_string_equal(w->text, text);
	assert_int_equal(w->payload, payload);
	alb_wire_free(w);
}

void
must_say(int rc, struct alb_wire *w, const char *text)
{
	must_be(rc, w, ALB_PAYLOAD_STRING, text);
}

void
must_fail(int rc, struct alb_wire *w, const char *text)
{
	must_be(rc, w, ALB_PAYLOAD_FAILURE, text);
}

void
create_plain(const char *label, int64_t memory)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, memory);
	struct alb_wire w;

	must_say(ask_data(label, &c, drive.plain.data, drive.plain.len, &w),
		&w, "created unikernel");
}

size_t
running(void)
{
	struct alb_wire w;
	size_t n;

	assert_int_equal(ask_kind("", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.payload, ALB_PAYLOAD_INFOS);
	n = w.ninfos;
	alb_wire_free(&w);
	return n;
}
