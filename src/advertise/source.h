/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/source.h - what a zone's current version has of services and hosts.
 *
 * Each function copies what it finds: the thread, which is registered with RCU and offline, is
 * online while the function reads, and offline again when it returns. So each call may see another
 * version. It knows no LAN and remembers nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "dns/rdata.h"
#include "mdns/seen.h"

struct mdns_rules;
struct zone;

enum { ADVERTISE_SOURCE_ADDRESSES_MAX = 2 * MDNS_SEEN_ADDRESSES_MAX }; /* half of them A */

/* An instance: of several SRV records the one that clients try first (RFC 2782), and the first TXT
 * record. */
struct advertise_source_service {
	uint8_t name[DNS_NAME_MAX]; /* as the zone spells it */
	uint16_t priority, weight, port;
	uint8_t target[DNS_NAME_MAX];
	size_t ntxt;
	uint8_t txt[DNS_RDATA_MAX];
};

/* A PTR record that may be there. */
struct advertise_source_pointer {
	const uint8_t *owner, *target;
	bool is_there;
};

/* Reads the instance `name` of a zone. Returns false if it has no SRV record with a target. */
bool advertise_source_service(const struct zone *z, const uint8_t *name,
			      struct advertise_source_service *out);

/* Returns the zone that a host is in, if it is one whose instances are advertised by any of the
 * rules: of those alone changes are followed. Returns NULL if it is not. */
const struct zone *advertise_source_zone(const struct mdns_rules *rules, const uint8_t *host);

/* Copies the addresses of a host in `z` that are good for others on a LAN: not loopback,
 * unspecified, multicast or link-local ones. Returns how many. */
size_t advertise_source_addresses(const struct zone *z, const uint8_t *host,
				  struct mdns_address out[static ADVERTISE_SOURCE_ADDRESSES_MAX]);

/* Compares two pointers by owner and target: the order of advertise_source_find. For qsort. */
int advertise_source_pointer_order(const void *a, const void *b);

/* Sets `is_there` of pointers in that order. Each of their owners' PTR sets is gone through
 * once. */
void advertise_source_find(const struct zone *z, struct advertise_source_pointer *pointers,
			   size_t n);

/* Calls `each` for all PTR records, with their target, and all SRV records, with NULL: until it
 * returns a negative number. The thread is offline during the calls; the version is pinned. Returns
 * 0, that number, or -ENOMEM. */
int advertise_source_walk(struct zone *z,
			  int (*each)(void *arg, const uint8_t *owner, const uint8_t *target),
			  void *arg);
