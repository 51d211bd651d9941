/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { GRACE_MAX_S = 60 };

int ledger_init(struct ledger *g, uint64_t seed)
{
	int ret;

	memset(g, 0, sizeof(*g));
	ret = ledger_owners_init(&g->owners, seed);
	if (ret == 0)
		ret = ledger_usages_init(&g->usages, seed);
	if (ret == 0)
		ret = ledger_ahead_init(&g->ahead, seed);
	if (ret == 0)
		ret = ledger_assigned_init(&g->assigned, seed);
	return ret == 0 ? ledger_leases_init(&g->leases, seed) : ret;
}

void ledger_fini(struct ledger *g)
{
	ledger_owners_fini(&g->owners);
	ledger_leases_fini(&g->leases);
	if (g->usages.table.bucket != NULL)
		ledger_usages_fini(&g->usages);
	if (g->ahead.table.bucket != NULL)
		ledger_ahead_fini(&g->ahead);
	ledger_assigned_fini(&g->assigned);
	free(g->fabrics);
}

/* ---- what names hold ---- */

static int compare_zones(const void *left, const void *right)
{
	const struct ledger_fabric *a = left, *b = right;

	return dns_name_compare(a->zone, b->zone);
}

static int compare_zone(const void *zone, const void *fabric)
{
	return dns_name_compare(zone, ((const struct ledger_fabric *)fabric)->zone);
}

void ledger_set_fabrics(struct ledger *g, struct ledger_fabric *fabrics, size_t count)
{
	free(g->fabrics);
	g->fabrics = fabrics;
	g->nfabrics = count;
	if (count > 0)
		qsort(fabrics, count, sizeof(*fabrics), compare_zones);
}

const uint8_t *ledger_fabric_of(const struct ledger *g, const uint8_t *zone)
{
	const struct ledger_fabric *found =
		g->nfabrics == 0
			? NULL
			: bsearch(zone, g->fabrics, g->nfabrics, sizeof(*found), compare_zone);

	return found == NULL ? NULL : found->fabric;
}

/* Writes the name of the key whose node `name` is, or of whose node it is the name for ACME: the
 * labels before `nodes`, before `keys` and the fabric. Returns false if that is too long. */
static bool node_key(uint8_t key[static DNS_NAME_MAX], const uint8_t *name, const uint8_t *zone,
		     const uint8_t *fabric, enum ledger_node_name *which)
{
	static const uint8_t keys[] = "\4keys";
	const uint8_t *node = dnssd_kind_node(name);
	unsigned labels = dns_name_labels(node) - dns_name_labels(zone) - 1;
	uint8_t first[DNS_NAME_MAX + sizeof(keys)];
	size_t n = (size_t)(dns_name_strip(node, labels) - node);

	*which = node == name ? LEDGER_NODE : LEDGER_NODE_CHALLENGE;
	memcpy(first, node, n);
	memcpy(first + n, keys, sizeof(keys) - 1);
	return dns_name_join(key, first, n + sizeof(keys) - 1, fabric) > 0;
}

bool ledger_is_owned(enum dnssd_kind kind)
{
	switch (kind) {
	case DNSSD_INSTANCE:
	case DNSSD_HELD:
	case DNSSD_USES:
	case DNSSD_RESOURCE:
	case DNSSD_SESSION:
	case DNSSD_LEADER:
	case DNSSD_EVENT:
		return true;
	default:
		return false;
	}
}

static uint32_t narrowed(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static int count_name(struct ledger *g, const uint8_t *zone, const uint8_t *name,
		      struct zone_draft_sum sum)
{
	const uint8_t *fabric = NULL;
	enum ledger_node_name which;
	uint8_t key[DNS_NAME_MAX];
	enum dnssd_kind kind = dnssd_kind_of(name, zone);

	if (ledger_is_owned(kind))
		return ledger_owner_count(
			&g->owners, zone, name,
			(struct ledger_sum){narrowed(sum.nrecords), narrowed(sum.nbytes)});
	if (kind == DNSSD_NODE)
		fabric = ledger_fabric_of(g, zone);
	if (fabric == NULL || !node_key(key, name, zone, fabric, &which))
		return 0;
	return ledger_usage_set_node(&g->usages, zone, key, which, narrowed(sum.nrecords),
				     narrowed(sum.nbytes));
}

/* Makes the PTRs at `_runs.N.nodes` the set of what is assigned to the node. */
static int count_assigned(struct ledger *g, struct zone_draft *draft, const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));
	int ret = ledger_assigned_clear(&g->assigned, zone, name);
	struct zone_rrset pointers;
	struct zone_rdata one;
	const uint8_t *at;

	if (ret < 0 || !zone_draft_find(draft, name, DNS_TYPE_PTR, &pointers))
		return ret;
	at = pointers.data;
	while (ret == 0 && zone_rrset_next(&pointers, &at, &one))
		ret = ledger_assigned_add(&g->assigned, zone, name, one.bytes);
	return ret;
}

int ledger_count(struct ledger *g, struct zone_draft *draft, const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));

	if (!dns_name_is_under(name, zone) || (g->owners.table.count == 0 && g->nfabrics == 0))
		return 0;
	if (dnssd_kind_of(name, zone) == DNSSD_RUNS)
		return ledger_fabric_of(g, zone) == NULL ? 0 : count_assigned(g, draft, name);
	return count_name(g, zone, name, zone_draft_sum(draft, name));
}

int ledger_count_zone(struct ledger *g, const uint8_t *zone, const struct zone_snapshot *snapshot)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct zone_draft_sum sum = {0, 0};
	uint8_t name[DNS_NAME_MAX] = {0};
	struct dns_record r;
	int ret = c == NULL ? -ENOMEM : ledger_usage_forget_nodes(&g->usages, zone);
	bool is_fabric = ledger_fabric_of(g, zone) != NULL;

	if (ret == 0)
		ret = ledger_assigned_forget(&g->assigned, zone);
	while (ret == 0 && zone_cursor_next(c, &r)) {
		if (!dns_name_equal(r.owner, name)) {
			if (sum.nrecords > 0)
				ret = count_name(g, zone, name, sum);
			memcpy(name, r.owner, dns_name_nbytes(r.owner));
			sum = (struct zone_draft_sum){0, 0};
		}
		sum.nrecords++;
		sum.nbytes += ZONE_LIMIT_RECORD_HEAD + (uint64_t)r.nbytes;
		if (ret == 0 && is_fabric && r.type == DNS_TYPE_PTR &&
		    dnssd_kind_of(r.owner, zone) == DNSSD_RUNS)
			ret = ledger_assigned_add(&g->assigned, zone, r.owner, r.rdata);
	}
	if (ret == 0 && sum.nrecords > 0)
		ret = count_name(g, zone, name, sum);
	zone_cursor_free(c);
	return ret;
}

/* ---- names, leases, the batch ---- */

int ledger_release_if_empty(struct ledger *g, struct zone_draft *draft, const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));

	/* A store can have leases that are named after a name outside the zone. */
	if (ledger_owner_of(&g->owners, zone, name) == NULL ||
	    (dns_name_is_under(name, zone) && zone_draft_count(draft, name) > 0) ||
	    ledger_leases_find(&g->leases, zone, name, LEDGER_LEASE_NAME) != NULL)
		return ledger_count(g, draft, name);
	return ledger_free_name(g, zone, name);
}

int ledger_free_name(struct ledger *g, const uint8_t *zone, const uint8_t *name)
{
	int ret = g->on_freed == NULL ? 0 : g->on_freed(g->freed_arg, zone, name);

	return ret == 0 ? ledger_owner_set(&g->owners, zone, name, NULL) : ret;
}

/* The tables report their changes from now on; what was read until now is counted here. */
int ledger_start(struct ledger *g, uint64_t steady_ms)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	ledger_clock_start(&g->clock, steady_ms);
	ledger_leases_prune(&g->leases);
	while (ret == 0 && (e = undo_table_next(&g->owners.table, e)) != NULL) {
		const struct undo_entry empty = {.key = e->key, .nkey = e->nkey};

		ret = ledger_usage_on_owner(&g->usages, &empty, e->content);
	}
	e = NULL;
	while (ret == 0 && (e = undo_table_next(&g->leases.table, e)) != NULL) {
		const struct undo_entry empty = {.key = e->key, .nkey = e->nkey};

		ret = ledger_usage_on_lease(&g->usages, &empty, e->content);
	}
	undo_table_commit(&g->usages.table, NULL, NULL);
	undo_table_commit(&g->owners.table, NULL, NULL);
	g->owners.table.on_put = ledger_usage_on_owner;
	g->leases.table.on_put = ledger_usage_on_lease;
	g->owners.table.put_arg = g->leases.table.put_arg = &g->usages;
	return ret;
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
	if (ret == 0)
		ret = ledger_assigned_forget(&g->assigned, zone);
	return ret == 0 ? ledger_usage_forget_nodes(&g->usages, zone) : ret;
}

void ledger_commit(struct ledger *g)
{
	undo_table_commit(&g->owners.table, NULL, NULL);
	undo_table_commit(&g->usages.table, NULL, NULL);
	undo_table_commit(&g->ahead.table, NULL, NULL);
	ledger_assigned_commit(&g->assigned);
	ledger_leases_commit(&g->leases);
}

void ledger_undo(struct ledger *g)
{
	undo_table_undo(&g->owners.table, NULL, NULL);
	undo_table_undo(&g->usages.table, NULL, NULL);
	undo_table_undo(&g->ahead.table, NULL, NULL);
	ledger_assigned_undo(&g->assigned);
	ledger_leases_undo(&g->leases);
}
