/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE
/*
 * unikernels: what albatrossd does with them; see unikernels.h. The order of
 * its checks is kept, with all that it does before it finds out too late.
 */
#include "tests/sandbox/unikernels.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>

#include "albatross/deadline.h"
#include "base/log.h"
#include "tests/sandbox/blocks.h"
#include "tests/sandbox/console.h"
#include "tests/sandbox/pack.h"
#include "tests/sandbox/policies.h"
#include "tests/sandbox/prepare.h"
#include "tests/sandbox/reply.h"

#define FOLDER "unikernels"
#define DEFAULT_STARTUP 50
#define DEFAULT_SECTOR 512
#define ROOT_LIMIT INT64_MAX
#define SAVE_EXTRA (16 * 1024 * 1024)
#define CONSOLE_FAILED "could not create unikernel: console failed"

/*
 * A name between its exit and what comes of it. albatrossd also leaves a name
 * in this state for good when it was stopped by command; then u is NULL.
 */
struct pending {
	struct pending *next;
	struct alb_name name;
	struct unikernel *u;
	int code;
	int64_t due;
};

const char *
net_bridge(const struct alb_net *n)
{
	return n->bridge == NULL ? n->name : n->bridge;
}

const char *
block_volume(const struct alb_block *b)
{
	return b->volume == NULL ? b->name : b->volume;
}

void
net_mac(const struct alb_name *name, const struct alb_net *n, uint8_t mac[6])
{
	static const uint8_t prefix[3] = { 0x00, 0x80, 0x41 };
	char full[NAME_SIZE], text[NAME_SIZE + 1024];
	uint8_t digest[16];
	int len;

	if (n->has_mac) {
		memmove(mac, n->mac, 6);
		return;
	}
	alb_name_format(name, full);
	len = snprintf(text, sizeof(text), "%s%s", n->name, full);
	if (len < 0 || (size_t)len >= sizeof(text))
		len = sizeof(text) - 1;
	gnutls_hash_fast(GNUTLS_DIG_MD5, text, len, digest);
	memcpy(mac, prefix, 3);
	memcpy(mac + 3, digest, 3);
}

static bool
same_place(const struct alb_name *a, const struct alb_name *b)
{
	char akey[KEY_SIZE], bkey[KEY_SIZE];

	key_make(a, akey);
	key_make(b, bkey);
	return strcmp(akey, bkey) == 0;
}

static struct unikernel *
unikernel_find(struct sandbox *s, const struct alb_name *name)
{
	struct unikernel *u;

	for (u = s->unikernels; u != NULL; u = u->next)
		if (same_place(&u->name, name))
			return u;
	return NULL;
}

static void
unikernel_free(struct unikernel *u)
{
	if (u == NULL)
		return;
	alb_config_free(&u->config);
	machine_free(&u->machine);
	free(u->image);
	free(u);
}

static struct unikernel *
unikernel_new(const struct alb_name *name, const struct alb_config *config,
	bool compressed, uint8_t *image, size_t len)
{
	struct unikernel *u = xcalloc(1, sizeof(*u));

	u->name = *name;
	if (alb_config_copy(config, &u->config) != ALB_OK)
		abort();
	u->compressed = compressed;
	u->image = image;
	u->image_len = len;
	return u;
}

void
unikernels_usage(struct sandbox *s, const char *path,
	const struct unikernel *without, int64_t *count, int64_t *memory)
{
	char key[KEY_SIZE];
	struct unikernel *u;

	*count = *memory = 0;
	for (u = s->unikernels; u != NULL; u = u->next) {
		key_make(&u->name, key);
		if (u == without || !key_below(key, path))
			continue;
		++*count;
		*memory = wrap_add(*memory, u->config.memory);
	}
}

static void *
xgrow(void *list, size_t n, size_t size)
{
	list = reallocarray(list, n, size);
	if (list == NULL)
		abort();
	return list;
}

static void
resources_add(const struct alb_config *c, struct alb_policy *used)
{
	size_t i;

	used->cpus = xgrow(used->cpus, used->ncpus + c->ncpus + 1,
		sizeof(*used->cpus));
	for (i = 0; i < c->ncpus; i++)
		used->cpus[used->ncpus++] = c->cpus[i];
	used->bridges = xgrow(used->bridges, used->nbridges + c->nnets + 1,
		sizeof(*used->bridges));
	for (i = 0; i < c->nnets; i++)
		used->bridges[used->nbridges++] =
			xstrdup(net_bridge(&c->nets[i]));
}

void
unikernels_resources(struct sandbox *s, const char *path,
	struct alb_policy *used)
{
	char key[KEY_SIZE];
	struct unikernel *u;

	for (u = s->unikernels; u != NULL; u = u->next) {
		key_make(&u->name, key);
		if (key_below(key, path))
			resources_add(&u->config, used);
	}
}

static bool
uses_block(const struct unikernel *u, const struct alb_name *name,
	const char *volume)
{
	size_t i;

	if (u == NULL || strcmp(u->name.path, name->path) != 0)
		return false;
	for (i = 0; i < u->config.nblocks; i++)
		if (strcmp(block_volume(&u->config.blocks[i]), volume) == 0)
			return true;
	return false;
}

static bool
blocks_free_for(struct sandbox *s, const struct alb_name *name,
	const struct alb_config *c, const struct unikernel *without,
	struct alb_wire *reply)
{
	const char *volume;
	struct block *b;
	size_t i;

	for (i = 0; i < c->nblocks; i++) {
		volume = block_volume(&c->blocks[i]);
		b = block_find(s, name->path, volume);
		if (b == NULL)
			return reply_failure(reply,
				"block device %s:%s not found", name->path,
				volume);
		if (b->active && !uses_block(without, name, volume))
			return reply_failure(reply,
				"block device %s:%s already in use",
				name->path, volume);
	}
	return true;
}

/* Resources for config beside everything but without. */
static bool
resources_admit(struct sandbox *s, const struct alb_name *name,
	const struct alb_config *c, const struct unikernel *without,
	struct alb_wire *reply)
{
	const struct unikernel *same;

	if (!policy_admits(s, name, c, without, reply) ||
	    !blocks_free_for(s, name, c, without, reply))
		return false;
	same = unikernel_find(s, name);
	if (same != NULL && same != without)
		return reply_failure(reply,
			"unikernel with same name already exists");
	return true;
}

static void
blocks_mark(struct sandbox *s, const struct unikernel *u, bool active)
{
	struct block *b;
	size_t i;

	for (i = 0; i < u->config.nblocks; i++) {
		b = block_find(s, u->name.path,
			block_volume(&u->config.blocks[i]));
		if (b != NULL)
			b->active = active;
	}
}

static void
unikernel_save(struct sandbox *s, const struct unikernel *u)
{
	char name[NAME_SIZE];
	struct alb_command c;
	struct buf der;

	alb_command_init(&c, ALB_UNIKERNEL_CREATE);
	c.config = u->config;
	c.compressed = u->compressed;
	c.image = u->image;
	c.image_len = u->image_len;
	alb_name_format(&u->name, name);
	buf_init(&der, u->image_len + SAVE_EXTRA);
	if (alb_command_encode(&c, &der) == ALB_OK)
		file_write(s, FOLDER, name, der.data, der.len, 0600);
	buf_free(&der);
}

static void
unikernel_forget(const struct unikernel *u)
{
	char name[NAME_SIZE];

	alb_name_format(&u->name, name);
	file_remove(FOLDER, name);
}

/* Two devices on one volume: found only once the tender was started. */
static bool
volume_twice(const struct alb_config *c)
{
	size_t i, k;

	for (i = 0; i < c->nblocks; i++)
		for (k = 0; k < i; k++)
			if (strcmp(block_volume(&c->blocks[i]),
			    block_volume(&c->blocks[k])) == 0)
				return true;
	return false;
}

static bool
console_claim(struct sandbox *s, const struct unikernel *u,
	struct alb_wire *reply)
{
	const struct alb_policy *p = policy_find(s, u->name.path);
	int64_t limit = u->name.path[0] == '\0' ? ROOT_LIMIT :
		p == NULL ? 0 : p->unikernels;

	/* The console daemon hangs up on albatrossd, which never recovers. */
	if (u->name.label[0] == '\0') {
		s->console_lost = true;
		log_event(LOG_LEVEL_ERROR, "albatrossd lost the console",
			"why", "create without a label", NULL);
	}
	if (s->console_lost || s->console_dead)
		return reply_failure(reply, CONSOLE_FAILED);
	console_start(s, &u->name, limit);
	if (!volume_twice(&u->config))
		return true;
	console_stop(s, &u->name);
	return reply_failure(reply, CONSOLE_FAILED);
}

static void
log_unikernel(const struct unikernel *u, const char *event,
	const char *detail)
{
	char name[NAME_SIZE];

	alb_name_format(&u->name, name);
	log_event(LOG_LEVEL_INFO, event, "name", name, "detail", detail,
		NULL);
}

/* Takes u: it runs afterwards, or is gone. */
static bool
unikernel_start(struct sandbox *s, struct unikernel *u,
	struct alb_wire *reply)
{
	bool good = true;

	if (unikernel_find(s, &u->name) != NULL)
		good = reply_failure(reply,
			"Unikernel with same name is already running");
	if (!good || !resources_admit(s, &u->name, &u->config, NULL, reply) ||
	    !prepare(s, u, reply) || !console_claim(s, u, reply)) {
		log_unikernel(u, "create failed", reply->text);
		unikernel_free(u);
		return false;
	}
	blocks_mark(s, u, true);
	u->watched = u->config.restart || u->config.add_name;
	u->started = sandbox_now(s);
	u->next = s->unikernels;
	s->unikernels = u;
	unikernel_save(s, u);
	machine_start(s, &u->machine, &u->name, &u->config, &u->answer,
		u->says);
	pthread_cond_signal(&s->due);
	log_unikernel(u, "created", "");
	reply_string(reply, "created unikernel");
	return true;
}

static void
unikernel_unlink(struct sandbox *s, struct unikernel *u)
{
	struct unikernel **at = &s->unikernels;

	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	blocks_mark(s, u, false);
	console_stop(s, &u->name);
	machine_free(&u->machine);
}

static struct pending **
pending_find(struct sandbox *s, const struct alb_name *name)
{
	struct pending **at = &s->pendings;

	while (*at != NULL && !same_place(&(*at)->name, name))
		at = &(*at)->next;
	return at;
}

static void
pending_remove(struct pending **at)
{
	struct pending *p = *at;

	*at = p->next;
	unikernel_free(p->u);
	free(p);
}

/* u may be NULL: then nothing will come of it. */
static void
pending_add(struct sandbox *s, const struct alb_name *name,
	struct unikernel *u, int code)
{
	struct pending **at = pending_find(s, name), *p;

	if (*at != NULL && (*at)->u == NULL && u != NULL) {
		pending_remove(at);
		at = pending_find(s, name);
	}
	if (*at != NULL) {
		unikernel_free(u);
		return;
	}
	p = xcalloc(1, sizeof(*p));
	p->name = *name;
	p->u = u;
	p->code = code;
	p->due = u == NULL ? ALB_NEVER : alb_now() + s->options->restart_gap;
	p->next = s->pendings;
	s->pendings = p;
}

/* Killed by a command; returns what ran. */
static struct unikernel *
unikernel_stop(struct sandbox *s, struct unikernel *u)
{
	unikernel_unlink(s, u);
	pending_add(s, &u->name, NULL, MACHINE_SIGNAL);
	unikernel_forget(u);
	log_unikernel(u, "stopped", "killed");
	return u;
}

static void
unikernel_exited(struct sandbox *s, struct unikernel *u)
{
	int code = u->machine.exit_code;
	struct alb_name name = u->name;
	char text[16];

	snprintf(text, sizeof(text), "exit %d", code);
	log_unikernel(u, "stopped", text);
	unikernel_unlink(s, u);
	if (u->watched && !s->albatrossd_dead) {
		pending_add(s, &name, u, code);
		return;
	}
	unikernel_forget(u);
	unikernel_free(u);
}

static bool
code_listed(const struct alb_config *c, int code)
{
	size_t i;

	for (i = 0; i < c->nexit_codes; i++)
		if (c->exit_codes[i] == code)
			return true;
	return c->nexit_codes == 0;
}

static bool
should_restart(const struct alb_config *c, int code)
{
	if (!c->restart || code == MACHINE_SIGNAL || code == 1 ||
	    (code >= 60 && code <= 64))
		return false;
	return code_listed(c, code);
}

static void
pending_decide(struct sandbox *s, struct pending **at)
{
	struct unikernel *u = (*at)->u;
	int code = (*at)->code;
	struct alb_wire reply;

	(*at)->u = NULL;
	pending_remove(at);
	if (u->config.add_name && code == 64) {
		u->config.add_name = false;
	} else if (!should_restart(&u->config, code)) {
		unikernel_forget(u);
		unikernel_free(u);
		return;
	}
	alb_wire_init(&reply, ALB_PAYLOAD_EMPTY);
	unikernel_start(s, u, &reply);
	alb_wire_free(&reply);
}

int64_t
unikernels_run(struct sandbox *s, int64_t now)
{
	int64_t until = ALB_NEVER;
	struct unikernel *u, *next;
	struct pending **at, *p;

	for (u = s->unikernels; u != NULL; u = next) {
		next = u->next;
		if (machine_run(s, &u->machine, &u->name, now, &until))
			unikernel_exited(s, u);
	}
	for (at = &s->pendings; *at != NULL;) {
		p = *at;
		if (p->due <= now && !s->albatrossd_dead) {
			pending_decide(s, at);
			/* What was started has something due, too. */
			until = now;
			continue;
		}
		if (p->due < until && !s->albatrossd_dead)
			until = p->due;
		at = &p->next;
	}
	return until;
}

static void
unikernel_load(struct sandbox *s, const char *file)
{
	struct alb_command c;
	struct alb_name name;
	struct unikernel *u;
	struct buf der;

	if (file_read(FOLDER, file, &der) != 0)
		return;
	if (alb_name_parse(file, strlen(file), &name) == ALB_OK &&
	    alb_command_decode(der.data, der.len, &c) == ALB_OK) {
		u = unikernel_new(&name, &c.config, c.compressed, c.image,
			c.image_len);
		c.image = NULL;
		u->next = s->unikernels;
		s->unikernels = u;
		alb_command_free(&c);
	}
	buf_free(&der);
}

static int64_t
startup_of(const struct unikernel *u)
{
	return u->config.has_startup ? u->config.startup : DEFAULT_STARTUP;
}

/* Takes the one to be started first out of the list. */
static struct unikernel *
first_take(struct unikernel **list)
{
	struct unikernel **first = list, **at, *u;

	for (at = list; *at != NULL; at = &(*at)->next)
		if (startup_of(*at) < startup_of(*first))
			first = at;
	u = *first;
	if (u != NULL)
		*first = u->next;
	return u;
}

void
unikernels_restore(struct sandbox *s)
{
	struct unikernel *list, *u;
	struct alb_wire reply;

	folder_walk(FOLDER, unikernel_load, s);
	list = s->unikernels;
	s->unikernels = NULL;
	while ((u = first_take(&list)) != NULL) {
		alb_wire_init(&reply, ALB_PAYLOAD_EMPTY);
		unikernel_start(s, u, &reply);
		alb_wire_free(&reply);
	}
}

void
unikernels_free(struct sandbox *s)
{
	struct unikernel *u;

	while ((u = s->unikernels) != NULL) {
		s->unikernels = u->next;
		unikernel_free(u);
	}
	while (s->pendings != NULL)
		pending_remove(&s->pendings);
}

static struct unikernel *
unikernel_of(struct request *r)
{
	struct alb_command *c = &r->command;
	struct unikernel *u = unikernel_new(&r->name, &c->config,
		c->compressed, c->image, c->image_len);

	c->image = NULL;
	c->image_len = 0;
	return u;
}

void
unikernel_create(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	unikernel_start(s, unikernel_of(r), reply);
}

/* Whether there was a restart to be cancelled. */
static bool
pending_cancel(struct sandbox *s, const struct alb_name *name)
{
	struct pending **at = pending_find(s, name);

	if (*at == NULL)
		return false;
	if ((*at)->u != NULL)
		unikernel_forget((*at)->u);
	pending_remove(at);
	return true;
}

void
unikernel_force_create(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	struct unikernel *old = unikernel_find(s, &r->name);

	if (!resources_admit(s, &r->name, &r->command.config, old, reply))
		return;
	if (old == NULL)
		pending_cancel(s, &r->name);
	else
		unikernel_free(unikernel_stop(s, old));
	unikernel_create(s, r, reply);
}

static void
not_running(struct sandbox *s, const struct alb_name *name,
	struct alb_wire *reply)
{
	if (pending_cancel(s, name))
		reply_string(reply, "destroyed: removed from restarting");
	else
		reply_failure(reply, "destroy: not found");
}

/* What the wire can replace; type, image and compression stay. */
static void
config_replace(const struct alb_command *c, struct unikernel *u)
{
	enum alb_type type = u->config.type;

	if (!c->has_config)
		return;
	alb_config_free(&u->config);
	if (alb_config_copy(&c->config, &u->config) != ALB_OK)
		abort();
	u->config.type = type;
}

void
unikernel_fail_create(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	unikernel_end(s, &r->name);
	reply_failure(reply, "interface service does not exist");
}

void
unikernel_end(struct sandbox *s, const struct alb_name *name)
{
	struct unikernel *u = unikernel_find(s, name);

	if (u != NULL)
		unikernel_free(unikernel_stop(s, u));
}

bool
unikernel_disguise(struct sandbox *s, const char *text, int64_t age,
	int64_t cpu)
{
	struct unikernel *u = NULL;
	struct alb_name name;

	if (alb_name_parse(text, strlen(text), &name) == ALB_OK)
		u = unikernel_find(s, &name);
	if (u == NULL)
		return false;
	u->started -= age * 1000;
	u->machine.cpu = cpu;
	return true;
}

void
unikernel_restart(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	const struct alb_config *config = &r->command.config;
	struct unikernel *u = unikernel_find(s, &r->name);

	if (u == NULL) {
		not_running(s, &r->name, reply);
		return;
	}
	if (!resources_admit(s, &u->name, &u->config, u, reply) ||
	    !prepare_match(u, r->command.has_config ? config : &u->config,
	    reply))
		return;
	u = unikernel_stop(s, u);
	config_replace(&r->command, u);
	unikernel_start(s, u, reply);
}

void
unikernel_destroy(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	struct unikernel *u = unikernel_find(s, &r->name);

	if (u == NULL) {
		not_running(s, &r->name, reply);
		return;
	}
	unikernel_free(unikernel_stop(s, u));
	reply_string(reply, "destroyed unikernel");
}

static void
image_reply(struct alb_wire *reply, bool compressed, const uint8_t *data,
	size_t len)
{
	alb_wire_init(reply, ALB_PAYLOAD_IMAGE);
	reply->flag = compressed;
	reply->bytes = xcalloc(1, len + 1);
	if (len > 0)
		memcpy(reply->bytes, data, len);
	reply->bytes_len = len;
}

static void
get_inflated(const struct unikernel *u, struct alb_wire *reply)
{
	const char *why;
	struct buf raw;

	buf_init(&raw, INT32_MAX);
	why = pack_inflate(u->image, u->image_len, &raw);
	if (why == NULL)
		image_reply(reply, false, raw.data, raw.len);
	else
		reply_failure(reply, "%s", why);
	buf_free(&raw);
}

static void
get_deflated(const struct unikernel *u, int level, struct alb_wire *reply)
{
	struct buf packed;

	buf_init(&packed, INT32_MAX);
	pack_deflate(u->image, u->image_len, level, &packed);
	image_reply(reply, true, packed.data, packed.len);
	buf_free(&packed);
}

void
unikernel_get(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	struct unikernel *u = unikernel_find(s, &r->name);
	int64_t level = r->command.compression;

	if (u == NULL)
		reply_failure(reply, "get: no unikernel found");
	else if (u->compressed ? level > 0 : level == 0)
		image_reply(reply, u->compressed, u->image, u->image_len);
	else if (u->compressed)
		get_inflated(u, reply);
	else if (level < 0 || level > ALB_COMPRESSION_MAX)
		albatrossd_die(s, "invalid level of compression");
	else
		get_deflated(u, level, reply);
}

/* As albatrossd shows the devices: resolved. at: the name it is listed by. */
static void
info_devices(struct sandbox *s, const struct unikernel *u,
	const struct alb_name *at, struct alb_config *c)
{
	struct block *b;
	size_t i;

	for (i = 0; i < c->nblocks; i++) {
		if (c->blocks[i].volume == NULL)
			c->blocks[i].volume = xstrdup(c->blocks[i].name);
		if (!c->blocks[i].has_sector_size)
			c->blocks[i].sector_size = DEFAULT_SECTOR;
		c->blocks[i].has_sector_size = true;
		/* Found by the listed name, so often not at all. */
		b = block_find(s, at->path, c->blocks[i].volume);
		c->blocks[i].size = b == NULL ? 0 : b->size;
	}
	for (i = 0; i < c->nnets; i++) {
		net_mac(&u->name, &c->nets[i], c->nets[i].mac);
		c->nets[i].has_mac = true;
		if (c->nets[i].bridge == NULL)
			c->nets[i].bridge = xstrdup(c->nets[i].name);
	}
}

static void
info_fill(struct sandbox *s, const struct unikernel *u,
	const struct alb_name *at, struct alb_info *out)
{
	out->name = *at;
	if (alb_config_copy(&u->config, &out->config) != ALB_OK)
		abort();
	info_devices(s, u, at, &out->config);
	if (!out->config.has_numcpus)
		out->config.numcpus = 1;
	out->config.has_numcpus = true;
	memcpy(out->digest, u->digest, u->digest_len);
	out->digest_len = u->digest_len;
	out->has_started = true;
	out->started = u->started / 1000;
	out->started_millis = u->started % 1000;
}

static void
info_list(struct sandbox *s, const char *path, struct alb_wire *reply)
{
	char key[KEY_SIZE];
	struct alb_name at;
	struct unikernel *u;

	for (u = s->unikernels; u != NULL; u = u->next) {
		key_make(&u->name, key);
		if (!key_below(key, path))
			continue;
		name_relative(&u->name, path, &at);
		info_fill(s, u, &at, &reply->infos[reply->ninfos++]);
	}
}

static bool
one_cpu_each(const struct alb_wire *w)
{
	size_t i;

	for (i = 0; i < w->ninfos; i++)
		if (w->infos[i].config.ncpus != 1)
			return false;
	return true;
}

void
unikernels_info(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	struct unikernel *u;
	size_t n = 1;

	for (u = s->unikernels; u != NULL; u = u->next)
		n++;
	alb_wire_init(reply, ALB_PAYLOAD_INFOS);
	reply->level = r->command.level;
	reply->infos = xcalloc(n, sizeof(*reply->infos));
	if (r->name.label[0] == '\0')
		info_list(s, r->name.path, reply);
	else if ((u = unikernel_find(s, &r->name)) != NULL)
		info_fill(s, u, &r->name, &reply->infos[reply->ninfos++]);
	if (reply->level < ALB_LEVEL_2_7 && !one_cpu_each(reply))
		albatrossd_die(s, "one CPU is all an old info can tell");
}
