/* SPDX-License-Identifier: ISC */
/* policies: what an authority says of them, and how often it is asked. */
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
#include "fcgi/policies.h"
#include "tests/unit/folder.h"

/* Answers each question with the same text. */
static struct {
	char dir[FOLDER_SIZE], path[FOLDER_SIZE + 8];
	int fd;
	pthread_t thread;
	const char *answer;
	int asked;
} authority;

static void *
authority_main(void *arg)
{
	struct json_object *o;
	struct fault f = { 0 };
	int fd;

	while ((fd = accept(authority.fd, NULL, NULL)) >= 0) {
		while ((o = message_receive(fd, 5000)) != NULL) {
			authority.asked++;
			json_object_put(o);
			o = json_parse(authority.answer,
				strlen(authority.answer), &f);
			message_send(fd, o);
			json_object_put(o);
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
	return authority.fd < 0 ? -1 : pthread_create(&authority.thread, NULL,
	    authority_main, NULL);
}

static int
end(void **state)
{
	shutdown(authority.fd, SHUT_RDWR);
	pthread_join(authority.thread, NULL);
	close(authority.fd);
	return folder_remove(authority.dir);
}

/* The list, after a question that is answered so. */
static struct policy_use *
list_of(struct policies *p, const char *answer, size_t *n)
{
	struct auth_client *auth = auth_client_new(authority.path);
	struct policy_use *list;

	authority.answer = answer;
	list = policies_list(p, auth, n);
	auth_client_free(auth);
	return list;
}

#define TWO "{\"ok\":{\"instances\":[],\"more\":false,\"revision\":7," \
	"\"projects\":[" \
	"{\"name\":\"zoe\",\"policies\":[{\"instance\":\"i1\",\"policy\":" \
	"{\"cpus\":[0],\"unikernels\":3,\"memory\":64,\"bridges\":[]}}]}," \
	"{\"name\":\"ada\",\"policies\":[{\"instance\":\"i2\",\"policy\":" \
	"{\"unikernels\":1,\"memory\":32}},{\"instance\":\"i1\"," \
	"\"policy\":{\"unikernels\":8,\"memory\":512}}]}," \
	"{\"name\":\"none\",\"policies\":[]}]}}"

static void
listed_by_instance_and_project(void **state)
{
	struct policies *p = policies_new();
	struct policy_use *list;
	size_t n;

	list = list_of(p, TWO, &n);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].instance, "i1");
	assert_string_equal(list[0].project, "ada");
	assert_int_equal(list[0].unikernels, 8);
	assert_int_equal(list[0].memory, 512);
	assert_int_equal(list[0].memory_used, 0);
	assert_ptr_equal(policy_find(list, n, "i1", "zoe"), &list[1]);
	assert_ptr_equal(policy_find(list, n, "i2", "ada"), &list[2]);
	assert_null(policy_find(list, n, "i2", "zoe"));
	assert_null(policy_find(list, 0, "i1", "zoe"));
	free(list);
	policies_free(p);
}

static void
asked_now_and_then(void **state)
{
	struct policies *p = policies_new();
	struct policy_use *list;
	size_t n;

	authority.asked = 0;
	list = list_of(p, TWO, &n);
	list[0].memory_used = 5;
	free(list);
	/* What was added to that list is not in the next one. */
	list = list_of(p, "{\"ok\":{}}", &n);
	assert_int_equal(n, 3);
	assert_int_equal(list[0].memory_used, 0);
	free(list);
	assert_int_equal(authority.asked, 1);
	policies_free(p);
}

static void
a_refusal_is_no_reason_to_ask_again(void **state)
{
	const char *no = "{\"error\":{\"code\":\"internal\","
		"\"detail\":\"No.\"}}";
	struct policies *p = policies_new();
	size_t n;

	authority.asked = 0;
	free(list_of(p, no, &n));
	assert_int_equal(n, 0);
	free(list_of(p, TWO, &n));
	assert_int_equal(n, 0);
	assert_int_equal(authority.asked, 1);
	policies_free(p);
}

static void
what_makes_no_sense_is_none(void **state)
{
	static const char *const answers[] = { "{\"ok\":{}}",
		"{\"ok\":{\"projects\":7}}", "{\"ok\":{\"projects\":[7]}}",
		"{\"ok\":{\"projects\":[{\"policies\":{}}]}}" };
	size_t n;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct policies *p = policies_new();

		free(list_of(p, answers[i], &n));
		assert_int_equal(n, 0);
		policies_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed_by_instance_and_project),
		cmocka_unit_test(asked_now_and_then),
		cmocka_unit_test(a_refusal_is_no_reason_to_ask_again),
		cmocka_unit_test(what_makes_no_sense_is_none),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
