/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/hmac.h - keyed hashes (RFC 2104) over the SHA family, with the work on the key done once.
 *
 * A key contains the two hash states after its padded secret, so a MAC costs only the hashing of
 * the message. It knows no DNS. A key is written once and then read by any thread; a running MAC
 * belongs to one thread. Nothing is allocated. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum dns_hmac_hash {
	DNS_HMAC_SHA1,
	DNS_HMAC_SHA224,
	DNS_HMAC_SHA256,
	DNS_HMAC_SHA384,
	DNS_HMAC_SHA512,
};

enum {
	DNS_HMAC_MAX = 64,    /* octets of the longest MAC, that of SHA-512 */
	DNS_HMAC_STATE = 216, /* octets of the largest hash state */
};

/* A secret, made ready for use. */
struct dns_hmac_key {
	_Alignas(8) uint8_t inner[DNS_HMAC_STATE];
	_Alignas(8) uint8_t outer[DNS_HMAC_STATE];
	enum dns_hmac_hash hash;
};

/* A MAC that is being computed. */
struct dns_hmac {
	_Alignas(8) uint8_t state[DNS_HMAC_STATE];
	const struct dns_hmac_key *key;
};

/* Makes a key of the `nbytes` of `secret`, any number of them. The secret is not stored, but the
 * key is as secret as the secret was. */
void dns_hmac_key_init(struct dns_hmac_key *key, enum dns_hmac_hash hash, const void *secret,
		       size_t nbytes);

/* Overwrites the key with zeroes. */
void dns_hmac_key_fini(struct dns_hmac_key *key);

/* Returns the number of octets of a whole MAC: 20 to DNS_HMAC_MAX. */
size_t dns_hmac_nbytes(enum dns_hmac_hash hash);

/* Begins a MAC. `key` is borrowed until dns_hmac_end. */
void dns_hmac_begin(struct dns_hmac *h, const struct dns_hmac_key *key);

/* Adds `nbytes` of the message. */
void dns_hmac_add(struct dns_hmac *h, const void *bytes, size_t nbytes);

/* Ends the MAC and writes it, dns_hmac_nbytes octets, to `mac`. */
void dns_hmac_end(struct dns_hmac *h, uint8_t mac[static DNS_HMAC_MAX]);
