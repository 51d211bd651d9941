/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/tls_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* The ALPN protocol of DNS over TLS (RFC 7858, registered with RFC 7301), with its length. */
static const uint8_t alpn[] = {3, 'd', 'o', 't'};

/* TLS 1.2 with forward secrecy and authenticated encryption only (RFC 9325 section 4.2). */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

enum { CHAIN_MAX = 32768 }; /* bytes of a peer's certificates */

/* ---- both sides ---- */

static struct fabric_tls_context *context_new(const SSL_METHOD *method, bool is_server)
{
	struct fabric_tls_context *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->is_server = is_server;
	atomic_init(&c->nusers, 1);
	c->ssl = SSL_CTX_new(method);
	if (c->ssl == NULL) {
		free(c);
		return NULL;
	}
	pthread_mutex_init(&c->lock, NULL);
	SSL_CTX_set_options(c->ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
					    SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(c->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(c->ssl, 1);
	SSL_CTX_set_min_proto_version(c->ssl, TLS1_3_VERSION);
	SSL_CTX_set_cipher_list(c->ssl, TLS12_CIPHERS);
	SSL_CTX_set_max_cert_list(c->ssl, CHAIN_MAX);
	return c;
}

struct fabric_tls_context *fabric_tls_context_acquire(struct fabric_tls_context *c)
{
	atomic_fetch_add_explicit(&c->nusers, 1, memory_order_relaxed);
	return c;
}

void fabric_tls_context_release(struct fabric_tls_context *c)
{
	if (c == NULL || atomic_fetch_sub_explicit(&c->nusers, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < c->ncerts; i++) {
		X509_free(c->certs[i].x509);
		EVP_PKEY_free(c->certs[i].key);
		sk_X509_pop_free(c->certs[i].chain, X509_free);
	}
	free(c->certs);
	free(c->fabrics);
	SSL_CTX_free(c->ssl);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* Ends the making of a context that failed. Returns `code`. */
static int context_fail(struct fabric_tls_context *c, struct base_error *error, const char *file,
			int code, const char *text)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	base_error_set_at(error, code, (struct base_location){.file = file}, "%s%s%s", text,
			  reason != NULL ? ": " : "", reason != NULL ? reason : "");
	ERR_clear_error();
	fabric_tls_context_release(c);
	return code;
}

static bool cert_use(SSL_CTX *ssl, const struct fabric_cert *cert)
{
	return SSL_CTX_use_cert_and_key(ssl, cert->x509, cert->key, cert->chain, 1) == 1;
}

/* ---- servers ---- */

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *nout,
		   const unsigned char *offered, unsigned noffered, void *arg)
{
	(void)ssl;
	(void)arg;
	for (unsigned i = 0; i < noffered; i += offered[i] + 1u) {
		if (noffered - i >= sizeof(alpn) && memcmp(offered + i, alpn, sizeof(alpn)) == 0) {
			*out = offered + i + 1;
			*nout = alpn[0];
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 section 3.2 */
}

/* Chooses the certificate by the name that the client wants to talk to (RFC 6066 section 3). */
static int on_cert(SSL *ssl, void *arg)
{
	const struct fabric_tls_context *c = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	for (size_t i = 0; name != NULL && i < c->ncerts; i++)
		if (X509_check_host(c->certs[i].x509, name, 0, 0, NULL) == 1)
			return SSL_use_cert_and_key(ssl, c->certs[i].x509, c->certs[i].key,
						    c->certs[i].chain, 1);
	return 1; /* the first one, of the context */
}

/* Counts what a peer sends after the handshake that is not data: key updates, requests to
 * renegotiate, alerts. Each costs us an answer or new keys, and hardly anyone ever needs one. */
static void on_message(int is_written, int version, int type, const void *bytes, size_t nbytes,
		       SSL *ssl, void *arg)
{
	struct fabric_tls *t = SSL_get_app_data(ssl);
	enum { FREE = 8, DATA_SHIFT = 20 };
	uint8_t record = nbytes > 0 ? *(const uint8_t *)bytes : 0;

	(void)version;
	(void)arg;
	if (t == NULL || !t->is_done || is_written ||
	    (type != SSL3_RT_INNER_CONTENT_TYPE && type != SSL3_RT_HEADER) ||
	    record == SSL3_RT_APPLICATION_DATA)
		return;
	t->nother++;
	t->is_abuse = t->nother > FREE + (t->ndata >> DATA_SHIFT);
}

/* The parts of the certificates are counted: the context becomes one more user of each. */
static bool certs_add(struct fabric_tls_context *c, const struct fabric_tls_server *settings)
{
	c->certs = calloc(settings->ncerts, sizeof(*c->certs));
	if (c->certs == NULL)
		return false;
	for (size_t i = 0; i < settings->ncerts; i++) {
		const struct fabric_cert *cert = settings->certs[i];
		STACK_OF(X509) *chain = X509_chain_up_ref(cert->chain);

		if (chain == NULL)
			return false;
		X509_up_ref(cert->x509);
		EVP_PKEY_up_ref(cert->key);
		c->certs[c->ncerts++] = (struct fabric_cert){cert->x509, cert->key, chain};
	}
	if (settings->ncerts > 1)
		SSL_CTX_set_cert_cb(c->ssl, on_cert, c);
	return cert_use(c->ssl, settings->certs[0]);
}

static bool fabrics_add(struct fabric_tls_context *c, const struct fabric_ring *ring)
{
	if (ring == NULL || ring->count == 0)
		return true;
	c->fabrics = calloc(ring->count, sizeof(*c->fabrics));
	if (c->fabrics == NULL)
		return false;
	for (; c->nfabrics < ring->count; c->nfabrics++) {
		const struct fabric *f = ring->entries[c->nfabrics].fabric;

		memcpy(c->fabrics[c->nfabrics].keys, f->keys, DNS_NAME_MAX);
		memcpy(c->fabrics[c->nfabrics].public_key, f->public_key, FABRIC_PUBLIC_SIZE);
	}
	return true;
}

/* Adds the fingerprint of a certificate to a hash. */
static void hash_cert(EVP_MD_CTX *hash, const X509 *x509)
{
	uint8_t fingerprint[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (X509_digest(x509, EVP_sha256(), fingerprint, &n) == 1)
		EVP_DigestUpdate(hash, fingerprint, n);
}

/* Binds tickets to the authorities: a session that began under other demands on the client does not
 * go on under these. */
static bool id_set(struct fabric_tls_context *c, const struct fabric_tls_server *settings)
{
	uint8_t id[EVP_MAX_MD_SIZE], clients = (uint8_t)settings->clients;
	const struct fabric_cert *ca = settings->client_ca;
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool is_ok = hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;

	if (is_ok) {
		EVP_DigestUpdate(hash, &clients, 1);
		EVP_DigestUpdate(hash, c->fabrics, c->nfabrics * sizeof(*c->fabrics));
		if (ca != NULL)
			hash_cert(hash, ca->x509);
		for (int i = 0; ca != NULL && i < sk_X509_num(ca->chain); i++)
			hash_cert(hash, sk_X509_value(ca->chain, i));
		is_ok = EVP_DigestFinal_ex(hash, id, NULL) == 1 &&
			SSL_CTX_set_session_id_context(c->ssl, id, SSL_MAX_SID_CTX_LENGTH) == 1;
	}
	EVP_MD_CTX_free(hash);
	return is_ok;
}

/* Has the clients' certificates verified by these authorities. */
static bool authorities_add(struct fabric_tls_context *c, const struct fabric_cert *ca)
{
	X509_STORE *store = SSL_CTX_get_cert_store(c->ssl);
	bool is_ok = true;

	if (ca == NULL)
		return true;
	c->has_store = true;
	is_ok = X509_STORE_add_cert(store, ca->x509) == 1;
	for (int i = 0; is_ok && i < sk_X509_num(ca->chain); i++)
		is_ok = X509_STORE_add_cert(store, sk_X509_value(ca->chain, i)) == 1;
	return is_ok;
}

static void clients_demand(struct fabric_tls_context *c, enum fabric_tls_clients clients)
{
	int mode = SSL_VERIFY_NONE;

	if (clients != FABRIC_TLS_CLIENTS_NO)
		mode = SSL_VERIFY_PEER;
	if (clients == FABRIC_TLS_CLIENTS_REQUIRED)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(c->ssl, mode, NULL);
	fabric_tls_peer_verify(c);
}

int fabric_tls_server_new(struct fabric_tls_context **out, const struct fabric_tls_server *settings,
			  struct base_error *error)
{
	struct fabric_tls_context *c = context_new(TLS_server_method(), true);

	if (c == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	c->tickets = settings->tickets;
	if (settings->has_tls12)
		SSL_CTX_set_min_proto_version(c->ssl, TLS1_2_VERSION);
	if (!certs_add(c, settings))
		return context_fail(c, error, NULL, -EINVAL, "the certificate cannot be used");
	if (!fabrics_add(c, settings->ring) || !authorities_add(c, settings->client_ca) ||
	    !id_set(c, settings))
		return context_fail(c, error, NULL, -ENOMEM, "out of memory");
	clients_demand(c, settings->clients);
	SSL_CTX_set_alpn_select_cb(c->ssl, on_alpn, NULL);
	SSL_CTX_set_msg_callback(c->ssl, on_message);
	fabric_tls_ticket_use(c);
	*out = c;
	return 0;
}

/* ---- clients ---- */

static bool trust_add(struct fabric_tls_context *c, const struct fabric_tls_client *settings)
{
	switch (settings->trust) {
	case FABRIC_TLS_TRUST_ANY:
		break;
	case FABRIC_TLS_TRUST_CA:
		c->has_store = true;
		c->is_system_due = settings->ca_file == NULL;
		return settings->ca_file == NULL ||
		       SSL_CTX_load_verify_file(c->ssl, settings->ca_file) == 1;
	case FABRIC_TLS_TRUST_FABRIC:
		c->fabrics = calloc(1, sizeof(*c->fabrics));
		if (c->fabrics == NULL)
			return false;
		memcpy(c->fabrics->public_key, settings->public_key, FABRIC_PUBLIC_SIZE);
		c->nfabrics = 1;
		break;
	}
	return true;
}

void fabric_tls_context_complete(struct fabric_tls_context *c)
{
	pthread_mutex_lock(&c->lock);
	/* Where they cannot be read no server is trusted, and that is what sessions then report. */
	if (c->is_system_due)
		SSL_CTX_set_default_verify_paths(c->ssl);
	c->is_system_due = false;
	pthread_mutex_unlock(&c->lock);
}

int fabric_tls_client_new(struct fabric_tls_context **out, const struct fabric_tls_client *settings,
			  struct base_error *error)
{
	struct fabric_tls_context *c = context_new(TLS_client_method(), false);

	if (c == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	c->trust = settings->trust;
	if (!trust_add(c, settings))
		return context_fail(c, error, settings->ca_file, -EBADMSG,
				    "cannot read the trusted certificates");
	if (settings->cert != NULL && !cert_use(c->ssl, settings->cert))
		return context_fail(c, error, NULL, -EINVAL, "the certificate cannot be used");
	if (SSL_CTX_set_alpn_protos(c->ssl, alpn, sizeof(alpn)) != 0)
		return context_fail(c, error, NULL, -ENOMEM, "out of memory");
	/* Servers other than weftd may not have 1.3 yet. */
	SSL_CTX_set_min_proto_version(c->ssl, TLS1_2_VERSION);
	SSL_CTX_set_verify(
		c->ssl, settings->trust == FABRIC_TLS_TRUST_ANY ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
		NULL);
	if (settings->trust != FABRIC_TLS_TRUST_ANY)
		fabric_tls_peer_verify(c);
	*out = c;
	return 0;
}
