/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/nodes.h - the nodes of a zone, for commands that show them: names N.nodes with an
 * address, names that SRVs of its instances target, and drained nodes.
 *
 * They are found beside the instances of the same version (registry/services.h):
 * registry_nodes_walk after the walk there, registry_nodes_look with the look, registry_nodes_count
 * last. Each step may run in another thread, one at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "registry/services.h"

/* A node. What it points to is valid as long as the nodes and the services. */
struct registry_node {
	const uint8_t *name;
	size_t address, naddresses; /* its A and AAAA in this zone, in `addresses` */
	bool is_drained;
	size_t nservices; /* instances with an SRV that targets it */
	size_t count[REGISTRY_SERVICE_STATES];
	bool has_lease; /* some of them have; the first to end */
	uint64_t left_ms;
};

/* All zero is valid and empty. */
struct registry_nodes {
	struct registry_node *items; /* sorted by name */
	size_t count, capacity;
	struct dns_record *addresses;
	size_t naddresses, addresses_capacity;
	struct base_arena names;
};

/* Makes the nodes empty; registry_nodes_fini is due. */
void registry_nodes_init(struct registry_nodes *n);

/* Finds the nodes of the version that `s` has walked. Returns 0 or -ENOMEM. Any thread. */
int registry_nodes_walk(struct registry_nodes *n, const struct registry_services *s);

/* Marks the nodes that are drained, and adds those of the zone that are not found yet. Returns 0 or
 * -ENOMEM. The registrar's thread. */
int registry_nodes_look(struct registry_nodes *n, const struct registry_services *s,
			const struct registry_state *state);

/* Counts the instances of each node once they have been looked at. Any thread. */
void registry_nodes_count(struct registry_nodes *n, const struct registry_services *s);

/* Frees what the nodes hold and makes them empty. */
void registry_nodes_fini(struct registry_nodes *n);
