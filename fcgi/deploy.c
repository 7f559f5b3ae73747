/* SPDX-License-Identifier: ISC */
/* deploy: see deploy.h. */
#include "fcgi/deploy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "albatross/json.h"
#include "base/text.h"
#include "fcgi/app.h"

#define DEFAULT_MEMORY 32	/* MB */

void
deployment_init(struct deployment *d, struct request *r)
{
	*d = (struct deployment){ .r = r, .ask = unikernel_ask(r),
		.image.fd = -1 };
	alb_config_init(&d->config);
	d->config.memory = DEFAULT_MEMORY;
}

void
deployment_free(struct deployment *d)
{
	alb_config_free(&d->config);
	image_file_close(&d->image);
}

struct json_object *
deploy_image_json(const struct image_file *file,
	const struct alb_image *image)
{
	struct json_object *o = json_object_new_object();
	struct json_object *devices = json_object_new_array();

	for (size_t i = 0; i < image->ndevices; i++) {
		struct json_object *device = json_object_new_object();

		json_add_str(device, "name", image->devices[i].name);
		json_add_str(device, "type",
		    image->devices[i].type == ALB_DEVICE_NET ? "net" :
		    "block");
		json_object_array_add(devices, device);
	}
	json_add_str(o, "sha256", file->sha256);
	json_add_int(o, "size", (int64_t)file->size);
	json_add_str(o, "target", image->target);
	json_add_int(o, "abi_version", image->abi_version);
	json_object_object_add(o, "devices", devices);
	return o;
}

static int
condition_read(struct deployment *d, struct fault *f)
{
	const char *condition = request_param(d->r, "HTTP_IF_NONE_MATCH");

	d->create_only = condition != NULL;
	if (condition != NULL && strcmp(condition, "*") != 0)
		return fault_set(f, ERR_BAD_REQUEST,
		    "If-None-Match can only be *.");
	return 0;
}

static int
taken(const struct deployment *d, struct fault *f)
{
	return fault_set(f, ERR_PRECONDITION, "A unikernel %s runs already in "
	    "%s on %s.", d->ask.label, d->ask.project, d->ask.instance);
}

/* After a conversation that broke: says what runs now, as a sentence. */
static int
tell_what_runs(const struct deployment *d, struct fault *f)
{
	struct fault found = { 0 };
	struct alb_wire w;
	char digest[2 * 32 + 1];
	size_t at = strlen(f->detail);
	char *end = f->detail + at;
	size_t left = sizeof(f->detail) - at;
	int err = unikernel_find(d->r->app->upstream, &d->ask, &w, NULL,
		&found);

	if (err == 0) {
		hex_encode(w.infos[0].digest, w.infos[0].digest_len, digest);
		snprintf(end, left, " Now %s runs the image %.16s with %lld "
		    "MB.", d->ask.label, digest,
		    (long long)w.infos[0].config.memory);
		alb_wire_free(&w);
	} else if (err == ERR_NOT_FOUND) {
		snprintf(end, left, " Now no %s runs.", d->ask.label);
	} else {
		snprintf(end, left, " What runs now is not known: the "
		    "instance does not answer.");
	}
	return f->err;
}

/* Runs the one command that changes something. */
static int
change(struct deployment *d, struct alb_command *c, struct fault *f)
{
	struct upstream *u = d->r->app->upstream;
	struct alb_wire w;
	int err = upstream_upload(u, &d->ask, c, d->image.fd, d->image.size,
		&w, f);
	bool removed;

	unikernel_changed(u, &d->ask);
	if (err == ERR_ALB_FAILURE && c->kind == ALB_UNIKERNEL_CREATE &&
	    strstr(f->albatross, "already running") != NULL)
		return d->create_only ? taken(d, f) : fault_set(f,
		    ERR_CONFLICT, "Somebody else just created it. Try again.");
	/* Its checks come partly after the kill (protocol section 4.1). */
	if (err == ERR_ALB_UNKNOWN || (err == ERR_ALB_FAILURE &&
	    c->kind != ALB_UNIKERNEL_CREATE))
		return tell_what_runs(d, f);
	if (err != 0)
		return err;
	/* "destroyed: ..." is success of another kind (protocol 4.1). */
	removed = w.payload == ALB_PAYLOAD_STRING &&
		strncmp(w.text, "destroyed", 9) == 0;
	alb_wire_free(&w);
	if (removed)
		return fault_set(f, ERR_EXITED, "%s was just about to be "
		    "restarted by albatross; now it is gone. Deploy it again.",
		    d->ask.label);
	return 0;
}

/* A tender that was started says nothing: it must still be there. */
static int
watch(struct deployment *d, struct json_object **out, struct fault *f)
{
	const struct timespec grace = { .tv_sec = DEPLOY_GRACE_MS / 1000,
		.tv_nsec = DEPLOY_GRACE_MS % 1000 * 1000000L };
	struct alb_wire w;
	char words[300];
	int err;

	nanosleep(&grace, NULL);
	err = unikernel_find(d->r->app->upstream, &d->ask, &w, NULL, f);
	if (err == ERR_NOT_FOUND) {
		unikernel_last_words(d->r->app->upstream, &d->ask, words,
		    sizeof(words));
		return fault_set(f, ERR_EXITED, "albatross started %s, and it "
		    "ended at once. %s%s", d->ask.label, words[0] == '\0' ?
		    "It printed nothing." : "Its last lines: ", words);
	}
	if (err != 0)
		return err;
	*out = unikernel_running(d->ask.instance, &w.infos[0]);
	alb_wire_free(&w);
	unikernel_changed(d->r->app->upstream, &d->ask);
	return 0;
}

static int
create(struct deployment *d, struct json_object **out, struct fault *f)
{
	struct alb_command c;
	int err;

	alb_command_init(&c, d->replaces ? ALB_UNIKERNEL_FORCE_CREATE :
	    ALB_UNIKERNEL_CREATE);
	alb_config_free(&c.config);
	c.has_config = true;
	err = alb_config_copy(&d->config, &c.config) != 0 ? ERR_NO_MEMORY :
		change(d, &c, f);
	alb_command_free(&c);
	return err != 0 ? err : watch(d, out, f);
}

/* With the unikernel claimed: nobody else changes it through us. */
static int
deploy_claimed(struct deployment *d, struct json_object **out,
	struct fault *f)
{
	int err = deploy_check(d, f);

	if (err == 0 && d->create_only && d->replaces)
		err = taken(d, f);
	return err != 0 ? err : create(d, out, f);
}

static struct json_object *
deployed_json(const struct deployment *d, struct json_object *unikernel)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "unikernel", unikernel);
	json_object_object_add(o, "image", d->has_image ?
	    deploy_image_json(&d->image, &d->manifest) : NULL);
	json_add_bool(o, "replaced", d->replaces);
	return o;
}

int
deploy(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *unikernel = NULL;
	struct deployment d;
	int err;

	deployment_init(&d, r);
	err = condition_read(&d, f);
	if (err == 0)
		err = deploy_form_read(&d, f);
	if (err == 0)
		err = upstream_claim(r->app->upstream, &d.ask, f);
	if (err == 0) {
		err = deploy_claimed(&d, &unikernel, f);
		upstream_release(r->app->upstream, &d.ask);
	}
	if (err == 0)
		err = reply_json(p, d.replaces ? 200 : 201,
		    deployed_json(&d, unikernel));
	deployment_free(&d);
	return err;
}

/* ---- restart ---- */

/* What runs, with the given keys changed. */
static int
merge(struct deployment *d, struct fault *f)
{
	struct alb_wire w;
	int err = unikernel_find(d->r->app->upstream, &d->ask, &w, NULL, f);

	if (err != 0)
		return err;
	alb_config_free(&d->config);
	if (alb_config_copy(&w.infos[0].config, &d->config) != 0)
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	alb_wire_free(&w);
	/* albatross does not tell it; so it is the default again. */
	d->config.add_name = true;
	if (err == 0)
		err = alb_config_from_json(d->r->body, "", &d->config, f);
	return err != 0 ? err : deploy_check(d, f);
}

static int
restart_claimed(struct deployment *d, struct json_object **out,
	struct fault *f)
{
	bool merges = d->r->body != NULL &&
		json_object_object_length(d->r->body) > 0;
	struct alb_command c;
	struct alb_wire w;
	int err;

	if (merges) {
		err = merge(d, f);
	} else {
		err = unikernel_find(d->r->app->upstream, &d->ask, &w, NULL,
		    f);
		if (err == 0)
			alb_wire_free(&w);
	}
	if (err != 0)
		return err;
	alb_command_init(&c, ALB_UNIKERNEL_RESTART);
	c.has_config = merges;
	if (merges) {
		alb_config_free(&c.config);
		if (alb_config_copy(&d->config, &c.config) != 0)
			err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	if (err == 0)
		err = change(d, &c, f);
	alb_command_free(&c);
	return err != 0 ? err : watch(d, out, f);
}

int
deploy_restart(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *unikernel = NULL;
	struct deployment d;
	int err;

	deployment_init(&d, r);
	err = upstream_claim(r->app->upstream, &d.ask, f);
	if (err == 0) {
		err = restart_claimed(&d, &unikernel, f);
		upstream_release(r->app->upstream, &d.ask);
	}
	if (err == 0)
		err = reply_json(p, 200, unikernel);
	deployment_free(&d);
	return err;
}
