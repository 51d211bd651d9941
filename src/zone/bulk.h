/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/bulk.h - the first version of a zone from records that are in order already.
 *
 * For what the store gives back: all records of an owner come together, those of a set in canonical
 * order and none twice. Each owner becomes a node at once, without a draft. Records that may come
 * in any order need a draft (zone/draft.h). One thread, before the zone is served. */
#pragma once

#include "zone/changeset.h"

struct zone;
struct zone_bulk;

/* Begins the first version of an empty zone. NULL when memory is short. */
struct zone_bulk *zone_bulk_new(struct zone *zone);

/* Takes one record; it is copied. 0, -ENOMEM, or -EBADMSG if its owner is not in the zone. */
int zone_bulk_add(struct zone_bulk *b, const struct dns_record *record);

/* Makes what was taken the zone's version and frees the builder, also on failure. 0, -ENOMEM, or
 * -EBADMSG if there is not one SOA at the apex, or an owner came twice. */
int zone_bulk_publish(struct zone_bulk *b);

/* Drops what was taken; the zone stays empty. NULL is fine. */
void zone_bulk_abort(struct zone_bulk *b);
