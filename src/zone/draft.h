/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/draft.h - the next version of a zone while it is being written.
 *
 * A draft starts as the zone's current snapshot. Changes are seen by later look-ups in the same
 * draft and by nobody else, until zone_draft_publish. It knows records, not the meaning of an
 * UPDATE: no SOA rules, no policy, no leases. Only the registrar thread (or a loader before the
 * zone is served) may touch a draft; there is at most one for a zone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/changeset.h"
#include "zone/rrset.h"

struct zone;
struct zone_draft;

/* Begins a draft of the current version of `zone`. NULL when memory is short. */
struct zone_draft *zone_draft_new(struct zone *zone);

/* The zone it belongs to. */
struct zone *zone_draft_zone(struct zone_draft *d);

/* Drops the draft: the zone stays as it was. */
void zone_draft_abort(struct zone_draft *d);

/* Finds the RRset of `type` at `owner` (a wire name at or below the apex). Returns false if there
 * is none. The view is good until the next change of the same owner. */
bool zone_draft_find(struct zone_draft *d, const uint8_t *owner, uint16_t type,
		     struct zone_rrset *rrset);

/* The same for who only asks for TTL, count and octets: `data` is NULL. It costs the same for the
 * largest set, while zone_draft_find writes a set that was changed in one piece. */
bool zone_draft_measure(struct zone_draft *d, const uint8_t *owner, uint16_t type,
			struct zone_rrset *rrset);

/* Whether `owner` has that record, in whatever case of the names in it. */
bool zone_draft_has(struct zone_draft *d, const uint8_t *owner, uint16_t type, const uint8_t *rdata,
		    size_t nbytes);

/* Number of RRsets at `owner`; 0 means that the name is not in use (RFC 2136 section 2.4.4). */
unsigned zone_draft_count(struct zone_draft *d, const uint8_t *owner);

/* The i-th RRset at `owner`, `i` below zone_draft_count; in no particular order, good until the
 * owner's next change. */
struct zone_rrset zone_draft_at(struct zone_draft *d, const uint8_t *owner, unsigned i);

/* The TTL of the RRset of `type` at `owner`, or `otherwise` if there is none. */
uint32_t zone_draft_ttl(struct zone_draft *d, const uint8_t *owner, uint16_t type,
			uint32_t otherwise);

/* Whether no record of `type` can be added at `owner`: a CNAME stands beside no other data, nor
 * other data beside a CNAME (RFC 2136 section 3.4.2.2, for DNAME RFC 6672 section 5.2). */
bool zone_draft_bars(struct zone_draft *draft, const uint8_t *owner, uint16_t type);

/* Adds one record. Its TTL becomes the set's. Returns 1 if something changed, 0 if the record was
 * there with the same TTL, -ENOMEM (the draft is then good only for zone_draft_abort). `rdata` is
 * copied. */
int zone_draft_add(struct zone_draft *d, const uint8_t *owner, uint16_t type, uint32_t ttl,
		   const uint8_t *rdata, size_t nbytes);

/* Removes one record; returns how many went (0 or 1), or -ENOMEM. */
int zone_draft_remove(struct zone_draft *d, const uint8_t *owner, uint16_t type,
		      const uint8_t *rdata, size_t nbytes);

/* Removes an RRset; returns how many records went, or -ENOMEM. */
int zone_draft_remove_rrset(struct zone_draft *d, const uint8_t *owner, uint16_t type);

/* Replaces the SOA at the apex, or adds the first one. 0, or -ENOMEM. */
int zone_draft_set_soa(struct zone_draft *d, uint32_t ttl, const uint8_t *rdata, size_t nbytes);

/* Applies a changeset to a draft: removes what is there of `removed`, adds `added`. Returns 0,
 * -ENOMEM, or -EBADMSG if the bytes are no records (checked before anything is changed). */
int zone_draft_apply(struct zone_draft *d, const struct zone_changeset *changes);

/* The serial as the draft's SOA has it; 0 if there is no SOA. */
uint32_t zone_draft_serial(struct zone_draft *d);

/* Whether a look-up lacked memory, and so may have found nothing where there is something. Such a
 * draft cannot be sealed. */
bool zone_draft_is_short(const struct zone_draft *d);

/* Takes everything that publishing needs and may fail to get, and writes the net difference to the
 * current version to `changes` (NULL if nobody wants it), which borrows from the draft until it is
 * published or aborted. If records differ and nobody raised the SOA's serial, it is raised by one
 * here, 0 skipped: one serial for each published version. Returns 1; 0 if nothing differs; or
 * -ENOMEM. After 0 and -ENOMEM the draft can only be aborted, after 1 also published. */
int zone_draft_seal(struct zone_draft *d, struct zone_changeset *changes);

/* Makes a sealed draft the zone's current version and frees the draft. Cannot fail. */
void zone_draft_publish(struct zone_draft *d);
