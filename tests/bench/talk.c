/* SPDX-License-Identifier: ISC */
/*
 * talk: conversations with one albatross, ours and bare ones beside each
 * other, and mints alone. Prints the medians as NAME=VALUE on a line.
 *
 *   talk list ROUNDS           mint, open, reply; and the same bare
 *   talk stream ROUNDS IMAGE   an image bare; ours goes through nginx
 *   talk mint ROUNDS THREADS   mints asked of the authority, nothing else
 *   talk fill COUNT FILE       into volumes bench-1, ... at once, bare
 *   talk dump COUNT            out of them, the same
 *
 * Whom to talk to is in the environment: MOLLYMAWK_TOKEN, MOLLYMAWK_INSTANCE,
 * MOLLYMAWK_PROJECT as tools/demo writes them, and BENCH_AUTH (socket),
 * BENCH_CA and BENCH_CA_KEY (files).
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "albatross/session.h"
#include "auth/client.h"
#include "base/text.h"
#include "tests/bench/bare.h"
#include "tests/bench/figures.h"

#define ROUNDS_MAX 100000
#define THREADS_MAX 64
#define NAME "bench-bare"
#define MB (1 << 20)

struct setting {
	const char *auth, *instance, *project;
	struct auth_who who;
	struct bare_ca ca;
	int port;		/* of the instance, as a mint told */
	struct buf policy;	/* extensions, as DER */
	struct buf command;
};

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		die("%s is not set", name);
	return value;
}

static int64_t
number(const char *text, int64_t max)
{
	int64_t n;

	if (int_parse(text, 1, max, &n) < 0)
		die("%s is no number in 1..%lld", text, (long long)max);
	return n;
}

static void
encode(const struct alb_command *c, struct buf *out)
{
	buf_init(out, 65536);
	if (alb_command_encode(c, out) != ALB_OK)
		die("a command can not be encoded");
}

static gnutls_datum_t
datum(const struct buf *b)
{
	return (gnutls_datum_t){ b->data, (unsigned)b->len };
}

static void
mint(struct auth_client *auth, const struct setting *s,
	const struct alb_command *c, struct auth_mint *m)
{
	struct fault f = { 0 };

	if (auth_mint(auth, &s->who, s->instance, s->project, "", c, m, &f)
	    != 0)
		die("mint: %s", f.detail);
}

/* The port and the policy, for the bare client: from a mint. */
static void
setting_ask(struct setting *s)
{
	struct auth_client *auth = auth_client_new(s->auth);
	struct alb_command info, add;
	struct auth_mint m;

	alb_command_init(&info, ALB_UNIKERNEL_INFO);
	mint(auth, s, &info, &m);
	s->port = m.port;
	alb_command_init(&add, ALB_POLICY_ADD);
	if (alb_policy_copy(&m.policy, &add.policy) != ALB_OK)
		die("out of memory");
	encode(&add, &s->policy);
	alb_command_free(&add);
	alb_command_free(&info);
	auth_mint_free(&m);
	auth_client_free(auth);
}

static void
setting_free(struct setting *s)
{
	buf_free(&s->policy);
	buf_free(&s->command);
	bare_ca_free(&s->ca);
}

/* ---- list ---- */

/* The time of one list by the library; *minted gets how much of it was mint. */
static double
list_ours(struct auth_client *auth, const struct setting *s,
	const struct alb_command *c, double *minted)
{
	double start = now_ms();
	char why[256];
	struct auth_mint m;
	struct alb_wire w;
	int rc;

	mint(auth, s, c, &m);
	*minted = now_ms() - start;
	rc = alb_call(m.host, m.port, m.server_ca, &m.chain, NULL, &w, why,
		sizeof(why));
	if (rc != ALB_OK)
		die("list: %s", why);
	auth_mint_free(&m);
	alb_wire_free(&w);
	return now_ms() - start;
}

static double
list_bare(const struct setting *s)
{
	gnutls_datum_t policy = datum(&s->policy);
	gnutls_datum_t command = datum(&s->command);
	double start = now_ms();
	struct bare b;

	bare_open(&b, &s->ca, s->port, s->project, &policy, "", &command);
	bare_read(&b);
	bare_close(&b);
	return now_ms() - start;
}

static void
list(struct setting *s, size_t rounds)
{
	struct auth_client *auth = auth_client_new(s->auth);
	struct figures ours, bare, minted;
	struct alb_command c;
	double ms;

	alb_command_init(&c, ALB_UNIKERNEL_INFO);
	encode(&c, &s->command);
	figures_init(&ours, rounds);
	figures_init(&bare, rounds);
	figures_init(&minted, rounds);
	list_ours(auth, s, &c, &ms);
	list_bare(s);
	for (size_t i = 0; i < rounds; i++) {
		figures_add(&ours, list_ours(auth, s, &c, &ms));
		figures_add(&minted, ms);
		figures_add(&bare, list_bare(s));
	}
	printf("ours=%.3f bare=%.3f mint=%.3f\n", figures_at(&ours, .5),
	    figures_at(&bare, .5), figures_at(&minted, .5));
	figures_free(&ours);
	figures_free(&bare);
	figures_free(&minted);
	alb_command_free(&c);
	auth_client_free(auth);
}

/* ---- stream ---- */

static double
stream_bare(const struct setting *s, int fd)
{
	gnutls_datum_t policy = datum(&s->policy);
	gnutls_datum_t command = datum(&s->command);
	double start = now_ms();
	struct bare b;

	bare_open(&b, &s->ca, s->port, s->project, &policy, NAME, &command);
	bare_stream(&b, fd);
	bare_read(&b);
	bare_close(&b);
	return now_ms() - start;
}

static void
stream(struct setting *s, size_t rounds, const char *image)
{
	int fd = open(image, O_RDONLY | O_CLOEXEC);
	struct alb_command c;
	struct figures bare;

	if (fd < 0)
		die("%s can not be opened", image);
	alb_command_init(&c, ALB_UNIKERNEL_FORCE_CREATE);
	c.has_config = true;
	c.config.memory = 32;
	encode(&c, &s->command);
	figures_init(&bare, rounds);
	for (size_t i = 0; i < rounds; i++)
		figures_add(&bare, stream_bare(s, fd));
	printf("bare=%.3f\n", figures_at(&bare, .5));
	figures_free(&bare);
	alb_command_free(&c);
	close(fd);
}

/* ---- mint ---- */

struct minter {
	pthread_t thread;
	const struct setting *s;
	struct figures times;
};

static void *
minter_main(void *arg)
{
	struct minter *t = arg;
	struct auth_client *auth = auth_client_new(t->s->auth);
	struct alb_command c;
	struct auth_mint m;
	double start;

	alb_command_init(&c, ALB_UNIKERNEL_INFO);
	mint(auth, t->s, &c, &m);
	auth_mint_free(&m);
	for (size_t i = 0; i < t->times.max; i++) {
		start = now_ms();
		mint(auth, t->s, &c, &m);
		auth_mint_free(&m);
		figures_add(&t->times, now_ms() - start);
	}
	alb_command_free(&c);
	auth_client_free(auth);
	return NULL;
}

static void
mints(const struct setting *s, size_t rounds, size_t threads)
{
	struct minter minters[THREADS_MAX];
	double start = now_ms(), all;

	for (size_t i = 0; i < threads; i++) {
		minters[i].s = s;
		figures_init(&minters[i].times, rounds);
		if (pthread_create(&minters[i].thread, NULL, minter_main,
		    &minters[i]) != 0)
			die("no more threads");
	}
	for (size_t i = 0; i < threads; i++)
		pthread_join(minters[i].thread, NULL);
	all = now_ms() - start;
	printf("each=%.3f rate=%.0f\n", figures_at(&minters[0].times, .5),
	    1000.0 * (double)(rounds * threads) / all);
	for (size_t i = 0; i < threads; i++)
		figures_free(&minters[i].times);
}

/* ---- volumes ---- */

/* One volume, filled from fd, or dumped (fd -1). */
struct mover {
	pthread_t thread;
	const struct setting *s;
	char label[32];
	int fd;
};

static void *
mover_main(void *arg)
{
	struct mover *t = arg;
	gnutls_datum_t policy = datum(&t->s->policy);
	gnutls_datum_t command = datum(&t->s->command);
	struct bare b;

	bare_open(&b, &t->s->ca, t->s->port, t->s->project, &policy,
	    t->label, &command);
	if (t->fd >= 0) {
		bare_stream(&b, t->fd);
		bare_read(&b);
	} else if (bare_drain(&b) < MB) {
		die("%s can not be dumped", t->label);
	}
	bare_close(&b);
	return NULL;
}

static void
move(struct setting *s, size_t count, const char *file)
{
	int fd = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	struct mover movers[THREADS_MAX];
	struct alb_command c;
	double start;

	if (file != NULL && fd < 0)
		die("%s can not be opened", file);
	alb_command_init(&c, fd < 0 ? ALB_BLOCK_DUMP : ALB_BLOCK_SET);
	encode(&c, &s->command);
	start = now_ms();
	for (size_t i = 0; i < count; i++) {
		movers[i] = (struct mover){ .s = s, .fd = fd };
		snprintf(movers[i].label, sizeof(movers[i].label),
		    "bench-%zu", i + 1);
		if (pthread_create(&movers[i].thread, NULL, mover_main,
		    &movers[i]) != 0)
			die("no more threads");
	}
	for (size_t i = 0; i < count; i++)
		pthread_join(movers[i].thread, NULL);
	printf("ms=%.0f\n", now_ms() - start);
	alb_command_free(&c);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct setting s = { .auth = env("BENCH_AUTH"),
		.instance = env("MOLLYMAWK_INSTANCE"),
		.project = env("MOLLYMAWK_PROJECT"),
		.who = { .bearer = env("MOLLYMAWK_TOKEN"),
			.address = "127.0.0.1" } };
	size_t rounds;

	if (argc < 3)
		die("talk list|stream|mint|fill|dump NUMBER ...");
	rounds = (size_t)number(argv[2], ROUNDS_MAX);
	bare_ca_load(&s.ca, env("BENCH_CA"), env("BENCH_CA_KEY"));
	setting_ask(&s);
	if (strcmp(argv[1], "list") == 0)
		list(&s, rounds);
	else if (strcmp(argv[1], "stream") == 0 && argc == 4)
		stream(&s, rounds, argv[3]);
	else if (strcmp(argv[1], "mint") == 0 && argc == 4)
		mints(&s, rounds, (size_t)number(argv[3], THREADS_MAX));
	else if (strcmp(argv[1], "fill") == 0 && argc == 4)
		move(&s, (size_t)number(argv[2], THREADS_MAX), argv[3]);
	else if (strcmp(argv[1], "dump") == 0)
		move(&s, (size_t)number(argv[2], THREADS_MAX), NULL);
	else
		die("talk list|stream|mint|fill|dump NUMBER ...");
	setting_free(&s);
	return 0;
}
