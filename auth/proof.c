/* SPDX-License-Identifier: ISC */
/* proof: trying to prove who one is; see proof.h. */
#include "auth/proof.h"

#include <stdio.h>

static int
rate_fault(struct request *r, int wait)
{
	return fault_set(r->f, ERR_RATE, "Too many failed attempts; try again "
	    "in %d s.", wait);
}

static int
proof_wait(struct request *r, const struct proof *p)
{
	int wait = backoff_wait(&r->a->backoff, p->key, r->now);

	return wait > 0 ? rate_fault(r, wait) : 0;
}

int
proof_sign_in(struct request *r, const char *email, struct proof *p)
{
	snprintf(p->key, sizeof(p->key), "%s", email);
	return proof_wait(r, p);
}

/* By session: who has none can not make somebody wait. */
int
proof_in_session(struct request *r, struct proof *p)
{
	snprintf(p->key, sizeof(p->key), "session %s", r->who.session);
	return proof_wait(r, p);
}

int
proof_try(struct request *r, const struct proof *p)
{
	int wait = backoff_try(&r->a->backoff, p->key, r->now);

	return wait > 0 ? rate_fault(r, wait) : 0;
}

/* Within the gate. */
static int
password_try(struct request *r, const struct proof *p,
	const struct account *account, const char *password,
	char rehash[PASSWORD_HASH_SIZE])
{
	const char *hash = account == NULL ? NULL : account->password;
	int err = proof_try(r, p);

	rehash[0] = '\0';
	if (err != 0)
		return err;
	if (!password_verify(password, hash))
		return fault_set(r->f, ERR_BAD_LOGIN,
		    "The e-mail or the password is wrong.");
	if (password_outdated(hash))
		return password_hash(password, rehash);
	return 0;
}

int
proof_password(struct request *r, const struct proof *p,
	const struct account *account, const char *password,
	char rehash[PASSWORD_HASH_SIZE])
{
	int err = password_gate_enter(r->f);

	if (err != 0)
		return err;
	err = password_try(r, p, account, password, rehash);
	password_gate_leave();
	return err;
}

void
proof_accept(struct request *r, const struct proof *p)
{
	backoff_clear(&r->a->backoff, p->key);
}

void
proof_leave(struct request *r, const struct proof *p)
{
	backoff_untry(&r->a->backoff, p->key, r->now);
}

int
proof_hash(struct request *r, const char *password,
	char hash[PASSWORD_HASH_SIZE])
{
	int err = password_gate_enter(r->f);

	if (err != 0)
		return err;
	err = password_hash(password, hash);
	password_gate_leave();
	return err == 0 ? 0 : fault_set(r->f, err, "Out of memory.");
}

int
proof_needed(struct request *r)
{
	if (r->who.session[0] == '\0' ||
	    r->now - r->who.proved < PROOF_SECONDS)
		return 0;
	return fault_set(r->f, ERR_CONFIRM, "Give your password again; you "
	    "are then not asked for %d minutes.", PROOF_SECONDS / 60);
}
