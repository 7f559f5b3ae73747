/* SPDX-License-Identifier: ISC */
/* op_instance: albatross servers: which there are, adding and removing. */
#include <string.h>

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

#define PLACE(field) .offset = offsetof(struct instance_form, field)

static const struct json_field add_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check, PLACE(name) },
	{ .name = "host", .type = JSON_STRING, .required = true,
	  .check = host_check, PLACE(host) },
	{ .name = "port", .type = JSON_INT, .required = true, .min = 1,
	  .max = 65535, PLACE(port) },
	{ .name = "certificate", .type = JSON_STRING, .required = true,
	  .max = PEM_MAX, PLACE(certificate) },
	{ .name = "key", .type = JSON_STRING, .required = true,
	  .max = PEM_MAX, PLACE(key) },
	{ .name = "server_ca", .type = JSON_STRING, .max = PEM_MAX,
	  PLACE(server_ca) },
	{ .name = NULL },
};

static int
add(struct request *r, const void *in, struct json_object *out)
{
	struct instance_form form = *(const struct instance_form *)in;
	char name[ALB_LABEL_MAX + 1];
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	form.name = op_fold(form.name, name);
	err = instance_add(d, &r->a->keyring, &form, r->now, r->f);
	if (err == 0)
		err = op_audit(r, d, "instance-add", name, form.host);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err == 0)
		json_object_object_add(out, "instance",
		    instance_get(r->db, name, true));
	return err;
}

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

static const char *
check_level(const char *s)
{
	return alb_level_parse(s) >= 0 ? NULL : "is not known";
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
	  sizeof(struct instance_form), add },
	{ "instance-remove", OP_ADMIN | OP_PROVED, 0, false, name_fields,
	  sizeof(struct name_args), remove_instance },
	{ .name = NULL },
};
