/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/update.h - what a change of a zone means for its service view.
 *
 * The order of one pass:
 *
 * 1. view_pass_begin.
 * 2. view_drain_restore for each name that the change looks at.
 * 3. The change is applied to the draft. Before each record that it removes: view_update_removed.
 *    For each record of an update, once it is applied: view_update_mentioned; for a record that
 *    was added otherwise: view_update_added.
 * 4. view_update, which makes the derived records agree with the draft.
 *
 * Steps 2 and 3 only collect names; what fails there is reported by step 4. Only the registrar
 * thread may call these functions. */
#pragma once

#include "view/pass.h"

struct dns_update_record;

/* Notes a record that is about to be removed from the draft. */
void view_update_removed(struct view_pass *p, const struct dns_record *record);

/* Notes a record that was added to the draft. */
void view_update_added(struct view_pass *p, const struct dns_record *record);

/* Notes a record of an update section that has been applied, whether or not it changed the draft:
 * it states what its client wants. */
void view_update_mentioned(struct view_pass *p, const struct dns_update_record *record);

/* Makes the derived records agree with the draft, as far as the collected names are concerned. An
 * instance that has no records any more loses its subtypes and its mark. Returns 0, or a negative
 * errno, after which the batch is to be undone. The collected names are forgotten. */
int view_update(struct view_pass *p);

/* Returns whether a PTR from `owner` to `target` waits for room: that its client registers it again
 * changes nothing. */
bool view_update_is_waiting(const struct view *v, const uint8_t *zone, const uint8_t *owner,
			    const uint8_t *target);
