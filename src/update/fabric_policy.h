/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/fabric_policy.h - the ready policy for the keys of a fabric: `update: {fabric: NAME}`.
 *
 *  - `admin.keys.FABRIC` may do anything.
 *  - `N.keys.FABRIC` may change the node `N.nodes`; service instances (`I._svc._proto`) that are
 * free or its own; the PTRs, of the service type and its subtypes, that point to its own instances;
 * and the reports `_suspect.INSTANCE`.
 *
 * A name belongs to the key that registered it first, until its records are removed, or, where the
 * lease has the 8-byte form, until the key lease ends. A conflict is YXDOMAIN, and the text names
 * the owner; what nobody but the administrator may do is REFUSED. Only the registrar thread asks.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/update.h"

struct registry_ledger;
struct update_policy;
struct zone_draft;

/* An update that asks. */
struct update_fabric_policy {
	const uint8_t *fabric; /* name */
	const uint8_t *key;    /* that signed, below keys.FABRIC */
	const uint8_t *zone;
	const struct registry_ledger *ledger;
	struct zone_draft *draft;
	const struct dns_update_record *records; /* the update section */
	size_t nrecords;
};

enum { UPDATE_FABRIC_POLICY_TEXT_MAX = 200 };

/* Whether the key may do what the record says. DNS_RCODE_NOERROR, or the RCODE to answer with and
 * the reason, to be read behind the record's owner and type. */
uint16_t update_fabric_policy_check(const struct update_fabric_policy *a,
				    const struct dns_update_record *r,
				    char text[static UPDATE_FABRIC_POLICY_TEXT_MAX]);

/* After the update was applied: names that it registered belong to its key (under another policy,
 * or unsigned, to nobody), names that are empty now belong to nobody. 0 or -ENOMEM. */
int update_fabric_policy_finish(const struct update_policy *policy, struct registry_ledger *ledger,
				struct zone_draft *draft, const struct dns_update_record *records,
				size_t nrecords, const uint8_t *key);
