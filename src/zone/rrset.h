/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/rrset.h - an RRset as the rest of weft sees it: a view.
 *
 * A view points into the memory of its owner, a node of a snapshot or a draft, and is valid as long
 * as the function that returns it promises. It knows its type, not its owner name. Any thread that
 * may read the memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct zone_rrset {
	uint16_t type;
	uint32_t ttl;	     /* seconds; one for the whole set (RFC 2181 section 5.2) */
	uint32_t count;	     /* records */
	uint32_t nbytes;     /* of `data` */
	const uint8_t *data; /* for each record a 16-bit length, then that many octets of rdata in
				weft's form (dns/rdata.h); in canonical order, none twice */
};

/* One rdata of a set, a view. */
struct zone_rdata {
	const uint8_t *bytes;
	uint16_t nbytes;
};

/* Writes the rdata at `*at` to `rdata` and moves `*at` to the next one, or returns false after the
 * last. `*at` starts as rrset->data. */
static inline bool zone_rrset_next(const struct zone_rrset *rrset, const uint8_t **at,
				   struct zone_rdata *rdata)
{
	if (*at >= rrset->data + rrset->nbytes)
		return false;
	rdata->nbytes = base_load16(*at);
	rdata->bytes = *at + 2;
	*at += 2 + (size_t)rdata->nbytes;
	return true;
}
