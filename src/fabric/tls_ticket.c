/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The keys of session tickets (RFC 5077 section 4, RFC 8446 section 4.6.1). A server has no state
 * of its clients' sessions: the state is in the ticket, sealed. A stolen key opens all tickets that
 * were sealed with it, so keys change, and are nowhere but here. */
#include "fabric/tls_priv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>

#include "base/secret.h"

enum { NAME_SIZE = 16, KEY_SIZE = 32, KEYS = 2 };

struct ticket_key {
	uint8_t name[NAME_SIZE];
	uint8_t aes[KEY_SIZE];
	uint8_t hmac[KEY_SIZE];
};

struct fabric_tls_tickets {
	pthread_mutex_t lock;

	/* under the lock */
	struct ticket_key keys[KEYS]; /* the current one first */
};

struct fabric_tls_tickets *fabric_tls_tickets_new(void)
{
	struct fabric_tls_tickets *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	base_secret_random(t->keys, sizeof(t->keys));
	return t;
}

void fabric_tls_tickets_free(struct fabric_tls_tickets *t)
{
	if (t == NULL)
		return;
	pthread_mutex_destroy(&t->lock);
	base_secret_wipe(t, sizeof(*t));
	free(t);
}

void fabric_tls_tickets_rotate(struct fabric_tls_tickets *t)
{
	pthread_mutex_lock(&t->lock);
	memmove(&t->keys[1], &t->keys[0], (KEYS - 1) * sizeof(t->keys[0]));
	base_secret_random(&t->keys[0], sizeof(t->keys[0]));
	pthread_mutex_unlock(&t->lock);
}

/* Copies the current key, or that called `name`. Returns which one, or KEYS if there is none. */
static unsigned key_copy(struct fabric_tls_tickets *t, struct ticket_key *out, const uint8_t *name)
{
	unsigned i = 0;

	pthread_mutex_lock(&t->lock);
	while (name != NULL && i < KEYS && memcmp(t->keys[i].name, name, NAME_SIZE) != 0)
		i++;
	if (i < KEYS)
		*out = t->keys[i];
	pthread_mutex_unlock(&t->lock);
	return i;
}

static bool mac_start(EVP_MAC_CTX *mac, struct ticket_key *key)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(OSSL_MAC_PARAM_KEY, key->hmac, KEY_SIZE),
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_END,
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

/* Prepares sealing or opening a ticket, as SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has it. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		     EVP_MAC_CTX *mac, int is_sealing)
{
	struct fabric_tls *t = SSL_get_app_data(ssl);
	struct ticket_key key;
	unsigned i = key_copy(t->context->tickets, &key, is_sealing ? NULL : name);
	int ret;

	if (i == KEYS)
		return 0; /* a full handshake */
	if (is_sealing) {
		memcpy(name, key.name, NAME_SIZE);
		base_secret_random(iv, (size_t)EVP_CIPHER_get_iv_length(EVP_aes_256_cbc()));
	}
	ret = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.aes, iv, is_sealing) == 1 &&
			      mac_start(mac, &key)
		      ? 1
		      : -1;
	base_secret_wipe(&key, sizeof(key));
	return ret == 1 && i > 0 ? 2 : ret; /* 2: the client shall get a new one */
}

void fabric_tls_ticket_use(struct fabric_tls_context *c)
{
	SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(c->ssl, FABRIC_TLS_TICKET_S);
	if (c->tickets == NULL) {
		SSL_CTX_set_options(c->ssl, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(c->ssl, 0);
		return;
	}
	SSL_CTX_set_num_tickets(c->ssl, 1);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(c->ssl, on_ticket);
}
