/* SPDX-License-Identifier: ISC */
/*
 * instances: albatross servers, where they are, and the CA that may command
 * them. Certificates are stored as they came; the key only sealed.
 */
#ifndef AUTH_INSTANCES_H
#define AUTH_INSTANCES_H

#include "auth/identity.h"
#include "base/json.h"

#define PEM_MAX 65536

/* What an instance is made of; borrowed. */
struct instance_form {
	const char *name;
	const char *host;
	int64_t port;
	const char *certificate;	/* PEM: signing one first, its chain */
	const char *key;		/* PEM */
	const char *server_ca;		/* PEM, or NULL: the certificate */
};

struct instance {
	char id[37];
	char name[64];
	char host[256];
	int port;
	int level;		/* enum alb_level; -1: none seen */
	char *server_ca;	/* owned */
};

void instance_free(struct instance *i);	/* contents only */

/* NULL, or why it is neither a host name nor an address. */
const char *host_check(const char *host);
/*
 * Adds it, within a write, after checking everything that can be told without
 * the server. 0, ERR_INVALID with fields, ERR_CONFLICT.
 */
int instance_add(struct db *d, const struct keyring *k,
	const struct instance_form *form, time_t now, struct fault *f);
/* Removes it with its policies, within a write: 0 or ERR_NOT_FOUND. */
int instance_remove(struct authority *a, struct db *d, const char *name);

/* 0 with an owned *out, or ERR_NOT_FOUND. */
int instance_by_id(struct db *d, const char *id, struct instance *out);
/* Records that the server speaks level; older ones than seen change nothing. */
int instance_level_seen(struct db *d, const char *id, int level);
/* Its signer, to be released; ERR_INTERNAL when it does not open. */
int instance_signer(struct authority *a, struct db *d, const char *id,
	time_t now, struct signer **out, struct fault *f);

/* Owned: one object, or NULL; all that who may see. details: for admins. */
struct json_object *instance_get(struct db *d, const char *name,
	bool details);
struct json_object *instance_list(struct db *d, const struct identity *who);
/* name and certificate_expires of all, for the service that watches; owned. */
struct json_object *instance_watch_list(struct db *d);

#endif
