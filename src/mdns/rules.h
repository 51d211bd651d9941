/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/rules.h - what is bridged: the rules of weftd.conf(5), `mdns`, with the zones they mean.
 *
 * weftd makes them at the start and at each reload; they never change. Types are wire names that
 * end at the root: `_http._tcp.`, or with a subtype `_printer._sub._ipp._tcp.`. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "lan/record.h"

struct ledger_lease_rule;
struct update_policy;
struct view_rule;
struct zone;

struct mdns_types {
	uint8_t (*items)[DNS_NAME_MAX];
	size_t count;
	bool has_all; /* `*` is among them */
};

/* Where discovered records go to. */
struct mdns_into {
	struct zone *zone;		    /* NULL: nothing is discovered */
	uint8_t name[DNS_NAME_MAX];	    /* at or below the zone's; in lower case */
	uint8_t key[DNS_NAME_MAX];	    /* the owner of the records: `_mdns.` and that name */
	const struct update_policy *policy; /* what that key may change */
	const struct ledger_lease_rule *lease_rule;
	const struct view_rule *view_rule; /* of the zone; NULL: it has no service view */
	uint32_t max;			   /* service instances; more are refused */
};

/* Where others on the LAN reach this weftd. */
struct mdns_listening {
	uint16_t port; /* 0: nowhere */
	enum lan_transport transport;
};

struct mdns_rule {
	struct zone *zone;	       /* whose instances are advertised */
	const char *const *interfaces; /* names */
	size_t ninterfaces;	       /* 0: all that Avahi uses */
	struct mdns_types advertise, discover;
	struct mdns_types exclude; /* of both */
	const char *host_suffix;   /* of hosts on the LAN: `n1` and `-lab` are n1-lab.local */
	struct mdns_into into;

	/* how the registry announces itself; `is_announced` false: it does not */
	bool is_announced;
	struct mdns_listening dns, tls; /* over UDP and TCP, and over TLS */
	const char *fabric;		/* name as text; NULL: the zone has none */
	const char *fingerprint;	/* of the fabric's public key; NULL: likewise */
};

struct mdns_rules {
	struct mdns_rule *items;
	size_t count;

	/* Is called once, in any thread, when the bridge needs neither rules nor zones any more. */
	void (*release)(struct mdns_rules *rules);
	void *arg; /* the maker's */
};

/* Returns whether `type` itself is one of the types: `*` does not count. */
bool mdns_types_has(const struct mdns_types *types, const uint8_t *type);

/* Returns whether the rule advertises, or discovers, services of `type`. A rule for a type is one
 * for its subtypes as well. */
bool mdns_rule_advertises(const struct mdns_rule *r, const uint8_t *type);
bool mdns_rule_discovers(const struct mdns_rule *r, const uint8_t *type);

/* Returns whether a name is one that the bridge writes to itself: at or below `into` of any rule
 * for the zone. Such instances are never advertised by these rules. */
bool mdns_rules_is_discovered(const struct mdns_rules *r, const uint8_t *name);
