/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/account.h - what follows from an update that has been applied: its leases, what it
 * reports, the service view, who owns its names.
 *
 * All that belongs to the batch, as the draft does. Only the registrar thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct registry_lease_rule;
struct registry_lease_terms;
struct registry_ledger;
struct registry_policy;
struct registry_record;
struct zone_draft;

struct registry_account {
	struct registry_ledger *ledger; /* its service view has been begun for the update */
	struct zone_draft *draft;
	const struct registry_policy *policy;
	const struct registry_lease_rule *lease_rule; /* NULL: no leases */
	const uint8_t *key;			      /* that signed, NULL: none did */
	const struct registry_record *records;	      /* the update section, as applied */
	size_t nrecords;
	bool is_changed; /* it changed records of the zone */
	uint64_t now_ms; /* lease clock */
};

/* Accounts for it. `terms` are what it asks for, then what was granted. 1, or 0 if it is nothing
 * that a worker may learn to answer; or a negative errno after which the batch is to be undone. */
int registry_account(const struct registry_account *a, struct registry_lease_terms *terms);
