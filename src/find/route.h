/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/route.h - the order in which to try the addresses of a host (RFC 6724, RFC 8305 section 4).
 *
 * The system is asked which source address it has for a network, once in a while for each. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { FIND_ROUTE_NETWORKS = 64, FIND_ROUTE_MS = 5000 };

/* A network, /24 or /64, and how it is reached. */
struct find_route {
	sa_family_t family; /* 0: unused */
	uint8_t network[8];
	uint32_t scope;
	uint64_t until_ms;
	bool has_source; /* there is a route */
	struct sockaddr_storage source;
};

/* Returns whether there is a route to an address, and the source address for it. */
typedef bool (*find_route_fn)(void *arg, const struct sockaddr *to,
			      struct sockaddr_storage *source);

/* All zero but for `find`, which find_route_system is, and `arg`. */
struct find_routes {
	find_route_fn find;
	void *arg;
	struct find_route networks[FIND_ROUTE_NETWORKS];
};

/* Asks the system, without sending anything. */
bool find_route_system(void *arg, const struct sockaddr *to, struct sockaddr_storage *source);

/* Puts addresses in order: those without a route last, the others by RFC 6724 and then by turns of
 * both families. */
void find_route_order(struct find_routes *r, struct sockaddr_storage *addresses, size_t n,
		      uint64_t now_ms);
