/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/node.h - nodes that an operator has drained: instances whose SRVs target them are drained
 * for as long (view/drain.h).
 *
 * A node is drained by its name, whichever zone it is in and whatever runs on it, until the
 * operator ends that; each is an item of the store (view/item.h). Changes belong to the batch. Only
 * the registrar thread may call these functions. */
#pragma once

#include "view/pass.h"

/* Drains a node, or ends that. Returns 1, 0 if the node was in that state already, or -ENOMEM. What
 * runs on it is changed by view_drain_update. */
int view_node_set(struct view *v, const uint8_t *node, bool is_drained);

/* Returns whether a node is drained. */
bool view_node_is_drained(const struct view *v, const uint8_t *node);

/* Returns whether an SRV of an instance targets a drained node. */
bool view_node_is_targeted(const struct view_pass *p, const uint8_t *instance);

/* Returns the name of the drained node that follows `*e`, which starts as NULL and is moved on;
 * NULL after the last. No node may be drained during the walk. */
const uint8_t *view_node_next(const struct view *v, const struct undo_entry **e);

/* Copies the drained nodes into the view `to`, which has none. Returns 0 or -ENOMEM. */
int view_node_copy(struct view *to, const struct view *from);
