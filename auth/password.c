/* SPDX-License-Identifier: ISC */
/* password: argon2id behind a gate; see password.h. */
#include "auth/password.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <argon2.h>

#include "base/text.h"

#define MEMORY_KIB 65536
#define PASSES 3
#define LANES 1
#define SALT_BYTES 16
#define HASH_BYTES 32
#define WAIT_SECONDS 5

#define PARAMETERS "$argon2id$v=19$m=65536,t=3,p=1$"

/* Fits no password: verified in place of an account that is not there. */
static const char no_account[] = PARAMETERS
	"bW9sbHltYXdrLW5vYm9keQ$"
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static struct {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	int computing;
	int waiting;
} gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 };

int
password_gate_enter(struct fault *f)
{
	struct timespec until;
	bool entered;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	pthread_mutex_lock(&gate.lock);
	if (gate.computing >= PASSWORD_AT_ONCE &&
	    gate.waiting >= PASSWORD_WAITING)
		rc = -1;
	gate.waiting++;
	while (gate.computing >= PASSWORD_AT_ONCE && rc == 0)
		rc = pthread_cond_timedwait(&gate.freed, &gate.lock, &until);
	gate.waiting--;
	entered = gate.computing < PASSWORD_AT_ONCE;
	if (entered)
		gate.computing++;
	pthread_mutex_unlock(&gate.lock);
	if (entered)
		return 0;
	return fault_set(f, ERR_BUSY,
	    "Many people are signing in; try again in a few seconds.");
}

void
password_gate_leave(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.computing--;
	pthread_cond_signal(&gate.freed);
	pthread_mutex_unlock(&gate.lock);
}

int
password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
{
	uint8_t salt[SALT_BYTES];

	random_bytes(salt, sizeof(salt));
	return argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password,
	    strlen(password), salt, sizeof(salt), HASH_BYTES, out,
	    PASSWORD_HASH_SIZE) == ARGON2_OK ? 0 : ERR_NO_MEMORY;
}

bool
password_verify(const char *password, const char *hash)
{
	bool fits = argon2id_verify(hash == NULL ? no_account : hash, password,
	    strlen(password)) == ARGON2_OK;

	return fits && hash != NULL;
}

bool
password_outdated(const char *hash)
{
	return strncmp(hash, PARAMETERS, strlen(PARAMETERS)) != 0;
}
