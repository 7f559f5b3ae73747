/* SPDX-License-Identifier: ISC */
/*
 * health: how a unikernel is asked whether it is well. A check is an HTTP GET,
 * a TCP connection or a DNS query to a numeric address and nowhere else: no
 * name is resolved, no proxy asked, no redirect followed to another place.
 */
#ifndef FCGI_HEALTH_H
#define FCGI_HEALTH_H

#include "albatross/config.h"
#include "base/json.h"
#include "fcgi/health_address.h"

#define HEALTH_PATH_MAX 1024
#define HEALTH_NAME_MAX 253
#define HEALTH_TEXT_MAX 256	/* bytes of a substring */
#define HEALTH_STATUS_MAX 16
#define HEALTH_RECORD_MAX 5

struct app;

enum health_type { HEALTH_HTTP, HEALTH_TCP, HEALTH_DNS };

/* "" is not given. */
struct health_check {
	enum health_type type;
	char address[ADDRESS_TEXT_SIZE];	/* "": the unikernel's own */
	int port;
	int timeout;				/* seconds, 1..30 */
	int interval;				/* seconds, 10..3600 */
	int retries;				/* 0..20 */
	/* HTTP */
	char path[HEALTH_PATH_MAX + 1];		/* with its query */
	char host[HEALTH_NAME_MAX + 1];		/* Host header */
	int status[HEALTH_STATUS_MAX];		/* each is fine */
	size_t nstatus;
	char body[HEALTH_TEXT_MAX + 1];		/* must be in the body */
	bool redirects;
	/* DNS */
	char name[HEALTH_NAME_MAX + 1];
	char record[HEALTH_RECORD_MAX + 1];	/* "A", "AAAA", ... */
	char answer[HEALTH_TEXT_MAX + 1];	/* must be in an answer */
};

/* Before the first thread, and after the last one. 0 or -1. */
int health_start(void);
void health_end(void);

/*
 * {"type": "http"|"tcp"|"dns", "address", "port", "timeout", "interval",
 * "retries"}, HTTP's {"path", "host", "status": [int], "body", "redirects"},
 * DNS's {"name", "record", "answer"}. 0 or ERR_INVALID with fields behind
 * prefix ("" or "check.").
 */
int health_check_from_json(struct json_object *o, const char *prefix,
	struct health_check *out, struct fault *f);
/*
 * "http://ADDRESS:PORT/PATH", "tcp://ADDRESS:PORT",
 * "dns://ADDRESS:PORT/NAME?type=A"; ADDRESS may be empty, the port left out
 * where there is a usual one. 0 or ERR_INVALID with the field "check".
 */
int health_check_from_url(const char *url, struct health_check *out,
	struct fault *f);
/* An owned object that health_check_from_json takes, or NULL. */
struct json_object *health_check_to_json(const struct health_check *c);
/* True for what may be asked for in DNS: labels of letters, digits, - and _. */
bool health_name_valid(const char *name);
/* The number of a record's type, 0 when it is none of ours. */
int health_record_type(const char *record);

/*
 * May it ask there? An address of config's arguments that is fit to be a
 * unikernel's, or one of the administrators' list (health_address.h). 0 or
 * ERR_INVALID with the field "address" behind prefix.
 */
int health_check_allowed(struct app *app, const struct health_check *c,
	const struct alb_config *config, const char *prefix, struct fault *f);
/*
 * One attempt, which holds the caller up for timeout at most: 0, or
 * ERR_HEALTH with a sentence that says what was wrong. What is not allowed is
 * not asked. *ms gets how long it took. Another err says nothing about the
 * unikernel: ERR_BUSY when app->stopping cut it short.
 */
int health_check_run(struct app *app, const struct health_check *c,
	const struct alb_config *config, int *ms, struct fault *f);

#endif
