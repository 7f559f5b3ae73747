/* SPDX-License-Identifier: ISC */
/* random: commands and messages out of a seed; see random.h. */
#include "random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/der.h"

uint64_t
rng_next(struct rng *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

size_t
rng_below(struct rng *r, size_t n)
{
	return (rng_next(r) >> 11) % n;
}

bool
rng_bool(struct rng *r)
{
	return rng_below(r, 2) == 1;
}

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

/* Of every length an INTEGER can have, and the ends of the range. */
static int64_t
any_int(struct rng *r)
{
	int64_t v = rng_next(r) >> 2 >> rng_below(r, 61);

	switch (rng_below(r, 16)) {
	case 0:
		return DER_INT_MAX;
	case 1:
		return DER_INT_MIN;
	case 2:
		return 0x80;
	case 3:
		return -0x81;
	default:
		return rng_bool(r) ? v : -v - 1;
	}
}

static uint64_t
any_u64(struct rng *r)
{
	return rng_next(r) >> rng_below(r, 64);
}

/* Any bytes, in the form that strings of the wire are kept in. */
static char *
any_string(struct rng *r)
{
	size_t n = rng_below(r, 8) == 0 ? rng_below(r, 300) :
		rng_below(r, 12), i, o = 0;
	char *s = must(malloc(2 * n + 1));
	uint8_t byte;

	for (i = 0; i < n; i++) {
		byte = rng_bool(r) ? 'a' + rng_below(r, 26) :
			rng_below(r, 256);
		if (byte == 0x00 || byte == 0xc0) {
			s[o++] = (char)0xc0;
			s[o++] = (char)(byte == 0 ? 0x80 : 0x81);
		} else {
			s[o++] = (char)byte;
		}
	}
	s[o] = '\0';
	return s;
}

static void
any_bytes(struct rng *r, uint8_t **bytes, size_t *len)
{
	size_t i;

	*len = rng_below(r, 6) == 0 ? rng_below(r, 70000) : rng_below(r, 40);
	*bytes = must(malloc(*len + 1));
	for (i = 0; i < *len; i++)
		(*bytes)[i] = rng_next(r) >> 40;
}

static void
any_label(struct rng *r, char label[ALB_LABEL_MAX + 1])
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	size_t n = 1 + rng_below(r, rng_below(r, 4) == 0 ? 63 : 8), i;

	for (i = 0; i < n; i++)
		label[i] = chars[rng_below(r, i == 0 ? 36 : 38)];
	label[n] = '\0';
}

static void
any_name(struct rng *r, struct alb_name *name)
{
	size_t depth = rng_below(r, rng_below(r, 4) == 0 ? 9 : 3), at = 0;
	char label[ALB_LABEL_MAX + 1];

	memset(name, 0, sizeof(*name));
	for (; depth > 0; depth--) {
		any_label(r, label);
		at += snprintf(name->path + at, sizeof(name->path) - at,
		    "%s%s", at == 0 ? "" : ":", label);
	}
	if (rng_below(r, 4) > 0)
		any_label(r, name->label);
}

/* From the year 0 to 9999. */
static time_t
any_time(struct rng *r)
{
	int64_t from = INT64_C(-62167219200), to = INT64_C(253402300799);

	return from + (int64_t)rng_below(r, to - from + 1);
}

static time_t
any_utc_time(struct rng *r)
{
	int64_t from = INT64_C(-631152000), to = INT64_C(2524607999);

	return from + (int64_t)rng_below(r, to - from + 1);
}

static int
any_millis(struct rng *r)
{
	return rng_bool(r) ? -1 : (int)rng_below(r, 1000);
}

static size_t
any_count(struct rng *r)
{
	return rng_below(r, 5) == 0 ? rng_below(r, 30) : rng_below(r, 4);
}

static void
any_ints(struct rng *r, int64_t **ints, size_t *n)
{
	size_t i;

	*n = any_count(r);
	*ints = must(calloc(*n + 1, sizeof(**ints)));
	for (i = 0; i < *n; i++)
		(*ints)[i] = rng_bool(r) ? (int64_t)rng_below(r, 300) :
			any_int(r);
}

static void
any_strings(struct rng *r, char ***strings, size_t *n)
{
	size_t i;

	*n = any_count(r);
	*strings = must(calloc(*n + 1, sizeof(**strings)));
	for (i = 0; i < *n; i++)
		(*strings)[i] = any_string(r);
}

static void
any_policy(struct rng *r, struct alb_policy *p)
{
	memset(p, 0, sizeof(*p));
	any_ints(r, &p->cpus, &p->ncpus);
	p->unikernels = any_int(r);
	p->memory = any_int(r);
	p->has_block = rng_bool(r);
	if (p->has_block)
		p->block = any_int(r);
	any_strings(r, &p->bridges, &p->nbridges);
	alb_policy_normalise(p);
}

static void
any_blocks(struct rng *r, bool resolved, struct alb_config *c)
{
	struct alb_block *b;

	c->has_blocks = rng_bool(r);
	if (!c->has_blocks)
		return;
	c->nblocks = any_count(r);
	c->blocks = must(calloc(c->nblocks + 1, sizeof(*c->blocks)));
	for (b = c->blocks; b < c->blocks + c->nblocks; b++) {
		b->name = any_string(r);
		if (resolved || rng_bool(r))
			b->volume = any_string(r);
		b->has_sector_size = resolved || rng_bool(r);
		if (b->has_sector_size)
			b->sector_size = any_int(r);
		if (resolved)
			b->size = any_int(r);
	}
}

static void
any_nets(struct rng *r, bool resolved, struct alb_config *c)
{
	struct alb_net *n;
	size_t i;

	c->has_nets = rng_bool(r);
	if (!c->has_nets)
		return;
	c->nnets = any_count(r);
	c->nets = must(calloc(c->nnets + 1, sizeof(*c->nets)));
	for (n = c->nets; n < c->nets + c->nnets; n++) {
		n->name = any_string(r);
		if (resolved || rng_bool(r))
			n->bridge = any_string(r);
		n->has_mac = resolved || rng_bool(r);
		for (i = 0; n->has_mac && i < sizeof(n->mac); i++)
			n->mac[i] = rng_next(r) >> 32;
	}
}

/* What a form of level has, without type and add_name. */
static void
any_config(struct rng *r, enum alb_level level, bool resolved,
	struct alb_config *c)
{
	alb_config_init(c);
	c->has_startup = level >= ALB_LEVEL_2_6 && rng_bool(r);
	if (c->has_startup)
		c->startup = any_int(r);
	c->restart = rng_bool(r);
	if (c->restart)
		any_ints(r, &c->exit_codes, &c->nexit_codes);
	if (level >= ALB_LEVEL_2_7) {
		any_ints(r, &c->cpus, &c->ncpus);
	} else {
		c->cpus = must(calloc(1, sizeof(*c->cpus)));
		c->ncpus = 1;
		c->cpus[0] = any_int(r);
	}
	c->memory = any_int(r);
	any_blocks(r, resolved, c);
	any_nets(r, resolved, c);
	c->has_arguments = rng_bool(r);
	if (c->has_arguments)
		any_strings(r, &c->arguments, &c->narguments);
	c->has_numcpus = level >= ALB_LEVEL_2_7 && rng_bool(r);
	if (c->has_numcpus)
		c->numcpus = any_int(r);
	if (level >= ALB_LEVEL_2_7 && rng_bool(r))
		c->boot_partition = any_string(r);
}

void
random_config(struct rng *r, struct alb_config *c)
{
	any_config(r, ALB_LEVEL_2_7, false, c);
	c->type = rng_bool(r) ? ALB_BHYVE : ALB_SOLO5;
	c->add_name = rng_bool(r);
}

static char *
numbered(const char *stem, size_t i)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%zu", stem, i);
	return must(strdup(text));
}

/* UTF-8 of all lengths, what JSON and shells have to escape, or nothing. */
static char *
sane_argument(struct rng *r)
{
	static const char *const pieces[] = { "a", "--ipv4=10.0.0.2/24", " ",
		"\"", "\\", "/", "'", "$(x)", "\n", "\t", "\x01", "\x1f",
		"\x7f", "\xc2\x80", "h\xc3\xa4llo", "\xe2\x82\xac",
		"\xef\xbf\xbd", "\xed\x9f\xbf", "\xf0\x9f\xa6\x80", "{",
		"]", ",", ":", "\\u0041", "null" };
	size_t n = rng_below(r, 6), len = 0;
	char text[256] = "";

	for (; n > 0; n--)
		len += snprintf(text + len, sizeof(text) - len, "%s",
		    pieces[rng_below(r, sizeof(pieces) / sizeof(pieces[0]))]);
	return must(strdup(text));
}

/* n numbers of 0 to most, each once, in any order. */
static int64_t *
sane_set(struct rng *r, size_t n, size_t most)
{
	int64_t *set = must(calloc(n + 1, sizeof(*set)));
	size_t i, k;

	for (i = 0; i < n; i++)
		do {
			set[i] = rng_below(r, most + 1);
			for (k = 0; k < i && set[k] != set[i]; k++)
				;
		} while (k < i);
	return set;
}

static void
sane_block(struct rng *r, struct alb_block *b, size_t i)
{
	b->name = numbered(i == 0 ? "Storage_" : "block", i);
	if (i == 0 || rng_bool(r))
		b->volume = numbered("data-", i);
	b->has_sector_size = rng_bool(r);
	if (b->has_sector_size)
		b->sector_size = 512 << rng_below(r, 12);
}

static void
sane_net(struct rng *r, struct alb_net *n, size_t i)
{
	size_t k;

	n->name = numbered(rng_bool(r) ? "service" : "net.", i);
	if (rng_bool(r))
		n->bridge = numbered("br", i);
	n->has_mac = rng_bool(r);
	for (k = 1; n->has_mac && k < 6; k++)
		n->mac[k] = rng_below(r, 256);
	n->mac[5] |= n->has_mac;
}

/* Numbered devices, which must stay in order when sorted by their DER. */
static void
bhyve_devices(struct rng *r, struct alb_config *c)
{
	bool sectors = rng_bool(r), bridges = rng_bool(r);
	char name[32];
	size_t i;

	for (i = 0; i < c->nblocks; i++) {
		snprintf(name, sizeof(name), "disk-%02zu", i);
		c->blocks[i].name = numbered("", i);
		c->blocks[i].volume = must(strdup(name));
		c->blocks[i].has_sector_size = sectors;
		c->blocks[i].sector_size = sectors ? 4096 : 0;
	}
	for (i = 0; i < c->nnets; i++) {
		snprintf(name, sizeof(name), "br%02zu", i);
		c->nets[i].name = numbered("", i);
		c->nets[i].bridge = bridges ? must(strdup(name)) : NULL;
	}
	if (rng_bool(r))
		c->boot_partition = numbered("msdos", rng_below(r, 9));
}

static void
sane_devices(struct rng *r, struct alb_config *c)
{
	bool bhyve = c->type == ALB_BHYVE;
	size_t most = rng_below(r, 8) == 0 ? 13 : 5, i;

	c->nblocks = rng_below(r, most) + bhyve;
	c->blocks = must(calloc(c->nblocks + 1, sizeof(*c->blocks)));
	c->nnets = rng_below(r, most);
	c->nets = must(calloc(c->nnets + 1, sizeof(*c->nets)));
	if (bhyve)
		bhyve_devices(r, c);
	for (i = 0; i < c->nblocks && !bhyve; i++)
		sane_block(r, &c->blocks[i], i);
	for (i = 0; i < c->nnets && !bhyve; i++)
		sane_net(r, &c->nets[i], i);
	c->has_blocks = c->nblocks > 0;
	c->has_nets = c->nnets > 0;
}

void
random_sane_config(struct rng *r, struct alb_config *c)
{
	size_t i;

	alb_config_init(c);
	c->type = rng_below(r, 4) == 0 ? ALB_BHYVE : ALB_SOLO5;
	c->has_startup = rng_bool(r);
	if (c->has_startup)
		c->startup = rng_below(r, 4) == 0 ? 50 : rng_below(r, 101);
	c->add_name = rng_bool(r);
	c->restart = rng_bool(r);
	c->nexit_codes = c->restart ? rng_below(r, 5) : 0;
	c->exit_codes = sane_set(r, c->nexit_codes, 255);
	c->ncpus = 1 + rng_below(r, 4);
	c->cpus = sane_set(r, c->ncpus, rng_bool(r) ? 7 : ALB_CPUS_MAX - 1);
	c->memory = 1 + rng_below(r, rng_bool(r) ? 512 : ALB_MEMORY_MAX);
	c->narguments = rng_below(r, 5);
	c->has_arguments = c->narguments > 0;
	c->arguments = must(calloc(c->narguments + 1, sizeof(*c->arguments)));
	for (i = 0; i < c->narguments; i++)
		c->arguments[i] = sane_argument(r);
	c->has_numcpus = rng_bool(r);
	if (c->has_numcpus)
		c->numcpus = c->type == ALB_BHYVE ? 1 + rng_below(r,
		    ALB_GUEST_CPUS_MAX) : 1;
	sane_devices(r, c);
}

/* What albatross fills in where nothing was said, and what it does not tell. */
void
resolve_config(struct rng *r, struct alb_config *c)
{
	struct alb_block *b;
	struct alb_net *n;

	c->add_name = true;
	if (!c->has_startup && rng_bool(r)) {
		c->has_startup = true;
		c->startup = 50;
	}
	for (b = c->blocks; b < c->blocks + c->nblocks; b++) {
		if (b->volume == NULL)
			b->volume = must(strdup(b->name));
		if (!b->has_sector_size)
			b->sector_size = ALB_SECTOR_MIN;
		b->has_sector_size = true;
		b->size = rng_below(r, 2000);
	}
	for (n = c->nets; n < c->nets + c->nnets; n++) {
		if (n->bridge == NULL)
			n->bridge = must(strdup(n->name));
		if (!n->has_mac)
			memcpy(n->mac, "\x00\x80\x41\x01\x02\x03", 6);
		n->has_mac = true;
	}
	if (!c->has_numcpus)
		c->numcpus = 1;
	c->has_numcpus = true;
}

static void
any_stats_add(struct rng *r, struct alb_stats_add *s)
{
	size_t i;

	s->vmmdev = any_string(r);
	s->pid = any_int(r);
	s->ntaps = any_count(r);
	s->taps = must(calloc(s->ntaps + 1, sizeof(*s->taps)));
	for (i = 0; i < s->ntaps; i++) {
		s->taps[i].bridge = any_string(r);
		s->taps[i].tap = any_string(r);
	}
}

static void
any_subscribe(struct rng *r, struct alb_command *c)
{
	c->old_form = rng_bool(r);
	if (c->old_form)
		c->level = ALB_LEVEL_2_0;
	c->has_since = rng_bool(r);
	if (!c->has_since) {
		c->count = any_int(r);
	} else if (c->old_form) {
		c->since = any_utc_time(r);
	} else {
		c->since = any_time(r);
		c->since_millis = any_millis(r);
	}
}

static void
any_create(struct rng *r, struct alb_command *c)
{
	c->level = ALB_LEVEL_2_5 + rng_below(r, 3);
	any_config(r, c->level, false, &c->config);
	c->config.type = rng_bool(r) ? ALB_BHYVE : ALB_SOLO5;
	c->config.add_name = c->level < ALB_LEVEL_2_6 || rng_bool(r);
	c->compressed = rng_bool(r);
	if (rng_bool(r))
		any_bytes(r, &c->image, &c->image_len);
	if (c->image_len == 0) {
		free(c->image);
		c->image = NULL;
	}
}

static void
any_restart(struct rng *r, struct alb_command *c)
{
	c->old_form = rng_below(r, 4) == 0;
	if (c->old_form)
		c->level = ALB_LEVEL_2_1;
	c->has_config = !c->old_form && rng_below(r, 4) > 0;
	if (!c->has_config)
		return;
	c->level = ALB_LEVEL_2_5 + rng_below(r, 3);
	any_config(r, c->level, false, &c->config);
	c->config.add_name = c->level < ALB_LEVEL_2_6 || rng_bool(r);
}

static void
any_block_command(struct rng *r, struct alb_command *c)
{
	bool old = c->kind != ALB_BLOCK_INFO && c->kind != ALB_BLOCK_REMOVE &&
		rng_bool(r);

	if (old)
		c->level = ALB_LEVEL_2_4;
	c->old_form = old && c->kind == ALB_BLOCK_ADD;
	if (c->kind == ALB_BLOCK_ADD)
		c->size = any_int(r);
	if (c->kind == ALB_BLOCK_DUMP)
		c->compression = any_int(r);
	if (c->kind == ALB_BLOCK_SET || c->old_form)
		c->compressed = rng_bool(r);
	if (old && (c->kind == ALB_BLOCK_SET ||
	    (c->kind == ALB_BLOCK_ADD && rng_bool(r))))
		any_bytes(r, &c->image, &c->image_len);
}

void
random_command(struct rng *r, struct alb_command *c)
{
	static const enum alb_level infos[] = {
		ALB_LEVEL_2_0, ALB_LEVEL_2_1, ALB_LEVEL_2_5, ALB_LEVEL_2_6,
		ALB_LEVEL_2_7
	};

	alb_command_init(c, rng_below(r, ALB_COMMAND_KINDS));
	switch (c->kind) {
	case ALB_CONSOLE_ADD:
		c->count = any_int(r);
		break;
	case ALB_CONSOLE_SUBSCRIBE:
		any_subscribe(r, c);
		break;
	case ALB_STATS_ADD:
		any_stats_add(r, &c->stats_add);
		break;
	case ALB_UNIKERNEL_INFO:
		c->level = infos[rng_below(r, 5)];
		break;
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		any_create(r, c);
		break;
	case ALB_UNIKERNEL_RESTART:
		any_restart(r, c);
		break;
	case ALB_UNIKERNEL_GET:
		c->compression = any_int(r);
		break;
	case ALB_POLICY_ADD:
		any_policy(r, &c->policy);
		break;
	default:
		if (c->kind >= ALB_BLOCK_INFO)
			any_block_command(r, c);
		break;
	}
}

static void
any_info(struct rng *r, enum alb_level level, struct alb_info *i)
{
	size_t n;

	any_name(r, &i->name);
	any_config(r, level, level >= ALB_LEVEL_2_4, &i->config);
	i->config.type = rng_bool(r) ? ALB_BHYVE : ALB_SOLO5;
	i->digest_len = rng_bool(r) ? 32 : rng_below(r, ALB_DIGEST_MAX + 1);
	for (n = 0; n < i->digest_len; n++)
		i->digest[n] = rng_next(r) >> 32;
	i->started_millis = -1;
	i->has_started = level >= ALB_LEVEL_2_1 && rng_bool(r);
	if (i->has_started) {
		i->started = any_time(r);
		i->started_millis = any_millis(r);
	}
}

static void
any_infos(struct rng *r, struct alb_wire *w)
{
	static const enum alb_level forms[] = {
		ALB_LEVEL_2_0, ALB_LEVEL_2_1, ALB_LEVEL_2_4, ALB_LEVEL_2_6,
		ALB_LEVEL_2_7
	};
	size_t i;

	w->level = forms[rng_below(r, 5)];
	w->ninfos = any_count(r);
	w->infos = must(calloc(w->ninfos + 1, sizeof(*w->infos)));
	for (i = 0; i < w->ninfos; i++)
		any_info(r, w->level, &w->infos[i]);
}

static void
any_counters(struct rng *r, uint64_t *counters, size_t n)
{
	for (; n > 0; n--)
		*counters++ = any_u64(r);
}

static void
any_stats(struct rng *r, struct alb_stats *s)
{
	size_t i, k;

	s->rusage.utime_sec = any_u64(r);
	s->rusage.utime_usec = any_int(r);
	s->rusage.stime_sec = any_u64(r);
	s->rusage.stime_usec = any_int(r);
	any_counters(r, s->rusage.counters, 14);
	s->nifs = any_count(r);
	s->ifs = must(calloc(s->nifs + 1, sizeof(*s->ifs)));
	for (i = 0; i < s->nifs; i++) {
		s->ifs[i].bridge = any_string(r);
		for (k = 0; k < 5; k++)
			s->ifs[i].ints[k] = any_int(r);
		any_counters(r, s->ifs[i].counters, 12);
	}
	s->has_vmm = rng_bool(r);
	s->nvmm = s->has_vmm ? any_count(r) : 0;
	s->vmm = must(calloc(s->nvmm + 1, sizeof(*s->vmm)));
	for (i = 0; i < s->nvmm; i++) {
		s->vmm[i].key = any_string(r);
		s->vmm[i].value = any_u64(r);
	}
	s->has_kinfo = rng_bool(r);
	if (!s->has_kinfo)
		return;
	any_counters(r, s->kinfo.counters, 6);
	s->kinfo.cow = any_int(r);
	s->kinfo.start_sec = any_u64(r);
	s->kinfo.start_usec = any_int(r);
}

static void
any_lists(struct rng *r, struct alb_wire *w)
{
	size_t i, n = any_count(r);

	if (w->payload == ALB_PAYLOAD_POLICIES) {
		w->policies = must(calloc(n + 1, sizeof(*w->policies)));
		for (i = 0, w->npolicies = n; i < n; i++) {
			any_name(r, &w->policies[i].name);
			any_policy(r, &w->policies[i].policy);
		}
	} else if (w->payload == ALB_PAYLOAD_BLOCKS) {
		w->blocks = must(calloc(n + 1, sizeof(*w->blocks)));
		for (i = 0, w->nblocks = n; i < n; i++) {
			any_name(r, &w->blocks[i].name);
			w->blocks[i].size = rng_below(r, 1 << 30);
			w->blocks[i].active = rng_bool(r);
		}
	} else {
		w->names = must(calloc(n + 1, sizeof(*w->names)));
		for (i = 0, w->nnames = n; i < n; i++)
			any_name(r, &w->names[i]);
	}
}

/* Unlike other strings it may hold anything as it is. */
static void
any_text(struct rng *r, struct alb_wire *w)
{
	uint8_t *bytes;

	any_bytes(r, &bytes, &w->text_len);
	bytes[w->text_len] = '\0';
	w->text = (char *)bytes;
}

static void
any_line(struct rng *r, struct alb_wire *w)
{
	any_text(r, w);
	w->utc_time = rng_bool(r);
	w->time = w->utc_time ? any_utc_time(r) : any_time(r);
	if (!w->utc_time)
		w->millis = any_millis(r);
}

void
random_wire(struct rng *r, struct alb_wire *w)
{
	alb_wire_init(w, rng_below(r, ALB_PAYLOAD_BLOCK_EOF + 1));
	w->sequence = any_u64(r);
	any_name(r, &w->name);
	switch (w->payload) {
	case ALB_PAYLOAD_COMMAND:
		random_command(r, &w->command);
		break;
	case ALB_PAYLOAD_STRING:
	case ALB_PAYLOAD_FAILURE:
		any_text(r, w);
		break;
	case ALB_PAYLOAD_POLICIES:
	case ALB_PAYLOAD_BLOCKS:
	case ALB_PAYLOAD_CONSOLES:
		any_lists(r, w);
		break;
	case ALB_PAYLOAD_INFOS:
		any_infos(r, w);
		break;
	case ALB_PAYLOAD_BLOCK_IMAGE:
		w->flag = rng_bool(r);
		break;
	case ALB_PAYLOAD_IMAGE:
	case ALB_PAYLOAD_OLD_BLOCK:
		w->flag = rng_bool(r);
		any_bytes(r, &w->bytes, &w->bytes_len);
		break;
	case ALB_PAYLOAD_BLOCK_DATA:
		any_bytes(r, &w->bytes, &w->bytes_len);
		break;
	case ALB_PAYLOAD_CONSOLE:
		any_line(r, w);
		break;
	case ALB_PAYLOAD_STATS:
		any_stats(r, &w->stats);
		break;
	default:
		break;
	}
}
