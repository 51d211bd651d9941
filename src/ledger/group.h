/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/group.h - decides which lease each record that an update adds belongs to.
 *
 * A group is the records of one lease. If the update adds SRV records, it registers services: each
 * owner of an SRV has a lease, and all of these leases hold the update's other records (a node's
 * addresses), unless these would be many for many services. Otherwise each record belongs to the
 * lease named after its owner. Two kinds of record always belong to one lease alone. A PTR of
 * DNS-SD belongs to its target's lease, because its owner, the service type, is common to all
 * instances (RFC 6763 section 4.1); a PTR of what an instance uses (`_uses.INSTANCE`) to the
 * instance's; any other PTR, and one whose target is not in the zone, to its owner's: a lease is
 * named after names of its zone only. In the 8-byte form of the EDNS
 * option a KEY belongs to its owner's second lease.
 *
 * Groups do not know which leases exist, or what any of them holds. Only the registrar thread may
 * touch them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_update_record;

/* One added record and its lease. */
struct ledger_group_record {
	const struct dns_update_record *record;
	const uint8_t *name; /* wire name of the lease; NULL: all services of the update */
	uint64_t hash;	     /* ledger_content_hash of the record */
	uint32_t first;	     /* index of the first record whose lease has that name */
	bool is_service;     /* with `first` its own index: the name is a service's */
	uint8_t number;	     /* LEDGER_LEASE_RECORDS or LEDGER_LEASE_NAME */
};

/* The added records of the update being applied. The memory is reused for the next update; a zeroed
 * struct has no records. */
struct ledger_groups {
	struct ledger_group_record *records;
	struct ledger_group_record **sorted; /* by lease: those of all services come first */
	uint64_t *hashes;		     /* room for those of one group (ledger/grant.c) */
	uint32_t *slots;		     /* 1 + index of the first record of a name; 0: free */
	size_t capacity; /* of the first three arrays; of slots: twice as many */
	size_t nrecords;
	size_t nshared; /* records of all services */
};

/* The records of one lease. */
struct ledger_group {
	struct ledger_group_record *const *own;	   /* of this lease alone, at least one */
	struct ledger_group_record *const *shared; /* of all services of the update */
	size_t nown, nshared;
};

/* Groups the records of an update section of the zone `zone`: those that add something. `has_key`
 * means that the update asks for the 8-byte form, `seed` is that of the hashes. The groups point to
 * `records`, and are valid as long as these. Returns 0, or -ENOMEM with no groups. */
int ledger_groups_make(struct ledger_groups *g, uint64_t seed, const uint8_t *zone,
		       const struct dns_update_record *records, size_t nrecords, bool has_key);

/* Walks the groups: writes the next one to `group`. `*at` is where the walk is; 0 starts it.
 * Returns false after the last group. */
bool ledger_groups_next(const struct ledger_groups *g, size_t *at, struct ledger_group *group);

/* Returns a record of the group: `i` is below nown + nshared, the group's own records come first.
 */
static inline const struct ledger_group_record *
ledger_group_record(const struct ledger_group *group, size_t i)
{
	return i < group->nown ? group->own[i] : group->shared[i - group->nown];
}

/* Frees the memory of the groups. */
void ledger_groups_fini(struct ledger_groups *g);
