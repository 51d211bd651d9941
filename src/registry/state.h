/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/state.h - what the registrar keeps apart from the zones: the ledger of registrations,
 * the service view, and which zone has which rule for it.
 *
 * All of it becomes durable as items of the store (registry/items.h) in the same commit as the
 * records that it belongs to. Changes belong to the batch until registry_state_commit or
 * registry_state_undo. Only the registrar thread may touch it, and main before that runs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "registry/items.h"
#include "update/update.h"
#include "view/view.h"

struct zone;

/* The rule of a hosted zone's service view. */
struct registry_view_rule {
	struct zone *zone;
	struct view_rule rule;
	bool is_derived; /* the zone's records agree with the rule */
};

struct registry_state {
	struct ledger ledger;
	struct view view;
	struct update *update;		       /* applies updates to both */
	struct registry_items items;	       /* of the commit in hand */
	struct registry_view_rule *view_rules; /* of zones with a view, sorted by zone */
	size_t nview_rules;
};

/* Makes an empty state; `seed` keys its hashes. Returns 0, or -ENOMEM, after which
 * registry_state_fini is due all the same. */
int registry_state_init(struct registry_state *s, uint64_t seed);

/* Frees what the state holds. */
void registry_state_fini(struct registry_state *s);

/* Makes `rules` (malloc'd, taken over) the rules of all zones with a service view. */
void registry_state_set_view_rules(struct registry_state *s, struct registry_view_rule *rules,
				   size_t count);

/* Returns the rule of a zone's service view, or NULL if it has none. */
const struct view_rule *registry_state_view_rule(const struct registry_state *s,
						 const struct zone *zone);

/* Returns the service view of the zone of that name, or NULL if it has none. */
const struct registry_view_rule *registry_state_view_of(const struct registry_state *s,
							const uint8_t *zone);

/* Notes whether the derived records of a zone with a service view agree with its rule. */
void registry_state_set_derived(struct registry_state *s, const struct zone *zone, bool is_derived);

/* Forgets all of a zone. Returns 0 or -ENOMEM; the change belongs to the batch. */
int registry_state_forget(struct registry_state *s, const uint8_t *zone);

/* Makes the batch's changes permanent, its items being durable since `now_ms` (lease clock); or
 * takes them back. Neither can fail. */
void registry_state_commit(struct registry_state *s, uint64_t now_ms);
void registry_state_undo(struct registry_state *s);
