/* SPDX-License-Identifier: ISC */
/* password: argon2id behind a gate; see password.h. */
#include "auth/password.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
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

#define PLACES (PASSWORD_AT_ONCE + PASSWORD_WAITING)

static struct {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	int computing;
	/* Who computes or waits; "" is a free place. */
	char from[PLACES][PASSWORD_FROM_SIZE];
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.freed = PTHREAD_COND_INITIALIZER };

/* A place, taken: 0, ERR_RATE or ERR_BUSY. With the lock held. */
static int
place_take(const char *from, int *place)
{
	int same = 0, free = -1;

	for (int i = 0; i < PLACES; i++) {
		if (gate.from[i][0] == '\0')
			free = i;
		same += strcmp(gate.from[i], from) == 0;
	}
	if (same >= PASSWORD_FROM_ONE)
		return ERR_RATE;
	if (free < 0)
		return ERR_BUSY;
	snprintf(gate.from[free], PASSWORD_FROM_SIZE, "%s", from);
	*place = free;
	return 0;
}

/* Waits in the place for the turn; gives it up after a while. */
static int
turn_wait(int place)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	while (gate.computing >= PASSWORD_AT_ONCE && rc == 0)
		rc = pthread_cond_timedwait(&gate.freed, &gate.lock, &until);
	if (gate.computing >= PASSWORD_AT_ONCE) {
		gate.from[place][0] = '\0';
		return ERR_BUSY;
	}
	gate.computing++;
	return 0;
}

int
password_gate_enter(const char *from, int *turn, struct fault *f)
{
	int err;

	pthread_mutex_lock(&gate.lock);
	err = place_take(from[0] == '\0' ? "-" : from, turn);
	if (err == 0)
		err = turn_wait(*turn);
	pthread_mutex_unlock(&gate.lock);
	if (err == 0)
		return 0;
	return fault_set(f, err, err == ERR_RATE ? "Too many are signing in "
	    "from your address at once; try again in a few seconds." :
	    "Many people are signing in; try again in a few seconds.");
}

void
password_gate_leave(int turn)
{
	pthread_mutex_lock(&gate.lock);
	gate.computing--;
	gate.from[turn][0] = '\0';
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
