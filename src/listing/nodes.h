/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* listing/nodes.h - the nodes of a zone, for commands that show them: names N.nodes with an
 * address, names that SRVs of its instances target, and drained nodes.
 *
 * They are found beside the instances of the same version (listing/services.h):
 * listing_nodes_walk after the walk there, listing_nodes_look with the look, listing_nodes_count
 * last. Each step may run in another thread, one at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "listing/services.h"

/* A node. What it points to is valid as long as the nodes and the services. */
struct listing_node {
	const uint8_t *name;
	size_t address, naddresses; /* its A and AAAA in this zone, in `addresses` */
	bool is_drained;
	size_t nservices; /* instances with an SRV that targets it */
	size_t count[LISTING_SERVICE_STATES];
	bool has_lease; /* some of them have; the first to end */
	uint64_t left_ms;
};

/* All zero is valid and empty. */
struct listing_nodes {
	struct listing_node *items; /* sorted by name */
	size_t count, capacity;
	struct dns_record *addresses;
	size_t naddresses, addresses_capacity;
	struct base_arena names;
};

/* Makes the nodes empty; listing_nodes_fini is due. */
void listing_nodes_init(struct listing_nodes *n);

/* Finds the nodes of the version that `s` has walked. Returns 0 or -ENOMEM. Any thread. */
int listing_nodes_walk(struct listing_nodes *n, const struct listing_services *s);

/* Marks the nodes that are drained, and adds those of the zone that are not found yet. Returns 0 or
 * -ENOMEM. The registrar's thread. */
int listing_nodes_look(struct listing_nodes *n, const struct listing_services *s,
		       const struct registry_state *state);

/* Counts the instances of each node once they have been looked at. Any thread. */
void listing_nodes_count(struct listing_nodes *n, const struct listing_services *s);

/* Frees what the nodes hold and makes them empty. */
void listing_nodes_fini(struct listing_nodes *n);
