/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/hmac.h - keyed hashes (RFC 2104) over the SHA family, with the work on the key done once.
 *
 * A key holds the two hash states that follow its padded secret, so a MAC costs only the hashing of
 * the message. It knows no DNS. A key is written once and then read by any thread; a running MAC
 * belongs to one. */
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
	DNS_HMAC_MAX = 64,    /* octets of the longest MAC */
	DNS_HMAC_STATE = 216, /* octets of the largest hash state */
};

struct dns_hmac_key {
	_Alignas(8) uint8_t inner[DNS_HMAC_STATE];
	_Alignas(8) uint8_t outer[DNS_HMAC_STATE];
	enum dns_hmac_hash hash;
};

/* A MAC being made. */
struct dns_hmac {
	_Alignas(8) uint8_t state[DNS_HMAC_STATE];
	const struct dns_hmac_key *key;
};

/* Makes a key of any `secret`; the secret itself is not kept, but the states are as secret as it
 * was. */
void dns_hmac_key_init(struct dns_hmac_key *key, enum dns_hmac_hash hash, const void *secret,
		       size_t nbytes);

/* Wipes the states. */
void dns_hmac_key_fini(struct dns_hmac_key *key);

/* Octets of a whole MAC: 20 to DNS_HMAC_MAX. */
size_t dns_hmac_nbytes(enum dns_hmac_hash hash);

/* Starts a MAC; `key` is borrowed until dns_hmac_end. */
void dns_hmac_begin(struct dns_hmac *h, const struct dns_hmac_key *key);

/* Feeds it `nbytes`. */
void dns_hmac_add(struct dns_hmac *h, const void *bytes, size_t nbytes);

/* Ends it and writes dns_hmac_nbytes of MAC to `mac`. */
void dns_hmac_end(struct dns_hmac *h, uint8_t mac[static DNS_HMAC_MAX]);
