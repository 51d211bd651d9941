/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/address.h - IP addresses and prefixes as people write them: `192.0.2.1@53`,
 * `2001:db8::1@53`, `10.0.0.0/8`.
 *
 * It parses and writes numbers only: it does not know host names and never asks a resolver. No
 * state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { BASE_ADDRESS_TEXT_MAX = 64 }; /* room for any address as text, with its NUL */

/* A range of addresses. IPv4 is stored as ::ffff:0:0/96 (RFC 4291 section 2.5.5.2), so that one
 * comparison serves both families. */
struct base_prefix {
	uint8_t address[16]; /* the bits after the first `bits` are 0 */
	uint8_t bits;	     /* 0 to 128; for IPv4 96 more than are written */
};

/* Parses `address` or `address@port` into `out`; without a port `out` gets `port` (host byte
 * order). An IPv6 address may have a scope, as in `fe80::1%eth0`. Returns 0, or -EINVAL with `out`
 * unchanged. */
int base_address_from_text(struct sockaddr_storage *out, const char *text, uint16_t port);

/* Makes an address of AF_INET or AF_INET6 from its 4 or 16 bytes, without scope; `port` is in host
 * byte order. */
void base_address_from_bytes(struct sockaddr_storage *out, int family, const void *bytes,
			     uint16_t port);

/* Writes `address@port` with NUL to `out` and returns `out`. An address that is neither IPv4 nor
 * IPv6 is written as `-`. */
const char *base_address_to_text(char out[static BASE_ADDRESS_TEXT_MAX], const struct sockaddr *sa);

/* Returns the length that bind() and sendto() want for the address: that of a sockaddr_in6 or a
 * sockaddr_in. */
socklen_t base_address_nbytes(const struct sockaddr *sa);

/* Returns whether family, address, port and, for IPv6, scope are the same. An IPv4 address does not
 * equal its IPv4-mapped IPv6 form. */
bool base_address_equal(const struct sockaddr *a, const struct sockaddr *b);

/* Parses `address/bits`, or an address alone as a prefix of one address. Returns 0; -EINVAL if the
 * text is neither; -EDOM if bits after the first `bits` are set. On failure `out` is unchanged. */
int base_prefix_from_text(struct base_prefix *out, const char *text);

/* Returns whether the address is in the prefix; its port does not count. An IPv4-mapped IPv6
 * address is in the same prefixes as its IPv4 address. False for other families. */
bool base_prefix_has(const struct base_prefix *prefix, const struct sockaddr *sa);
