/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/suspect.h - suspect instances under a rule that withdraws them: they leave the view, unless
 * that would leave their type without instances (a panic).
 *
 * update/report.h decides which instances become suspect. Works on the draft of the pass. Only the
 * registrar thread may call these functions. */
#pragma once

#include "view/pass.h"

/* Makes an instance suspect since `now_ms` (lease clock), or ends that, and takes the looks for
 * what that changes. Returns 0 or a negative errno; -ECANCELED: the request has too few looks
 * left. */
int view_suspect_set(struct view_pass *p, const uint8_t *instance, bool is_suspect,
		     uint64_t now_ms);

/* Returns whether the rule withdraws an instance with that mark (NULL: none), unless its type is in
 * a panic. The instance must be up. */
bool view_suspect_is_withdrawn(const struct view_pass *p, const struct view_mark *mark);

/* Notes that a touched instance is live and not suspect: its type is in no panic. */
void view_suspect_note_healthy(struct view_pass *p, const uint8_t *instance);

/* Begins the panic of a type, or ends it: then all suspects concerned are withdrawn, or made live
 * again by the rule, for which looks are taken. Returns 0 or a negative errno, as
 * view_suspect_set does. */
int view_suspect_update(struct view_pass *p, const uint8_t *type);

/* Withdraws a touched instance if it is suspect, unless its type's panic makes it live. After
 * view_suspect_update of the type. Returns 0 or a negative errno. */
int view_suspect_update_touched(struct view_pass *p, const uint8_t *instance);

/* Withdraws, or in a panic restores, the suspects of every type of the zone that has any. Returns 0
 * or a negative errno. */
int view_suspect_update_all(struct view_pass *p);
