/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* atlas/transfer.h - a zone transfer (AXFR, RFC 5936) from the first registry that permits one.
 *
 * It takes whatever a server sends and nothing on trust: sizes and time are bounded, and with a key
 * every message is covered by a signature (RFC 8945). What the records mean it does not know. One
 * thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct atlas_records;
struct locate;
struct resolve_events;

/* Adds the records of the zone to `out`, that of the SOA once. Waits, at most until `deadline_ms`
 * on the steady clock. Returns what atlas_read does; on failure `out` has no records. */
int atlas_transfer_run(struct atlas_records *out, struct locate *l, struct resolve_events *events,
		       const uint8_t *zone, uint64_t deadline_ms, struct base_error *error);
