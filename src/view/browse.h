/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/browse.h - what clients browse: the PTRs at types and subtypes, the list of types, the
 * lists of browsing domains (RFC 6763 sections 4, 7.1, 9, 11).
 *
 * A set of PTRs never outgrows an answer: names that it has no room for wait (view/waiting.h). Each
 * function works on the draft of the pass. Only the registrar thread may call them. */
#pragma once

#include "view/pass.h"

/* Adds the PTR to `instance` at `owner`, a type or subtype, or makes the instance wait; or, unless
 * `is_wanted`, removes the PTR and gives its room to a waiting instance. Returns 0 or -ENOMEM. */
int view_browse_set(struct view_pass *p, const uint8_t *owner, const uint8_t *instance,
		    bool is_wanted);

/* Adds a type to the list of types and the zone to the lists of browsing domains if the type has
 * PTRs, else removes them. Returns 0 or -ENOMEM. */
int view_browse_list(struct view_pass *p, const uint8_t *type);

/* Adds the zone to the lists of browsing domains if its list of types has PTRs, else removes it.
 * Returns 0 or -ENOMEM. */
int view_browse_domains(struct view_pass *p);

/* Returns whether `owner` has the form of a list: LABEL._dns-sd._udp of the zone. */
bool view_browse_is_list(const struct view_pass *p, const uint8_t *owner);

/* Ends the waiting of all instances and types of a zone. Returns 0 or -ENOMEM. */
int view_browse_forget(struct view *v, const uint8_t *zone);
