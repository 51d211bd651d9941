/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/draft.h - the next version of a zone while it is being written.
 *
 * A draft starts with the records of the zone's current version, its parent. Changes are visible to
 * later look-ups in the same draft and to nobody else, until zone_draft_publish. A draft knows
 * records, not the meaning of an UPDATE: no prerequisites, no policy, no leases. Owner names are
 * wire names at or below the apex of the zone, in any case; rdata is in weft's form and valid
 * (dns/rdata.h). All arguments are borrowed during the call.
 *
 * The order of calls: new; any number of look-ups and changes; seal; publish, or abort at any
 * point. Only the zone's writer may touch a draft, the registrar's thread or a loader before the
 * zone is served. A zone has at most one draft at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "zone/changeset.h"
#include "zone/limits.h"
#include "zone/rrset.h"

struct zone;
struct zone_draft;
struct zone_snapshot;

/* Begins a draft of the next version of `zone`. Returns NULL if memory is short. */
struct zone_draft *zone_draft_new(struct zone *zone);

/* Drops the draft, sealed or not, and frees it: the zone stays as it was. */
void zone_draft_abort(struct zone_draft *d);

/* Returns the zone that the draft belongs to. */
struct zone *zone_draft_zone(struct zone_draft *d);

/* ---- look-ups ---- */

/* Makes `rrset` a view of the RRset of `type` at `owner`, valid until the next change of `owner`;
 * or returns false if there is none. Writes the data of a set that was changed into one piece
 * first. */
bool zone_draft_find(struct zone_draft *d, const uint8_t *owner, uint16_t type,
		     struct zone_rrset *rrset);

/* Like zone_draft_find, but fills in only TTL, count and size (`data` is NULL), in constant time.
 */
bool zone_draft_measure(struct zone_draft *d, const uint8_t *owner, uint16_t type,
			struct zone_rrset *rrset);

/* Returns whether `owner` has the record of `type` with this rdata, in which names compare in any
 * case (RFC 4034 section 6.2). */
bool zone_draft_has(struct zone_draft *d, const uint8_t *owner, uint16_t type, const uint8_t *rdata,
		    size_t nbytes);

/* Returns whether the name has just this spelling, or will get it with its first record. */
bool zone_draft_is_spelled(struct zone_draft *d, const uint8_t *owner);

/* Writes `owner` to `out` in the case in which the zone has it; as it is if it is not in use. */
void zone_draft_spelling(struct zone_draft *d, const uint8_t *owner,
			 uint8_t out[static DNS_NAME_MAX]);

/* Returns the number of RRsets at `owner`; 0 means that the name is not in use (RFC 2136 section
 * 2.4.4). */
unsigned zone_draft_count(struct zone_draft *d, const uint8_t *owner);

/* Returns the octets of all RRsets at `owner`, as zone/limits.h counts them. */
uint64_t zone_draft_nbytes(struct zone_draft *d, const uint8_t *owner);

/* Returns whether `nrecords` more records of `nbytes` octets in all, as zone/limits.h counts them,
 * keep `owner` and its set of `type` within `limits` whatever their types are: a quick test, true
 * for nearly all updates. */
bool zone_draft_has_room(struct zone_draft *d, const struct zone_limits *limits,
			 const uint8_t *owner, uint16_t type, uint32_t nrecords, uint64_t nbytes);

/* Returns a view of the `i`-th RRset at `owner`, `i` below zone_draft_count, valid until the next
 * change of `owner`. The sets are in no particular order. If memory is short, the view has type and
 * TTL only. */
struct zone_rrset zone_draft_at(struct zone_draft *d, const uint8_t *owner, unsigned i);

/* What a name holds. */
struct zone_draft_sum {
	uint64_t nrecords;
	uint64_t nbytes; /* as zone/limits.h counts them */
};

/* Returns what `owner` holds, without looking at a record. */
struct zone_draft_sum zone_draft_sum(struct zone_draft *d, const uint8_t *owner);

/* Returns the TTL, in seconds, of the RRset of `type` at `owner`; `otherwise` if there is none. */
uint32_t zone_draft_ttl(struct zone_draft *d, const uint8_t *owner, uint16_t type,
			uint32_t otherwise);

/* Returns the serial of the draft's SOA; 0 if there is no SOA. */
uint32_t zone_draft_serial(struct zone_draft *d);

/* Returns whether records were added or removed, also if others have undone that: publishing will
 * give the zone another serial, which zone_draft_serial does not have yet. */
bool zone_draft_has_changes(const struct zone_draft *d);

/* Returns whether no record of `type` may be added at `owner`: beside a CNAME only KEY, RRSIG and
 * NSEC are allowed, and no CNAME beside other data than these (RFC 2136 section 3.4.2.2, RFC 4035
 * section 2.5, for DNAME RFC 6672 section 5.2). */
bool zone_draft_bars(struct zone_draft *draft, const uint8_t *owner, uint16_t type);

/* Returns whether memory was short during a look-up, which then may have missed records. Such a
 * draft cannot be sealed. */
bool zone_draft_is_short(const struct zone_draft *d);

/* ---- changes: after -ENOMEM the draft is good only for zone_draft_abort ---- */

/* Adds one record, which is copied, and makes `ttl` the TTL of the whole set. A record that is
 * there with names in another case is replaced, and the first record of a name sets the spelling of
 * the name (RFC 4343 section 4.1). Returns 1 if something changed, 0 if the record was there with
 * the same octets and TTL, or -ENOMEM. Does not ask zone_draft_bars. */
int zone_draft_add(struct zone_draft *d, const uint8_t *owner, uint16_t type, uint32_t ttl,
		   const uint8_t *rdata, size_t nbytes);

/* Like zone_draft_add, but returns -E2BIG, with nothing changed and `over` set to the limit, if a
 * record that is not there would bring the name or the set over `limits`. A name that is over them
 * already keeps what it has. */
int zone_draft_add_within(struct zone_draft *d, const struct zone_limits *limits,
			  const uint8_t *owner, uint16_t type, uint32_t ttl, const uint8_t *rdata,
			  size_t nbytes, enum zone_limit *over);

/* Gives a name that is in use the spelling of `owner`. In the changeset all its records are removed
 * under the old spelling and added under the new one. Returns 1, 0 if nothing changed, or -ENOMEM.
 */
int zone_draft_spell(struct zone_draft *d, const uint8_t *owner);

/* Removes one record. Returns the number of records removed, 0 or 1, or -ENOMEM. */
int zone_draft_remove(struct zone_draft *d, const uint8_t *owner, uint16_t type,
		      const uint8_t *rdata, size_t nbytes);

/* Removes the RRset of `type` at `owner`. Returns the number of records removed, or -ENOMEM. */
int zone_draft_remove_rrset(struct zone_draft *d, const uint8_t *owner, uint16_t type);

/* Replaces the SOA at the apex, or adds the first. Returns 0 or -ENOMEM. Does not compare the
 * serials. */
int zone_draft_set_soa(struct zone_draft *d, uint32_t ttl, const uint8_t *rdata, size_t nbytes);

/* Applies a changeset: removes those of its removed records that are there, then adds its added
 * records; its new SOA replaces the old one. Returns 0, -ENOMEM, or -EBADMSG with nothing changed
 * if its bytes are not records of the zone. */
int zone_draft_apply(struct zone_draft *d, const struct zone_changeset *changes);

/* ---- the end ---- */

/* Does all of publishing that can fail, and writes the net difference to the parent to `changes`,
 * which is valid until the draft is published or aborted. `changes` may be NULL, and must be for a
 * zone's first version. If records differ and the SOA's serial is not newer than the parent's (RFC
 * 1982), raises it to the parent's plus one, or to 1 after the last: each version has a serial of
 * its own. Returns 1 if the draft can be published; 0 if nothing differs, or -ENOMEM: then the
 * draft can only be aborted. */
int zone_draft_seal(struct zone_draft *d, struct zone_changeset *changes);

/* Returns the version that publishing a sealed draft will make: for checks before that. Valid until
 * the draft is published or aborted. */
const struct zone_snapshot *zone_draft_sealed(const struct zone_draft *d);

/* Makes a sealed draft the zone's current version. Of the draft only its changeset remains, valid
 * until zone_draft_finish, which must follow. Cannot fail. */
void zone_draft_show(struct zone_draft *d);

/* Frees a draft after zone_draft_show. */
void zone_draft_finish(struct zone_draft *d);

/* Makes a sealed draft the zone's current version and frees the draft. Cannot fail. */
void zone_draft_publish(struct zone_draft *d);
