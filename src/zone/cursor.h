/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/cursor.h - a walk over all records of one version of a zone.
 *
 * The SOA comes first, then all other records in canonical order of their owners (RFC 4034 section
 * 6.1), at one owner in order of type and rdata: the order of a transfer and of a checkpoint. A
 * cursor knows no drafts and no format of a file. It belongs to the thread that made it. */
#pragma once

#include <stdbool.h>

#include "dns/record.h"

struct zone_cursor;
struct zone_snapshot;

/* Begins a walk over `snapshot`, which must stay readable until zone_cursor_free. Returns NULL if
 * memory is short. */
struct zone_cursor *zone_cursor_new(const struct zone_snapshot *snapshot);

/* Frees the cursor. NULL is fine. */
void zone_cursor_free(struct zone_cursor *c);

/* Writes the next record to `record`, or returns false after the last one. The owner of `record` is
 * valid until the next call, its rdata as long as the snapshot. */
bool zone_cursor_next(struct zone_cursor *c, struct dns_record *record);

/* Compares two records in the order of a cursor: returns less than 0, 0 or more than 0. Two SOAs
 * are equal: they are one record that changes. */
int zone_cursor_order(const struct dns_record *a, const struct dns_record *b);
