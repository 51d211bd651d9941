/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/registered.h - whether a service on the LAN is in a zone already, and when to ask
 * again.
 *
 * A service is, if the zone has an instance of its name, with its port and one of its addresses,
 * live or not. The name may also be one with " #2", " (2)" and so on at its end, as a node's own
 * service gets if a bridge was first. What an answer goes by, the names of the instance and of its
 * host, is remembered until one of them changes: then the listener is called once, and may ask
 * again. So there is at most one note for each service that was asked about. The bridge's
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "advertise/source.h"
#include "mdns/table.h"

struct mdns_rules;
struct mdns_seen_service;
struct zone;

struct advertise_registered {
	const struct mdns_rules *rules;
	const struct zone *zone;
	struct mdns_table notes; /* by the name on the LAN */
	struct mdns_table keys;	 /* names of the registry that they go by */
	void (*on_registered)(void *arg, const uint8_t *lan_name);
	void *arg;
	struct advertise_source_service source; /* during a call */
};

/* Makes it empty; rules and zone are borrowed. */
void advertise_registered_init(struct advertise_registered *r, const struct mdns_rules *rules,
			       const struct zone *z, uint64_t seed);

/* Frees what it holds. */
void advertise_registered_fini(struct advertise_registered *r);

/* Returns whether the zone has the service. If memory is short, it may not be reported when that
 * changes. */
bool advertise_registered_has(struct advertise_registered *r, const struct mdns_seen_service *s);

/* Reports the services to which `name` matters, which has changed in a zone of the rules. */
void advertise_registered_touch(struct advertise_registered *r, const uint8_t *name);

/* Reports all services that were asked about. */
void advertise_registered_touch_all(struct advertise_registered *r);
