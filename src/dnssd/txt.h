/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dnssd/txt.h - the key=value pairs in the rdata of a TXT record (RFC 6763 section 6).
 *
 * Bytes in, bytes out: it knows no zone, and of the keys only the values of `state`
 * (weft-services(7)). Rdata is borrowed during the call. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the key `state` can say about a service instance. */
enum dnssd_state {
	DNSSD_UP, /* also without the key, or with an unknown value */
	DNSSD_STARTING,
	DNSSD_DRAINING,
	DNSSD_FAILED,
	DNSSD_ASSIGNED, /* to a node, which has not begun with it */
	DNSSD_PREPARING,
	DNSSD_STOPPED,
};

enum { DNSSD_STATES = DNSSD_STOPPED + 1 };

/* Finds the value of `key`: the first pair with the key counts, and the case of the key does not
 * (RFC 6763 section 6.4). Returns a view into `rdata` and its length in `nvalue`, or NULL if the
 * key is absent or has no value (no "="). */
const uint8_t *dnssd_txt_find(const uint8_t *rdata, size_t nbytes, const char *key, size_t *nvalue);

/* Converts the value of the key `state`, in any case. `value` may be NULL. */
enum dnssd_state dnssd_txt_state(const uint8_t *value, size_t nvalue);

/* Returns the value that means the state. */
const char *dnssd_state_text(enum dnssd_state state);

/* Returns whether an instance in that state answers clients: it is up or draining. */
bool dnssd_state_has_clients(enum dnssd_state state);

/* Copies rdata to `out`, with `key` set to `value`: in the first pair with the key, or in a new
 * pair at the end. Further pairs with the key, and empty strings, are left out. Returns the number
 * of octets, or 0 if they are more than `size`. `key` and `value` together have at most 254
 * characters.
 */
size_t dnssd_txt_set(uint8_t *out, size_t size, const uint8_t *rdata, size_t nbytes,
		     const char *key, const char *value);
