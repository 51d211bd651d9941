/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/address.h - whether the target of an SRV has an address: one that has none is not published.
 *
 * A name has an address
 *
 * 1. of its own, if it has an A, AAAA or CNAME, or is outside the zone;
 * 2. otherwise if it is covered: it is at or below a delegation or another zone that is hosted
 *    here, below a DNAME, or below a name with a wildcard that has one of its own. That the
 *    wildcard may not apply because a name between exists (RFC 4592 section 3.3.1) does not matter:
 *    what covers a name must not depend on names beside it.
 *
 * Works on the draft of the pass. Only the registrar thread may call these functions. */
#pragma once

#include "view/pass.h"

/* Returns whether a name has an address of its own. */
bool view_address_is_own(const struct view_pass *p, const uint8_t *name);

/* Returns whether a name has an address, its own or because it is covered. */
bool view_address_has(const struct view_pass *p, const uint8_t *name);

/* Stores which targets of an instance have no address of their own, or, unless `is_ready`, that no
 * address is missed: then it is not live in any case. Returns 0 or -ENOMEM. */
int view_address_update(struct view_pass *p, const uint8_t *instance, bool is_ready);

/* Returns whether a target that was stored for an entry of view->unaddressed is covered now, and
 * was not then, or the reverse. */
bool view_address_has_changed(const struct view_pass *p, const struct undo_entry *e);

/* Returns a target without an address because of which an instance is not live, valid until the
 * instance is updated; NULL: it does not lack an address, or is drained, or has a state other than
 * up. */
const uint8_t *view_address_missing(const struct view *v, const uint8_t *zone,
				    const uint8_t *instance);

/* Forgets what is stored of the instances of a zone. Returns 0 or -ENOMEM. */
int view_address_forget(struct view *v, const uint8_t *zone);
