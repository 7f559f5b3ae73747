/* SPDX-License-Identifier: ISC */
/*
 * err: the one list of outcomes which the authority and the HTTP side share.
 * Functions return 0 or one of these; each carries the stable code and title
 * of its problem document (RFC 9457) and its HTTP status.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* X(name, status, code, title) */
#define ERR_LIST(X)							\
	X(INTERNAL, 500, "internal", "Internal error")			\
	X(NO_MEMORY, 503, "out-of-memory", "Out of memory")		\
	X(BAD_REQUEST, 400, "bad-request", "Bad request")		\
	X(BAD_JSON, 400, "bad-json", "Not acceptable JSON")		\
	X(TWO_CREDENTIALS, 400, "two-credentials",			\
	  "Both a cookie and a bearer were sent")			\
	X(UNAUTHENTICATED, 401, "unauthenticated", "Sign in first")	\
	X(BAD_LOGIN, 401, "bad-login", "E-mail or password is wrong")	\
	X(SECOND_FACTOR, 401, "second-factor",				\
	  "A second factor is needed")					\
	X(BAD_FACTOR, 401, "bad-second-factor",				\
	  "The second factor is wrong")					\
	X(EXPIRED, 401, "credential-expired", "The credential expired")	\
	X(FORBIDDEN, 403, "forbidden", "Not allowed")			\
	X(NOT_VERIFIED, 403, "mail-not-verified",			\
	  "The e-mail address is not verified yet")			\
	X(NOT_APPROVED, 403, "not-approved",				\
	  "The account is not approved yet")				\
	X(ENROL, 403, "second-factor-required",				\
	  "Set up a second factor first")				\
	X(CONFIRM, 403, "confirmation-needed",				\
	  "Confirm that it is you")					\
	X(CROSS_SITE, 403, "cross-site", "Cross-site request refused")	\
	X(NOT_FOUND, 404, "not-found", "Not found")			\
	X(NO_POLICY, 403, "no-policy",					\
	  "The project has no policy on this instance")			\
	X(METHOD, 405, "method-not-allowed", "Method not allowed")	\
	X(CONFLICT, 409, "conflict", "Conflict")			\
	X(ARCHIVED, 409, "project-archived",				\
	  "The project is archived")					\
	X(OVER_COMMIT, 409, "over-commit",				\
	  "More than the instance has would be given away")		\
	X(DRIFT, 409, "policy-drift",					\
	  "albatross has another policy than ours")			\
	X(LINK, 410, "link-over",					\
	  "The link has expired or was used before")			\
	X(LENGTH, 411, "length-required", "Length required")		\
	X(PRECONDITION, 412, "precondition-failed",			\
	  "Precondition failed")					\
	X(TOO_LARGE, 413, "too-large", "Too large")			\
	X(MEDIA_TYPE, 415, "unsupported-media-type",			\
	  "Unsupported media type")					\
	X(RANGE, 416, "range-not-satisfiable",				\
	  "Nothing of it is in this range")				\
	X(INVALID, 422, "invalid-input", "Invalid input")		\
	X(BAD_IMAGE, 422, "bad-image", "Not a usable unikernel image")	\
	X(DIGEST, 422, "digest-mismatch", "The digest does not match")	\
	X(POLICY, 422, "policy-exceeded", "Beyond the policy")		\
	X(RATE, 429, "too-many-requests", "Too many requests")		\
	X(BUSY, 503, "busy", "Busy, try again")				\
	X(AUTHORITY, 503, "authority-unavailable",			\
	  "The authority does not answer")				\
	X(STORAGE_FULL, 507, "storage-full", "The storage is full")	\
	X(ALB_NETWORK, 502, "instance-unreachable",			\
	  "The instance can not be reached")				\
	X(ALB_TIMEOUT, 504, "instance-timeout",				\
	  "The instance did not answer in time")			\
	X(ALB_CERTIFICATE, 502, "instance-certificate",			\
	  "The instance's certificate is not trusted")			\
	X(ALB_CREDENTIALS, 502, "instance-credentials",			\
	  "The instance refused our certificate chain")			\
	X(ALB_CLOCK, 502, "instance-clock",				\
	  "The instance's clock differs from ours")			\
	X(ALB_UNSUPPORTED, 502, "instance-unsupported",			\
	  "The instance does not know this command")			\
	X(ALB_INCOMPATIBLE, 502, "instance-incompatible",		\
	  "The instance's answer was not understood")			\
	X(ALB_DAEMON, 502, "instance-daemon-down",			\
	  "The instance's albatross daemon is down")			\
	X(ALB_UNKNOWN, 502, "instance-outcome-unknown",			\
	  "The connection broke; the outcome is unknown")		\
	X(ALB_FAILURE, 409, "albatross-refused",			\
	  "albatross refused the command")				\
	X(MAIL, 502, "mail", "The mail could not be sent")		\
	X(WEBHOOK, 502, "webhook",					\
	  "The webhook did not take what was sent")			\
	X(BUILDER, 502, "builder",					\
	  "The builder did not answer as it should")			\
	X(STORE, 502, "store",						\
	  "The S3 store did not answer as it should")			\
	X(EXITED, 409, "exited",					\
	  "The unikernel was started and ended at once")		\
	X(HEALTH, 409, "unhealthy", "The health check does not pass")

enum err {
	ERR_OK = 0,
#define X(name, status, code, title) ERR_##name,
	ERR_LIST(X)
#undef X
	ERR_COUNT
};

/* Stable code of a problem document, such as "not-found". Never NULL. */
const char *err_code(int err);
const char *err_title(int err);
/* HTTP status, 400 to 599. */
int err_status(int err);
/* The err of a code, or ERR_INTERNAL when no err has that code. */
int err_from_code(const char *code);

/*
 * What went wrong, for whom it concerns: the err, one sentence, and for bad
 * input the fields. A function which can fail for reasons a person should
 * read takes one of these as its last argument.
 */
#define FAULT_FIELDS_MAX 32

struct fault_field {
	char field[96];		/* "networks[0].bridge" */
	char message[200];
};

struct fault {
	int err;
	char detail[512];	/* a sentence that says what to do; may be "" */
	char albatross[600];	/* albatross' own words, may be "" */
	int wait;		/* seconds until to try again; 0: not known */
	size_t nfields;
	struct fault_field fields[FAULT_FIELDS_MAX];
};

/* Sets err and detail, keeps the fields; returns err. */
int fault_set(struct fault *f, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds to the detail; what does not fit is cut. */
void fault_add(struct fault *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Adds one field (a 33rd is dropped) and sets err to ERR_INVALID unless
 * another err is set already; returns the err.
 */
int fault_field(struct fault *f, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
