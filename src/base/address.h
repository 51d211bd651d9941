/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/address.h - addresses as people write them: `192.0.2.1@53`, `2001:db8::1@53`, `10.0.0.0/8`.
 *
 * Knows no names and asks nobody: numbers only. No state, any thread. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	BASE_ADDRESS_TEXT_MAX = 64, /* room for any address as text, with its NUL */
};

/* A range of addresses. IPv4 is kept as ::ffff:0:0/96, so that one compare serves both. */
struct base_prefix {
	uint8_t address[16];
	uint8_t bits;
};

/* Parses `address`, or `address@port`, into `out`; without a port it gets `port`. IPv6 may have a
 * zone, `fe80::1%eth0`. Returns 0, or -EINVAL with `out` unchanged. */
int base_address_from_text(struct sockaddr_storage *out, const char *text, uint16_t port);

/* Writes `address@port` to `out` and returns it; an address that is neither IPv4 nor IPv6 is `-`.
 */
const char *base_address_to_text(char out[static BASE_ADDRESS_TEXT_MAX], const struct sockaddr *sa);

/* The length that bind() and sendto() want for this address. */
socklen_t base_address_nbytes(const struct sockaddr *sa);

/* Whether family, address and port are the same. */
bool base_address_equal(const struct sockaddr *a, const struct sockaddr *b);

/* Parses `address/bits`, or an address alone for itself. Returns 0, -EINVAL for what is neither, or
 * -EDOM when bits are set behind the prefix's length; `out` is unchanged then. */
int base_prefix_from_text(struct base_prefix *out, const char *text);

/* Whether the address lies in the prefix, the port aside. ::ffff:a.b.c.d is a.b.c.d. */
bool base_prefix_has(const struct base_prefix *prefix, const struct sockaddr *sa);
