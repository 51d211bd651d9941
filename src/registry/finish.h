/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/finish.h - what follows from an update that has been applied: its leases, what it
 * reports, the service view, who owns its names.
 *
 * All that belongs to the batch, as the draft does. Only the registrar thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_lease_rule;
struct ledger_lease_terms;
struct registry_ledger;
struct update_policy;
struct dns_update_record;
struct zone_draft;

struct registry_finish {
	struct registry_ledger *ledger; /* its service view has been begun for the update */
	struct zone_draft *draft;
	const struct update_policy *policy;
	const struct ledger_lease_rule *lease_rule; /* NULL: no leases */
	const uint8_t *key;			    /* that signed, NULL: none did */
	const struct dns_update_record *records;    /* the update section, as applied */
	size_t nrecords;
	bool is_changed; /* it changed records of the zone */
	uint64_t now_ms; /* lease clock */
};

/* Accounts for it. `terms` are what it asks for, then what was granted. 1, or 0 if it is nothing
 * that a worker may learn to answer; or a negative errno after which the batch is to be undone. */
int registry_finish(const struct registry_finish *a, struct ledger_lease_terms *terms);
