/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/lan_policy.h - the built-in policy for the key of the LAN bridge, which writes what it
 * discovers by mDNS below a name of a zone: `mdns:` in weftd.conf(5).
 *
 * The LAN is not trusted: what it has replaces nothing that anybody else has registered, or that
 * the zone's file contains.
 *
 *  - At and below `into` the key may change A, AAAA, SRV and TXT records, where nobody else has
 *    any record: each one that is there is held by leases of the key, and by no others.
 *  - PTR records at and below `into`, and at `b._dns-sd._udp` and `lb._dns-sd._udp` of the zone,
 *    are beside those of others: the key may add one that is not there, and remove its own.
 *
 * A name that somebody else has is answered with YXDOMAIN and a text that names the owner; anything
 * else is REFUSED. Only the registrar thread may call update_lan_policy_check. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct base_budget;
struct dns_update_record;
struct ledger;
struct zone_draft;

/* The update to be judged; everything is borrowed. */
struct update_lan_policy {
	const uint8_t *into; /* wire name */
	const uint8_t *key;  /* wire name of the key, which is the policy's */
	const uint8_t *zone; /* the zone's wire name */
	const struct ledger *ledger;
	struct zone_draft *draft;
	struct base_budget *budget; /* a check that spends all of it is void */
};

enum { UPDATE_LAN_POLICY_TEXT_MAX = 200 };

/* Returns DNS_RCODE_NOERROR if the key may do what a record of the update section asks; else the
 * RCODE of the answer, with the reason in `text`, worded to follow the record's owner and type. */
uint16_t update_lan_policy_check(const struct update_lan_policy *a,
				 const struct dns_update_record *r,
				 char text[static UPDATE_LAN_POLICY_TEXT_MAX]);

/* Returns whether a key has the form of the LAN bridge's: `_mdns.INTO`. No signature is ever made
 * with such a key. Any thread. */
bool update_lan_policy_is_key(const uint8_t *key);
