/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/changeset.h - the records removed and added from one serial to the next.
 *
 * The one currency of the write side. Its records stand as in an IXFR difference sequence (RFC 1995
 * section 4): first the old SOA and what was removed, then the new SOA and what was added, each an
 * uncompressed wire record (owner, type, class, TTL, RDLENGTH, RDATA). The first changeset of a
 * zone has no removed part. Bytes in, bytes out; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/record.h"

struct zone_changeset {
	uint32_t from, to; /* SOA serials; equal only if `nremoved_bytes` is 0 */
	const uint8_t *removed;
	size_t nremoved_bytes;
	const uint8_t *added;
	size_t nadded_bytes;
	uint32_t nremoved, nadded; /* records */
};

/* Reads the next record from either part (`b` over its bytes). False at the end, or with
 * `b->has_failed` if the bytes are no records. */
bool zone_changeset_next(struct base_buf *b, struct dns_record *record);

/* Writes one record in the form of a changeset. */
void zone_changeset_write(struct base_out *o, const struct dns_record *record);

/* Octets that zone_changeset_write needs. */
size_t zone_changeset_nbytes(const struct dns_record *record);
