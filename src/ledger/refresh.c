/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/refresh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "ledger/lease.h"
#include "zone/zone.h"

enum { SLOTS_FIRST = 256, ID_BYTES = 2 };

struct ledger_refresh {
	struct ledger_fingerprint print;
	const struct zone *zone;
	uint64_t version;	/* of the zone when the update changed nothing */
	uint64_t policy_number; /* of the policy that allowed the update */
	struct ledger_lease_terms granted;
	uint8_t nleases;
	uint16_t nnames_bytes;
	uint32_t granted_s[LEDGER_REFRESH_LEASES_MAX];
	struct ledger_lease *leases[LEDGER_REFRESH_LEASES_MAX];
	uint8_t names[]; /* that the update depends on: wire form, lower case, one after the other
			  */
};

/* Open addressing. A slot whose refresh was forgotten has this one instead, which is equal to no
 * fingerprint: a chain of slots must not end there. */
static struct ledger_refresh gone;

struct ledger_refresh_slots {
	size_t mask;
	_Atomic(struct ledger_refresh *) at[];
};

static struct ledger_refresh_slots *slots_new(size_t mask)
{
	struct ledger_refresh_slots *s = calloc(1, sizeof(*s) + (mask + 1) * sizeof(s->at[0]));

	if (s != NULL)
		s->mask = mask;
	return s;
}

int ledger_refreshes_init(struct ledger_refreshes *t, uint64_t seed)
{
	struct ledger_refresh_slots *s = slots_new(SLOTS_FIRST - 1);

	memset(t, 0, sizeof(*t));
	atomic_init(&t->slots, s);
	t->seed = seed;
	base_queue_init(&t->moved);
	return s == NULL ? -ENOMEM : 0;
}

void ledger_refreshes_fini(struct ledger_refreshes *t)
{
	struct ledger_refresh_slots *s = atomic_load(&t->slots);

	for (size_t i = 0; s != NULL && i <= s->mask; i++)
		if (atomic_load(&s->at[i]) != &gone)
			free(atomic_load(&s->at[i]));
	free(s);
	for (struct base_queue_link *link = base_queue_take(&t->moved), *next; link != NULL;
	     link = next) {
		next = link->next;
		free(link);
	}
}

struct ledger_fingerprint ledger_refresh_fingerprint(const struct ledger_refreshes *t,
						     const uint8_t *msg, size_t nbytes,
						     const uint8_t *key)
{
	uint8_t name[DNS_NAME_MAX];
	struct base_hash_wide h =
		base_hash_wide(msg + ID_BYTES, nbytes - ID_BYTES,
			       base_hash(name, dns_name_lower(name, key), t->seed));

	return (struct ledger_fingerprint){h.high, h.low};
}

/* ---- workers ---- */

static struct ledger_refresh *slot_find(struct ledger_refresh_slots *s,
					const struct ledger_fingerprint *print)
{
	struct ledger_refresh *r;

	for (size_t i = print->low & s->mask;
	     (r = atomic_load_explicit(&s->at[i], memory_order_acquire)) != NULL;
	     i = (i + 1) & s->mask)
		if (r != &gone && r->print.low == print->low && r->print.high == print->high)
			return r;
	return NULL;
}

/* Moves the end of a lease. Returns false if the registrar has seized it. */
static bool move(struct ledger_lease *lease, uint64_t expires_ms, uint64_t now_ms)
{
	uint64_t before = atomic_load_explicit(&lease->expires_ms, memory_order_acquire);

	do
		if (before == LEDGER_LEASE_ENDED)
			return false;
	while (!atomic_compare_exchange_weak_explicit(&lease->expires_ms, &before, expires_ms,
						      memory_order_acq_rel, memory_order_acquire));
	atomic_store_explicit(&lease->stamp_ms, now_ms, memory_order_release);
	return true;
}

/* Returns whether `expires_ms` is too far from the end on disk to remain unsaved. */
static bool is_far(const struct ledger_lease *lease, uint64_t expires_ms)
{
	uint64_t saved_ms = atomic_load_explicit(&lease->saved_ms, memory_order_relaxed);

	return (saved_ms > expires_ms ? saved_ms - expires_ms : expires_ms - saved_ms) >=
	       LEDGER_REFRESH_SAVE_MS;
}

/* Queues the moved leases whose ends are to be saved. Returns false if memory is short. */
static bool report_moved(struct ledger_refreshes *t, const struct ledger_refresh *r,
			 uint64_t now_ms, bool *is_first)
{
	for (unsigned i = 0; i < r->nleases; i++) {
		struct ledger_moved *m;

		if (!is_far(r->leases[i], now_ms + r->granted_s[i] * 1000ull))
			continue;
		m = malloc(sizeof(*m));
		if (m == NULL)
			return false;
		m->lease = r->leases[i]->entry.hash;
		*is_first |= base_queue_put(&t->moved, &m->link);
	}
	return true;
}

bool ledger_refresh_try(struct ledger_refreshes *t, const struct ledger_fingerprint *print,
			const struct zone *zone, uint64_t policy_number, uint64_t now_ms,
			struct ledger_lease_terms *granted, bool *is_first)
{
	struct ledger_refresh_slots *s = atomic_load_explicit(&t->slots, memory_order_acquire);
	const struct ledger_refresh *r = slot_find(s, print);

	*is_first = false;
	if (r == NULL || r->zone != zone || r->policy_number != policy_number ||
	    !zone_is_unchanged(zone, r->names, r->nnames_bytes, r->version))
		return false;
	/* If one lease has ended, the whole update goes to the registrar; the leases moved before
	 * it stay moved, which is harmless. */
	for (unsigned i = 0; i < r->nleases; i++)
		if (!move(r->leases[i], now_ms + r->granted_s[i] * 1000ull, now_ms))
			return false;
	if (!report_moved(t, r, now_ms, is_first))
		return false;
	atomic_fetch_add_explicit(&t->nanswered, 1, memory_order_relaxed);
	*granted = r->granted;
	return true;
}

/* ---- the registrar ---- */

/* The names that an update depends on. */
struct names {
	uint8_t bytes[LEDGER_REFRESH_NAMES_MAX];
	size_t nbytes;
};

static bool add_name(struct names *names, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t n = dns_name_lower(lower, name);

	for (size_t at = 0; at < names->nbytes; at += dns_name_nbytes(names->bytes + at))
		if (dns_name_equal(names->bytes + at, lower))
			return true;
	if (names->nbytes + n > sizeof(names->bytes))
		return false;
	memcpy(names->bytes + names->nbytes, lower, n);
	names->nbytes += n;
	return true;
}

/* The owner of a PTR's target decides whether the PTR may be written; for `_uses.INSTANCE` it is
 * the owner of the instance. */
static bool add_target(struct names *names, const struct zone *zone,
		       const struct dns_update_record *record)
{
	if (dnssd_kind_of(record->owner, zone_name(zone)) == DNSSD_USES)
		return add_name(names, dns_name_strip(record->owner, 1));
	if (record->type != DNS_TYPE_PTR || record->nbytes == 0 ||
	    !dns_name_is_under(record->rdata, zone_name(zone)))
		return true;
	return add_name(names, record->rdata);
}

/* Returns whether the update depends on the owner name of record `i`. The PTRs at a service type
 * change whenever an instance of it comes or goes. An update that only adds such a PTR need not
 * depend on them: its own PTR is leased, and when the PTR is released, its lease forgets the
 * refresh (ledger_release_record). */
static bool is_watched(const struct dns_update_record *records, size_t nrecords, size_t i)
{
	const struct dns_update_record *r = &records[i];

	if (r->type != DNS_TYPE_PTR || r->rrclass != DNS_CLASS_IN || r->owner[0] == 0 ||
	    r->owner[1] != '_')
		return true;
	for (size_t k = 0; k < nrecords; k++)
		if (records[k].rrclass != DNS_CLASS_IN &&
		    dns_name_equal(records[k].owner, r->owner))
			return true;
	return false;
}

struct ledger_refresh *ledger_refresh_new(struct zone *zone, uint64_t policy_number,
					  const struct ledger_fingerprint *print,
					  const struct dns_update_record *records, size_t nrecords,
					  struct ledger_lease *const *leases, size_t nleases,
					  const struct ledger_lease_terms *granted)
{
	const struct zone_snapshot *current = zone_current(zone);
	struct names names = {.nbytes = 0};
	struct ledger_refresh *r;

	if (nleases == 0 || nleases > LEDGER_REFRESH_LEASES_MAX || current == NULL)
		return NULL;
	for (size_t i = 0; i < nrecords; i++)
		if ((is_watched(records, nrecords, i) && !add_name(&names, records[i].owner)) ||
		    !add_target(&names, zone, &records[i]))
			return NULL;
	r = malloc(sizeof(*r) + names.nbytes);
	if (r == NULL)
		return NULL;
	*r = (struct ledger_refresh){
		.print = *print,
		.zone = zone,
		.policy_number = policy_number,
		.granted = *granted,
		.nleases = (uint8_t)nleases,
		/* Other changes of the same batch make a later version. If they concern the names
		   of this refresh, it never applies, as it should be. */
		.version = zone_snapshot_version(current),
	};
	for (size_t i = 0; i < nleases; i++) {
		r->leases[i] = leases[i];
		r->granted_s[i] = undo_entry_number(&leases[i]->entry) == LEDGER_LEASE_NAME
					  ? granted->key_lease_s
					  : granted->lease_s;
	}
	r->nnames_bytes = (uint16_t)names.nbytes;
	memcpy(r->names, names.bytes, names.nbytes);
	return r;
}

void ledger_refresh_free(struct ledger_refresh *r)
{
	free(r);
}

size_t ledger_refresh_leases(const struct ledger_refresh *r, struct ledger_lease *const **leases)
{
	*leases = r->leases;
	return r->nleases;
}

bool ledger_refresh_is_valid(const struct ledger_refresh *r)
{
	for (unsigned i = 0; i < r->nleases; i++)
		if (r->leases[i]->entry.is_changed)
			return false;
	return true;
}

static void slot_remove(struct ledger_refreshes *t, struct ledger_refresh *r)
{
	struct ledger_refresh_slots *s = atomic_load_explicit(&t->slots, memory_order_relaxed);
	size_t i = r->print.low & s->mask;

	while (atomic_load_explicit(&s->at[i], memory_order_relaxed) != r)
		i = (i + 1) & s->mask;
	atomic_store_explicit(&s->at[i], &gone, memory_order_release);
	t->count--;
	for (unsigned k = 0; k < r->nleases; k++)
		if (r->leases[k]->refresh == r)
			r->leases[k]->refresh = NULL;
	base_rcu_defer(r);
}

void ledger_refresh_forget(struct ledger_refreshes *t, struct ledger_lease *lease)
{
	if (lease->refresh != NULL)
		slot_remove(t, lease->refresh);
}

static void slot_add(struct ledger_refresh_slots *s, struct ledger_refresh *r)
{
	size_t i = r->print.low & s->mask;

	while (atomic_load_explicit(&s->at[i], memory_order_relaxed) != NULL)
		i = (i + 1) & s->mask;
	atomic_store_explicit(&s->at[i], r, memory_order_release);
}

/* Makes sure that a slot is free: by more slots or, if many are of forgotten refreshes, by as many
 * without these. Returns false if memory is short. */
static bool reserve(struct ledger_refreshes *t)
{
	struct ledger_refresh_slots *s = atomic_load_explicit(&t->slots, memory_order_relaxed),
				    *grown;

	if (t->used < s->mask / 4 * 3)
		return true;
	grown = slots_new(t->count < s->mask / 2 ? s->mask : s->mask * 2 + 1);
	if (grown == NULL)
		return false;
	for (size_t i = 0; i <= s->mask; i++) {
		struct ledger_refresh *r = atomic_load_explicit(&s->at[i], memory_order_relaxed);

		if (r != NULL && r != &gone)
			slot_add(grown, r);
	}
	t->used = t->count;
	atomic_store_explicit(&t->slots, grown, memory_order_release);
	base_rcu_defer(s);
	return true;
}

void ledger_refresh_learn(struct ledger_refreshes *t, struct ledger_refresh *r)
{
	struct ledger_refresh *same;

	for (unsigned i = 0; i < r->nleases; i++)
		ledger_refresh_forget(t, r->leases[i]);
	same = slot_find(atomic_load_explicit(&t->slots, memory_order_relaxed), &r->print);
	if (same != NULL)
		slot_remove(t, same);
	if (!reserve(t)) {
		free(r);
		return;
	}
	slot_add(atomic_load_explicit(&t->slots, memory_order_relaxed), r);
	t->used++;
	t->count++;
	for (unsigned i = 0; i < r->nleases; i++)
		r->leases[i]->refresh = r;
}
