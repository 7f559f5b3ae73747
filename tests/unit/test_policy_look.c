/* SPDX-License-Identifier: ISC */
/* policy_look: an authority is told of all policies, in parts, and once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/message.h"
#include "fcgi/app.h"
#include "fcgi/policy_look.h"
#include "fcgi/policy_use.h"
#include "tests/unit/folder.h"

#define PARTS_MAX 64

/* Keeps what it is told. */
static struct {
	char dir[FOLDER_SIZE], path[FOLDER_SIZE + 8];
	int fd;
	pthread_t thread;
	struct json_object *told[PARTS_MAX];
	size_t n;
	bool refuses;
} authority;

static struct app app;
static struct upstream *upstream;
static struct auth_client *client;

static void *
authority_main(void *arg)
{
	struct json_object *o, *answer;
	int fd;

	while ((fd = accept(authority.fd, NULL, NULL)) >= 0) {
		while ((o = message_receive(fd, 5000)) != NULL) {
			if (authority.n < PARTS_MAX)
				authority.told[authority.n++] = o;
			answer = json_object_new_object();
			json_object_object_add(answer, authority.refuses ?
			    "error" : "ok", json_object_new_object());
			message_send(fd, answer);
			json_object_put(answer);
		}
		close(fd);
	}
	return NULL;
}

static int
begin(void **state)
{
	folder_make(authority.dir);
	snprintf(authority.path, sizeof(authority.path), "%s/auth",
	    authority.dir);
	authority.fd = message_listen(authority.path, 16, 0600);
	upstream = upstream_new(&app);
	client = auth_client_new(authority.path);
	return authority.fd < 0 || upstream == NULL || client == NULL ? -1 :
	    pthread_create(&authority.thread, NULL, authority_main, NULL);
}

static void
forget_told(void)
{
	while (authority.n > 0)
		json_object_put(authority.told[--authority.n]);
}

static int
end(void **state)
{
	auth_client_free(client);
	shutdown(authority.fd, SHUT_RDWR);
	pthread_join(authority.thread, NULL);
	close(authority.fd);
	forget_told();
	upstream_free(upstream);
	return folder_remove(authority.dir);
}

/* n policies of projects p0 .. in no order, one of the root, one below. */
static void
sight_make(struct alb_wire *w, size_t n)
{
	alb_wire_init(w, ALB_PAYLOAD_POLICIES);
	w->policies = calloc(n + 2, sizeof(*w->policies));
	assert_non_null(w->policies);
	for (size_t i = 0; i < n; i++) {
		struct alb_named_policy *p = &w->policies[i];

		snprintf(p->name.path, sizeof(p->name.path), "p%zu",
		    i * 7919 % n);
		p->policy.memory = (int64_t)(i * 7919 % n);
	}
	w->policies[n].policy.memory = 1 << 20;
	snprintf(w->policies[n + 1].name.path, 16, "p1:below");
	w->npolicies = n + 2;
}

static struct json_object *
args_of(size_t i)
{
	struct json_object *args = json_member(authority.told[i], "args",
		json_type_object);

	assert_non_null(args);
	assert_string_equal(json_member_text(authority.told[i], "op", 32),
	    "watch-policies");
	return args;
}

static const char *
text_of(struct json_object *o, const char *key)
{
	return json_member_text(o, key, ALB_LABEL_MAX);
}

/* Each name is in one part, whose bounds hold it; no part is missing. */
static void
parts_are_whole(size_t n)
{
	const char *before = "";
	size_t seen = 0;

	for (size_t i = 0; i < authority.n; i++) {
		struct json_object *args = args_of(i);
		struct json_object *policies = json_member(args, "policies",
			json_type_object);
		const char *until = text_of(args, "until");

		assert_string_equal(text_of(args, "after"), before);
		json_object_object_foreach(policies, name, policy) {
			assert_true(strcmp(name, before) > 0);
			assert_true(*until == '\0' ||
			    strcmp(name, until) <= 0);
			assert_int_equal(json_object_get_int64(json_member(
			    policy, "memory", json_type_int)),
			    strtol(name + 1, NULL, 10));
			seen++;
		}
		before = until;
	}
	assert_string_equal(before, "");
	assert_int_equal(seen, n);
}

static void
all_is_told_in_parts(void **state)
{
	struct fault f = { 0 };
	struct alb_wire w;

	sight_make(&w, 5000);
	assert_int_equal(policy_tell(upstream, client, "many", &w, &f), 0);
	assert_int_equal(authority.n, 50);
	parts_are_whole(5000);
	assert_int_equal(json_object_get_int64(json_member(json_member(
	    args_of(0), "root", json_type_object), "memory",
	    json_type_int)), 1 << 20);
	alb_wire_free(&w);
	forget_told();
}

static void
what_is_the_same_is_told_once(void **state)
{
	struct fault f = { 0 };
	struct alb_wire w;

	sight_make(&w, 3);
	assert_int_equal(policy_tell(upstream, client, "one", &w, &f), 0);
	assert_int_equal(policy_tell(upstream, client, "one", &w, &f), 0);
	assert_int_equal(authority.n, 1);
	assert_int_equal(policy_tell(upstream, client, "two", &w, &f), 0);
	assert_int_equal(authority.n, 2);
	w.policies[0].policy.memory++;
	assert_int_equal(policy_tell(upstream, client, "one", &w, &f), 0);
	assert_int_equal(authority.n, 3);
	policy_look_forget(upstream, "one");
	assert_int_equal(policy_tell(upstream, client, "one", &w, &f), 0);
	assert_int_equal(authority.n, 4);
	alb_wire_free(&w);
	forget_told();
}

static void
what_was_not_taken_is_told_again(void **state)
{
	struct fault f = { 0 };
	struct alb_wire w;

	sight_make(&w, 1);
	authority.refuses = true;
	assert_int_not_equal(policy_tell(upstream, client, "no", &w, &f), 0);
	authority.refuses = false;
	assert_int_equal(policy_tell(upstream, client, "no", &w, &f), 0);
	assert_int_equal(policy_tell(upstream, client, "no", &w, &f), 0);
	assert_int_equal(authority.n, 2);
	alb_wire_free(&w);
	forget_told();
}

static void
policies_are_found(void **state)
{
	struct alb_wire w;

	sight_make(&w, 3);
	assert_int_equal(policy_of_root(&w)->memory, 1 << 20);
	assert_int_equal(policy_of_project(&w, "p2")->memory, 2);
	assert_null(policy_of_project(&w, "p3"));
	assert_null(policy_of_project(&w, "below"));
	alb_wire_free(&w);
}

/* ---- what is used ---- */

static void
use_make(struct policy_uses *u)
{
	static const char *const paths[] = { "ada", "ada", "adam", "ada:sub" };

	alb_wire_init(&u->infos, ALB_PAYLOAD_INFOS);
	u->infos.infos = calloc(4, sizeof(*u->infos.infos));
	u->infos.ninfos = 4;
	for (size_t i = 0; i < 4; i++) {
		struct alb_info *info = &u->infos.infos[i];

		alb_config_init(&info->config);
		info->config.memory = 32 << i;
		snprintf(info->name.path, sizeof(info->name.path), "%s",
		    paths[i]);
		snprintf(info->name.label, sizeof(info->name.label), "u%zu",
		    i);
	}
	alb_wire_init(&u->blocks, ALB_PAYLOAD_BLOCKS);
	u->blocks.blocks = calloc(1, sizeof(*u->blocks.blocks));
	u->blocks.nblocks = 1;
	u->blocks.blocks[0].size = 7;
	snprintf(u->blocks.blocks[0].name.path, 8, "ada");
	snprintf(u->blocks.blocks[0].name.label, 8, "disk");
}

/* What is below a project counts, what only begins like it does not. */
static void
use_is_of_the_project(void **state)
{
	const struct alb_policy policy = { .unikernels = 2, .memory = 100 };
	struct policy_amount a;
	struct policy_uses u;
	struct fault f = { 0 };

	use_make(&u);
	a = policy_uses_of(&u, "ada");
	assert_int_equal(a.unikernels, 3);
	assert_int_equal(a.memory, 32 + 64 + 256);
	assert_int_equal(a.block, 7);
	a = policy_uses_of(&u, NULL);
	assert_int_equal(a.unikernels, 4);
	fault_set(&f, ERR_ALB_FAILURE, "No.");
	policy_uses_explain(&u, "ada", &policy, &f);
	assert_int_equal(f.err, ERR_ALB_FAILURE);
	assert_string_equal(f.detail, "No. Running: u0 (32 MB), u1 (64 MB), "
	    "u3 (256 MB). Volumes: disk (7 MB).");
	assert_string_equal(f.fields[0].field, "unikernels");
	assert_string_equal(f.fields[1].field, "memory");
	assert_string_equal(f.fields[2].field, "block");
	policy_uses_free(&u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_told_in_parts),
		cmocka_unit_test(what_is_the_same_is_told_once),
		cmocka_unit_test(what_was_not_taken_is_told_again),
		cmocka_unit_test(policies_are_found),
		cmocka_unit_test(use_is_of_the_project),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
