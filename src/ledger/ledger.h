/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/ledger.h - what the registry keeps of registrations apart from their records: which key
 * owns which name, how long the name lives, the clock that measures it, and how much each key has.
 *
 * It knows no service view and no store: registry/items.h writes it down. Changes belong to the
 * batch until ledger_commit or ledger_undo. Only the registrar thread may touch it, and main before
 * that runs; the lease clock and refreshes say themselves what any thread may do. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dnssd/kind.h"
#include "ledger/ahead.h"
#include "ledger/assigned.h"
#include "ledger/clock.h"
#include "ledger/leases.h"
#include "ledger/owner.h"
#include "ledger/usage.h"

struct zone;
struct zone_draft;
struct zone_snapshot;

/* A zone whose nodes are the keys of a fabric. */
struct ledger_fabric {
	uint8_t zone[DNS_NAME_MAX], fabric[DNS_NAME_MAX];
};

/* Is called with a name that is free again, so that nothing is kept of it. Returns 0 or -ENOMEM. */
typedef int (*ledger_freed_fn)(void *arg, const uint8_t *zone, const uint8_t *name);

struct ledger {
	struct ledger_owners owners;
	struct ledger_leases leases;
	struct ledger_usages usages;
	struct ledger_ahead ahead;
	struct ledger_assigned assigned;
	struct ledger_clock clock;
	struct ledger_fabric *fabrics; /* sorted by zone */
	size_t nfabrics;

	/* set before the first change */
	ledger_freed_fn on_freed; /* may be NULL */
	void *freed_arg;
};

/* Makes an empty ledger; `seed` keys its hashes. Returns 0, or -ENOMEM, after which ledger_fini is
 * due all the same. */
int ledger_init(struct ledger *g, uint64_t seed);

/* Frees what the ledger holds. */
void ledger_fini(struct ledger *g);

/* Returns whether the names of a kind belong to the key that registered them first. */
bool ledger_is_owned(enum dnssd_kind kind);

/* Counts what a name, an owned one or a node's of a fabric, holds in `draft`, or which instances
 * are assigned there: to be called when its records have changed. Does nothing for other names.
 * Returns 0 or -ENOMEM. */
int ledger_count(struct ledger *g, struct zone_draft *draft, const uint8_t *name);

/* Makes `fabrics` (malloc'd, taken over) those of all zones with a built-in policy. */
void ledger_set_fabrics(struct ledger *g, struct ledger_fabric *fabrics, size_t count);

/* Returns the fabric whose keys are the nodes of `zone` (wire names), valid until
 * ledger_set_fabrics, or NULL. */
const uint8_t *ledger_fabric_of(const struct ledger *g, const uint8_t *zone);

/* Counts what all names of a zone hold in `snapshot`: when its fabric is new. Returns 0 or -ENOMEM;
 * the change belongs to the batch. */
int ledger_count_zone(struct ledger *g, const uint8_t *zone, const struct zone_snapshot *snapshot);

/* Frees a name that has lost records in `draft`, if none is left and no key lease keeps it for its
 * owner; else counts what it still holds. Returns 0 or -ENOMEM. */
int ledger_release_if_empty(struct ledger *g, struct zone_draft *draft, const uint8_t *name);

/* Frees a name without records, whether it has an owner or not. Returns 0 or -ENOMEM. */
int ledger_free_name(struct ledger *g, const uint8_t *zone, const uint8_t *name);

/* Starts the clock once all items have been read, drops leases of which only a time was read, and
 * counts owners and leases. Returns 0 or -ENOMEM. */
int ledger_start(struct ledger *g, uint64_t steady_ms);

/* Finds the zone of that name and its rule. Returns false if it is not hosted now. */
typedef bool (*ledger_zone_fn)(void *arg, const uint8_t *name, struct zone **zone,
			       const struct ledger_lease_rule **rule);

/* Resumes the leases of zones that are hosted now and were not before, with what they had left and
 * the rule's grace, and suspends those of zones that are not hosted. At start, and when zones came
 * or went. Returns 0 or -ENOMEM. */
int ledger_resume(struct ledger *g, ledger_zone_fn find, void *arg, uint64_t now_ms);

/* Returns when the next tick has something to do: lease clock; UINT64_MAX if nothing is due. */
uint64_t ledger_next(const struct ledger *g);

/* Forgets the owners and leases of a zone. Returns 0 or -ENOMEM; the change belongs to the batch.
 */
int ledger_forget(struct ledger *g, const uint8_t *zone);

/* Makes the batch's changes permanent, or takes them back. Neither can fail. */
void ledger_commit(struct ledger *g);
void ledger_undo(struct ledger *g);
