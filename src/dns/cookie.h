/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/cookie.h - DNS cookies (RFC 7873), the server's side, as all servers make them (RFC 9018).
 *
 * It knows neither sockets nor clocks: address and time are arguments. Secrets are written before
 * the threads start, or replaced as a whole; checking and making only read them, any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	DNS_COOKIE_CLIENT_SIZE = 8,
	DNS_COOKIE_SECRET_SIZE = 16,
	DNS_COOKIE_SIZE = 24, /* client cookie and our server cookie */
	DNS_COOKIE_SECRETS_MAX = 8,
	DNS_COOKIE_PAST_S = 3600,
	DNS_COOKIE_FUTURE_S = 300,
	DNS_COOKIE_RENEW_S = 1800, /* RFC 9018 section 4.3 */
};

/* The first secret makes cookies, each of them verifies (RFC 9018 section 5). With `count` 0 no
 * cookie is good. */
struct dns_cookie_secrets {
	unsigned count;
	uint8_t secret[DNS_COOKIE_SECRETS_MAX][DNS_COOKIE_SECRET_SIZE];
};

enum dns_cookie_status {
	DNS_COOKIE_MALFORMED,	/* no length a COOKIE option may have: FORMERR (RFC 7873
				   section 5.2.2) */
	DNS_COOKIE_CLIENT_ONLY, /* client cookie only: send a server cookie */
	DNS_COOKIE_INVALID,	/* not ours, too old, of another address */
	DNS_COOKIE_VALID,	/* good: send it back as it came */
	DNS_COOKIE_RENEW,	/* good, but send a new one */
};

/* Checks the `nbytes` of a COOKIE option that came from `address`, which has `naddress` octets: 4
 * or 16. `now_s` is the time in seconds since 1970. */
enum dns_cookie_status dns_cookie_check(const struct dns_cookie_secrets *s, const uint8_t *option,
					size_t nbytes, const void *address, size_t naddress,
					uint64_t now_s);

/* Writes the option to send: `client` cookie and a new server cookie. `s` must have a secret. */
void dns_cookie_make(uint8_t out[static DNS_COOKIE_SIZE], const struct dns_cookie_secrets *s,
		     const uint8_t client[static DNS_COOKIE_CLIENT_SIZE], const void *address,
		     size_t naddress, uint64_t now_s);
