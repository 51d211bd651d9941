/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/bulk.h - the first version of a zone, from records that are already in order.
 *
 * For records that the store returns: all records of an owner come together, all of a set together,
 * a set in canonical order without duplicates. Each owner becomes a node at once. Records in any
 * other order need a draft (zone/draft.h). A bulk load knows no store. One thread, the zone's
 * writer, before the zone is served. */
#pragma once

#include "dns/record.h"

struct zone;
struct zone_bulk;

/* Begins the first version of `zone`, which has none and no draft begun. Returns NULL if memory is
 * short; otherwise the caller ends the load with zone_bulk_publish or zone_bulk_abort. */
struct zone_bulk *zone_bulk_new(struct zone *zone);

/* Adds one record, which is copied. Returns 0, -ENOMEM, or -EBADMSG if its owner is not in the
 * zone or its set exceeds 4 GiB; after an error the load is good only for zone_bulk_abort. */
int zone_bulk_add(struct zone_bulk *b, const struct dns_record *record);

/* Publishes the records that were added as the version 1 of the zone, and frees `b` in any case.
 * Returns 0, -ENOMEM, or -EBADMSG if there is not exactly one SOA at the apex or an owner came
 * twice; on failure the zone has no version. */
int zone_bulk_publish(struct zone_bulk *b);

/* Drops the records that were added and frees `b`; the zone has no version. NULL is fine. */
void zone_bulk_abort(struct zone_bulk *b);
