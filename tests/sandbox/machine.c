/* SPDX-License-Identifier: ISC */
/* machine: what runs when a unikernel runs; see machine.h. */
#define _GNU_SOURCE
#include "tests/sandbox/machine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/deadline.h"
#include "base/text.h"
#include "tests/sandbox/console.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/unikernels.h"

#define FLOOD_STEP 20		/* ms */
#define FLOOD_MAX 1000000
#define DEFAULT_CPU 2
#define ARGUMENT_ERROR 64
#define EXIT_SOON 50		/* ms */
#define EXIT_CODE_MAX 255

/* What follows option in arg, or NULL. */
static const char *
value_of(const char *arg, const char *option)
{
	size_t len = strlen(option);

	return strncmp(arg, option, len) == 0 ? arg + len : NULL;
}

static void
exit_plan(struct machine *m, int64_t after, int code)
{
	m->exit_at = m->started + after;
	m->exit_code = code;
}

/* SECONDS[.DECIMALS][:CODE] */
static void
exit_read(struct machine *m, const char *s)
{
	int64_t code = 0;
	char *end;
	double seconds = strtod(s, &end);

	if (end == s || !(seconds >= 0 && seconds < 1e9))
		return;
	if (*end == ':' && strcmp(end + 1, "signal") == 0)
		code = MACHINE_SIGNAL;
	else if (*end == ':' &&
	    int_parse(end + 1, 0, EXIT_CODE_MAX, &code) != 0)
		return;
	exit_plan(m, (int64_t)(seconds * 1000), (int)code);
}

static void
argument_read(struct machine *m, const char *arg, unsigned *names,
	bool *refuse)
{
	const char *v;

	if (value_of(arg, "--name=") != NULL)
		++*names;
	else if (strcmp(arg, "--refuse-name") == 0)
		*refuse = true;
	else if (strcmp(arg, "--silent") == 0)
		m->next_line = ALB_NEVER;
	else if ((v = value_of(arg, "--exit-after=")) != NULL)
		exit_read(m, v);
	else if ((v = value_of(arg, "--flood=")) != NULL)
		int_parse(v, 1, FLOOD_MAX, &m->rate);
	else if ((v = value_of(arg, "--cpu=")) != NULL)
		int_parse(v, 0, 100, &m->cpu);
	else if ((v = value_of(arg, "--http=")) != NULL)
		int_parse(v, 1, UINT16_MAX, &m->http);
	else if ((v = value_of(arg, "--line=")) != NULL) {
		free(m->line);
		m->line = xstrdup(v);
	}
}

static void
arguments_read(struct machine *m, const struct alb_config *c)
{
	unsigned names = c->add_name ? 1 : 0;
	bool refuse = false;
	size_t i;

	for (i = 0; i < c->narguments; i++)
		argument_read(m, c->arguments[i], &names, &refuse);
	if (names > 1 || (names > 0 && refuse))
		exit_plan(m, EXIT_SOON, ARGUMENT_ERROR);
	if (c->ncpus == 0 || c->memory < 1)
		exit_plan(m, EXIT_SOON, 1);
}

static void
devices_print(struct sandbox *s, const struct alb_name *name,
	const struct alb_config *c)
{
	uint8_t mac[6];
	char hex[13];
	size_t i;

	for (i = 0; i < c->nblocks; i++)
		console_printf(s, name, "sandbox: block %s on %s",
			c->blocks[i].name, block_volume(&c->blocks[i]));
	for (i = 0; i < c->nnets; i++) {
		net_mac(name, &c->nets[i], mac);
		hex_encode(mac, sizeof(mac), hex);
		console_printf(s, name, "sandbox: net %s on %s mac %s",
			c->nets[i].name, net_bridge(&c->nets[i]), hex);
	}
}

static void
boot_print(struct sandbox *s, const struct alb_name *name,
	const struct alb_config *c)
{
	char text[NAME_SIZE];
	size_t i;

	alb_name_format(name, text);
	console_printf(s, name, "sandbox: %s boots", text);
	console_printf(s, name, "sandbox: memory %" PRId64 " MB", c->memory);
	if (c->add_name)
		console_printf(s, name, "sandbox: argument --name=%s",
			name->label);
	for (i = 0; i < c->narguments; i++)
		console_printf(s, name, "sandbox: argument %s",
			c->arguments[i]);
	devices_print(s, name, c);
}

static void
http_start(struct sandbox *s, struct machine *m, const struct alb_name *name,
	const struct web_answer *answer)
{
	const char *error = "";

	if (m->http == 0)
		return;
	m->web = web_start((uint16_t)m->http, answer);
	if (m->web == NULL)
		error = strerror(errno);
	if (m->next_line != ALB_NEVER)
		console_printf(s, name, "sandbox: HTTP on port %" PRId64
			"%s%s", m->http, *error == '\0' ? "" : ": ", error);
}

void
machine_says_read(char says[ELF_SAYS_MAX + 1], const uint8_t *image,
	size_t len)
{
	size_t mark = strlen(ELF_SAYS), left;
	const char *at = memmem(image, len, ELF_SAYS, mark);

	says[0] = '\0';
	if (at == NULL)
		return;
	at += mark;
	left = len - (size_t)(at - (const char *)image);
	if (strnlen(at, left) <= ELF_SAYS_MAX && strnlen(at, left) < left)
		memcpy(says, at, strnlen(at, left) + 1);
}

void
machine_start(struct sandbox *s, struct machine *m,
	const struct alb_name *name, const struct alb_config *config,
	const struct web_answer *answer, const char *says)
{
	int64_t now = alb_now();

	*m = (struct machine){
		.started = now,
		.exit_at = ALB_NEVER,
		.next_line = now + 1000,
		.cpu = DEFAULT_CPU,
		.says = says,
		.next = says,
	};
	arguments_read(m, config);
	if (m->rate > 0 && m->next_line != ALB_NEVER)
		m->next_line = now + FLOOD_STEP;
	if (m->next_line != ALB_NEVER)
		boot_print(s, name, config);
	http_start(s, m, name, answer);
}

void
machine_free(struct machine *m)
{
	free(m->line);
	m->line = NULL;
	web_stop(m->web);
	m->web = NULL;
}

/* The next line of the image, the first one behind the last. */
static void
says_print(struct sandbox *s, struct machine *m, const struct alb_name *name)
{
	size_t len = strcspn(m->next, "\n");

	console_print(s, name, m->next, len);
	m->next += len + (m->next[len] == '\n');
	if (*m->next == '\0')
		m->next = m->says;
}

static void
line_print(struct sandbox *s, struct machine *m, const struct alb_name *name)
{
	m->lines++;
	if (m->line != NULL && m->rate == 0)
		console_print(s, name, m->line, strlen(m->line));
	else if (m->line == NULL && m->rate == 0 && *m->says != '\0')
		says_print(s, m, name);
	else
		console_printf(s, name, "%s %" PRIu64,
			m->line == NULL ? "tick" : m->line, m->lines);
}

/* As many as are due by now, unless a listener is too slow for that. */
static void
lines_print(struct sandbox *s, struct machine *m,
	const struct alb_name *name, int64_t now)
{
	int64_t step = m->rate > 0 ? FLOOD_STEP : 1000;
	int64_t n, due;

	for (; m->next_line <= now; m->next_line += step) {
		due = m->rate > 0 ? m->rate * (m->next_line - m->started) /
			1000 - (int64_t)m->lines : 1;
		n = console_room(s, name);
		for (n = n < due ? n : due; n > 0; n--)
			line_print(s, m, name);
	}
}

bool
machine_run(struct sandbox *s, struct machine *m,
	const struct alb_name *name, int64_t now, int64_t *until)
{
	lines_print(s, m, name, now < m->exit_at ? now : m->exit_at);
	if (now >= m->exit_at) {
		if (m->exit_code != MACHINE_SIGNAL &&
		    m->next_line != ALB_NEVER)
			console_printf(s, name,
				"Solo5: solo5_exit(%d) called", m->exit_code);
		return true;
	}
	if (m->next_line < *until)
		*until = m->next_line;
	if (m->exit_at < *until)
		*until = m->exit_at;
	return false;
}
