/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/drain.h - instances that an operator has drained, themselves or with their node.
 *
 * A drained instance is not live, and its published TXT has `state=draining` instead of its owner's
 * state. The owner's TXT is in its mark. While an update, a lease's end or a zone file is applied,
 * the owner's TXT is restored, so that prerequisites and deletes find what the owner registered;
 * view_update overlays it again. What only reads asks view_drain_find instead. Works on the draft
 * of the pass. Only the registrar thread may call these functions. */
#pragma once

#include "view/pass.h"

struct zone_rrset;

/* Drains an instance, or ends that, to be followed by view_update. Returns 1, 0 if the instance was
 * in that state already, -ENOENT if it is not registered, -EBUSY if it stays drained because its
 * node is, or -ENOMEM. */
int view_drain_set(struct view_pass *p, const uint8_t *instance, bool is_drained);

/* Drains an instance if an SRV of it targets a drained node; ends that if none does, and the
 * instance is drained for no other reason. To be followed by view_update, which calls it for
 * touched instances while nodes are drained. Returns 1, 0 if nothing changed, -ENOMEM, or
 * -ECANCELED if the request has too few looks left. */
int view_drain_update(struct view_pass *p, const uint8_t *instance);

/* Restores the owner's TXT of `name` if that is a drained instance, until view_update. Takes looks
 * by the octets; returns false, with nothing restored, if the pass has too few. Another failure is
 * reported by view_update. */
bool view_drain_restore(struct view_pass *p, const uint8_t *name);

/* Like zone_draft_find, but finds what the owner of a drained instance registered, and changes
 * nothing. Of its TXT only `data` and `nbytes` are filled in so; `data` is valid as long as the
 * instance's mark. */
bool view_drain_find(struct view_pass *p, const uint8_t *name, uint16_t type,
		     struct zone_rrset *rrset);

/* Restores the owners' TXT of all drained instances of the zone. */
void view_drain_restore_all(struct view_pass *p);

/* Returns whether an instance of the zone is drained. */
bool view_drain_is_any(const struct view *v, const uint8_t *zone);

/* Replaces the TXT of an instance, if it is drained, by its overlay, after storing the owner's in
 * its mark. Returns 0 or -ENOMEM. */
int view_drain_overlay(struct view_pass *p, const uint8_t *instance);
