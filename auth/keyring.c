/* SPDX-License-Identifier: ISC */
/* keyring: the master key and what it seals; see keyring.h. */
#include "config.h"

#include "auth/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/crypto.h>

#include "base/cleanup.h"
#include "base/text.h"

#define FORMAT 1
#define NONCE 12
#define TAG 16

bool
keyring_path(const char *dir, enum keyring_place place,
	char out[KEYRING_PATH])
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	int len;

	if (place == KEYRING_CREDENTIAL)
		len = credentials == NULL ? -1 : snprintf(out, KEYRING_PATH,
		    "%s/master.key", credentials);
	else
		len = snprintf(out, KEYRING_PATH, "%s/master.key%s", dir,
		    place == KEYRING_NEXT ? ".next" : "");
	return len > 0 && len < KEYRING_PATH;
}

int
keyring_read(struct keyring *k, const char *path, struct fault *f)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t more;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return ERR_NOT_FOUND;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_set(f, ERR_INTERNAL, "Can not read %s: %s.", path,
		    strerror(errno));
	if ((st.st_mode & 077) != 0)
		return fault_set(f, ERR_INTERNAL,
		    "%s can be read by others; it must have mode 0600.", path);
	if (read(fd, k->master, KEYRING_BYTES) != KEYRING_BYTES ||
	    read(fd, &more, 1) != 0)
		return fault_set(f, ERR_INTERNAL,
		    "%s must hold exactly 32 bytes.", path);
	return 0;
}

/* So that what was renamed or linked in it stays so. */
static void
directory_sync(const char *dir)
{
	AUTO_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		fsync(fd);
}

/* The key in a new file beside the others, whose name is put into temp. */
static int
key_write(const struct keyring *k, const char *dir,
	char temp[KEYRING_PATH + 16], struct fault *f)
{
	bool ok;
	int fd;

	snprintf(temp, KEYRING_PATH + 16, "%s/master.key.XXXXXX", dir);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return fault_set(f, ERR_INTERNAL, "Can not make %s: %s.", temp,
		    strerror(errno));
	ok = write(fd, k->master, KEYRING_BYTES) == KEYRING_BYTES &&
	    fsync(fd) == 0;
	close(fd);
	if (ok)
		return 0;
	unlink(temp);
	return fault_set(f, ERR_INTERNAL, "Can not write %s: %s.", temp,
	    strerror(errno));
}

/*
 * Linked, so that a crash leaves no half key and two first starts agree on one.
 */
int
keyring_make(const char *dir, struct fault *f)
{
	char path[KEYRING_PATH], temp[KEYRING_PATH + 16];
	struct keyring k;
	bool ok;
	int err;

	if (!keyring_path(dir, KEYRING_FILE, path))
		return fault_set(f, ERR_INTERNAL, "%s is too long.", dir);
	random_bytes(k.master, sizeof(k.master));
	err = key_write(&k, dir, temp, f);
	keyring_wipe(&k);
	if (err != 0)
		return err;
	ok = link(temp, path) == 0 || errno == EEXIST;
	unlink(temp);
	if (!ok)
		return fault_set(f, ERR_INTERNAL, "Can not write %s.", path);
	directory_sync(dir);
	return 0;
}

static int
key_move(const char *from, const char *to, const char *dir, struct fault *f)
{
	if (rename(from, to) < 0)
		return fault_set(f, ERR_INTERNAL, "Can not write %s: %s.", to,
		    strerror(errno));
	directory_sync(dir);
	return 0;
}

int
keyring_next_write(const struct keyring *k, const char *dir, struct fault *f)
{
	char path[KEYRING_PATH], temp[KEYRING_PATH + 16];
	int err;

	if (!keyring_path(dir, KEYRING_NEXT, path))
		return fault_set(f, ERR_INTERNAL, "%s is too long.", dir);
	err = key_write(k, dir, temp, f);
	if (err != 0)
		return err;
	err = key_move(temp, path, dir, f);
	if (err != 0)
		unlink(temp);
	return err;
}

int
keyring_next_use(const char *dir, struct fault *f)
{
	char path[KEYRING_PATH], next[KEYRING_PATH];

	if (!keyring_path(dir, KEYRING_FILE, path) ||
	    !keyring_path(dir, KEYRING_NEXT, next))
		return fault_set(f, ERR_INTERNAL, "%s is too long.", dir);
	return key_move(next, path, dir, f);
}

int
keyring_load(struct keyring *k, const char *dir, enum keyring_place place,
	struct fault *f)
{
	char path[KEYRING_PATH];

	if (!keyring_path(dir, place, path))
		return ERR_NOT_FOUND;
	return keyring_read(k, path, f);
}

void
keyring_wipe(struct keyring *k)
{
	explicit_bzero(k, sizeof(*k));
}

static gnutls_aead_cipher_hd_t
cipher_new(const struct keyring *k)
{
	gnutls_datum_t key = { (unsigned char *)k->master, KEYRING_BYTES };
	gnutls_aead_cipher_hd_t cipher;

	if (gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_GCM,
	    &key) < 0)
		return NULL;
	return cipher;
}

int
keyring_seal(const struct keyring *k, const char *context, const void *data,
	size_t len, struct buf *out)
{
	gnutls_aead_cipher_hd_t cipher = cipher_new(k);
	size_t sealed = len + TAG;
	uint8_t *p;
	int rc = -1;

	if (cipher == NULL)
		return ERR_INTERNAL;
	p = buf_extend(out, len + KEYRING_OVERHEAD);
	if (p != NULL) {
		p[0] = FORMAT;
		random_bytes(p + 1, NONCE);
		rc = gnutls_aead_cipher_encrypt(cipher, p + 1, NONCE, context,
		    strlen(context), TAG, data, len, p + 1 + NONCE, &sealed);
	}
	gnutls_aead_cipher_deinit(cipher);
	return rc == 0 ? 0 : ERR_INTERNAL;
}

int
keyring_open(const struct keyring *k, const char *context, const void *data,
	size_t len, struct buf *out)
{
	gnutls_aead_cipher_hd_t cipher;
	const uint8_t *p = data;
	size_t opened;
	uint8_t *plain;
	int rc = -1;

	if (len < KEYRING_OVERHEAD || p[0] != FORMAT)
		return ERR_INTERNAL;
	cipher = cipher_new(k);
	if (cipher == NULL)
		return ERR_INTERNAL;
	opened = len - KEYRING_OVERHEAD;
	plain = buf_extend(out, opened);
	if (plain != NULL)
		rc = gnutls_aead_cipher_decrypt(cipher, p + 1, NONCE, context,
		    strlen(context), TAG, p + 1 + NONCE, len - 1 - NONCE,
		    plain, &opened);
	gnutls_aead_cipher_deinit(cipher);
	return rc == 0 ? 0 : ERR_INTERNAL;
}

int
keyring_derive(const struct keyring *k, const char *purpose,
	uint8_t out[KEYRING_BYTES])
{
	return gnutls_hmac_fast(GNUTLS_MAC_SHA256, k->master, KEYRING_BYTES,
	    purpose, strlen(purpose), out) == 0 ? 0 : ERR_INTERNAL;
}
