/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Registers, refreshes, removes, ends, commits and undoes with the ledger as the input demands,
 * and does the same with a plain list. Both must agree on what is leased until when, and so must
 * a ledger that is read back from the items. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rcu.h"
#include "dns/type.h"
#include "dns/update.h"
#include "ledger/grant.h"
#include "ledger/release.h"
#include "registry/state.h"
#include "store/store.h"
#include "zone/draft.h"
#include "zone/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS = 12, ITEMS_MAX = 64, STEPS_MAX = 200 };

static const uint8_t apex[] = "\003lab\005cloud";

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- what can be registered ---- */

/* Two services with a shared address, a third with two types at its name, a node, a key. */
static struct {
	const char *owner;
	uint16_t type;
	const char *rdata;
	size_t nbytes;
	uint8_t name[DNS_NAME_MAX], wire[DNS_NAME_MAX];
	uint16_t nwire;
} known[RECORDS] = {
	{.owner = "a._http._tcp.lab.cloud.",
	 .type = DNS_TYPE_SRV,
	 .rdata = "\0\0\0\0\0\120\1n\0",
	 .nbytes = 9},
	{.owner = "a._http._tcp.lab.cloud.", .type = DNS_TYPE_TXT, .rdata = "\1x", .nbytes = 2},
	{.owner = "_http._tcp.lab.cloud.",
	 .type = DNS_TYPE_PTR,
	 .rdata = "a._http._tcp.lab.cloud."},
	{.owner = "b._http._tcp.lab.cloud.",
	 .type = DNS_TYPE_SRV,
	 .rdata = "\0\0\0\0\0\120\1n\0",
	 .nbytes = 9},
	{.owner = "_http._tcp.lab.cloud.",
	 .type = DNS_TYPE_PTR,
	 .rdata = "b._http._tcp.lab.cloud."},
	{.owner = "n.nodes.lab.cloud.", .type = DNS_TYPE_A, .rdata = "\12\0\0\1", .nbytes = 4},
	{.owner = "n.nodes.lab.cloud.", .type = DNS_TYPE_A, .rdata = "\12\0\0\2", .nbytes = 4},
	{.owner = "c._ipp._tcp.lab.cloud.", .type = DNS_TYPE_TXT, .rdata = "\1c", .nbytes = 2},
	{.owner = "c._ipp._tcp.lab.cloud.",
	 .type = DNS_TYPE_KEY,
	 .rdata = "\0\0\3\15k",
	 .nbytes = 5},
	{.owner = "b._http._tcp.lab.cloud.",
	 .type = DNS_TYPE_KEY,
	 .rdata = "\0\0\3\15k",
	 .nbytes = 5},
	{.owner = "d.lab.cloud.", .type = DNS_TYPE_AAAA, .rdata = "0123456789abcdef", .nbytes = 16},
	{.owner = "a._http._tcp.lab.cloud.", .type = DNS_TYPE_TXT, .rdata = "\1y", .nbytes = 2},
};

static const uint8_t *const keys[] = {(const uint8_t *)"\2n1", (const uint8_t *)"\2n2"};

static void known_make(void)
{
	for (unsigned i = 0; i < RECORDS; i++) {
		dns_name_from_text(known[i].name, known[i].owner, strlen(known[i].owner), NULL);
		if (known[i].nbytes == 0) {
			known[i].nwire = (uint16_t)dns_name_from_text(known[i].wire, known[i].rdata,
								      strlen(known[i].rdata), NULL);
		} else {
			known[i].nwire = (uint16_t)known[i].nbytes;
			memcpy(known[i].wire, known[i].rdata, known[i].nbytes);
		}
	}
}

/* ---- the plain list ---- */

/* A lease: name and number, the records it holds as bits. */
struct plain {
	bool is_there;
	uint8_t number;
	const uint8_t *name;
	uint32_t held;
	uint64_t expires_ms;
	unsigned key;
};

struct model {
	struct plain lease[2 * RECORDS];
	uint32_t in_zone;
};

static struct model model, before;

/* Each key has a lease of its own for the records of a name; the name itself has one lease. */
static struct plain *plain_find(const uint8_t *name, uint8_t number, unsigned key, bool makes)
{
	struct plain *none = NULL;

	for (unsigned i = 0; i < 2 * RECORDS; i++) {
		struct plain *p = &model.lease[i];

		if (p->is_there && p->number == number && dns_name_equal(p->name, name) &&
		    (number == LEDGER_LEASE_NAME || p->key == key))
			return p;
		if (!p->is_there && none == NULL)
			none = p;
	}
	if (!makes)
		return NULL;
	require(none != NULL);
	*none = (struct plain){.is_there = true, .number = number, .name = name, .key = key};
	return none;
}

static void plain_take_out(unsigned i)
{
	for (unsigned k = 0; k < 2 * RECORDS; k++) {
		struct plain *p = &model.lease[k];

		p->held &= ~(1u << i);
		if (p->is_there && p->held == 0 && p->number == LEDGER_LEASE_RECORDS)
			p->is_there = false;
	}
}

static const uint8_t *name_of(unsigned i)
{
	return known[i].type == DNS_TYPE_PTR ? known[i].wire : known[i].name;
}

/* Gives a lease its records among those that were added: its own, and, if it is named after a
 * service, those without a lease of their own. */
static void plain_grant(const uint8_t *name, uint8_t number, uint32_t own, uint32_t shared,
			uint32_t granted_s, unsigned key, uint64_t now_ms)
{
	struct plain *p = plain_find(name, number, key, true);

	p->held = (p->held & model.in_zone) | own | shared;
	p->key = key;
	p->expires_ms = now_ms + granted_s * 1000ull;
	if (p->held == 0 && number == LEDGER_LEASE_RECORDS)
		p->is_there = false;
}

static bool is_service(uint32_t added, const uint8_t *name)
{
	for (unsigned i = 0; i < RECORDS; i++)
		if ((added >> i & 1) && known[i].type == DNS_TYPE_SRV &&
		    dns_name_equal(known[i].name, name))
			return true;
	return false;
}

static bool has_service(uint32_t added)
{
	for (unsigned i = 0; i < RECORDS; i++)
		if ((added >> i & 1) && known[i].type == DNS_TYPE_SRV)
			return true;
	return false;
}

static void plain_update(uint32_t added, const struct ledger_lease_terms *granted, unsigned key,
			 uint64_t now_ms)
{
	uint32_t shared = 0, left = added;

	if (granted->lease_s == 0) {
		for (unsigned i = 0; i < RECORDS; i++)
			if (added >> i & 1)
				plain_take_out(i);
		return;
	}
	for (unsigned i = 0; i < RECORDS; i++)
		if ((added >> i & 1) && has_service(added) && known[i].type != DNS_TYPE_PTR &&
		    !is_service(added, known[i].name) &&
		    !(granted->has_key && known[i].type == DNS_TYPE_KEY))
			shared |= 1u << i;
	left &= ~shared;
	for (unsigned i = 0; i < RECORDS; i++) {
		uint32_t own = 0, own_keys = 0;

		if (!(left >> i & 1))
			continue;
		for (unsigned k = i; k < RECORDS; k++)
			if ((left >> k & 1) && dns_name_equal(name_of(i), name_of(k))) {
				if (granted->has_key && known[k].type == DNS_TYPE_KEY)
					own_keys |= 1u << k;
				else
					own |= 1u << k;
			}
		left &= ~(own | own_keys);
		if (own != 0)
			plain_grant(name_of(i), LEDGER_LEASE_RECORDS, own, shared, granted->lease_s,
				    key, now_ms);
		if (granted->has_key ||
		    (own != 0 && plain_find(name_of(i), LEDGER_LEASE_NAME, key, false) != NULL))
			plain_grant(name_of(i), LEDGER_LEASE_NAME, own_keys, 0,
				    granted->key_lease_s, key, now_ms);
	}
}

static void plain_expire(uint64_t now_ms)
{
	for (unsigned k = 0; k < 2 * RECORDS; k++) {
		struct plain *p = &model.lease[k];
		uint32_t others = 0;

		if (!p->is_there || p->expires_ms > now_ms)
			continue;
		p->is_there = false;
		for (unsigned j = 0; j < 2 * RECORDS; j++)
			if (model.lease[j].is_there)
				others |= model.lease[j].held;
		model.in_zone &= ~(p->held & ~others);
	}
}

/* ---- the ledger ---- */

static struct zone *zone;
static struct registry_state state;

static void zone_make(void)
{
	static const uint8_t soa[] = "\1n\0\1r\0\0\0\0\144\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4";
	struct zone_draft *d;

	zone = zone_new(apex, 1);
	d = zone_draft_new(zone);
	require(zone_draft_add(d, apex, DNS_TYPE_SOA, 60, soa, sizeof(soa) - 1) == 1);
	require(zone_draft_add(d, apex, DNS_TYPE_NS, 60, (const uint8_t *)"\1n", 3) == 1);
	require(zone_draft_seal(d, NULL) == 1);
	zone_draft_publish(d);
}

static void update(struct zone_draft *d, uint32_t added, uint32_t removed,
		   const struct ledger_lease_terms *granted, unsigned key, uint64_t now_ms)
{
	struct dns_update_record records[2 * RECORDS];
	unsigned n = 0;
	bool is_changed = false;

	for (unsigned i = 0; i < RECORDS; i++)
		if (removed >> i & 1) {
			const struct dns_record r = {known[i].name, known[i].type, 60,
						     known[i].wire, known[i].nwire};

			is_changed |= zone_draft_remove(d, r.owner, r.type, r.rdata, r.nbytes) > 0;
			require(ledger_release_record(&state.ledger.leases, &r) == 0);
			records[n++] = (struct dns_update_record){.owner = known[i].name,
								  .type = known[i].type,
								  .rrclass = DNS_CLASS_NONE,
								  .rdata = known[i].wire,
								  .nbytes = known[i].nwire,
								  .rdlength = known[i].nwire};
		}
	for (unsigned i = 0; i < RECORDS; i++)
		if (added >> i & 1) {
			bool is_new = zone_draft_add(d, known[i].name, known[i].type, 60,
						     known[i].wire, known[i].nwire) > 0;

			is_changed |= is_new;
			records[n++] = (struct dns_update_record){.owner = known[i].name,
								  .type = known[i].type,
								  .rrclass = DNS_CLASS_IN,
								  .ttl = 60,
								  .rdata = known[i].wire,
								  .nbytes = known[i].nwire,
								  .rdlength = known[i].nwire,
								  .nadded = is_new};
		}
	require(ledger_grant_update(&state.ledger.leases, d, records, n, keys[key], granted,
				    is_changed, now_ms) == 0);
	for (unsigned i = 0; i < RECORDS; i++)
		if (removed >> i & 1)
			plain_take_out(i);
	model.in_zone = (model.in_zone & ~removed) | added;
	plain_update(added, granted, key, now_ms);
}

static void expire(struct zone_draft *d, uint64_t now_ms)
{
	struct ledger_lease *lease;

	while ((lease = ledger_schedule_due(&state.ledger.leases.schedule, now_ms)) != NULL)
		require(update_expire(state.update, lease, d, NULL) >= 0);
	plain_expire(now_ms);
}

/* The zone has the records of the list, and each lease exists and ends when it should. */
static void check(const struct ledger *g, struct zone_draft *d)
{
	size_t count = 0;

	for (unsigned i = 0; i < RECORDS && d != NULL; i++) {
		struct zone_rrset set;
		struct zone_rdata one;
		const uint8_t *at;
		bool is_there = false;

		if (zone_draft_find(d, known[i].name, known[i].type, &set))
			for (at = set.data; zone_rrset_next(&set, &at, &one);)
				is_there |= one.nbytes == known[i].nwire &&
					    memcmp(one.bytes, known[i].wire, one.nbytes) == 0;
		require(is_there == (model.in_zone >> i & 1));
	}
	for (unsigned k = 0; k < 2 * RECORDS; k++) {
		const struct plain *p = &model.lease[k];
		struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
		unsigned found = 0, n;

		if (!p->is_there)
			continue;
		count++;
		n = ledger_leases_of(&g->leases, apex, p->name, leases);
		for (unsigned i = 0; i < n; i++) {
			const struct ledger_content *c = leases[i]->entry.content;
			bool is_name = undo_entry_number(&leases[i]->entry) == LEDGER_LEASE_NAME;

			if (is_name == (p->number == LEDGER_LEASE_NAME) &&
			    dns_name_equal(c->bytes, keys[p->key])) {
				require(leases[i]->expires_ms == p->expires_ms);
				found++;
			}
		}
		require(found == 1);
	}
	for (const struct undo_entry *e = NULL; (e = undo_table_next(&g->leases.table, e)) != NULL;)
		count--;
	require(count == 0);
}

/* ---- items ---- */

/* The live items, as a store has them. */
static struct {
	struct store_item item;
	uint8_t key[UNDO_KEY_MAX], bytes[4096];
} saved[ITEMS_MAX];
static unsigned nsaved;

static void save(const struct store_item *item)
{
	unsigned i = 0;

	while (i < nsaved &&
	       (saved[i].item.kind != item->kind || saved[i].item.nkey != item->nkey ||
		memcmp(saved[i].key, item->key, item->nkey) != 0))
		i++;
	require(i < ITEMS_MAX && item->nkey <= sizeof(saved[i].key) &&
		item->nbytes <= sizeof(saved[i].bytes));
	nsaved += i == nsaved;
	saved[i].item = *item;
	memcpy(saved[i].key, item->key, item->nkey);
	if (item->nbytes > 0)
		memcpy(saved[i].bytes, item->bytes, item->nbytes);
	saved[i].item.key = saved[i].key;
	saved[i].item.bytes = saved[i].bytes;
}

/* Writes everything to the disk and reads it into another ledger, which must agree with the
 * list. Items come in any order. */
static void check_restart(bool is_backwards)
{
	struct registry_state other;

	require(registry_state_init(&other, 2) == 0);
	for (unsigned i = 0; i < nsaved; i++) {
		const struct store_item *item = &saved[is_backwards ? nsaved - 1 - i : i].item;

		if (item->nbytes > 0)
			require(registry_items_read(&other.ledger, &other.view, item) == 0);
	}
	ledger_start(&other.ledger, 0);
	check(&other.ledger, NULL);
	registry_state_fini(&other);
}

static void commit(struct zone_draft **d, uint64_t now_ms, bool is_tick)
{
	const struct store_item *items;
	size_t count;

	require(registry_items_collect(&state.items, &state.ledger, &state.view, now_ms, is_tick,
				       NULL, &items, &count) == 0);
	for (size_t i = 0; i < count; i++)
		save(&items[i]);
	registry_state_commit(&state, now_ms);
	if (zone_draft_seal(*d, NULL) > 0)
		zone_draft_publish(*d);
	else
		zone_draft_abort(*d);
	base_rcu_quiescent();
	*d = zone_draft_new(zone);
	require(*d != NULL);
	before = model;
}

static void undo(struct zone_draft **d)
{
	zone_draft_abort(*d);
	registry_state_undo(&state);
	*d = zone_draft_new(zone);
	model = before;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	uint64_t now_ms = 1;
	struct zone_draft *d;
	bool is_moved = false; /* by a refresh in this batch, which no undo takes back */

	if (zone == NULL) {
		known_make();
		base_rcu_register();
	}
	zone_make();
	require(registry_state_init(&state, 1) == 0);
	memset(&model, 0, sizeof(model));
	before = model;
	nsaved = 0;
	d = zone_draft_new(zone);
	for (unsigned step = 0; end - data >= 6 && step < STEPS_MAX; data += 6, step++) {
		uint32_t added = data[1] | (uint32_t)(data[2] & 15) << 8,
			 removed = (data[3] | (uint32_t)(data[2] >> 4) << 8) & ~added;
		struct ledger_lease_terms granted = {
			.is_present = true, .has_key = data[4] & 1, .lease_s = data[4] >> 1 & 7};
		uint64_t refreshed = state.ledger.leases.stats.refreshed;

		granted.key_lease_s = granted.has_key ? granted.lease_s + 3 : granted.lease_s;
		switch (data[0] & 7) {
		case 0:
			commit(&d, now_ms, true);
			is_moved = false;
			check_restart(data[5] & 1);
			break;
		case 1:
			if (!is_moved)
				undo(&d);
			break;
		case 2:
			commit(&d, now_ms, false);
			now_ms += data[5] * 40u;
			expire(d, now_ms);
			commit(&d, now_ms, true);
			is_moved = false;
			check_restart(data[5] & 1);
			break;
		default:
			update(d, added, removed, &granted, data[5] & 1, now_ms);
			is_moved |= state.ledger.leases.stats.refreshed > refreshed;
		}
		check(&state.ledger, d);
	}
	zone_draft_abort(d);
	registry_state_undo(&state);
	registry_state_fini(&state);
	base_rcu_quiescent();
	zone_free(zone);
	return 0;
}
