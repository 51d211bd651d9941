/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/rdata.h - the data of records: checking, decompressing, comparing.
 *
 * Outside of packets rdata has uncompressed wire form, at most 65535 octets. The fields of a type
 * are in dns/type.h; the rdata of an unknown type is opaque (RFC 3597). It does not know owners or
 * zones. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/name.h"

enum { DNS_RDATA_MAX = 65535 }; /* octets */

/* Offsets in the rdata of an SRV, which begins with the priority (RFC 2782). */
enum { DNS_SRV_WEIGHT = 2, DNS_SRV_PORT = 4, DNS_SRV_TARGET = 6 };

/* What is wrong with rdata whose octets do not have the wire layout of their type. */
extern const char *const dns_rdata_malformed;

/* Reads `rdlength` octets of rdata of `type` from the message of `b`, checks them against the
 * type's wire layout and its rules (dns/content.h), expands compressed names and writes the result
 * to `out`. Returns NULL, or what is wrong, a constant, with `b` failed. If the result does not
 * fit, `out` becomes full, and the rules are not checked. */
const char *dns_rdata_parse(struct base_buf *b, uint16_t type, uint16_t rdlength,
			    struct base_out *out);

/* Returns what is wrong with the `nbytes` at `rdata` as uncompressed rdata of `type`, a constant,
 * or NULL: they are valid. */
const char *dns_rdata_fault(uint16_t type, const uint8_t *rdata, size_t nbytes);

/* Returns whether dns_rdata_fault finds nothing. */
static inline bool dns_rdata_is_valid(uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	return dns_rdata_fault(type, rdata, nbytes) == NULL;
}

/* Returns whether the `nbytes` at `rdata` have the wire layout of `type`, uncompressed. All other
 * functions rely on the layout alone: what an earlier version took, when it knew fewer rules, can
 * be read from the store, served and removed. */
bool dns_rdata_is_laid_out(uint16_t type, const uint8_t *rdata, size_t nbytes);

/* Compares two rdata of one type, which are laid out, in canonical order: as octet strings with the
 * names in lower case (RFC 4034 sections 6.2 and 6.3). Returns a negative number, 0 or a positive
 * one; 0 means that both are the same record (RFC 2136 section 1.1.1). */
int dns_rdata_compare(uint16_t type, const uint8_t *a, size_t a_nbytes, const uint8_t *b,
		      size_t b_nbytes);

/* Returns a hash under `seed` that is equal for rdata that dns_rdata_compare finds equal. The rdata
 * must be valid. */
uint64_t dns_rdata_hash(uint16_t type, const uint8_t *rdata, size_t nbytes, uint64_t seed);

/* Returns the target of NS, MX, SRV, PTR, SVCB, HTTPS and the like: the name whose addresses (or,
 * for PTR, whose SRV and TXT) a client will ask for next (RFC 1034 section 4.3.2, RFC 2782, RFC
 * 9460 section 4.1). A view into `rdata`; NULL if records of the type have no target. */
const uint8_t *dns_rdata_target(uint16_t type, const uint8_t *rdata, size_t nbytes);

/* The numbers of an SOA record (RFC 1035 section 3.3.13). */
struct dns_soa {
	uint32_t serial;
	uint32_t refresh, retry, expire; /* seconds, for secondaries */
	uint32_t minimum; /* TTL in seconds of negative answers (RFC 2308 section 4) */
};

/* Reads the numbers of an SOA from its valid rdata. */
struct dns_soa dns_soa_read(const uint8_t *rdata, size_t nbytes);

/* Overwrites the serial in the valid rdata of an SOA. */
void dns_soa_set_serial(uint8_t *rdata, size_t nbytes, uint32_t serial);

/* Returns whether serial `a` is newer than `b` in serial number arithmetic (RFC 1982). */
static inline bool dns_serial_is_newer(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}
