/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Whether a peer's certificate is trusted, and which key it is the certificate of. A fabric signs
 * certificates itself, without intermediates: its signature, time, use and name are all that must
 * be checked. */
#include "fabric/tls_priv.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Returns the fabric that has signed the certificate for `use`, or NULL. */
static const struct fabric_tls_fabric *signer_find(const struct fabric_tls_context *c, X509 *x509,
						   enum fabric_cert_use use)
{
	for (size_t i = 0; i < c->nfabrics; i++)
		if (fabric_cert_is_of(x509, c->fabrics[i].public_key, use))
			return &c->fabrics[i];
	return NULL;
}

/* Returns the nth name of a certificate, or NULL after the last. */
static const ASN1_STRING *name_get(const GENERAL_NAMES *names, int n)
{
	int type;
	const void *value;

	if (n >= sk_GENERAL_NAME_num(names))
		return NULL;
	value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, n), &type);
	return type == GEN_DNS ? value : NULL;
}

/* Reads a name of the certificate as a key's. Returns its length, or 0 if it cannot be one. */
static size_t key_parse(uint8_t out[static DNS_NAME_MAX], const struct fabric_tls_fabric *f,
			const ASN1_STRING *text)
{
	size_t n;

	if (text == NULL)
		return 0;
	n = dns_name_from_text(out, (const char *)ASN1_STRING_get0_data(text),
			       (size_t)ASN1_STRING_length(text), NULL);
	if (n <= dns_name_nbytes(f->keys) || !dns_name_is_under(out, f->keys))
		return 0;
	return dns_name_lower(out, out);
}

/* Copies the first name in the certificate that is that of a key of the fabric, if there is one.
 * Returns false if memory is short. */
static bool key_take(struct fabric_tls *t, const struct fabric_tls_fabric *f, X509 *x509)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	uint8_t name[DNS_NAME_MAX];
	size_t n = 0;

	for (int i = 0; n == 0 && i < sk_GENERAL_NAME_num(names); i++)
		n = key_parse(name, f, name_get(names, i));
	GENERAL_NAMES_free(names);
	if (n == 0)
		return true;
	t->key = malloc(n);
	if (t->key == NULL)
		return false;
	memcpy(t->key, name, n);
	t->until_s = fabric_cert_time(X509_get0_notAfter(x509));
	return true;
}

bool fabric_tls_peer_name(struct fabric_tls *t)
{
	X509 *x509 = t->context->is_server ? SSL_get0_peer_certificate(t->ssl) : NULL;
	const struct fabric_tls_fabric *f;

	if (x509 == NULL)
		return true;
	f = signer_find(t->context, x509, FABRIC_CERT_CLIENT);
	return f == NULL || key_take(t, f, x509);
}

/* ---- verification during the handshake ---- */

bool fabric_tls_is_address(const char *name)
{
	uint8_t address[16];

	return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

static bool has_name(X509 *x509, const char *name)
{
	if (name == NULL)
		return true;
	if (fabric_tls_is_address(name))
		return X509_check_ip_asc(x509, name, 0) == 1;
	return X509_check_host(x509, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

/* Returns whether the certificate is signed by a fabric of which the context has the hash of its
 * public key instead (RFC 7858 section 4.2): then the chain must have the fabric's own
 * certificate. */
static bool is_of_pinned(X509_STORE_CTX *store, const struct fabric_tls_context *c,
			 enum fabric_cert_use use)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_untrusted(store);
	uint8_t hash[FABRIC_CERT_HASH], public_key[FABRIC_PUBLIC_SIZE];

	if (c->is_server || c->nfabrics != 1)
		return false;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(chain, i));
		size_t n = sizeof(public_key);

		if (key != NULL && EVP_PKEY_is_a(key, "ED25519") &&
		    EVP_PKEY_get_raw_public_key(key, public_key, &n) == 1 &&
		    fabric_cert_hash(sk_X509_value(chain, i), hash) &&
		    memcmp(hash, c->fabrics->public_key, sizeof(hash)) == 0)
			return fabric_cert_is_of(X509_STORE_CTX_get0_cert(store), public_key, use);
	}
	return false;
}

static bool is_of_fabric(X509_STORE_CTX *store, const struct fabric_tls_context *c,
			 enum fabric_cert_use use)
{
	return signer_find(c, X509_STORE_CTX_get0_cert(store), use) != NULL ||
	       is_of_pinned(store, c, use);
}

static int verify(X509_STORE_CTX *store, void *arg)
{
	struct fabric_tls_context *c = arg;
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct fabric_tls *t = SSL_get_app_data(ssl);
	X509 *x509 = X509_STORE_CTX_get0_cert(store);
	enum fabric_cert_use use = c->is_server ? FABRIC_CERT_CLIENT : FABRIC_CERT_SERVER;
	bool is_trusted;

	if (c->has_store)
		is_trusted = X509_verify_cert(store) == 1;
	else if ((is_trusted = is_of_fabric(store, c, use)) == false)
		X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
	if (is_trusted && !has_name(x509, t->name)) {
		is_trusted = false;
		X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	}
	if (is_trusted)
		X509_STORE_CTX_set_error(store, X509_V_OK);
	return is_trusted;
}

void fabric_tls_peer_verify(struct fabric_tls_context *c)
{
	SSL_CTX_set_cert_verify_callback(c->ssl, verify, c);
}
