/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/view_priv.h - the inside of the service view, shared by the files about it:
 * services.c knows whom a change concerns and has the others follow; browse.c makes the PTRs and
 * the lists of types, type_srv.c the SRVs at a type, reverse.c the reverse PTRs; mark.c keeps
 * marks, drain.c has drained instances say so, suspect.c decides what becomes of suspects. All but
 * mark.c work on the update in hand. */
#pragma once

#include "view/view.h"

struct zone_rrset;

/* ---- mark.c ---- */

/* What is known of an instance beside its records; never changed but by another. */
struct view_mark {
	bool is_suspect, is_drained;
	uint64_t suspect_ms; /* lease clock: since when it is suspect */
	size_t nsaid;
	uint8_t said[]; /* rdata of its TXTs as its owner says them, each with its length; if
			   drained */
};

/* The instance's mark, NULL if it has none. Good until its next change. */
const struct view_mark *view_mark_of(const struct view *s, const uint8_t *zone,
				     const uint8_t *instance);

/* Puts another in its place; one that says nothing: none. 0 or -ENOMEM. */
int view_mark_put(struct view *s, const uint8_t *instance, const struct view_mark *mark,
		  const uint8_t *said);

/* How many suspects a type has. */
uint32_t view_mark_suspects(const struct view *s, const uint8_t *type);

size_t view_mark_item_size(const struct undo_entry *e);
void view_mark_item_write(const struct undo_entry *e, uint8_t *out);
int view_mark_item_read(struct view *s, const uint8_t *zone, const uint8_t *instance,
			const uint8_t *bytes, size_t nbytes);

/* Takes the marks of a zone over from another view. 0 or -ENOMEM. */
int view_mark_copy(struct view *to, const struct view *from, const uint8_t *zone);

/* Forgets those of a zone. 0 or -ENOMEM. */
int view_mark_forget(struct view *s, const uint8_t *zone);

/* ---- services.c ---- */

/* A hash of a name for a purpose, and of a name and rdata, for holds. */
uint64_t view_hash(const struct view *s, char purpose, const uint8_t *name);

bool view_has(const struct view *s, const uint8_t *owner, uint16_t type);

/* Whether an instance is registered, and neither drained nor says another state than up: it is live
 * unless it is withdrawn. */
bool view_is_up(const struct view *s, const uint8_t *instance);

/* The instance that a PTR belongs to; NULL: it is none of DNS-SD in that zone. */
const uint8_t *view_target(const uint8_t *zone, const uint8_t *owner, uint16_t type,
			   const uint8_t *rdata);

/* Adds a record that is not there; not beside a CNAME (RFC 2136 section 3.4.2.2). Returns how many
 * changed, or -ENOMEM. */
int view_add(const struct view *s, struct zone_draft *draft, const uint8_t *owner, uint16_t type,
	     const uint8_t *rdata, size_t nbytes);

/* A record that is there has the TTL of the rule, if it had that of the rule before. As above. */
int view_retime(const struct view *s, struct zone_draft *draft, const uint8_t *owner, uint16_t type,
		const uint8_t *rdata, size_t nbytes);

/* Adds a record that may be there already, in whatever TTL a client chose, or removes one. Returns
 * how many changed, or -ENOMEM. */
int view_set(const struct view *s, struct zone_draft *draft, const uint8_t *owner, uint16_t type,
	     const uint8_t *rdata, size_t nbytes, bool is_wanted);

/* Makes all records that depend on whether an instance is live follow. 0 or a negative errno. */
int view_set_live(struct view *s, const uint8_t *instance, bool is_live);

/* ---- browse.c: 0 or -ENOMEM ---- */

/* The PTR at a type or subtype. */
int view_browse_set(struct view *s, const uint8_t *owner, const uint8_t *instance, bool is_wanted);

/* The names of the lists in a zone: whether `owner` is one. */
bool view_browse_is_list(const struct view *s, const uint8_t *owner);

/* Makes the lists of browsing domains again, whatever became of them. */
int view_browse_domains(struct view *s);

/* How many instances wait for room at a type or subtype. */
uint32_t view_browse_waiting(const struct view *s, const uint8_t *owner);

/* Whether an instance waits for a place at a type or subtype. */
bool view_browse_waits(const struct view *s, const uint8_t *owner, const uint8_t *instance);

/* Calls `each` with the live instances that wait for a place at a type or subtype, until it returns
 * another than 0, which is returned. */
int view_browse_each_waiting(struct view *s, const uint8_t *owner,
			     int (*each)(struct view *s, const uint8_t *instance));

/* Nobody of a zone waits any more. */
int view_browse_forget(struct view *s, const uint8_t *zone);

/* The type in the list of types, and the zone in those of browsing domains, while there is
 * something to browse. */
int view_browse_list(struct view *s, const uint8_t *type);

/* ---- type_srv.c: 0 or -ENOMEM ---- */

/* The SRVs at its type that an instance implies, and the nodes that it stands on. */
int view_type_srv_update(struct view *s, const uint8_t *type, const uint8_t *instance,
			 bool is_live);

/* Whether the instance has an SRV whose target is not `.`, which says that it is not available (RFC
 * 2782). */
bool view_type_srv_is_somewhere(const struct view *s, const uint8_t *instance);

/* Has a live instance stand on its nodes. 0 or a negative errno. */
int view_type_srv_ref(struct view *s, const uint8_t *instance);

/* Puts the best into a set that has lost some. */
int view_type_srv_reconcile(struct view *s, const uint8_t *type);

/* Brings a set that is larger than it may be down to the best. */
int view_type_srv_trim(struct view *s, const uint8_t *type);

/* Whether an instance implies that record at the type. */
bool view_type_srv_is_implied(const struct view *s, const uint8_t *type, const uint8_t *rdata,
			      size_t nbytes);

/* Forgets what the instances of a zone imply. */
int view_type_srv_forget(struct view *s, const uint8_t *zone);

/* ---- reverse.c: 0 or a negative errno ---- */

/* A live instance came to stand on a node, or left it. `name` is a target of its SRV. */
int view_reverse_ref(struct view *s, const uint8_t *name, uint64_t instance, bool stands);

/* An address of a node was changed, or is about to go. */
void view_reverse_touch(struct view *s, const uint8_t *name);
int view_reverse_removed(struct view *s, const struct dns_record *address);

/* Makes the PTRs of a node's addresses follow. */
int view_reverse_update(struct view *s, const uint8_t *node);

/* Takes PTRs away that were made of nodes of the zone on which nothing stands, or which have no
 * such address any more. */
int view_reverse_prune(struct view *s);

/* ---- drain.c: 0 or -ENOMEM ---- */

/* Lets the instance say what its owner said; lets it say that it is drained. */
int view_drain_restore(struct view *s, const uint8_t *instance);
int view_drain_overlay(struct view *s, const uint8_t *instance);

/* ---- suspect.c: 0 or a negative errno ---- */

/* Whether a live instance of that mark is left to view_suspect_update. */
bool view_suspect_is_withdrawn(const struct view *s, const struct view_mark *mark);

/* Has the suspects of a type be withdrawn or not, by the rule; and those of all types of the zone.
 */
int view_suspect_update(struct view *s, const uint8_t *type);
int view_suspect_update_all(struct view *s);
