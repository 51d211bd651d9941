/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/services_priv.h - the inside of the service view, shared by the files about it:
 * services.c knows whom a change concerns and has the others follow; browse.c makes the PTRs and
 * the lists of types, type_srv.c the SRVs at a type, reverse.c the reverse PTRs; mark.c keeps
 * marks, drain.c has drained instances say so, suspect.c decides what becomes of suspects. All but
 * mark.c work on the update in hand. */
#pragma once

#include "registry/services.h"

struct zone_rrset;

/* ---- mark.c ---- */

/* What is known of an instance beside its records; never changed but by another. */
struct registry_mark {
	bool is_suspect, is_drained;
	uint64_t suspect_ms; /* lease clock: since when it is suspect */
	size_t nsaid;
	uint8_t said[]; /* rdata of its TXTs as its owner says them, each with its length; if
			   drained */
};

/* The instance's mark, NULL if it has none. Good until its next change. */
const struct registry_mark *registry_mark_of(const struct registry_services *s, const uint8_t *zone,
					     const uint8_t *instance);

/* Puts another in its place; one that says nothing: none. 0 or -ENOMEM. */
int registry_mark_put(struct registry_services *s, const uint8_t *instance,
		      const struct registry_mark *mark, const uint8_t *said);

/* How many suspects a type has. */
uint32_t registry_mark_suspects(const struct registry_services *s, const uint8_t *type);

size_t registry_mark_note_size(const struct registry_entry *e);
void registry_mark_note_write(const struct registry_entry *e, uint8_t *out);
int registry_mark_note_read(struct registry_services *s, const uint8_t *zone,
			    const uint8_t *instance, const uint8_t *bytes, size_t nbytes);

/* Takes the marks of a zone over from another view. 0 or -ENOMEM. */
int registry_mark_copy(struct registry_services *to, const struct registry_services *from,
		       const uint8_t *zone);

/* Forgets those of a zone. 0 or -ENOMEM. */
int registry_mark_forget(struct registry_services *s, const uint8_t *zone);

/* ---- services.c ---- */

/* A hash of a name for a purpose, and of a name and rdata, for holds. */
uint64_t registry_services_hash(const struct registry_services *s, char purpose,
				const uint8_t *name);

bool registry_services_has(const struct registry_services *s, const uint8_t *owner, uint16_t type);

/* Whether an instance is registered, and neither drained nor says another state than up: it is live
 * unless it is withdrawn. */
bool registry_services_is_up(const struct registry_services *s, const uint8_t *instance);

/* The instance that a PTR belongs to; NULL: it is none of DNS-SD in that zone. */
const uint8_t *registry_services_target(const uint8_t *zone, const uint8_t *owner, uint16_t type,
					const uint8_t *rdata);

/* Adds a record that is not there; not beside a CNAME (RFC 2136 section 3.4.2.2). Returns how many
 * changed, or -ENOMEM. */
int registry_services_add(const struct registry_services *s, struct zone_draft *draft,
			  const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes);

/* A record that is there has the TTL of the rule, if it had that of the rule before. As above. */
int registry_services_keep(const struct registry_services *s, struct zone_draft *draft,
			   const uint8_t *owner, uint16_t type, const uint8_t *rdata,
			   size_t nbytes);

/* Adds a record that may be there already, in whatever TTL a client chose, or removes one. Returns
 * how many changed, or -ENOMEM. */
int registry_services_set(const struct registry_services *s, struct zone_draft *draft,
			  const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes,
			  bool is_wanted);

/* Makes all records that depend on whether an instance is live follow. 0 or a negative errno. */
int registry_services_set_live(struct registry_services *s, const uint8_t *instance, bool is_live);

/* ---- browse.c: 0 or -ENOMEM ---- */

/* The PTR at a type or subtype. */
int registry_browse_set(struct registry_services *s, const uint8_t *owner, const uint8_t *instance,
			bool is_wanted);

/* The names of the lists in a zone: whether `owner` is one. */
bool registry_browse_is_list(const struct registry_services *s, const uint8_t *owner);

/* Makes the lists of browsing domains again, whatever became of them. */
int registry_browse_domains(struct registry_services *s);

/* How many instances wait for room at a type or subtype. */
uint32_t registry_browse_waiting(const struct registry_services *s, const uint8_t *owner);

/* Whether an instance waits for a place at a type or subtype. */
bool registry_browse_waits(const struct registry_services *s, const uint8_t *owner,
			   const uint8_t *instance);

/* Calls `each` with the live instances that wait for a place at a type or subtype, until it returns
 * another than 0, which is returned. */
int registry_browse_each_waiting(struct registry_services *s, const uint8_t *owner,
				 int (*each)(struct registry_services *s, const uint8_t *instance));

/* Nobody of a zone waits any more. */
int registry_browse_forget(struct registry_services *s, const uint8_t *zone);

/* The type in the list of types, and the zone in those of browsing domains, while there is
 * something to browse. */
int registry_browse_list(struct registry_services *s, const uint8_t *type);

/* ---- type_srv.c: 0 or -ENOMEM ---- */

/* The SRVs at its type that an instance implies, and the nodes that it stands on. */
int registry_type_srv_follow(struct registry_services *s, const uint8_t *type,
			     const uint8_t *instance, bool is_live);

/* Whether the instance has an SRV whose target is not `.`, which says that it is not available (RFC
 * 2782). */
bool registry_type_srv_is_somewhere(const struct registry_services *s, const uint8_t *instance);

/* Has a live instance stand on its nodes. 0 or a negative errno. */
int registry_type_srv_stand(struct registry_services *s, const uint8_t *instance);

/* Puts the best into a set that has lost some. */
int registry_type_srv_refill(struct registry_services *s, const uint8_t *type);

/* Brings a set that is larger than it may be down to the best. */
int registry_type_srv_trim(struct registry_services *s, const uint8_t *type);

/* Whether an instance implies that record at the type. */
bool registry_type_srv_is_implied(const struct registry_services *s, const uint8_t *type,
				  const uint8_t *rdata, size_t nbytes);

/* Forgets what the instances of a zone imply. */
int registry_type_srv_forget(struct registry_services *s, const uint8_t *zone);

/* ---- reverse.c: 0 or a negative errno ---- */

/* A live instance came to stand on a node, or left it. `name` is a target of its SRV. */
int registry_reverse_stand(struct registry_services *s, const uint8_t *name, uint64_t instance,
			   bool stands);

/* An address of a node was changed, or is about to go. */
void registry_reverse_touch(struct registry_services *s, const uint8_t *name);
int registry_reverse_removed(struct registry_services *s, const struct zone_record *address);

/* Makes the PTRs of a node's addresses follow. */
int registry_reverse_derive(struct registry_services *s, const uint8_t *node);

/* Takes PTRs away that were made of nodes of the zone on which nothing stands, or which have no
 * such address any more. */
int registry_reverse_sweep(struct registry_services *s);

/* ---- drain.c: 0 or -ENOMEM ---- */

/* Lets the instance say what its owner said; lets it say that it is drained. */
int registry_drain_lift(struct registry_services *s, const uint8_t *instance);
int registry_drain_lay(struct registry_services *s, const uint8_t *instance);

/* ---- suspect.c: 0 or a negative errno ---- */

/* Whether a live instance of that mark is left to registry_suspect_follow. */
bool registry_suspect_is_withdrawn(const struct registry_services *s,
				   const struct registry_mark *mark);

/* Has the suspects of a type be withdrawn or not, by the rule; and those of all types of the zone.
 */
int registry_suspect_follow(struct registry_services *s, const uint8_t *type);
int registry_suspect_follow_all(struct registry_services *s);
