/* SPDX-License-Identifier: ISC */
/* Mint: what is signed is what was asked, and what must not be sent is not. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <gnutls/abstract.h>

#include "albatross/cert.h"
#include "albatross/error.h"
#include "base/text.h"

#define POLICY "{\"unikernels\":2,\"memory\":256,\"block\":10," \
	"\"cpus\":[0,1],\"bridges\":[\"service\"]}"
#define NO_BLOCK "{\"unikernels\":2,\"memory\":256,\"cpus\":[0]," \
	"\"bridges\":[]}"

static char *root, *bob;

/* bob may use box, and bare without volumes. */
static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	fixture_instance(x, root, "box");
	fixture_instance(x, root, "bare");
	fixture_instance(x, root, "closed");
	fixture_policy(x, root, "box", "bob", POLICY);
	fixture_policy(x, root, "bare", "bob", NO_BLOCK);
	return 0;
}

static int
teardown(void **state)
{
	free(root);
	free(bob);
	return fixture_teardown(state);
}

static const char *
args(const char *instance, const char *project, const char *label,
	const char *command)
{
	static char out[8192];

	if (project == NULL)
		snprintf(out, sizeof(out), "{\"instance\":\"%s\","
		    "\"label\":\"%s\",\"command\":%s}", instance, label,
		    command);
	else
		snprintf(out, sizeof(out), "{\"instance\":\"%s\","
		    "\"project\":\"%s\",\"label\":\"%s\",\"command\":%s}",
		    instance, project, label, command);
	return out;
}

static gnutls_x509_crt_t
certificate_at(struct json_object *o, const char *path)
{
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;
	size_t len;

	der.data = base64_decode(text_at(o, path), &len);
	assert_non_null(der.data);
	der.size = (unsigned)len;
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_import(crt, &der,
	    GNUTLS_X509_FMT_DER), 0);
	free(der.data);
	return crt;
}

static void
assert_name(gnutls_x509_crt_t crt, const char *name)
{
	char cn[128];
	size_t len = sizeof(cn);

	assert_int_equal(gnutls_x509_crt_get_dn_by_oid(crt,
	    GNUTLS_OID_X520_COMMON_NAME, 0, 0, cn, &len), 0);
	assert_string_equal(cn, name);
}

static void
assert_validity(gnutls_x509_crt_t crt)
{
	time_t now = time(NULL);

	assert_in_range(now - gnutls_x509_crt_get_activation_time(crt), 59,
	    65);
	assert_in_range(gnutls_x509_crt_get_expiration_time(crt) - now, 295,
	    300);
}

/* The command inside; to be freed. */
static struct alb_command
command_of(gnutls_x509_crt_t crt)
{
	struct alb_command c;
	unsigned char der[16384];
	size_t len = sizeof(der);
	unsigned critical = 1;

	assert_int_equal(gnutls_x509_crt_get_extension_by_oid(crt,
	    ALB_EXTENSION_OID, 0, der, &len, &critical), 0);
	assert_int_equal(critical, 0);
	assert_int_equal(alb_command_decode(der, len, &c), ALB_OK);
	return c;
}

static void
assert_key_fits(struct json_object *o, gnutls_x509_crt_t leaf)
{
	unsigned char a[64], b[64];
	size_t alen = sizeof(a), blen = sizeof(b), len;
	gnutls_x509_privkey_t key;
	gnutls_datum_t der;

	der.data = base64_decode(text_at(o, "key"), &len);
	assert_non_null(der.data);
	der.size = (unsigned)len;
	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_import_pkcs8(key, &der,
	    GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN), 0);
	assert_int_equal(gnutls_x509_privkey_get_key_id(key, 0, a, &alen), 0);
	assert_int_equal(gnutls_x509_crt_get_key_id(leaf, 0, b, &blen), 0);
	assert_int_equal(alen, blen);
	assert_memory_equal(a, b, alen);
	gnutls_x509_privkey_deinit(key);
	free(der.data);
}

static gnutls_x509_crt_t
ca_of(struct json_object *o)
{
	const char *pem = text_at(o, "server_ca");
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem,
		(unsigned)strlen(pem) };
	gnutls_x509_crt_t ca;

	assert_int_equal(gnutls_x509_crt_init(&ca), 0);
	assert_int_equal(gnutls_x509_crt_import(ca, &data,
	    GNUTLS_X509_FMT_PEM), 0);
	return ca;
}

static void
assert_issued(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	unsigned status = 1;

	assert_int_equal(gnutls_x509_crt_verify(crt, &issuer, 1,
	    GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT, &status), 0);
	assert_int_equal(status, 0);
}

static void
deployment_is_what_was_asked(void **state)
{
	struct fixture *x = *state;
	struct json_object *o = ask_ok(x, bob, "mint", args("box", "Bob",
	    "WEB", "{\"kind\":\"unikernel-force-create\",\"config\":"
	    "{\"memory\":64,\"cpus\":[1],\"arguments\":[\"--a=b\"],"
	    "\"networks\":[{\"name\":\"service\"}]}}"));
	gnutls_x509_crt_t leaf = certificate_at(o, "chain.0");
	gnutls_x509_crt_t middle = certificate_at(o, "chain.1");
	gnutls_x509_crt_t ca = ca_of(o);
	struct alb_command command = command_of(leaf);
	struct alb_command policy = command_of(middle);

	assert_string_equal(text_at(o, "chain.2"), "");
	assert_string_equal(text_at(o, "host"), "127.0.0.1");
	assert_int_equal(int_at(o, "port"), 1025);
	assert_int_equal(int_at(o, "policy.memory"), 256);
	assert_name(leaf, "web");
	assert_name(middle, "bob");
	assert_validity(leaf);
	assert_validity(middle);
	assert_issued(middle, ca);
	assert_issued(leaf, middle);
	assert_key_fits(o, leaf);
	assert_int_equal(command.kind, ALB_UNIKERNEL_FORCE_CREATE);
	assert_int_equal(command.config.memory, 64);
	assert_int_equal(command.config.cpus[0], 1);
	assert_string_equal(command.config.arguments[0], "--a=b");
	assert_int_equal(policy.kind, ALB_POLICY_ADD);
	assert_int_equal(policy.policy.unikernels, 2);
	assert_int_equal(policy.policy.block, 10);
	assert_string_equal(policy.policy.bridges[0], "service");
	alb_command_free(&command);
	alb_command_free(&policy);
	gnutls_x509_crt_deinit(leaf);
	gnutls_x509_crt_deinit(middle);
	gnutls_x509_crt_deinit(ca);
	json_object_put(o);
}

/* Under no project the CA signs directly: for administrators. */
static void
root_is_for_administrators(void **state)
{
	struct fixture *x = *state;
	const char *info = "{\"kind\":\"policy-info\"}";
	struct json_object *o;
	gnutls_x509_crt_t leaf, ca;

	ask_refused(x, bob, "mint", args("box", NULL, "", info), "forbidden");
	ask_refused(x, bob, "mint", args("box", "bob", "", info), "forbidden");
	ask_refused(x, bob, "mint", args("box", NULL, "",
	    "{\"kind\":\"unikernel-info\"}"), "forbidden");
	ask_refused(x, bob, "mint", args("box", NULL, "",
	    "{\"kind\":\"stats-subscribe\"}"), "forbidden");
	o = ask_ok(x, root, "mint", args("box", NULL, "", info));
	leaf = certificate_at(o, "chain.0");
	ca = ca_of(o);
	assert_string_equal(text_at(o, "chain.1"), "");
	assert_name(leaf, ".");
	assert_issued(leaf, ca);
	gnutls_x509_crt_deinit(leaf);
	gnutls_x509_crt_deinit(ca);
	json_object_put(o);
}

static void
every_mint_is_audited(void **state)
{
	struct fixture *x = *state;
	sqlite3_stmt *stmt;

	json_object_put(ask_ok(x, bob, "mint", args("box", "bob", "web",
	    "{\"kind\":\"unikernel-destroy\"}")));
	stmt = db_query(x->db, "SELECT user_name, target, detail, address"
	    " FROM audit WHERE action = 'mint'", "");
	assert_int_equal(db_step(stmt), 1);
	assert_string_equal(db_text(stmt, 0), "bob");
	assert_string_equal(db_text(stmt, 1), "box/bob/web");
	assert_string_equal(db_text(stmt, 2), "unikernel-destroy");
	assert_string_equal(db_text(stmt, 3), "192.0.2.1");
	assert_int_equal(db_step(stmt), 0);
}

/* What can not be recorded is not done. */
static void
no_audit_no_mint(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(db_run(d, "CREATE TRIGGER full BEFORE INSERT ON audit"
	    " BEGIN SELECT RAISE(ABORT, 'full'); END", ""), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	ask_refused(x, bob, "mint", args("box", "bob", "web",
	    "{\"kind\":\"unikernel-destroy\"}"), "internal");
}

/* The hazards of protocol section 8, each refused before it is signed. */
static void
hazards_are_refused(void **state)
{
	static const struct {
		const char *label, *command, *field;
	} hazards[] = {
		{ "web", "{\"kind\":\"unikernel-get\",\"compression\":10}",
		  "compression" },
		{ "web", "{\"kind\":\"unikernel-get\",\"compression\":-1}",
		  "compression" },
		{ "vol", "{\"kind\":\"block-dump\",\"compression\":10}",
		  "compression" },
		{ "web", "{\"kind\":\"console-subscribe\",\"count\":-1}",
		  "count" },
		{ "web", "{\"kind\":\"console-subscribe\",\"count\":0}",
		  "count" },
		{ "web", "{\"kind\":\"console-subscribe\",\"count\":1025}",
		  "count" },
		{ "", "{\"kind\":\"unikernel-create\",\"config\":"
		  "{\"memory\":32,\"cpus\":[0]}}", "name" },
		{ ".", "{\"kind\":\"unikernel-create\",\"config\":"
		  "{\"memory\":32,\"cpus\":[0]}}", "name" },
		{ "..", "{\"kind\":\"unikernel-destroy\"}", "name" },
		{ "", "{\"kind\":\"unikernel-destroy\"}", "name" },
		{ "", "{\"kind\":\"unikernel-restart\"}", "name" },
		{ "", "{\"kind\":\"block-add\",\"size\":1}", "name" },
		{ ".", "{\"kind\":\"block-add\",\"size\":1}", "name" },
		{ "", "{\"kind\":\"block-remove\"}", "name" },
		{ "vol", "{\"kind\":\"block-add\",\"size\":0}", "size" },
		{ "vol", "{\"kind\":\"block-add\",\"size\":-5}", "size" },
		{ "a_b", "{\"kind\":\"unikernel-destroy\"}", "name" },
		{ "a:b", "{\"kind\":\"unikernel-destroy\"}", "name" },
		{ "-a", "{\"kind\":\"unikernel-destroy\"}", "name" },
		{ "web", "{\"kind\":\"unikernel-create\",\"config\":"
		  "{\"memory\":0,\"cpus\":[0]}}", "config.memory" },
		{ "web", "{\"kind\":\"unikernel-create\",\"config\":"
		  "{\"memory\":32,\"cpus\":[]}}", "config.cpus" },
		{ "web", "{\"kind\":\"unikernel-create\",\"config\":"
		  "{\"memory\":32}}", "config.cpus" },
		{ "web", "{\"kind\":\"unikernel-create\",\"level\":\"2.6\","
		  "\"config\":{\"memory\":32,\"cpus\":[0,1]}}",
		  "config.cpus" },
		{ "web", "{\"kind\":\"unikernel-create\"}", "config" },
		{ "web", "{\"kind\":\"policy-add\"}", "kind" },
		{ "", "{\"kind\":\"policy-remove\"}", "kind" },
		{ "web", "{\"kind\":\"console-add\"}", "kind" },
		{ "web", "{\"kind\":\"stats-add\"}", "kind" },
		{ "web", "{\"kind\":\"stats-initial\"}", "kind" },
		{ "web", "{\"kind\":\"none\"}", "kind" },
		{ "web", "{\"kind\":\"unikernel-info\",\"level\":\"9.9\"}",
		  "level" },
	};
	struct fixture *x = *state;

	for (size_t i = 0; i < sizeof(hazards) / sizeof(hazards[0]); i++)
		for (int as_root = 0; as_root < 2; as_root++)
			ask_field(x, as_root ? root : bob, "mint",
			    args("box", "bob", hazards[i].label,
			    hazards[i].command), hazards[i].field);
}

static void
devices_are_held(void **state)
{
	static const char *const configs[] = {
		"\"networks\":[{\"name\":\"a\",\"bridge\":\"service\"},"
		"{\"name\":\"a\",\"bridge\":\"service\"}]",
		"\"volumes\":[{\"name\":\"a\"},{\"name\":\"a\"}]",
		"\"volumes\":[{\"name\":\"a\",\"volume\":\"Data_1\"}]",
		"\"volumes\":[{\"name\":\"a\",\"sector_size\":7}]",
		"\"exit_codes\":[256]",
		"\"startup\":101",
		"\"unknown\":1",
	};
	struct fixture *x = *state;
	char command[512];

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		snprintf(command, sizeof(command), "{\"kind\":"
		    "\"unikernel-create\",\"config\":{\"memory\":32,"
		    "\"cpus\":[0],%s}}", configs[i]);
		ask_refused(x, bob, "mint", args("box", "bob", "web",
		    command), "invalid-input");
	}
}

static void
policy_is_held(void **state)
{
	static const char *const configs[] = {
		"{\"memory\":257,\"cpus\":[0]}",
		"{\"memory\":32,\"cpus\":[2]}",
		"{\"memory\":32,\"cpus\":[0],"
		"\"networks\":[{\"name\":\"other\"}]}",
	};
	static const char *const kinds[] = { "unikernel-create",
		"unikernel-force-create", "unikernel-restart" };
	struct fixture *x = *state;
	char command[512];

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++) {
			snprintf(command, sizeof(command),
			    "{\"kind\":\"%s\",\"config\":%s}", kinds[k],
			    configs[i]);
			ask_refused(x, bob, "mint", args("box", "bob", "web",
			    command), "policy-exceeded");
		}
	ask_refused(x, bob, "mint", args("box", "bob", "vol",
	    "{\"kind\":\"block-add\",\"size\":11}"), "policy-exceeded");
	ask_refused(x, bob, "mint", args("bare", "bob", "vol",
	    "{\"kind\":\"block-add\",\"size\":1}"), "policy-exceeded");
	json_object_put(ask_ok(x, bob, "mint", args("box", "bob", "vol",
	    "{\"kind\":\"block-add\",\"size\":10}")));
}

static void
places_are_held(void **state)
{
	const char *info = "{\"kind\":\"unikernel-info\"}";
	struct fixture *x = *state;

	ask_refused(x, bob, "mint", args("closed", "bob", "", info),
	    "no-policy");
	ask_refused(x, root, "mint", args("closed", "bob", "", info),
	    "no-policy");
	ask_refused(x, bob, "mint", args("box", "root", "", info),
	    "not-found");
	ask_refused(x, bob, "mint", args("none", "bob", "", info),
	    "not-found");
	ask_refused(x, NULL, "mint", args("box", "bob", "", info),
	    "unauthenticated");
	json_object_put(ask_ok(x, root, "instance-remove",
	    "{\"name\":\"box\"}"));
	ask_refused(x, bob, "mint", args("box", "bob", "", info),
	    "not-found");
}

static void
level_only_rises(void **state)
{
	const char *old = "{\"kind\":\"unikernel-info\",\"level\":\"2.6\"}";
	const char *new = "{\"kind\":\"unikernel-info\",\"level\":\"2.7\"}";
	struct fixture *x = *state;

	json_object_put(ask_ok(x, bob, "mint", args("box", "bob", "", old)));
	json_object_put(ask_ok(x, bob, "instance-level",
	    "{\"name\":\"box\",\"level\":\"2.6\"}"));
	json_object_put(ask_ok(x, bob, "mint", args("box", "bob", "", old)));
	json_object_put(ask_ok(x, bob, "instance-level",
	    "{\"name\":\"box\",\"level\":\"2.7\"}"));
	ask_field(x, bob, "mint", args("box", "bob", "", old), "level");
	ask_field(x, root, "mint", args("box", NULL, "", old), "level");
	json_object_put(ask_ok(x, bob, "instance-level",
	    "{\"name\":\"box\",\"level\":\"2.5\"}"));
	ask_field(x, bob, "mint", args("box", "bob", "", old), "level");
	json_object_put(ask_ok(x, bob, "mint", args("box", "bob", "", new)));
	/* Each instance for itself. */
	json_object_put(ask_ok(x, bob, "mint", args("bare", "bob", "", old)));
	ask_field(x, bob, "instance-level", "{\"name\":\"box\","
	    "\"level\":\"3.0\"}", "level");
}

/* Instances that could not work are not taken. */
static void
instances_are_checked(void **state)
{
	struct fixture *x = *state;
	char *one, *one_key, *two, *two_key;
	struct json_object *o, *message;

	ca_pem(&one, &one_key);
	ca_pem(&two, &two_key);
	ask_field(x, root, "instance-add", "{\"name\":\"b_x\",\"host\":\"h\","
	    "\"port\":1,\"certificate\":\"x\",\"key\":\"y\"}", "name");
	ask_field(x, root, "instance-add", "{\"name\":\"x\",\"host\":\"a b\","
	    "\"port\":1,\"certificate\":\"x\",\"key\":\"y\"}", "host");
	ask_field(x, root, "instance-add", "{\"name\":\"x\",\"host\":\"h\","
	    "\"port\":0,\"certificate\":\"x\",\"key\":\"y\"}", "port");
	ask_field(x, root, "instance-add", "{\"name\":\"x\",\"host\":\"h\","
	    "\"port\":1,\"certificate\":\"x\",\"key\":\"y\"}",
	    "certificate");
	message = json_object_new_object();
	json_add_str(message, "name", "x");
	json_add_str(message, "host", "h");
	json_add_int(message, "port", 1);
	json_add_str(message, "certificate", one);
	json_add_str(message, "key", two_key);
	ask_field(x, root, "instance-add", json_object_to_json_string(message),
	    "key");
	json_add_str(message, "key", one_key);
	json_add_str(message, "server_ca", "nonsense");
	ask_field(x, root, "instance-add", json_object_to_json_string(message),
	    "server_ca");
	json_add_str(message, "server_ca", two);
	o = ask_ok(x, root, "instance-add",
	    json_object_to_json_string(message));
	assert_int_equal(int_at(o, "instance.port"), 1);
	/* Never a key, not even to administrators. */
	assert_null(strstr(json_object_to_json_string(o), "key"));
	json_object_put(o);
	ask_refused(x, root, "instance-add",
	    json_object_to_json_string(message), "conflict");
	json_object_put(message);
	free(one);
	free(one_key);
	free(two);
	free(two_key);
}

static void
given_is_summed(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;

	fixture_policy(x, root, "box", "root", NO_BLOCK);
	o = ask_ok(x, root, "instance-given", "{\"name\":\"box\"}");
	assert_int_equal(int_at(o, "unikernels"), 4);
	assert_int_equal(int_at(o, "memory"), 512);
	assert_int_equal(int_at(o, "block"), 10);
	json_object_put(o);
	fixture_policy(x, root, "box", "root", "{\"unikernels\":0,"
	    "\"memory\":0,\"cpus\":[],\"bridges\":[]}");
	o = ask_ok(x, root, "policy-get", "{\"project\":\"root\","
	    "\"instance\":\"box\"}");
	assert_int_equal(int_at(o, "policy.memory"), 0);
	json_object_put(o);
}

static long
file_size(const struct fixture *x, const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", x->dir, name);
	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

/* Each mint writes, and still the database's log stays as long as it was. */
static void
mints_do_not_pile_up(void **state)
{
	struct fixture *x = *state;
	const char *question = args("box", "bob", "",
		"{\"kind\":\"unikernel-info\"}");

	for (int i = 0; i < 300; i++)
		json_object_put(ask_ok(x, bob, "mint", question));
	assert_in_range(file_size(x, "auth.db-wal"), 1, 1536 * 1024);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(deployment_is_what_was_asked),
		WITH(root_is_for_administrators),
		WITH(every_mint_is_audited),
		WITH(no_audit_no_mint),
		WITH(hazards_are_refused),
		WITH(devices_are_held),
		WITH(policy_is_held),
		WITH(places_are_held),
		WITH(level_only_rises),
		WITH(instances_are_checked),
		WITH(given_is_summed),
		WITH(mints_do_not_pile_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
