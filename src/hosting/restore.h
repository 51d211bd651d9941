/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/restore.h - the zones as they were, when weftd starts.
 *
 * A zone is its checkpoint, or else its baseline, or else its file, with the changes since. What
 * else the store holds, as leases and revoked keys, goes to a function of the caller. Restoring
 * knows no network and changes nothing in the store but a baseline that is adopted. Main thread, or
 * for hosting_restore_first any one, registered with RCU and online. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct hosting;
struct hosting_zone;
struct store;
struct store_item;

/* Takes one item of the store that is not about a zone's file; `item` is borrowed. Returns 0, or a
 * negative errno, which ends the restoring. */
typedef int (*hosting_item_fn)(void *arg, const struct store_item *item);

/* Restores all zones of `list`, which have no version, from the store that was just opened. A zone
 * that the store does not have is read from its file; if that has errors, the zone has no version
 * and its file state is HOSTING_FILE_REFUSED. A zone that only the store has is added to the list,
 * parked, with `seed`. Before the registrar starts. Returns 0 or a negative errno with `error`
 * filled in. Errors of zone files go to `on_report`. error->code must be 0 before the call.
 * `on_report` and `on_other` are called with `arg`. */
int hosting_restore(struct hosting *list, uint64_t seed, struct store *store,
		    base_report_fn on_report, hosting_item_fn on_other, void *arg,
		    struct base_error *error);

/* Gives a zone that has no version its first: from the zone file at the path `file`, with the
 * stored changes that waited for it. The version is published as a whole: workers may reach the
 * zone, but no update may. Errors of the file go to `on_report` with `arg`. Returns 0, or a
 * negative errno: then the zone still has no version, and the changes still wait. */
int hosting_restore_first(struct hosting_zone *h, struct store *store, const char *file,
			  base_report_fn on_report, void *arg);
