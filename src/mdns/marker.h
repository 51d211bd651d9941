/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/marker.h - how bridges know each other's services on the LAN: a pair in their TXT record.
 *
 * `weft-bridge=ZONE/ID`: the zone that the instance is registered in, and a number that the bridge
 * has made at its start, in hexadecimal. What has a marker is never discovered. The TXT records of
 * two bridges of one zone differ by it, so that mDNS itself decides which of them advertises an
 * instance (RFC 6762 section 8.2); the other one waits. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

/* A number for a bridge. */
typedef uint32_t mdns_id;

/* Copies the rdata of a TXT record to `out` with this marker instead of any other. Returns
 * the number of octets, or 0 if they are more than `size` or the zone's name is too long for a
 * string of a TXT record. */
size_t mdns_marker_write(uint8_t *out, size_t size, const uint8_t *txt, size_t nbytes,
			 const uint8_t *zone, mdns_id id);

/* Reads the marker of a TXT record. Returns false if it has none. One that cannot be read has the
 * zone `.` and the number 0. */
bool mdns_marker_read(const uint8_t *txt, size_t nbytes, uint8_t zone[static DNS_NAME_MAX],
		      mdns_id *id);
