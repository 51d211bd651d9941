/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/update_write.h - writing an UPDATE message (RFC 2136 section 2), with a lease (RFC 9664).
 *
 * The sections are written in their order: prerequisites, then updates. It does not know what a
 * registration is, and signs nothing (dns/tsig_client.h). Nothing is allocated. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/msg.h"

/* A message that is being written. */
struct dns_update_writer {
	struct dns_writer w;
	struct dns_header h; /* ancount: prerequisites, nscount: updates */
};

/* Begins a message of at most `size` octets in `out`, which is borrowed: its header, and the zone
 * section. Room for the OPT record remains reserved. */
void dns_update_write_begin(struct dns_update_writer *u, uint8_t *out, size_t size, uint16_t id,
			    const uint8_t *zone);

/* ---- prerequisites (section 2.4), before the first update ---- */

/* Requires that there are records of the type at the name, or that there are none; with the type
 * ANY, records of any type. */
void dns_update_write_require(struct dns_update_writer *u, const uint8_t *name, uint16_t type);
void dns_update_write_require_none(struct dns_update_writer *u, const uint8_t *name, uint16_t type);

/* Requires a record: those of a name and type which are required must be all that there are. */
void dns_update_write_require_record(struct dns_update_writer *u, const uint8_t *name,
				     uint16_t type, const uint8_t *rdata, size_t nbytes);

/* ---- updates (section 2.5) ---- */

/* Adds a record. */
void dns_update_write_add(struct dns_update_writer *u, const uint8_t *name, uint16_t type,
			  uint32_t ttl, const uint8_t *rdata, size_t nbytes);

/* Removes one record; or all of a type, with ANY all of the name. */
void dns_update_write_remove(struct dns_update_writer *u, const uint8_t *name, uint16_t type,
			     const uint8_t *rdata, size_t nbytes);
void dns_update_write_remove_all(struct dns_update_writer *u, const uint8_t *name, uint16_t type);

/* ---- the end ---- */

/* Ends the message with an OPT record for answers of `payload` octets, which asks for a lease of
 * `lease_s` seconds; 0: for none. Returns the length, or 0 if something did not fit. */
size_t dns_update_write_end(struct dns_update_writer *u, uint16_t payload, uint32_t lease_s);
