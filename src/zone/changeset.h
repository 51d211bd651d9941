/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/changeset.h - the records removed and added from one serial of a zone to the next.
 *
 * Drafts give changesets, the store commits them, restarts and transfers read them. Each part has
 * the form of an IXFR difference sequence (RFC 1995 section 4): the old SOA and what was removed,
 * then the new SOA and what was added, each record in uncompressed wire form (owner, type, class,
 * TTL, RDLENGTH, RDATA). The first changeset of a zone has no removed part. A changeset knows no
 * draft: zone_draft_seal makes one, zone_draft_apply applies one (zone/draft.h). Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/record.h"

/* A view, valid as long as the maker of the changeset promises. */
struct zone_changeset {
	uint32_t from, to;	/* SOA serials; equal only if `nremoved_bytes` is 0 */
	const uint8_t *removed; /* records, the old SOA first */
	size_t nremoved_bytes;
	const uint8_t *added; /* records, the new SOA first */
	size_t nadded_bytes;
	uint32_t nremoved, nadded; /* number of records */
};

/* Reads the next record of a part, over whose bytes `b` runs, as a view of them. Returns false at
 * the end; or with b->has_failed set if the bytes are not a record. Does not check the rdata. */
bool zone_changeset_next(struct base_buf *b, struct dns_record *record);

/* Writes one record in the form of a changeset. If it does not fit, o->is_full is set. */
void zone_changeset_write(struct base_out *o, const struct dns_record *record);

/* Returns the number of bytes that zone_changeset_write writes. */
size_t zone_changeset_nbytes(const struct dns_record *record);
