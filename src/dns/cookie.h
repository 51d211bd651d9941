/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/cookie.h - DNS cookies (RFC 7873), the server's side, interoperable with other servers (RFC
 * 9018).
 *
 * It knows neither sockets nor clocks: address and time are arguments. Secrets are written before
 * the threads start, or replaced as a whole; checking and making only read them. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	DNS_COOKIE_CLIENT_SIZE = 8,  /* octets of a client cookie */
	DNS_COOKIE_SECRET_SIZE = 16, /* octets of a secret */
	DNS_COOKIE_SIZE = 24,	     /* octets of a client cookie with our server cookie */
	DNS_COOKIE_SECRETS_MAX = 8,

	/* The age of a server cookie in seconds (RFC 9018 section 4.3). */
	DNS_COOKIE_PAST_S = 3600,  /* older ones are invalid */
	DNS_COOKIE_FUTURE_S = 300, /* ones from further in the future are invalid */
	DNS_COOKIE_RENEW_S = 1800, /* older ones are replaced */
};

/* The first secret makes cookies, all of them verify cookies, so that a secret can be replaced (RFC
 * 9018 section 5). With `count` 0 no cookie is valid. */
struct dns_cookie_secrets {
	unsigned count;
	uint8_t secret[DNS_COOKIE_SECRETS_MAX][DNS_COOKIE_SECRET_SIZE];
};

enum dns_cookie_status {
	DNS_COOKIE_MALFORMED,	/* a COOKIE option cannot have this length: FORMERR (RFC 7873
				   section 5.2.2) */
	DNS_COOKIE_CLIENT_ONLY, /* client cookie only: send a server cookie */
	DNS_COOKIE_INVALID,	/* not made by this server, too old, or for another address */
	DNS_COOKIE_VALID,	/* send the cookie back unchanged */
	DNS_COOKIE_RENEW,	/* valid, but send a new cookie */
};

/* Checks the `nbytes` of a COOKIE option from a client at `address`, which has `naddress` octets: 4
 * or 16. `now_s` is the time in seconds since 1970. */
enum dns_cookie_status dns_cookie_check(const struct dns_cookie_secrets *s, const uint8_t *option,
					size_t nbytes, const void *address, size_t naddress,
					uint64_t now_s);

/* Writes the content of the option to send: the client's cookie `client`, which may be the start of
 * `out`, and a new server cookie. `s` must have a secret; `address` and `now_s` are those of
 * dns_cookie_check. */
void dns_cookie_make(uint8_t out[static DNS_COOKIE_SIZE], const struct dns_cookie_secrets *s,
		     const uint8_t client[static DNS_COOKIE_CLIENT_SIZE], const void *address,
		     size_t naddress, uint64_t now_s);
