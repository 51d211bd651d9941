/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/fabric_policy.h - the built-in policy for the keys of a fabric: `update: {fabric: NAME}`
 * (weft-fabric(7)).
 *
 *  - `admin.keys.FABRIC` may do anything.
 *  - `N.keys.FABRIC` may change the node `N.nodes`, and the TXT records at
 *    `_acme-challenge.N.nodes`; service instances (`I._svc._proto`) that are free or its own, of
 *    types that are open to it (update/types.h); the PTRs, of the service type and its subtypes,
 *    that point to its own instances; the reports `_suspect.INSTANCE`; and the names of agents
 *    (update/agent_policy.h).
 *
 * A name belongs to the key that registered it first, until its records are removed, or, where the
 * lease has the 8-byte form, until the key lease ends. An instance that is assigned to nodes
 * (`_runs.N.nodes`) may only be registered by their keys, and be taken over by them with a higher
 * `inc=` (update/takeover.h). A conflict is answered with YXDOMAIN and a text that names the owner;
 * what only the administrator may do is REFUSED. Only the registrar
 * thread may call these functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/update.h"
#include "update/right.h"

struct ledger;
struct update_policy;
struct zone_draft;

/* Returns DNS_RCODE_NOERROR if the key may do what a record of the update section asks; else the
 * RCODE of the answer, with the reason in `text`, worded to follow the record's owner and type. */
uint16_t update_fabric_policy_check(const struct update_fabric_policy *a,
				    const struct dns_update_record *r,
				    char text[static UPDATE_FABRIC_POLICY_TEXT_MAX]);

/* Gives the instances that an applied update has registered to its key (to nobody under another
 * policy or if `key` is NULL), frees those that have no records any more, and counts what its names
 * hold. Returns 0 or -ENOMEM.
 */
int update_fabric_policy_finish(const struct update_policy *policy, struct ledger *ledger,
				struct zone_draft *draft, const struct dns_update_record *records,
				size_t nrecords, const uint8_t *key);
