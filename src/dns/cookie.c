/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/cookie.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/buf.h"

enum {
	/* Offsets of the fields in the option (RFC 9018 section 4). */
	VERSION_AT = 8,
	TIME_AT = 12,
	HASH_AT = 16,
};

_Static_assert(crypto_shorthash_siphash24_KEYBYTES == DNS_COOKIE_SECRET_SIZE, "a secret is a key");
_Static_assert(crypto_shorthash_siphash24_BYTES == DNS_COOKIE_SIZE - HASH_AT, "a hash fits");

/* Computes the hash over the option's first 16 octets, its reserved octets as they are, and the
 * address (RFC 9018 section 4.4). */
static void cookie_hash(uint8_t out[static crypto_shorthash_siphash24_BYTES], const uint8_t *option,
			const void *address, size_t naddress, const uint8_t *secret)
{
	uint8_t in[HASH_AT + 16];

	assert(naddress == 4 || naddress == 16);
	memcpy(in, option, HASH_AT);
	memcpy(in + HASH_AT, address, naddress);
	crypto_shorthash_siphash24(out, in, HASH_AT + naddress, secret);
}

static bool hash_is_ours(const struct dns_cookie_secrets *s, const uint8_t *option,
			 const void *address, size_t naddress, unsigned *which)
{
	uint8_t hash[crypto_shorthash_siphash24_BYTES];

	for (unsigned i = 0; i < s->count; i++) {
		cookie_hash(hash, option, address, naddress, s->secret[i]);
		if (sodium_memcmp(hash, option + HASH_AT, sizeof(hash)) == 0) {
			*which = i;
			return true;
		}
	}
	return false;
}

enum dns_cookie_status dns_cookie_check(const struct dns_cookie_secrets *s, const uint8_t *option,
					size_t nbytes, const void *address, size_t naddress,
					uint64_t now_s)
{
	unsigned which;
	int32_t age_s;

	if (nbytes == DNS_COOKIE_CLIENT_SIZE)
		return DNS_COOKIE_CLIENT_ONLY;
	if (nbytes < 16 || nbytes > 40)
		return DNS_COOKIE_MALFORMED;
	/* The length must be exact: else the cookie of an IPv6 address could pass as one of an IPv4
	 * address. */
	if (nbytes != DNS_COOKIE_SIZE || option[VERSION_AT] != 1)
		return DNS_COOKIE_INVALID;

	/* In serial number arithmetic (RFC 1982), which is right after 2106, too. */
	age_s = (int32_t)((uint32_t)now_s - base_load32(option + TIME_AT));
	if (age_s > DNS_COOKIE_PAST_S || age_s < -DNS_COOKIE_FUTURE_S)
		return DNS_COOKIE_INVALID;
	if (!hash_is_ours(s, option, address, naddress, &which))
		return DNS_COOKIE_INVALID;
	return age_s > DNS_COOKIE_RENEW_S || which > 0 ? DNS_COOKIE_RENEW : DNS_COOKIE_VALID;
}

void dns_cookie_make(uint8_t out[static DNS_COOKIE_SIZE], const struct dns_cookie_secrets *s,
		     const uint8_t client[static DNS_COOKIE_CLIENT_SIZE], const void *address,
		     size_t naddress, uint64_t now_s)
{
	assert(s->count > 0);
	memmove(out, client, DNS_COOKIE_CLIENT_SIZE);
	memset(out + VERSION_AT, 0, TIME_AT - VERSION_AT);
	out[VERSION_AT] = 1;
	base_store32(out + TIME_AT, (uint32_t)now_s);
	cookie_hash(out + HASH_AT, out, address, naddress, s->secret[0]);
}
