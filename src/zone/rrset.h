/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/rrset.h - an RRset as the rest of weft sees it: a view.
 *
 * A view points into memory that belongs to somebody else (a node of a snapshot, a draft); it is
 * good as long as that is. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* `data` holds `count` times a 16-bit length and so many octets of rdata (dns/rdata.h), in
 * canonical order, none twice. */
struct zone_rrset {
	uint16_t type;
	uint32_t ttl; /* seconds; one for the set (RFC 2181 section 5.2) */
	uint32_t count;
	uint32_t nbytes;
	const uint8_t *data;
};

/* One rdata of a set. */
struct zone_rdata {
	const uint8_t *bytes;
	uint16_t nbytes;
};

/* Walks the records of a set: `at` starts at rrset->data; false behind the last. */
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
