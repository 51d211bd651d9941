/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/rdata.h - the inside of records: checking, decompressing, comparing.
 *
 * Outside of packets rdata is uncompressed wire form, at most 65535 octets. What is in it is told
 * by the layout in dns/type.h; a type that is not there is opaque (RFC 3597). No state, any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/name.h"

enum { DNS_RDATA_MAX = 65535 };

/* Reads `rdlength` octets of rdata of `type` from the message under `b`, checks them against the
 * layout, expands compressed names and writes the result to `out`. Malformed rdata fails `b`; too
 * little room makes `out` full. */
void dns_rdata_parse(struct base_buf *b, uint16_t type, uint16_t rdlength, struct base_out *out);

/* Whether `nbytes` at `rdata` are well-formed uncompressed rdata of `type`. */
bool dns_rdata_is_valid(uint16_t type, const uint8_t *rdata, size_t nbytes);

/* Canonical order of two rdata of one type: as octet strings with the names in lower case (RFC 4034
 * section 6.2 and 6.3). 0 also means that they are the same record (RFC 2136 section 1.1.1). */
int dns_rdata_compare(uint16_t type, const uint8_t *a, size_t a_nbytes, const uint8_t *b,
		      size_t b_nbytes);

/* A hash that is the same for what compares as the same record. The rdata must be valid. */
uint64_t dns_rdata_hash(uint16_t type, const uint8_t *rdata, size_t nbytes, uint64_t seed);

/* The name which an answer with this record makes useful to add addresses (or, for PTR, the
 * instance) for: the target of NS, MX, SRV, PTR, SVCB, HTTPS and the like (RFC 1034 4.3.2, RFC
 * 2782, RFC 9460 4.1). NULL if the type has none. A view into `rdata`. */
const uint8_t *dns_rdata_target(uint16_t type, const uint8_t *rdata, size_t nbytes);

/* The SOA's fields after the two names; the rdata must be valid. */
struct dns_soa {
	uint32_t serial, refresh, retry, expire, minimum;
};
struct dns_soa dns_soa_read(const uint8_t *rdata, size_t nbytes);

/* Overwrites the serial in a valid SOA's rdata. */
void dns_soa_set_serial(uint8_t *rdata, size_t nbytes, uint32_t serial);

/* RFC 1982: whether serial `a` comes after `b`. */
static inline bool dns_serial_is_newer(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}
