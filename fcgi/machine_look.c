/* SPDX-License-Identifier: ISC */
/* machine_look: see machine_look.h. */
#include "fcgi/machine_look.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/flight.h"
#include "fcgi/thread.h"
#include "fcgi/upstream_fault.h"

#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS 10000

static bool
digest_is(const struct alb_info *info, const char *hex)
{
	char digest[2 * sizeof(info->digest) + 1];

	hex_encode(info->digest, info->digest_len, digest);
	return strcmp(digest, hex) == 0;
}

/* In milliseconds since 1970; 0: not told. */
static int64_t
started_ms(const struct alb_info *info)
{
	if (!info->has_started)
		return 0;
	return (int64_t)info->started * 1000 + (info->started_millis < 0 ? 0 :
	    info->started_millis);
}

/* Whether info is what JSON text tells. */
static bool
config_is(const char *text, const struct alb_info *info)
{
	struct alb_config c;
	bool same;

	if (text == NULL || deployment_config(text, &c) != 0)
		return false;
	same = alb_config_reported_same(&c, &info->config);
	alb_config_free(&c);
	return same;
}

static bool
is_old(const struct machine *m, const struct alb_info *info)
{
	const struct deployment *d = m->d;

	if (d->previous_config == NULL || (d->previous_image[0] != '\0' &&
	    !digest_is(info, d->previous_image)))
		return false;
	if (started_ms(info) != 0 && d->previous_started != 0)
		return started_ms(info) == d->previous_started;
	/* Servers that tell no time: by what it is. */
	return !alb_config_reported_same(&m->config, &info->config);
}

static enum found
judge(const struct machine *m, const struct alb_info *info)
{
	const struct deployment *d = m->d;

	bool wanted = (d->image[0] == '\0' || digest_is(info, d->image)) &&
		alb_config_reported_same(&m->config, &info->config);

	if (is_old(m, info))
		return FOUND_OLD;
	if (wanted)
		return FOUND_NEW;
	/* Started anew by albatross, it is still what ran before. */
	if ((d->previous_image[0] == '\0' ||
	    digest_is(info, d->previous_image)) &&
	    config_is(d->previous_config, info))
		return FOUND_OLD;
	return d->image[0] == '\0' || digest_is(info, d->image) ? FOUND_NEW :
		FOUND_OTHER;
}

/* unikernel_find with patience. */
static int
find(struct machine *m, int patience_ms, struct alb_wire *w, struct fault *f)
{
	int64_t until = flight_now() + patience_ms;
	int wait = RETRY_FIRST_MS, err;

	for (;;) {
		*f = (struct fault){ 0 };
		err = unikernel_find(m->app->upstream, &m->ask, w, NULL, f);
		if (!upstream_passing(err) || flight_now() + wait > until ||
		    !thread_nap(&m->app->stopping, wait))
			return err;
		m->waited = true;
		wait = wait * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : wait * 2;
	}
}

enum found
machine_look(struct machine *m, int patience_ms, int64_t *started,
	struct fault *f)
{
	enum found found;
	struct alb_wire w;
	int err = find(m, patience_ms, &w, f);

	if (started != NULL)
		*started = 0;
	if (err == ERR_NOT_FOUND)
		return FOUND_NONE;
	if (err != 0)
		return FOUND_UNKNOWN;
	found = judge(m, &w.infos[0]);
	if (started != NULL)
		*started = started_ms(&w.infos[0]);
	alb_wire_free(&w);
	return found;
}

void
machine_tell(struct machine *m, struct fault *f)
{
	struct fault unused;
	struct alb_wire w;
	char digest[2 * sizeof(w.infos[0].digest) + 1];
	int err = find(m, 0, &w, &unused);

	if (err == 0) {
		hex_encode(w.infos[0].digest, w.infos[0].digest_len, digest);
		fault_add(f, " Now %s runs the image %.16s with %lld MB.",
		    m->ask.label, digest,
		    (long long)w.infos[0].config.memory);
		alb_wire_free(&w);
	} else if (err == ERR_NOT_FOUND) {
		fault_add(f, " Now no %s runs.", m->ask.label);
	} else {
		fault_add(f, " What runs now is not known: the instance "
		    "does not answer.");
	}
}

/* ---- what ran before ---- */

static char *
reported_text(const struct alb_info *info)
{
	struct alb_config c;
	char *text;

	if (alb_config_copy(&info->config, &c) != 0)
		return NULL;
	/* albatross does not tell it; so it is the default. */
	c.add_name = true;
	text = deployment_config_text(&c);
	alb_config_free(&c);
	return text;
}

/* As it was deployed, when what runs is that. */
static char *
deployed_text(struct machine *m, const struct alb_info *info)
{
	struct deployment *d = m->d, current;
	char *text = NULL;

	if (deployment_current(m->app->ledger, d->instance, d->project,
	    d->name, &current) != 0)
		return NULL;
	if ((current.image[0] == '\0' || digest_is(info, current.image)) &&
	    config_is(current.config, info)) {
		text = strdup(current.config);
		d->previous = current.number;
	}
	deployment_free(&current);
	return text;
}

static int
info_remember(struct machine *m, const struct alb_info *info,
	struct fault *f)
{
	struct deployment *d = m->d;

	d->replaced = true;
	d->previous_started = started_ms(info);
	if (info->config.type == ALB_SOLO5)
		hex_encode(info->digest, info->digest_len,
		    d->previous_image);
	d->previous_config = deployed_text(m, info);
	if (d->previous_config == NULL && !alb_config_is_text(&info->config))
		return fault_set(f, ERR_CONFLICT, "What runs now has arguments "
		    "that are no UTF-8: it could not be restored. Destroy it "
		    "first.");
	if (d->previous_config == NULL)
		d->previous_config = reported_text(info);
	return d->previous_config != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

/* The image of what runs must be there to go back to. */
static int
image_save(struct machine *m, struct fault *f)
{
	struct deployment *d = m->d;
	struct image_file file = { .fd = -1 };
	int64_t until = flight_now() + MACHINE_PATIENCE_MS;
	int err;

	if (d->previous_image[0] == '\0')
		return 0;
	/* Also when it is there: so it is held until the row names it. */
	do {
		*f = (struct fault){ 0 };
		err = image_fetch(m->app->images, m->app->upstream, &m->ask,
		    d->previous_image, &file, f);
	} while (err == ERR_BUSY && flight_now() < until &&
	    thread_nap(&m->app->stopping, RETRY_FIRST_MS));
	image_file_close(&file);
	return err;
}

int
machine_remember(struct machine *m, struct fault *f)
{
	struct deployment *d = m->d;
	struct alb_wire w;
	int err = find(m, MACHINE_PATIENCE_MS, &w, f);

	d->replaced = false;
	d->previous = 0;
	d->previous_image[0] = '\0';
	free(d->previous_config);
	d->previous_config = NULL;
	if (err == ERR_NOT_FOUND) {
		*f = (struct fault){ 0 };
		return 0;
	}
	if (err != 0)
		return err;
	err = info_remember(m, &w.infos[0], f);
	alb_wire_free(&w);
	if (err == 0)
		err = image_save(m, f);
	/* Who wants no way back may go on without one. */
	if (err != 0 && !d->auto_rollback && d->because == 0) {
		*f = (struct fault){ 0 };
		err = 0;
	}
	return err;
}
