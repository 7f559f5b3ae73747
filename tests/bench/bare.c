/* SPDX-License-Identifier: ISC */
/* bare: see bare.h. */
#include "tests/bench/bare.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "tests/bench/figures.h"

#define OID "1.3.6.1.4.1.49836.42"
#define CHUNK 65536

static void
must(int rc, const char *what)
{
	if (rc < 0)
		die("%s: %s", what, gnutls_strerror(rc));
}

void
bare_ca_load(struct bare_ca *ca, const char *cert_file, const char *key_file)
{
	gnutls_datum_t key;

	must(gnutls_load_file(cert_file, &ca->pem), cert_file);
	must(gnutls_load_file(key_file, &key), key_file);
	gnutls_x509_crt_init(&ca->cert);
	gnutls_x509_privkey_init(&ca->key);
	must(gnutls_x509_crt_import(ca->cert, &ca->pem, GNUTLS_X509_FMT_PEM),
	    cert_file);
	must(gnutls_x509_privkey_import2(ca->key, &key, GNUTLS_X509_FMT_PEM,
	    NULL, 0), key_file);
	gnutls_free(key.data);
}

void
bare_ca_free(struct bare_ca *ca)
{
	gnutls_x509_crt_deinit(ca->cert);
	gnutls_x509_privkey_deinit(ca->key);
	gnutls_free(ca->pem.data);
}

static gnutls_x509_privkey_t
key_make(void)
{
	gnutls_x509_privkey_t key;

	gnutls_x509_privkey_init(&key);
	must(gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 0, 0),
	    "key");
	return key;
}

/* The endpoint compares key identifiers with what the issuer states. */
static void
set_identifiers(gnutls_x509_crt_t cert, gnutls_x509_privkey_t key,
	gnutls_x509_crt_t issuer)
{
	unsigned char id[64];
	size_t len = sizeof(id);

	must(gnutls_x509_privkey_get_key_id(key, 0, id, &len), "key id");
	gnutls_x509_crt_set_subject_key_id(cert, id, 20);
	len = sizeof(id);
	if (gnutls_x509_crt_get_subject_key_id(issuer, id, &len, NULL) >= 0)
		gnutls_x509_crt_set_authority_key_id(cert, id, len);
}

static gnutls_x509_crt_t
cert_make(const char *name, int is_ca, const gnutls_datum_t *extension,
	gnutls_x509_privkey_t key, gnutls_x509_crt_t issuer,
	gnutls_x509_privkey_t issuer_key)
{
	unsigned char serial[16];
	gnutls_x509_crt_t cert;
	time_t now = time(NULL);

	gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
	serial[0] = 0x40;
	gnutls_x509_crt_init(&cert);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, serial, sizeof(serial));
	gnutls_x509_crt_set_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0,
	    name, (unsigned)strlen(name));
	gnutls_x509_crt_set_activation_time(cert, now - 60);
	gnutls_x509_crt_set_expiration_time(cert, now + 300);
	gnutls_x509_crt_set_key(cert, key);
	gnutls_x509_crt_set_basic_constraints(cert, (unsigned)is_ca, -1);
	gnutls_x509_crt_set_key_usage(cert, GNUTLS_KEY_DIGITAL_SIGNATURE |
	    (is_ca ? GNUTLS_KEY_KEY_CERT_SIGN : 0));
	set_identifiers(cert, key, issuer);
	gnutls_x509_crt_set_extension_by_oid(cert, OID, extension->data,
	    extension->size, 0);
	must(gnutls_x509_crt_sign2(cert, issuer, issuer_key,
	    gnutls_x509_privkey_get_pk_algorithm(issuer_key) ==
	    GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256,
	    0), "signing");
	return cert;
}

/* GnuTLS knows the names of parsed certificates only. */
static void
reparse(gnutls_x509_crt_t *cert)
{
	gnutls_datum_t der;

	must(gnutls_x509_crt_export2(*cert, GNUTLS_X509_FMT_DER, &der),
	    "export");
	gnutls_x509_crt_deinit(*cert);
	gnutls_x509_crt_init(cert);
	must(gnutls_x509_crt_import(*cert, &der, GNUTLS_X509_FMT_DER),
	    "import");
	gnutls_free(der.data);
}

static void
credentials_make(struct bare *b, const struct bare_ca *ca,
	const char *project, const gnutls_datum_t *policy, const char *label,
	const gnutls_datum_t *command)
{
	gnutls_x509_privkey_t middle = key_make(), leaf = key_make();
	gnutls_x509_crt_t chain[2];

	chain[1] = cert_make(project, 1, policy, middle, ca->cert, ca->key);
	reparse(&chain[1]);
	chain[0] = cert_make(label[0] == '\0' ? "." : label, 0, command, leaf,
	    chain[1], middle);
	reparse(&chain[0]);
	must(gnutls_certificate_allocate_credentials(&b->credentials),
	    "credentials");
	must(gnutls_certificate_set_x509_trust_mem(b->credentials, &ca->pem,
	    GNUTLS_X509_FMT_PEM), "trust");
	must(gnutls_certificate_set_x509_key(b->credentials, chain, 2, leaf),
	    "chain");
	gnutls_x509_crt_deinit(chain[0]);
	gnutls_x509_crt_deinit(chain[1]);
	gnutls_x509_privkey_deinit(middle);
	gnutls_x509_privkey_deinit(leaf);
}

static int
dial(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("port %d can not be reached", port);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

void
bare_open(struct bare *b, const struct bare_ca *ca, int port,
	const char *project, const gnutls_datum_t *policy, const char *label,
	const gnutls_datum_t *command)
{
	int rc;

	credentials_make(b, ca, project, policy, label, command);
	b->fd = dial(port);
	must(gnutls_init(&b->tls, GNUTLS_CLIENT), "TLS");
	must(gnutls_priority_set_direct(b->tls,
	    "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL), "TLS 1.3");
	gnutls_credentials_set(b->tls, GNUTLS_CRD_CERTIFICATE, b->credentials);
	gnutls_session_set_verify_cert(b->tls, NULL, 0);
	gnutls_transport_set_int(b->tls, b->fd);
	do
		rc = gnutls_handshake(b->tls);
	while (rc < 0 && gnutls_error_is_fatal(rc) == 0);
	must(rc, "handshake");
}

static void
send_all(struct bare *b, const unsigned char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = gnutls_record_send(b->tls, data, len);

		must((int)n, "sending");
		data += n;
		len -= (size_t)n;
	}
}

void
bare_stream(struct bare *b, int fd)
{
	unsigned char chunk[4 + CHUNK];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk + 4, CHUNK, at)) > 0) {
		chunk[0] = 0;
		chunk[1] = (unsigned char)(n >> 16);
		chunk[2] = (unsigned char)(n >> 8);
		chunk[3] = (unsigned char)n;
		send_all(b, chunk, 4 + (size_t)n);
		at += n;
	}
	memset(chunk, 0, 4);
	send_all(b, chunk, 4);
}

static void
receive_all(struct bare *b, unsigned char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = gnutls_record_recv(b->tls, data, len);

		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			continue;
		must((int)n, "receiving");
		if (n == 0)
			die("albatross closed before it answered");
		data += n;
		len -= (size_t)n;
	}
}

unsigned
bare_read(struct bare *b)
{
	unsigned char body[65536];
	unsigned char head[4];
	unsigned len;

	receive_all(b, head, sizeof(head));
	len = (unsigned)head[0] << 24 | (unsigned)head[1] << 16 |
	    (unsigned)head[2] << 8 | head[3];
	if (len > sizeof(body))
		die("a frame of %u bytes", len);
	receive_all(b, body, len);
	return len;
}

size_t
bare_drain(struct bare *b)
{
	unsigned char data[CHUNK];
	size_t bytes = 0;
	ssize_t n;

	while ((n = gnutls_record_recv(b->tls, data, sizeof(data))) > 0 ||
	    n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
		bytes += n > 0 ? (size_t)n : 0;
	if (n != GNUTLS_E_PREMATURE_TERMINATION)
		must((int)n, "receiving");
	return bytes;
}

void
bare_close(struct bare *b)
{
	gnutls_deinit(b->tls);
	gnutls_certificate_free_credentials(b->credentials);
	close(b->fd);
}
