/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/browse.h - what clients browse: the PTRs at types and subtypes, the list of types, the
 * lists of browsing domains (RFC 6763 sections 4, 7.1, 9, 11).
 *
 * A set of PTRs never outgrows an answer: where it is short of places, place/place.h
 * decides which wait. Each function works on the draft of the pass. Only the registrar thread may
 * call them. */
#pragma once

#include "view/pass.h"

/* Adds the PTR to `instance` at `owner`, a type or subtype, or makes the instance wait for a place
 * there. Returns 0 or -ENOMEM. */
int view_browse_add(struct view_pass *p, const uint8_t *owner, const uint8_t *instance);

/* Removes the PTR and gives its place to a waiting instance; or ends the instance's waiting.
 * Returns 0 or -ENOMEM. */
int view_browse_remove(struct view_pass *p, const uint8_t *owner, const uint8_t *instance);

/* Returns whether `instance` waits for a place at `owner`. */
bool view_browse_is_waiting(const struct view *v, const uint8_t *zone, const uint8_t *owner,
			    const uint8_t *instance);

/* Counts a live instance of a type and owner, or no longer: where the list of types is short of
 * places, its owners share them. Returns 0 or -ENOMEM. */
int view_browse_ref_type(struct view_pass *p, const uint8_t *type, uint32_t owner);
int view_browse_unref_type(struct view_pass *p, const uint8_t *type, uint32_t owner);

/* Adds a type to the list of types and the zone to the lists of browsing domains if the type has
 * PTRs, else removes them. Returns 0 or -ENOMEM. */
int view_browse_list(struct view_pass *p, const uint8_t *type);

/* Adds the zone to the lists of browsing domains if its list of types has PTRs, else removes it.
 * Returns 0 or -ENOMEM. */
int view_browse_domains(struct view_pass *p);

/* Returns whether `owner` has the form of a list: LABEL._dns-sd._udp of the zone. */
bool view_browse_is_list(const struct view_pass *p, const uint8_t *owner);

/* Returns whether a PTR in the list of types to `target` is that of a type of the zone. */
bool view_browse_is_type(const struct view_pass *p, const uint8_t *target);

/* Returns whether the list of types is a name at which derived records were barred. */
bool view_browse_is_barred(const struct view_pass *p);

/* Notes all types that have PTRs in the zone's current version, for which looks are taken. Returns
 * 0, -ENOMEM, or -ECANCELED if the request has too few looks left. */
int view_browse_collect(struct view_pass *p);

/* Removes derived PTRs from the list of types whose types have none. Returns 0 or -ENOMEM. */
int view_browse_prune(struct view_pass *p);

/* Forgets which names wait for a place in a zone: they are chosen anew when the zone is reconciled.
 * Returns 0 or -ENOMEM. */
int view_browse_forget_places(struct view *v, const uint8_t *zone);
