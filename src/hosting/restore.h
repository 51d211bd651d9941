/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/restore.h - zones as the store has them, when weftd starts.
 *
 * A zone is its checkpoint, or else its baseline, or else its file, with the changes since.
 * Restoring knows no network; leases, keys and whatever else the store holds go to a function of
 * the caller. Before the registrar starts (zones that a reload adds: in main); the thread is
 * registered with RCU and online. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "hosting/load.h"

struct hosting;
struct hosting_zone;
struct store;
struct store_item;

/* Told of each note in the store that is not about a zone's file. 0, or a negative errno that ends
 * the restoring. */
typedef int (*hosting_item_fn)(void *arg, const struct store_item *note);

/* Restores all zones from the store: checkpoint or base, and the changes since. A zone that the
 * store does not have is read from its file; one that only the store has is added to the list,
 * parked. Before the registrar starts; the thread is registered with RCU and online. 0 or a
 * negative errno; an error of the store is described in `error`, which stays as it is
 * otherwise, those of files by `on_report`. Both functions get `arg`. */
int hosting_restore(struct hosting *list, uint64_t seed, struct store *store,
		    base_report_fn on_report, hosting_item_fn on_other, void *arg,
		    struct base_error *error);

/* Gives a zone that came with a reload its first version: its file, and the changes that waited for
 * it. The thread as above. 0 or a negative errno; what waited goes on waiting then. */
int hosting_restore_first(struct hosting_zone *h, struct store *store, base_report_fn on_report,
			  void *arg);
