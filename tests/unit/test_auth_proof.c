/* SPDX-License-Identifier: ISC */
/* Whose failures make whom wait: strangers lock nobody out. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/device.h"
#include "auth/proof.h"
#include "auth/sessions.h"

#define HERE "192.0.2.1"
#define THERE "198.51.100.7"
#define BOB "bob@example.org"

static struct account account;

static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "bob", false);
	assert_int_equal(account_by_email(x->db, BOB, &account), 0);
	return 0;
}

/* Tries once, from there, with what the browser keeps: 0 or ERR_RATE. */
static int
attempt(struct fixture *x, const char *email, const char *address,
	const char *device, struct proof *p)
{
	struct fault f = { 0 };
	struct request r = { .a = x->a, .db = x->db, .address = address,
		.device = device, .now = 1800000000, .f = &f };
	int err = proof_sign_in(&r, email, p);

	if (err == 0)
		err = proof_try(&r, p);
	if (err != 0) {
		assert_int_equal(err, ERR_RATE);
		assert_true(f.wait > 0);
	}
	return err;
}

static void
fail_until_told_to_wait(struct fixture *x, const char *address)
{
	struct proof p;

	for (int i = 0; i < PROOF_FREE; i++)
		assert_int_equal(attempt(x, BOB, address, NULL, &p), 0);
	assert_int_equal(attempt(x, BOB, address, NULL, &p), ERR_RATE);
}

static void
a_stranger_elsewhere_makes_nobody_wait(void **state)
{
	struct fixture *x = *state;
	struct proof p;

	fail_until_told_to_wait(x, THERE);
	assert_int_equal(attempt(x, BOB, HERE, NULL, &p), 0);
	/* Nor does it concern another account from the same address. */
	assert_int_equal(attempt(x, "ada@example.org", THERE, NULL, &p), 0);
}

static void
a_known_browser_waits_for_its_own_failures(void **state)
{
	struct fixture *x = *state;
	char device[DEVICE_SIZE], forged[DEVICE_SIZE];
	struct proof p;

	assert_int_equal(device_make(x->a, &account, device), 0);
	fail_until_told_to_wait(x, HERE);
	for (int i = 0; i < PROOF_FREE; i++)
		assert_int_equal(attempt(x, BOB, HERE, device, &p), 0);
	assert_int_equal(attempt(x, BOB, HERE, device, &p), ERR_RATE);
	/* It can not be made up, and is of one account. */
	memcpy(forged, device, sizeof(forged));
	forged[5] = forged[5] == '0' ? '1' : '0';
	assert_int_equal(attempt(x, BOB, HERE, forged, &p), ERR_RATE);
	assert_int_equal(attempt(x, BOB, HERE, "", &p), ERR_RATE);
	assert_int_equal(attempt(x, BOB, HERE, "mmd_x", &p), ERR_RATE);
}

static void
a_new_password_forgets_browsers(void **state)
{
	struct fixture *x = *state;
	char device[DEVICE_SIZE], id[DEVICE_ID_SIZE];
	struct account later = account;

	assert_int_equal(device_make(x->a, &account, device), 0);
	assert_true(device_known(x->a, &account, device, id));
	later.generation++;
	assert_false(device_known(x->a, &later, device, id));
}

/* An address is cheap to change within what one subscriber has. */
static void
addresses_count_as_networks(void **state)
{
	struct fixture *x = *state;
	char address[64];
	struct proof p;

	for (int i = 0; i < PROOF_FREE; i++) {
		snprintf(address, sizeof(address), "2001:db8:1:2::%d", i + 1);
		assert_int_equal(attempt(x, BOB, address, NULL, &p), 0);
	}
	assert_int_equal(attempt(x, BOB, "2001:db8:1:2:ffff::1", NULL, &p),
	    ERR_RATE);
	assert_int_equal(attempt(x, BOB, "2001:db8:1:3::1", NULL, &p), 0);
}

static void
guesses_from_many_addresses_are_bounded(void **state)
{
	struct fixture *x = *state;
	char address[64], *cookie, device[DEVICE_SIZE];
	struct proof p;

	for (int i = 0; i < PROOF_FREE_ALL; i++) {
		snprintf(address, sizeof(address), "203.0.113.%d", i);
		assert_int_equal(attempt(x, BOB, address, NULL, &p), 0);
	}
	assert_int_equal(attempt(x, BOB, THERE, NULL, &p), ERR_RATE);
	/* Not for who is known: their browser, or their address. */
	assert_int_equal(device_make(x->a, &account, device), 0);
	assert_int_equal(attempt(x, BOB, THERE, device, &p), 0);
	cookie = fixture_cookie(x, "bob");
	assert_int_equal(attempt(x, BOB, HERE, NULL, &p), 0);
	free(cookie);
}

static void
success_and_leaving(void **state)
{
	struct fixture *x = *state;
	struct request r = { .a = x->a, .now = 1800000000 };
	struct proof p;

	for (int i = 0; i < 3 * PROOF_FREE; i++) {
		assert_int_equal(attempt(x, BOB, THERE, NULL, &p), 0);
		proof_leave(&r, &p);
	}
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < PROOF_FREE - 1; j++)
			assert_int_equal(attempt(x, BOB, THERE, NULL, &p), 0);
		proof_accept(&r, &p);
	}
	fail_until_told_to_wait(x, THERE);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH(a_stranger_elsewhere_makes_nobody_wait),
		WITH(a_known_browser_waits_for_its_own_failures),
		WITH(a_new_password_forgets_browsers),
		WITH(addresses_count_as_networks),
		WITH(guesses_from_many_addresses_are_bounded),
		WITH(success_and_leaving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
