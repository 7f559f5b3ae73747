/* SPDX-License-Identifier: ISC */
/* proof: trying to prove who one is; see proof.h. */
#include "auth/proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "auth/device.h"
#include "base/address.h"

static int
rate_fault(struct request *r, int wait)
{
	r->f->wait = wait;
	return fault_set(r->f, ERR_RATE, "Too many failed attempts; try again "
	    "in %d s.", wait);
}

static int
proof_wait(struct request *r, const struct proof *p)
{
	int wait = backoff_wait(&r->a->backoff, p->counts, p->ncounts, r->now);

	return wait > 0 ? rate_fault(r, wait) : 0;
}

/* Has account signed in from there, as far as its sessions tell? */
static bool
address_known(struct request *r, const struct account *account,
	const char *network)
{
	sqlite3_stmt *stmt = db_query(r->db, "SELECT address FROM session"
	    " WHERE user_id = ?", "t", account->id);
	char other[ADDRESS_NETWORK_SIZE];
	bool known = false;

	while (db_step(stmt) == 1) {
		address_network(db_text(stmt, 0), other);
		known |= strcmp(other, network) == 0;
	}
	return known;
}

__attribute__((format(printf, 3, 4)))
static void
count_add(struct proof *p, int free, const char *fmt, ...)
{
	struct backoff_count *count = &p->counts[p->ncounts++];
	va_list ap;

	count->free = free;
	va_start(ap, fmt);
	vsnprintf(count->who, sizeof(count->who), fmt, ap);
	va_end(ap);
}

int
proof_sign_in(struct request *r, const char *email, struct proof *p)
{
	char id[DEVICE_ID_SIZE], network[ADDRESS_NETWORK_SIZE];
	struct account account;
	int err = account_by_email(r->db, email, &account);
	bool known = err == 0;

	p->ncounts = 0;
	if (!known && err != ERR_NOT_FOUND)
		return fault_set(r->f, err, "The account can not be read.");
	address_network(r->address, network);
	if (known && device_known(r->a, &account, r->device, id)) {
		count_add(p, PROOF_FREE, "device %s", id);
	} else {
		count_add(p, PROOF_FREE, "%s from %s", email, network);
		if (!known || !address_known(r, &account, network))
			count_add(p, PROOF_FREE_ALL, "%s", email);
	}
	return proof_wait(r, p);
}

int
proof_in_session(struct request *r, struct proof *p)
{
	p->ncounts = 0;
	count_add(p, PROOF_FREE, "session %s", r->who.session);
	return proof_wait(r, p);
}

int
proof_try(struct request *r, const struct proof *p)
{
	int wait = backoff_try(&r->a->backoff, p->counts, p->ncounts, r->now);

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

static int
gate_enter(struct request *r, int *turn)
{
	char network[ADDRESS_NETWORK_SIZE];

	address_network(r->address, network);
	return password_gate_enter(network, turn, r->f);
}

int
proof_password(struct request *r, const struct proof *p,
	const struct account *account, const char *password,
	char rehash[PASSWORD_HASH_SIZE])
{
	int turn, err = gate_enter(r, &turn);

	if (err != 0)
		return err;
	err = password_try(r, p, account, password, rehash);
	password_gate_leave(turn);
	return err;
}

void
proof_accept(struct request *r, const struct proof *p)
{
	backoff_clear(&r->a->backoff, &p->counts[0]);
	/* That one got in says nothing about the others. */
	for (size_t i = 1; i < p->ncounts; i++)
		backoff_untry(&r->a->backoff, &p->counts[i], r->now);
}

void
proof_leave(struct request *r, const struct proof *p)
{
	for (size_t i = 0; i < p->ncounts; i++)
		backoff_untry(&r->a->backoff, &p->counts[i], r->now);
}

int
proof_hash(struct request *r, const char *password,
	char hash[PASSWORD_HASH_SIZE])
{
	int turn, err = gate_enter(r, &turn);

	if (err != 0)
		return err;
	err = password_hash(password, hash);
	password_gate_leave(turn);
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

int
proof_device(struct request *r, const struct account *account,
	struct json_object *out)
{
	char secret[DEVICE_SIZE];

	if (device_make(r->a, account, secret) != 0)
		return fault_set(r->f, ERR_INTERNAL, "No key of this browser.");
	json_add_str(out, "device", secret);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}
