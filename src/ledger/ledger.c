/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/ledger.h"

#include <string.h>

#include "zone/draft.h"
#include "zone/zone.h"

enum { GRACE_MAX_S = 60 };

int ledger_init(struct ledger *g, uint64_t seed)
{
	int ret;

	memset(g, 0, sizeof(*g));
	ret = ledger_owners_init(&g->owners, seed);
	return ret == 0 ? ledger_leases_init(&g->leases, seed) : ret;
}

void ledger_fini(struct ledger *g)
{
	ledger_owners_fini(&g->owners);
	ledger_leases_fini(&g->leases);
}

int ledger_release_if_empty(struct ledger *g, struct zone_draft *draft, const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));

	/* A store can have leases that are named after a name outside the zone. */
	if (ledger_owner_of(&g->owners, zone, name) == NULL ||
	    (dns_name_is_under(name, zone) && zone_draft_count(draft, name) > 0) ||
	    ledger_leases_find(&g->leases, zone, name, LEDGER_LEASE_NAME) != NULL)
		return 0;
	return ledger_owner_set(&g->owners, zone, name, NULL);
}

void ledger_start(struct ledger *g, uint64_t steady_ms)
{
	ledger_clock_start(&g->clock, steady_ms);
	ledger_leases_prune(&g->leases);
}

static uint64_t grace_ms(const struct ledger_lease_rule *rule, uint32_t granted_s)
{
	uint64_t third_ms = granted_s * 1000ull / 3;

	if (rule->grace_s != LEDGER_GRACE_THIRD)
		return rule->grace_s * 1000ull;
	return third_ms < GRACE_MAX_S * 1000 ? third_ms : GRACE_MAX_S * 1000;
}

static int resume(struct ledger *g, struct ledger_lease *lease, struct zone *zone,
		  const struct ledger_lease_rule *rule, uint64_t now_ms)
{
	const struct ledger_content *c = lease->entry.content;
	uint64_t end_ms = atomic_load_explicit(&lease->expires_ms, memory_order_relaxed);

	lease->zone = zone;
	if (end_ms < now_ms)
		end_ms = now_ms;
	end_ms += grace_ms(rule, c->granted_s);
	atomic_store_explicit(&lease->expires_ms, end_ms, memory_order_release);
	return ledger_schedule_add(&g->leases.schedule, lease, end_ms);
}

int ledger_resume(struct ledger *g, ledger_zone_fn find, void *arg, uint64_t now_ms)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next(&g->leases.table, e)) != NULL) {
		struct ledger_lease *lease = (struct ledger_lease *)e;
		const struct ledger_lease_rule *rule;
		struct zone *zone;

		if (!find(arg, undo_entry_zone(e), &zone, &rule))
			ledger_schedule_stop(&g->leases.schedule, lease);
		else if (lease->zone == NULL)
			ret = resume(g, lease, zone, rule, now_ms);
	}
	return ret;
}

uint64_t ledger_next(const struct ledger *g)
{
	uint64_t next_ms = ledger_schedule_next(&g->leases.schedule);

	if (g->leases.schedule.ndirty > 0 || !base_queue_is_empty(&g->leases.refreshes.moved))
		return 0;
	if (g->leases.table.count > 0 && ledger_clock_next_save(&g->clock) < next_ms)
		return ledger_clock_next_save(&g->clock);
	return next_ms;
}

int ledger_forget(struct ledger *g, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = undo_table_forget(&g->owners.table, zone);

	while (ret == 0 && (e = undo_table_next_in(&g->leases.table, zone, e)) != NULL) {
		ledger_schedule_stop(&g->leases.schedule, (struct ledger_lease *)e);
		ret = undo_table_put(&g->leases.table, e, NULL);
	}
	return ret;
}

void ledger_commit(struct ledger *g)
{
	undo_table_commit(&g->owners.table, NULL, NULL);
	ledger_leases_commit(&g->leases);
}

void ledger_undo(struct ledger *g)
{
	undo_table_undo(&g->owners.table, NULL, NULL);
	ledger_leases_undo(&g->leases);
}
