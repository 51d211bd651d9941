/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/registered.h - whether a service on the LAN is in a zone already, and when to ask again.
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

#include "bridge/source.h"
#include "bridge/table.h"

struct bridge_rules;
struct bridge_seen_service;
struct zone;

struct bridge_registered {
	const struct bridge_rules *rules;
	const struct zone *zone;
	struct bridge_table notes; /* by the name on the LAN */
	struct bridge_table keys;  /* names of the registry that they go by */
	void (*on_registered)(void *arg, const uint8_t *lan_name);
	void *arg;
	struct bridge_source_service source; /* during a call */
};

/* Makes it empty; rules and zone are borrowed. */
void bridge_registered_init(struct bridge_registered *r, const struct bridge_rules *rules,
			    const struct zone *z, uint64_t seed);

/* Frees what it holds. */
void bridge_registered_fini(struct bridge_registered *r);

/* Returns whether the zone has the service. If memory is short, it may not be reported when that
 * changes. */
bool bridge_registered_has(struct bridge_registered *r, const struct bridge_seen_service *s);

/* Reports the services to which `name` matters, which has changed in a zone of the rules. */
void bridge_registered_touch(struct bridge_registered *r, const uint8_t *name);

/* Reports all services that were asked about. */
void bridge_registered_touch_all(struct bridge_registered *r);
