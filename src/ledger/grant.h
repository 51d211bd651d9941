/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/grant.h - an update makes leases, changes them or moves their ends (RFC 9664).
 *
 * Which lease a record belongs to is decided by ledger/group.h. An update that repeats what its
 * leases cover, and changes nothing in the zone, is a refresh: it only moves their ends. All
 * changes belong to the batch (ledger/leases.h). These functions do not know who may write what,
 * and read no clock. Only the registrar thread may call them, but for ledger_grant_terms. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_update_record;
struct ledger_fingerprint;
struct ledger_lease_rule;
struct ledger_lease_terms;
struct ledger_leases;
struct ledger_refresh;
struct zone;
struct zone_draft;

/* Returns the terms that `rule` grants to an update that asks for `asked`: each duration within the
 * rule's limits, the key lease at least as long as the records' lease. An update without the option
 * gets the rule's default; lease_s 0 means that it gets no lease. Any thread. */
struct ledger_lease_terms ledger_grant_terms(const struct ledger_lease_rule *rule,
					     const struct ledger_lease_terms *asked);

/* Makes, changes or moves the leases of the records that an update has added. If lease_s in
 * `granted` is 0, these records leave all leases instead. To be called after the update has been
 * applied to `draft` and the records that it removed have been released (ledger_release_record).
 * `records` is the update section, `key` the wire name of the key that signed it (NULL: unsigned),
 * and `is_changed` is whether the update has changed any record of the zone. Returns 0; -E2BIG if
 * the lease `l->too_large` would hold more than LEDGER_CONTENT_MAX octets, -ECANCELED if
 * `l->budget` is spent, or -ENOMEM: the batch must then be undone. */
int ledger_grant_update(struct ledger_leases *l, struct zone_draft *draft,
			const struct dns_update_record *records, size_t nrecords,
			const uint8_t *key, const struct ledger_lease_terms *granted,
			bool is_changed, uint64_t now_ms);

/* Returns the refresh that the update just handed to ledger_grant_update was, for
 * ledger_refresh_learn; NULL if it was not a refresh, or cannot be learned (ledger_refresh_new).
 * `policy_number` is that of the policy that allowed the update, `print` the update's fingerprint.
 * The caller owns the refresh. */
struct ledger_refresh *ledger_grant_refresh(const struct ledger_leases *l, struct zone *zone,
					    uint64_t policy_number,
					    const struct ledger_fingerprint *print,
					    const struct dns_update_record *records,
					    size_t nrecords,
					    const struct ledger_lease_terms *granted);
