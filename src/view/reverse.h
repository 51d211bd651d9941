/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/reverse.h - reverse PTRs (RFC 1035 section 3.5, RFC 3596 section 2.5): from the addresses of
 * nodes on which live instances run, in the reverse zones that are hosted here.
 *
 * They change in drafts of those zones, which the batch gets by view->draft_of. Only PTRs with the
 * TTL of the rule are made or removed: others are the administrator's. Only the registrar thread
 * may call these functions. */
#pragma once

#include "view/pass.h"

/* Counts a live instance (the hash of its entry in view->srvs) as running on the node `name`, a
 * target of its SRV, or no longer; also without reverse zones. Returns 0 or -ENOMEM. */
int view_reverse_ref(struct view_pass *p, const uint8_t *name, uint64_t instance);
int view_reverse_unref(struct view_pass *p, const uint8_t *name, uint64_t instance);

/* Notes that an address was added at `name`, for view_reverse_update. */
void view_reverse_touch(struct view_pass *p, const uint8_t *name);

/* Removes the PTR of an address that is about to be removed. Returns 0 or a negative errno. */
int view_reverse_removed(struct view_pass *p, const struct dns_record *address);

/* Adds the PTRs of all addresses of `node` if a live instance runs on it, else removes them.
 * Returns 0 or a negative errno. */
int view_reverse_update(struct view_pass *p, const uint8_t *node);

/* Removes derived PTRs in all reverse zones to nodes of the pass's zone on which nothing runs or
 * which no longer have the address. Returns 0 or a negative errno. */
int view_reverse_prune(struct view_pass *p);
