/* SPDX-License-Identifier: ISC */
/* health: where a check may go, and one attempt; see health.h. */
#include "fcgi/health.h"

/* Which of c-ares' functions 1.34 calls deprecated, 1.18 has nothing else. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/app.h"
#include "fcgi/flight.h"
#include "fcgi/health_probe.h"
#include "fcgi/settings.h"

#define OWN_MAX 16

int
health_start(void)
{
	if (curl_global_init(CURL_GLOBAL_NOTHING) != 0)
		return -1;
	if (ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS)
		return 0;
	curl_global_cleanup();
	return -1;
}

void
health_end(void)
{
	ares_library_cleanup();
	curl_global_cleanup();
}

int
probe_left(const struct probe *p)
{
	int64_t left = p->deadline - flight_now();

	if (*p->stopping)
		return 0;
	return left < 0 ? 0 : (int)left;
}

int
probe_late(const struct probe *p, struct fault *f)
{
	return fault_set(f, ERR_HEALTH, "%s did not answer within %d s.",
	    p->place, p->check->timeout);
}

int
probe_unreachable(const struct probe *p, int error, struct fault *f)
{
	switch (error) {
	case ECONNREFUSED:
		return fault_set(f, ERR_HEALTH, "%s refused the connection.",
		    p->place);
	case ETIMEDOUT:
		return probe_late(p, f);
	case EHOSTUNREACH:
	case ENETUNREACH:
		return fault_set(f, ERR_HEALTH, "There is no way to %s.",
		    p->place);
	default:
		return fault_set(f, ERR_HEALTH, "%s can not be reached: %s.",
		    p->place, error == 0 ? "no connection" : strerror(error));
	}
}

/* The field "address" behind prefix. */
static int
refuse(const char *prefix, struct fault *f, const char *address,
	const char *why)
{
	char field[96];

	snprintf(field, sizeof(field), "%.60saddress", prefix);
	return fault_field(f, field, "%s%s", address, why);
}

/* In the administrators' list; f may hold findings already. */
static int
in_ranges(struct app *app, const struct address *a, bool *in, struct fault *f)
{
	struct address_ranges ranges;
	struct fault found = { 0 };
	int err = settings_ranges(app->ledger, SETTING_CHECKS, &ranges,
		&found);

	*in = false;
	if (err != 0)
		return fault_set(f, err, "%s", found.detail);
	for (size_t i = 0; i < ranges.len; i++)
		*in = *in || range_allows(&ranges.items[i], a);
	return 0;
}

/* The one of the unikernel's addresses that is a, or NULL. */
static const struct range *
own_find(const struct range *own, size_t n, const struct address *a)
{
	for (size_t i = 0; i < n; i++)
		if (address_same(&own[i].address, a))
			return &own[i];
	return NULL;
}

/* Where the check goes: 0 with an address that is allowed, or ERR_INVALID. */
static int
target_find(struct app *app, const struct health_check *c,
	const struct alb_config *config, const char *prefix,
	struct address *out, struct fault *f)
{
	struct range own[OWN_MAX];
	size_t n = address_own(config, own, OWN_MAX);
	const struct range *mine;
	const char *why = " is not an address of this unikernel (--ipv4, "
		"--ipv6), nor one that administrators allow";
	char text[ADDRESS_TEXT_SIZE];
	bool allowed;
	int err;

	if (c->address[0] == '\0' && n == 0)
		return refuse(prefix, f, "must be given: the arguments name "
		    "none (--ipv4, --ipv6)", "");
	if (c->address[0] == '\0')
		*out = own[0].address;
	else if (address_parse(c->address, out) < 0)
		return refuse(prefix, f, c->address, " is no address");
	mine = own_find(own, n, out);
	if (mine != NULL)
		why = address_unfit(mine);
	if (why == NULL)
		return 0;
	err = in_ranges(app, out, &allowed, f);
	address_format(out, text);
	return err != 0 ? err : allowed ? 0 : refuse(prefix, f, text, why);
}

int
health_check_allowed(struct app *app, const struct health_check *c,
	const struct alb_config *config, const char *prefix, struct fault *f)
{
	struct address target;

	return target_find(app, c, config, prefix, &target, f);
}

static int
probe(const struct probe *p, struct fault *f)
{
	switch (p->check->type) {
	case HEALTH_HTTP:
		return probe_http(p, f);
	case HEALTH_TCP:
		return probe_tcp(p, f);
	default:
		return probe_dns(p, f);
	}
}

int
health_check_run(struct app *app, const struct health_check *c,
	const struct alb_config *config, int *ms, struct fault *f)
{
	int64_t begun = flight_now();
	struct probe p = { .check = c, .deadline = begun + c->timeout * 1000,
		.stopping = &app->stopping };
	struct fault found = { 0 };
	int err;

	*ms = 0;
	err = target_find(app, c, config, "", &p.address, &found);
	if (err == ERR_INVALID)
		return fault_set(f, ERR_HEALTH, "Nothing was asked: address "
		    "%s.", found.fields[0].message);
	if (err != 0)
		return fault_set(f, err, "%s", found.detail);
	address_place(&p.address, c->port, p.place);
	err = probe(&p, f);
	if (err != 0 && app->stopping)
		err = fault_set(f, ERR_BUSY, "This service is ending.");
	*ms = (int)(flight_now() - begun);
	return err;
}
