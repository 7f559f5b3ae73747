/* SPDX-License-Identifier: ISC */
/* app: which public URLs are taken, and what follows from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/app.h"
#include "tests/unit/folder.h"

static char state[FOLDER_SIZE];

static int
started(struct app *app, struct app_config *config, const char *url)
{
	struct fault f = { 0 };
	int err;

	*config = (struct app_config){ .auth_socket = "/nonexistent",
		.state_dir = state, .public_url = url, .workers = 1 };
	err = app_start(app, config, &f);
	assert_int_equal(err, f.err);
	return err;
}

static void
origin_is(const char *url, const char *origin, const char *cookie)
{
	struct app_config config;
	struct app app;

	assert_int_equal(started(&app, &config, url), 0);
	assert_string_equal(app.origin, origin);
	assert_string_equal(app.session_cookie, cookie);
	app_end(&app);
}

static void
origins(void **unused)
{
	origin_is("https://m.example", "https://m.example",
	    "__Host-mollymawk");
	origin_is("HTTPS://M.Example/", "https://m.example",
	    "__Host-mollymawk");
	origin_is("https://m.example:443", "https://m.example",
	    "__Host-mollymawk");
	origin_is("https://m.example:8443", "https://m.example:8443",
	    "__Host-mollymawk");
	origin_is("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443",
	    "__Host-mollymawk");
	origin_is("http://127.0.0.1:8080", "http://127.0.0.1:8080",
	    "mollymawk");
	origin_is("http://localhost:80", "http://localhost", "mollymawk");
	origin_is("http://[::1]:8080", "http://[::1]:8080", "mollymawk");
}

static void
origins_refused(void **unused)
{
	static const char *const bad[] = { "", "m.example", "ftp://m.example",
		"http://m.example", "http://127.0.0.1.example",
		"http://localhost.example", "https://", "https:///",
		"https://m.example/path", "https://m.example?x",
		"https://u@m.example", "https://m.example:0",
		"https://m.example:65536", "https://m.example:",
		"https://m example", "https://m.example\r\nX: y", NULL };
	struct app_config config;
	struct app app;
	char big[400] = "https://";

	for (size_t i = 0; bad[i] != NULL; i++)
		assert_int_equal(started(&app, &config, bad[i]), ERR_INVALID);
	memset(big + 8, 'a', sizeof(big) - 9);
	assert_int_equal(started(&app, &config, big), ERR_INVALID);
}

static void
state_missing(void **unused)
{
	struct app_config config = { .auth_socket = "/nonexistent",
		.state_dir = "/nonexistent/state", .workers = 1,
		.public_url = "https://m.example" };
	struct fault f = { 0 };
	struct app app;

	assert_int_not_equal(app_start(&app, &config, &f), 0);
	assert_true(strlen(f.detail) > 0);
}

static int
begin(void **unused)
{
	folder_make(state);
	return 0;
}

static int
end(void **unused)
{
	return folder_remove(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origins),
		cmocka_unit_test(origins_refused),
		cmocka_unit_test(state_missing),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
