/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/flip.h - nodes that have got an address or lost the last one: the instances with SRVs that
 * target them are updated, though the change does not name them.
 *
 * A node may have any number of instances. One pass updates as many as VIEW_FLIP_LOOKS allows; a
 * node with more of them is stored in view->flips, and later passes go on with it
 * (view_flip_resume): an instance that is updated no longer counts as one to be. Whatever is
 * updated meanwhile for another reason agrees with the node then. After a restart all instances are
 * updated.
 *
 * Works on the draft of the pass. Only the registrar thread may call these functions. */
#pragma once

#include "view/pass.h"

/* Notes that a record of that type came or went at `owner`, a name of the zone. */
void view_flip_touch(struct view_pass *p, const uint8_t *owner, uint16_t type);

/* Touches the instances concerned by what was noted. Returns 0 or -ENOMEM. */
int view_flip_collect(struct view_pass *p);

/* Notes the nodes of the pass's zone with which a pass before this one did not finish. Returns 0 or
 * -ENOMEM. */
int view_flip_resume(struct view_pass *p);

/* Returns the name of a zone that view_flip_resume is due for, the first one if `after` is NULL,
 * else the next; valid until view->flips changes. NULL: there is none. A zone may come twice. */
const uint8_t *view_flip_zone(const struct view *v, const struct undo_entry **after);

/* Forgets the nodes of a zone. Returns 0 or -ENOMEM. */
int view_flip_forget(struct view *v, const uint8_t *zone);
