/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/record.h - one record of a zone file, added within the limits of its zone.
 *
 * The PTRs of a service type are many, and a dump of a zone has those that the registry derived.
 * They are held to what an answer can carry, in which each is one label and a pointer, but not to
 * the number of records. A zone's loader or its registrar; no state. */
#pragma once

#include <stdint.h>

#include "zone/limits.h"

struct dns_record;
struct zone_draft;

/* Adds a record with the TTL `ttl` to a draft. Returns as zone_draft_add_within. */
int hosting_record_add(struct zone_draft *d, const struct zone_limits *limits,
		       const struct dns_record *record, uint32_t ttl, enum zone_limit *over);
