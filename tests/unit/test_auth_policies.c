/* SPDX-License-Identifier: ISC */
/*
 * Policies: within what there is, and never over what somebody gave albatross
 * by hand, whatever is said about it.
 */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "albatross/cert.h"
#include "albatross/error.h"
#include "auth/policies.h"
#include "base/text.h"

#define OURS "{\"unikernels\":2,\"memory\":256,\"block\":10,\"cpus\":[0,1]," \
	"\"bridges\":[\"service\"]}"
#define LESS "{\"unikernels\":2,\"memory\":128,\"block\":10,\"cpus\":[0]," \
	"\"bridges\":[\"service\"]}"
#define MORE "{\"unikernels\":2,\"memory\":512,\"block\":10,\"cpus\":[0,1]," \
	"\"bridges\":[\"service\"]}"
#define NOTHING "{\"unikernels\":0,\"memory\":0,\"block\":null,\"cpus\":[]," \
	"\"bridges\":[]}"
#define ROOT "{\"unikernels\":1000,\"memory\":1024,\"block\":100," \
	"\"cpus\":[0,1,2,3],\"bridges\":[\"service\"]}"
#define INFO "{\"kind\":\"unikernel-info\"}"
#define CREATE(memory, cpu) "{\"kind\":\"unikernel-create\",\"config\":" \
	"{\"memory\":" #memory ",\"cpus\":[" #cpu "]}}"

static char *root, *bob;

static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	fixture_user(x, "eve", false);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	fixture_instance(x, root, "box");
	fixture_policy(x, root, "box", "bob", OURS);
	return 0;
}

static int
teardown(void **state)
{
	free(root);
	free(bob);
	return fixture_teardown(state);
}

/* The service saw that of bob's on box; NULL: none. */
static void
saw(struct fixture *x, const char *policy)
{
	json_object_put(ask_ok(x, NULL, "watch-policies", text("{\"instance\":"
	    "\"box\",\"policies\":{%s%s},\"root\":%s}", policy == NULL ? "" :
	    "\"bob\":", policy == NULL ? "" : policy, ROOT)));
}

static void
assert_state(struct fixture *x, const char *state)
{
	struct json_object *o = ask_ok(x, bob, "policy-get",
		"{\"project\":\"bob\",\"instance\":\"box\"}");

	assert_string_equal(text_at(o, "state"), state);
	json_object_put(o);
}

static const char *
command(const char *json)
{
	return text("{\"instance\":\"box\",\"project\":\"bob\",\"label\":"
	    "\"web\",\"command\":%s}", json);
}

/* MB of memory in the policy that the chain of a mint brings along. */
static int64_t
carried(struct json_object *o)
{
	unsigned char der[4096];
	size_t len = sizeof(der), size;
	gnutls_x509_crt_t crt;
	gnutls_datum_t data;
	struct alb_command c;
	int64_t memory;

	data.data = base64_decode(text_at(o, "chain.1"), &size);
	assert_non_null(data.data);
	data.size = (unsigned)size;
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_import(crt, &data,
	    GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_extension_by_oid(crt,
	    ALB_EXTENSION_OID, 0, der, &len, NULL), 0);
	assert_int_equal(alb_command_decode(der, len, &c), ALB_OK);
	assert_int_equal(c.kind, ALB_POLICY_ADD);
	memory = c.policy.memory;
	alb_command_free(&c);
	gnutls_x509_crt_deinit(crt);
	free(data.data);
	return memory;
}

static void
assert_carries(struct fixture *x, const char *json, int64_t memory)
{
	struct json_object *o = ask_ok(x, bob, "mint", command(json));

	assert_int_equal(carried(o), memory);
	assert_int_equal(int_at(o, "policy.memory"), memory);
	json_object_put(o);
}

/* ---- what albatross has ---- */

static void
states_are_told(void **state)
{
	struct fixture *x = *state;

	assert_state(x, "pending");
	saw(x, NULL);
	assert_state(x, "pending");
	saw(x, OURS);
	assert_state(x, "applied");
	saw(x, NULL);
	assert_state(x, "pending");
	saw(x, LESS);
	assert_state(x, "drift");
	saw(x, OURS);
	assert_state(x, "applied");
	/* It is the same whatever the order in which it is written. */
	saw(x, "{\"bridges\":[\"service\"],\"cpus\":[1,0],\"block\":10,"
	    "\"memory\":256,\"unikernels\":2}");
	assert_state(x, "applied");
}

/* What was left by a policy that was taken away is none. */
static void
nothing_is_none(void **state)
{
	struct fixture *x = *state;

	saw(x, NOTHING);
	assert_state(x, "pending");
	saw(x, OURS);
	saw(x, NOTHING);
	assert_state(x, "drift");
}

/* A chain that was signed before a change may come late, for a while. */
static void
late_chains_are_no_drift(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	struct db *d;

	saw(x, OURS);
	json_object_put(ask_ok(x, root, "policy-set", text("{\"instance\":"
	    "\"box\",\"project\":\"bob\",\"policy\":%s,\"applied\":true}",
	    LESS)));
	assert_state(x, "applied");
	saw(x, OURS);
	assert_state(x, "pending");
	assert_carries(x, INFO, 128);
	d = database_write_begin(x->a->store, &f);
	assert_non_null(d);
	assert_int_equal(db_run(d, "UPDATE policy SET changed = changed - ?",
	    "i", (int64_t)POLICY_LATE), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	assert_state(x, "drift");
}

/* Pages of what is seen say nothing of those outside. */
static void
pages_are_held(void **state)
{
	struct fixture *x = *state;

	saw(x, OURS);
	json_object_put(ask_ok(x, NULL, "watch-policies", "{\"instance\":"
	    "\"box\",\"after\":\"bob\",\"policies\":{}}"));
	json_object_put(ask_ok(x, NULL, "watch-policies", "{\"instance\":"
	    "\"box\",\"until\":\"bo\",\"policies\":{}}"));
	assert_state(x, "applied");
	json_object_put(ask_ok(x, NULL, "watch-policies", "{\"instance\":"
	    "\"box\",\"after\":\"alf\",\"until\":\"bob\",\"policies\":{}}"));
	assert_state(x, "pending");
}

static int64_t
rows_of(struct fixture *x, const char *detail)
{
	return audit_rows(x, "policy-seen", NULL, "box/bob", detail);
}

/* What is the same is not written again, and what changes is in the log. */
static void
changes_are_written_once(void **state)
{
	struct fixture *x = *state;
	int64_t revision;

	saw(x, OURS);
	saw(x, LESS);
	revision = store_revision(x->db);
	saw(x, LESS);
	saw(x, LESS);
	assert_int_equal(store_revision(x->db), revision);
	assert_int_equal(rows_of(x, "drift"), 1);
	saw(x, OURS);
	assert_int_equal(rows_of(x, "drift"), 1);
	assert_int_equal(rows_of(x, "applied"), 2);
}

/* ---- what chains bring along ---- */

static void
less_is_kept(void **state)
{
	struct fixture *x = *state;

	saw(x, OURS);
	assert_carries(x, INFO, 256);
	saw(x, LESS);
	assert_carries(x, INFO, 128);
	assert_carries(x, "{\"kind\":\"unikernel-get\"}", 128);
	assert_carries(x, "{\"kind\":\"unikernel-destroy\"}", 128);
	assert_carries(x, "{\"kind\":\"unikernel-restart\"}", 128);
	assert_carries(x, CREATE(128, 0), 128);
	ask_refused(x, bob, "mint", command(CREATE(129, 0)),
	    "policy-exceeded");
	ask_refused(x, bob, "mint", command(CREATE(64, 1)),
	    "policy-exceeded");
}

/* Nobody may have more by saying that albatross has it. */
static void
more_is_not_given(void **state)
{
	struct fixture *x = *state;

	saw(x, OURS);
	saw(x, MORE);
	assert_carries(x, INFO, 512);
	assert_carries(x, "{\"kind\":\"unikernel-destroy\"}", 512);
	assert_carries(x, "{\"kind\":\"unikernel-restart\"}", 512);
	assert_carries(x, "{\"kind\":\"block-info\"}", 512);
	ask_refused(x, bob, "mint", command(CREATE(300, 0)),
	    "policy-exceeded");
	ask_refused(x, bob, "mint", command(CREATE(64, 0)), "policy-drift");
	ask_refused(x, bob, "mint", command("{\"kind\":\"unikernel-force-"
	    "create\",\"config\":{\"memory\":64,\"cpus\":[0]}}"),
	    "policy-drift");
	ask_refused(x, bob, "mint", command("{\"kind\":\"unikernel-restart\","
	    "\"config\":{\"memory\":64,\"cpus\":[0]}}"), "policy-drift");
	ask_refused(x, bob, "mint", command("{\"kind\":\"block-add\","
	    "\"size\":1}"), "policy-drift");
	/* An administrator is no exception. */
	ask_refused(x, root, "mint", command(CREATE(64, 0)), "policy-drift");
	/* The console applies no policy. */
	assert_carries(x, "{\"kind\":\"console-subscribe\",\"count\":1}",
	    256);
}

/* What we would never send is not sent back either. */
static void
absurd_is_not_carried(void **state)
{
	struct fixture *x = *state;

	saw(x, OURS);
	saw(x, "{\"unikernels\":-1,\"memory\":-5,\"cpus\":[9999],"
	    "\"bridges\":[\"a b\"]}");
	assert_state(x, "drift");
	ask_refused(x, bob, "mint", command(INFO), "policy-drift");
}

static void
refused_is_drift(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;

	saw(x, LESS);
	saw(x, OURS);
	json_object_put(ask_ok(x, root, "policy-set", text("{\"instance\":"
	    "\"box\",\"project\":\"bob\",\"policy\":%s}", LESS)));
	assert_state(x, "pending");
	json_object_put(ask_ok(x, NULL, "watch-refused", "{\"instance\":"
	    "\"box\",\"project\":\"bob\",\"words\":\"fewer than running\"}"));
	o = ask_ok(x, bob, "policy-get",
	    "{\"project\":\"bob\",\"instance\":\"box\"}");
	assert_string_equal(text_at(o, "state"), "drift");
	assert_string_equal(text_at(o, "refused"), "fewer than running");
	json_object_put(o);
	assert_carries(x, INFO, 256);
	saw(x, LESS);
	assert_state(x, "applied");
}

/* ---- giving ---- */

static const char *
set(const char *project, const char *policy, const char *more)
{
	return text("{\"instance\":\"box\",\"project\":\"%s\",\"policy\":%s"
	    "%s}", project, policy, more);
}

static void
trial_is_not_stored(void **state)
{
	struct fixture *x = *state;
	const char *args = text("{\"instance\":\"box\",\"project\":\"eve\","
		"\"command\":%s,\"policy\":%s}", INFO, MORE);
	struct json_object *o = ask_ok(x, root, "mint", args);

	assert_int_equal(carried(o), 512);
	json_object_put(o);
	ask_refused(x, root, "policy-get",
	    "{\"project\":\"eve\",\"instance\":\"box\"}", "no-policy");
	ask_refused(x, bob, "mint", text("{\"instance\":\"box\",\"project\":"
	    "\"bob\",\"command\":%s,\"policy\":%s}", INFO, MORE),
	    "forbidden");
	ask_field(x, root, "mint", text("{\"instance\":\"box\",\"project\":"
	    "\"bob\",\"label\":\"web\",\"command\":%s,\"policy\":%s}",
	    CREATE(1, 0), MORE), "policy");
	ask_field(x, root, "mint", text("{\"instance\":\"box\",\"command\":%s,"
	    "\"policy\":%s}", INFO, MORE), "policy");
}

static void
the_server_bounds_it(void **state)
{
	struct fixture *x = *state;

	saw(x, OURS);
	ask_refused(x, root, "policy-set", set("eve", "{\"unikernels\":1,"
	    "\"memory\":1025,\"cpus\":[0],\"bridges\":[]}",
	    ",\"over_commit\":true"), "policy-exceeded");
	ask_field(x, root, "policy-set", set("eve", "{\"unikernels\":1,"
	    "\"memory\":1,\"cpus\":[4],\"bridges\":[]}", ""), "cpus");
	ask_field(x, root, "policy-set", set("eve", "{\"unikernels\":1,"
	    "\"memory\":1,\"cpus\":[0],\"bridges\":[\"other\"]}", ""),
	    "bridges");
	ask_field(x, root, "policy-set", set("eve", "{\"unikernels\":1,"
	    "\"memory\":1,\"block\":101,\"cpus\":[0],\"bridges\":[]}", ""),
	    "block");
	/* What it says now counts more than what it said. */
	ask_field(x, root, "policy-set", set("eve", OURS, ",\"root\":"
	    "{\"unikernels\":9,\"memory\":9,\"block\":10,\"cpus\":[0,1],"
	    "\"bridges\":[\"service\"]}"), "memory");
}

#define HALF "{\"unikernels\":1,\"memory\":%d,\"cpus\":[0],\"bridges\":[]}"

static void
sums_are_held(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;

	saw(x, OURS);
	json_object_put(ask_ok(x, root, "policy-set", set("eve",
	    text(HALF, 700), "")));
	ask_refused(x, root, "policy-set", set("eve",
	    text(HALF, 1024 - 255), ""), "over-commit");
	/* Strangers count. */
	ask_refused(x, root, "policy-set", set("eve", text(HALF, 768),
	    ",\"others\":{\"memory\":1},\"only\":true"), "over-commit");
	json_object_put(ask_ok(x, root, "policy-set", set("eve",
	    text(HALF, 767), ",\"others\":{\"memory\":1},\"only\":true")));
	o = ask_ok(x, root, "policy-set", set("eve", text(HALF, 1000),
	    ",\"over_commit\":true"));
	assert_true(json_object_get_boolean(json_member(o, "over_commit",
	    json_type_boolean)));
	json_object_put(o);
	/* What is not raised is no new trouble, and the word is kept. */
	o = ask_ok(x, root, "policy-set", set("eve", text(HALF, 999), ""));
	assert_true(json_object_get_boolean(json_member(o, "over_commit",
	    json_type_boolean)));
	json_object_put(o);
	o = ask_ok(x, root, "policy-set", set("eve", text(HALF, 100),
	    ",\"over_commit\":true"));
	assert_false(json_object_get_boolean(json_member(o, "over_commit",
	    json_type_boolean)));
	json_object_put(o);
}

static void
removed_is_gone(void **state)
{
	struct fixture *x = *state;
	const char *place = "{\"project\":\"bob\",\"instance\":\"box\"}";

	ask_refused(x, bob, "policy-remove", place, "forbidden");
	json_object_put(ask_ok(x, root, "policy-remove", place));
	ask_refused(x, root, "policy-remove", place, "no-policy");
	ask_refused(x, bob, "mint", command(INFO), "no-policy");
	/* What is seen of it makes none. */
	saw(x, MORE);
	ask_refused(x, bob, "policy-get", place, "no-policy");
}

static void
given_is_paged(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;

	saw(x, LESS);
	o = ask_ok(x, root, "instance-given", "{\"name\":\"box\"}");
	assert_string_equal(text_at(o, "policies.0.project"), "bob");
	assert_string_equal(text_at(o, "policies.0.state"), "drift");
	assert_int_equal(int_at(o, "policies.0.albatross.memory"), 128);
	assert_int_equal(int_at(o, "root.memory"), 1024);
	json_object_put(o);
	o = ask_ok(x, root, "instance-given",
	    "{\"name\":\"box\",\"after\":\"bob\"}");
	assert_string_equal(text_at(o, "policies.0.project"), "");
	json_object_put(o);
	ask_refused(x, bob, "instance-given", "{\"name\":\"box\"}",
	    "forbidden");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(states_are_told), T(nothing_is_none),
		T(late_chains_are_no_drift), T(pages_are_held),
		T(changes_are_written_once), T(less_is_kept),
		T(more_is_not_given), T(absurd_is_not_carried),
		T(refused_is_drift), T(trial_is_not_stored),
		T(the_server_bounds_it), T(sums_are_held),
		T(removed_is_gone), T(given_is_paged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
