/* SPDX-License-Identifier: ISC */
/* instance_leaves: see instance_leaves.h. */
#include "fcgi/instance_leaves.h"

#include <string.h>

#include "base/log.h"
#include "fcgi/ledger.h"
#include "fcgi/states.h"
#include "fcgi/upstream.h"

/* More are counted, not listed. */
#define LIST_MAX 200

struct listing {
	struct json_object *items;
	int64_t count;
};

static bool
unikernel_take(void *arg, const struct state_row *row)
{
	struct listing *l = arg;
	struct json_object *o;

	if (row->state == STATE_STOPPED || l->count++ >= LIST_MAX)
		return true;
	o = json_object_new_object();
	json_add_str(o, "project", row->project);
	json_add_str(o, "name", row->name);
	json_object_array_add(l->items, o);
	return true;
}

static void
unikernels_add(struct app *app, const char *instance, struct json_object *o)
{
	struct listing l = { .items = json_object_new_array() };

	states_each(app->states, instance, unikernel_take, &l);
	json_object_object_add(o, "unikernels", l.items);
	json_add_int(o, "unikernels_count", l.count);
}

static struct json_object *
volume_json(const struct alb_name *name)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "project", name->path);
	json_add_str(o, "name", name->label);
	return o;
}

/* As the instance says it now; null when it does not answer. */
static void
volumes_add(struct app *app, struct auth_client *auth, const char *instance,
	struct json_object *o)
{
	const struct ask ask = { .auth = auth, .instance = instance,
		.label = "" };
	struct json_object *items = NULL;
	struct fault unused = { 0 };
	struct alb_wire w;

	if (upstream_blocks(app->upstream, &ask, true, &w, NULL, &unused) ==
	    0) {
		items = json_object_new_array();
		for (size_t i = 0; i < w.nblocks && i < LIST_MAX; i++)
			json_object_array_add(items, volume_json(
			    &w.blocks[i].name));
		json_add_int(o, "volumes_count", (int64_t)w.nblocks);
		alb_wire_free(&w);
	}
	json_object_object_add(o, "volumes", items);
}

/* Adds a number of the ledger; sql has one ? for the instance. */
static bool
count_add(struct db *d, const char *sql, const char *instance,
	const char *key, struct json_object *o)
{
	int64_t n = db_number(db_query(d, sql, "t", instance), -1);

	json_add_int(o, key, n);
	return n >= 0;
}

static int
counts_add(struct app *app, const char *instance, struct json_object *o,
	struct fault *f)
{
	struct db *d = ledger_read_begin(app->ledger);
	bool ok = count_add(d, "SELECT COUNT(*) FROM deployment"
	    " WHERE ended IS NULL AND instance = ?", instance, "deployments",
	    o) &&
	    count_add(d, "SELECT COUNT(*) FROM operation"
	    " WHERE ended IS NULL AND instance = ?", instance, "operations",
	    o) &&
	    count_add(d, "SELECT COUNT(*) FROM update_rule"
	    " WHERE instance = ?", instance, "update_rules", o) &&
	    count_add(d, "SELECT COUNT(*) FROM copy_rule"
	    " WHERE instance = ?", instance, "schedules", o) &&
	    count_add(d, "SELECT COUNT(*) FROM health_check"
	    " WHERE instance = ?", instance, "health_checks", o) &&
	    count_add(d, "SELECT COUNT(*) FROM volume_copy"
	    " WHERE state = 'kept' AND instance = ?", instance, "copies", o);

	ledger_read_end(app->ledger);
	return ok ? 0 : fault_set(f, ERR_INTERNAL,
	    "What is known of the instance can not be read.");
}

int
instance_leaves_add(struct app *app, struct auth_client *auth,
	const char *instance, struct json_object *o, struct fault *f)
{
	unikernels_add(app, instance, o);
	volumes_add(app, auth, instance, o);
	return counts_add(app, instance, o, f);
}

void
instance_rules_forget(struct app *app, const char *instance)
{
	static const char *const texts[] = {
		"DELETE FROM update_rule WHERE instance = ?",
		"DELETE FROM copy_rule WHERE instance = ?",
		"DELETE FROM health_check WHERE instance = ?",
		"DELETE FROM health_result WHERE instance = ?",
		"DELETE FROM volume_content WHERE instance = ?",
	};
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(app->ledger, &f);
	int err = 0;

	for (size_t i = 0; d != NULL && err == 0 &&
	    i < sizeof(texts) / sizeof(texts[0]); i++)
		err = db_run(d, texts[i], "t", instance);
	if (d != NULL)
		err = ledger_write_close(app->ledger, err,
		    "The rules for an instance could not be removed.", &f);
	if (d == NULL || err != 0)
		log_event(LOG_LEVEL_ERROR, "instance-rules", "instance",
		    instance, "error", f.detail, NULL);
	ledger_changed(app->ledger);
}
