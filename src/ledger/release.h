/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/release.h - records leave their leases, and leases end.
 *
 * A record that is removed from the zone, or that is to stay there for ever, leaves all leases that
 * hold it. A lease that ends takes those of its records out of the zone that no other lease holds.
 * All changes belong to the batch (ledger/leases.h). These functions do not know why something is
 * released, and read no clock. Only the registrar thread may call them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dns_record;
struct dns_update_record;
struct ledger_lease;
struct ledger_leases;
struct zone_changeset;
struct zone_draft;

/* Takes `record` out of all leases that hold it: it was removed, or is to stay. A lease that has no
 * record left ends, unless it is the second lease of its name. Returns 0, or -ENOMEM: the batch
 * must then be undone. */
int ledger_release_record(struct ledger_leases *l, const struct dns_record *record);

/* For many records: takes each out of its leases, whose contents ledger_release_settle then makes
 * anew, once. Until then these contents have records that the leases hold no longer. Return 0, or
 * -ENOMEM: the batch must then be undone. */
int ledger_release_later(struct ledger_leases *l, const struct dns_record *record);
int ledger_release_settle(struct ledger_leases *l);

/* Takes the records that the update section `records` adds out of all leases: an update without a
 * lease has added them for ever. Returns 0, or -ENOMEM: the batch must then be undone. */
int ledger_release_added(struct ledger_leases *l, const struct dns_update_record *records,
			 size_t nrecords);

/* Takes all records that `changes` removes or adds out of their leases: they are those of a zone
 * file that was merged. Returns 0, or -ENOMEM: the batch must then be undone. */
int ledger_release_changes(struct ledger_leases *l, const struct zone_changeset *changes);

/* Takes the records that an update of the lease's holder does not add out of the lease, and out of
 * `draft` if no other lease holds them. To be called before ledger_grant_update for that update.
 * Returns the number of records that left the lease, or -ENOMEM: the batch must then be undone. */
int ledger_release_missing(struct ledger_leases *l, const struct ledger_lease *lease,
			   struct zone_draft *draft, const struct dns_update_record *records,
			   size_t nrecords);

/* Ends `lease`, and removes the records that no other lease holds from `draft`. Returns the number
 * of records removed, or -ENOMEM: the batch must then be undone, and the lease continues. */
int ledger_release_lease(struct ledger_leases *l, struct ledger_lease *lease,
			 struct zone_draft *draft);
