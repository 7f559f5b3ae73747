/* SPDX-License-Identifier: ISC */
/*
 * op_instance: albatross servers: which there are, adding, changing and
 * removing.
 */
#include <stdio.h>
#include <string.h>

#include "albatross/host.h"
#include "auth/instances.h"
#include "auth/ops.h"

static int
list(struct request *r, const void *args, struct json_object *out)
{
	json_object_object_add(out, "items", instance_list(r->db, &r->who));
	return 0;
}

struct name_args {
	const char *name;
	const char *level;
};

static const struct json_field name_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct name_args, name) },
	{ .name = NULL },
};

static int
get(struct request *r, const void *in, struct json_object *out)
{
	const struct name_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct place place = { .instance = op_fold(args->name, name) };
	struct spot spot;
	int err = identity_at(r->db, &r->who, &place, &spot, r->f);

	if (err != 0)
		return err;
	json_object_object_add(out, "instance", instance_get(r->db, name,
	    identity_is_admin(&r->who)));
	return 0;
}

/* The instance, for those who may change it. */
static int
admin_spot(struct request *r, const struct name_args *args,
	char name[ALB_LABEL_MAX + 1], struct spot *spot)
{
	struct place place = { .instance = op_fold(args->name, name) };

	return identity_allowed(r->db, &r->who, SCOPE_INSTANCE_ADMIN, &place,
	    spot, r->f);
}

/* What goes with it. */
static int
leaves(struct request *r, const void *in, struct json_object *out)
{
	char name[ALB_LABEL_MAX + 1];
	struct spot spot;
	int err = admin_spot(r, in, name, &spot);

	if (err == 0)
		json_object_object_add(out, "leaves", instance_leaves(r->db,
		    spot.instance_id, name));
	return err;
}

/* ---- adding and changing ---- */

struct form_args {
	struct instance_form form;
	bool change;		/* of try: what is not given stays */
	const char *level;
};

#define PLACE(field) .offset = offsetof(struct form_args, form.field)
#define FORM_NAME \
	{ .name = "name", .type = JSON_STRING, .required = true, \
	  .check = alb_label_check, PLACE(name) }
#define FORM_TITLE \
	{ .name = "title", .type = JSON_STRING, .max = TITLE_MAX, \
	  .check = title_check, PLACE(title) }
#define FORM_FIELDS(must) \
	{ .name = "host", .type = JSON_STRING, .required = must, \
	  .check = alb_host_check, PLACE(host) }, \
	{ .name = "port", .type = JSON_INT, .required = must, .min = 1, \
	  .max = 65535, PLACE(port) }, \
	{ .name = "certificate", .type = JSON_STRING, .required = must, \
	  .max = PEM_MAX, PLACE(certificate) }, \
	{ .name = "key", .type = JSON_STRING, .required = must, \
	  .max = PEM_MAX, PLACE(key) }, \
	{ .name = "server_ca", .type = JSON_STRING, .max = PEM_MAX, \
	  PLACE(server_ca) }

static const char *
check_level(const char *s)
{
	return alb_level_parse(s) >= 0 ? NULL : "is not known";
}

static const struct json_field add_fields[] = {
	FORM_NAME, FORM_TITLE, FORM_FIELDS(true), { .name = NULL },
};

static const struct json_field change_fields[] = {
	FORM_NAME, FORM_TITLE, FORM_FIELDS(false), { .name = NULL },
};

static const struct json_field try_fields[] = {
	FORM_NAME, FORM_FIELDS(false),
	{ .name = "change", .type = JSON_BOOL,
	  .offset = offsetof(struct form_args, change) },
	{ .name = "level", .type = JSON_STRING, .required = true,
	  .check = check_level, .offset = offsetof(struct form_args, level) },
	{ .name = NULL },
};

/* A token that is for some instances adds no others. */
static int
covered_check(struct request *r, const char *name)
{
	const struct token *token = &r->who.token;

	return token->id[0] == '\0' || token_covers_instance(&token->limits,
	    name) ? 0 : fault_set(r->f, ERR_FORBIDDEN, "The token is limited "
	    "to other instances.");
}

static int
add(struct request *r, const void *in, struct json_object *out)
{
	struct instance_form form = ((const struct form_args *)in)->form;
	char name[ALB_LABEL_MAX + 1];
	struct instance_ready ready;
	struct db *d;
	int err;

	form.name = op_fold(form.name, name);
	err = covered_check(r, name);
	if (err == 0)
		err = instance_form_ready(&form, r->now, &ready, r->f);
	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL) {
		instance_ready_free(&ready);
		return r->f->err;
	}
	err = instance_add(d, &r->a->keyring, &form, &ready, r->now, r->f);
	instance_ready_free(&ready);
	if (err == 0)
		err = op_audit(r, d, "instance-add", name, form.host);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err == 0)
		json_object_object_add(out, "instance",
		    instance_get(r->db, name, true));
	return err;
}

/* What is given of certificate and key must be both of them. */
static int
pair_check(const struct instance_form *form, struct fault *f)
{
	if ((form->certificate == NULL) == (form->key == NULL))
		return 0;
	return fault_field(f, form->key == NULL ? "key" : "certificate",
	    "is missing: certificate and key are changed together");
}

/* A form with what is not given as it was; borrows from kept. */
static void
form_complete(struct instance_form *form, struct instance_kept *kept)
{
	if (form->host == NULL)
		form->host = kept->host;
	if (form->port == 0)
		form->port = kept->port;
	if (form->server_ca == NULL)
		form->server_ca = buf_str(&kept->server_ca);
	if (form->certificate != NULL)
		return;
	form->certificate = buf_str(&kept->certificate);
	form->key = buf_str(&kept->key);
}

static bool
is_moved(const struct instance_form *form, const struct instance_kept *kept)
{
	return form->port != kept->port || strcmp(form->host, kept->host) != 0;
}

/* Is there more than a title in it? */
static bool
form_connects(const struct instance_form *form)
{
	return form->host != NULL || form->port != 0 ||
		form->certificate != NULL || form->server_ca != NULL;
}

/* Within a write. */
static int
change_store(struct request *r, struct db *d, const char *id,
	struct instance_form *form)
{
	struct instance_ready ready;
	struct instance_kept kept;
	int err = instance_kept_read(r->a, d, id, &kept, r->f);
	bool moved;

	if (err == 0) {
		form_complete(form, &kept);
		moved = is_moved(form, &kept);
		err = instance_form_ready(form, r->now, &ready, r->f);
	}
	if (err == 0) {
		err = instance_change(r->a, d, id, form, &ready, moved);
		instance_ready_free(&ready);
	}
	instance_kept_free(&kept);
	return err;
}

/* What an audit row says of it: never what the keys are. */
static void
change_words(const struct instance_form *form, char out[64])
{
	snprintf(out, 64, "%s%s%s%s", form->title == NULL ? "" : "title ",
	    form->host == NULL && form->port == 0 ? "" : "address ",
	    form->certificate == NULL ? "" : "certificate ",
	    form->server_ca == NULL ? "" : "server-ca ");
	if (out[0] != '\0')
		out[strlen(out) - 1] = '\0';
}

static int
change(struct request *r, const void *in, struct json_object *out)
{
	struct instance_form form = ((const struct form_args *)in)->form;
	const struct name_args args = { .name = form.name };
	char name[ALB_LABEL_MAX + 1], words[64];
	bool connects = form_connects(&form);
	struct spot spot;
	struct db *d;
	int err = admin_spot(r, &args, name, &spot);

	if (err == 0)
		err = pair_check(&form, r->f);
	if (err != 0)
		return err;
	change_words(&form, words);
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	if (form.title != NULL)
		err = instance_title_set(d, spot.instance_id, form.title);
	if (err == 0 && connects)
		err = change_store(r, d, spot.instance_id, &form);
	if (err == 0)
		err = op_audit(r, d, "instance-change", name, words);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err != 0)
		return err;
	/* The next command is signed with the new key. */
	if (connects)
		signers_drop(&r->a->signers, spot.instance_id);
	json_object_object_add(out, "instance", instance_get(r->db, name,
	    true));
	return 0;
}

/* ---- trying: a command for what is not stored ---- */

/* All that a form for a new instance must have. */
static int
new_check(struct request *r, const struct instance_form *form)
{
	char name[ALB_LABEL_MAX + 1];

	if (covered_check(r, op_fold(form->name, name)) != 0)
		return r->f->err;
	if (form->host == NULL)
		fault_field(r->f, "host", "is missing");
	if (form->port == 0)
		fault_field(r->f, "port", "is missing");
	if (form->certificate == NULL)
		fault_field(r->f, "certificate", "is missing");
	if (form->key == NULL)
		fault_field(r->f, "key", "is missing");
	if (r->f->err != 0 || !instance_known(r->db, name))
		return r->f->err;
	fault_set(r->f, ERR_CONFLICT, "There is an instance %s already.",
	    name);
	return fault_field(r->f, "name", "is taken");
}

/* The same rule as in op_mint.c, for a server that is known already. */
static int
try_level_check(struct request *r, const struct form_args *args,
	const struct instance_form *form, const struct instance_kept *kept)
{
	if (!args->change || is_moved(form, kept) ||
	    kept->level < ALB_LEVEL_2_7 ||
	    alb_level_parse(args->level) >= ALB_LEVEL_2_7)
		return 0;
	return fault_field(r->f, "level", "must be %s or newer: this instance "
	    "has spoken it", alb_level_text(ALB_LEVEL_2_7));
}

static int
try_sign(struct request *r, const struct form_args *args,
	const struct instance_form *form, const struct instance_ready *ready,
	struct json_object *out)
{
	const struct op_server server = { form->host, (int)form->port,
		(const char *)ready->server_ca.data };
	struct alb_command c;
	struct alb_chain chain;
	int err;

	alb_command_init(&c, ALB_UNIKERNEL_INFO);
	c.level = (enum alb_level)alb_level_parse(args->level);
	err = alb_chain_make(ready->signer, NULL, NULL, "", &c, r->now,
	    &chain);
	alb_command_free(&c);
	if (err != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "The certificate could not be made.");
	err = op_chain_answer(r, &server, &chain, out);
	alb_chain_free(&chain);
	return err;
}

/* The row is on the disk before the chain leaves. */
static int
try_record(struct request *r, const char *name, const char *host)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = op_audit(r, d, "instance-try", name, host);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
try_form(struct request *r, const struct form_args *args,
	struct instance_form *form, const struct instance_kept *kept,
	struct json_object *out)
{
	char name[ALB_LABEL_MAX + 1];
	struct instance_ready ready;
	int err = instance_form_ready(form, r->now, &ready, r->f);

	if (err != 0)
		return err;
	err = try_level_check(r, args, form, kept);
	if (err == 0)
		err = try_record(r, op_fold(form->name, name), form->host);
	if (err == 0)
		err = try_sign(r, args, form, &ready, out);
	instance_ready_free(&ready);
	return err;
}

/*
 * What asks a server whether it is well, signed with what a form says and
 * nothing stored: so that it is known to work before it is. It can do no more
 * than look at what runs there, and the key stays here.
 */
static int
try(struct request *r, const void *in, struct json_object *out)
{
	const struct form_args *args = in;
	struct instance_form form = args->form;
	const struct name_args named = { .name = form.name };
	struct instance_kept kept = { .port = 0 };
	char name[ALB_LABEL_MAX + 1];
	struct spot spot;
	int err;

	if (!args->change)
		err = new_check(r, &form);
	else {
		err = admin_spot(r, &named, name, &spot);
		if (err == 0)
			err = pair_check(&form, r->f);
		if (err == 0)
			err = instance_kept_read(r->a, r->db,
			    spot.instance_id, &kept, r->f);
		if (err == 0)
			form_complete(&form, &kept);
	}
	if (err == 0)
		err = try_form(r, args, &form, &kept, out);
	instance_kept_free(&kept);
	return err;
}

/* ---- removing, and levels ---- */

static int
remove_instance(struct request *r, const void *in, struct json_object *out)
{
	char name[ALB_LABEL_MAX + 1];
	struct spot spot;
	struct db *d;
	int err;

	err = admin_spot(r, in, name, &spot);
	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = instance_remove(r->a, d, name);
	if (err == 0)
		err = op_audit(r, d, "instance-remove", name, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static const struct json_field level_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct name_args, name) },
	{ .name = "level", .type = JSON_STRING, .required = true,
	  .check = check_level, .offset = offsetof(struct name_args, level) },
	{ .name = NULL },
};

/* Written only when it rises, as it is told after every probe. */
static int
level_tell(struct request *r, const struct identity *who,
	const struct name_args *args)
{
	char name[ALB_LABEL_MAX + 1];
	struct place place = { .instance = op_fold(args->name, name) };
	struct instance instance = { 0 };
	int err, seen = alb_level_parse(args->level);
	struct spot spot;
	struct db *d;

	err = identity_at(r->db, who, &place, &spot, r->f);
	if (err != 0)
		return err;
	err = instance_by_id(r->db, spot.instance_id, &instance);
	instance_free(&instance);
	if (err != 0)
		return fault_set(r->f, err, "The instance can not be read.");
	if (seen <= instance.level)
		return 0;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = instance_level_seen(d, spot.instance_id, seen);
	if (err == 0)
		err = op_audit(r, d, "instance-level", name, args->level);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
level(struct request *r, const void *in, struct json_object *out)
{
	return level_tell(r, &r->who, in);
}

/* As the service saw it while it watched. */
static int
watch_level(struct request *r, const void *in, struct json_object *out)
{
	const struct identity service = { .admin = true };

	return level_tell(r, &service, in);
}

const struct op instance_ops[] = {
	{ "instance-list", OP_ANY, 0, true, NULL, 0, list },
	{ "instance-get", OP_ANY, 0, true, name_fields,
	  sizeof(struct name_args), get },
	{ "instance-level", OP_ANY, GRANT_DEPLOYMENT | GRANT_VOLUME, false,
	  level_fields, sizeof(struct name_args), level },
	{ "watch-level", OP_NOBODY, 0, false, level_fields,
	  sizeof(struct name_args), watch_level },
	{ "instance-add", OP_ADMIN | OP_PROVED, 0, false, add_fields,
	  sizeof(struct form_args), add },
	{ "instance-change", OP_ADMIN | OP_PROVED, 0, false, change_fields,
	  sizeof(struct form_args), change },
	{ "instance-try", OP_ADMIN | OP_PROVED, 0, false, try_fields,
	  sizeof(struct form_args), try },
	{ "instance-leaves", OP_ADMIN, 0, true, name_fields,
	  sizeof(struct name_args), leaves },
	{ "instance-remove", OP_ADMIN | OP_PROVED, 0, false, name_fields,
	  sizeof(struct name_args), remove_instance },
	{ .name = NULL },
};
