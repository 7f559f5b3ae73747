/* SPDX-License-Identifier: ISC */
/*
 * instances: albatross servers, where they are, and the CA that may command
 * them. Certificates are stored as they came; the key only sealed.
 */
#ifndef AUTH_INSTANCES_H
#define AUTH_INSTANCES_H

#include "auth/identity.h"
#include "auth/instance_form.h"
#include "base/json.h"

struct instance {
	char id[37];
	char name[64];
	char host[256];
	int port;
	int level;		/* enum alb_level; -1: none seen */
	char *server_ca;	/* owned */
};

void instance_free(struct instance *i);	/* contents only */

/* Is the name one of an instance? */
bool instance_known(struct db *d, const char *name);
/* Adds it, within a write: 0 or ERR_CONFLICT. */
int instance_add(struct db *d, const struct keyring *k,
	const struct instance_form *form, const struct instance_ready *ready,
	time_t now, struct fault *f);
/* Its title alone, within a write. */
int instance_title_set(struct db *d, const char *id, const char *title);

/* An instance as it is stored, with its key: what a change begins with. */
struct instance_kept {
	char host[256];
	int port;
	int level;		/* as of struct instance */
	struct buf certificate;
	struct buf key;
	struct buf server_ca;	/* "" when it is the certificate */
};

/* 0 with an owned *out, or an err. */
int instance_kept_read(struct authority *a, struct db *d, const char *id,
	struct instance_kept *out, struct fault *f);
void instance_kept_free(struct instance_kept *k);	/* wipes the key */
/*
 * Where it is, and the keys that command it, of a form that holds all of it,
 * within a write. At another address its level is not known.
 */
int instance_change(struct authority *a, struct db *d, const char *id,
	const struct instance_form *form, const struct instance_ready *ready,
	bool moved);
/*
 * Removes it with its policies and the grants for what is there, within a
 * write: 0 or ERR_NOT_FOUND.
 */
int instance_remove(struct authority *a, struct db *d, const char *name);
/*
 * What goes or stays without it: "projects" with a policy there, "tokens" that
 * are limited to it (name, user); owned.
 */
struct json_object *instance_leaves(struct db *d, const char *id,
	const char *name);

/* 0 with an owned *out, or ERR_NOT_FOUND. */
int instance_by_id(struct db *d, const char *id, struct instance *out);
/* Records that the server speaks level; older ones than seen change nothing. */
int instance_level_seen(struct db *d, const char *id, int level);
/*
 * Its signer, to be released; ERR_INTERNAL when it does not open,
 * ERR_ALB_CREDENTIALS when its certificate can sign no more.
 */
int instance_signer(struct authority *a, struct db *d, const char *id,
	time_t now, struct signer **out, struct fault *f);

/* Owned: one object, or NULL; all that who may see. details: for admins. */
struct json_object *instance_get(struct db *d, const char *name,
	bool details);
struct json_object *instance_list(struct db *d, const struct identity *who);
/* name and certificate_expires of all, for the service that watches; owned. */
struct json_object *instance_watch_list(struct db *d);

#endif
