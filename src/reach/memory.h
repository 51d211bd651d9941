/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/memory.h - which instances, and which of their addresses, have failed lately.
 *
 * A failure counts for a time that doubles with each further one; a success ends it. What is
 * remembered belongs to an instance as it is there: its name, target, port and incarnation; one
 * that was registered anew starts clean. Bounded: the oldest failure is forgotten for a new one. It
 * knows no sockets. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "find/instance.h"

struct reach_memory;

enum {
	REACH_MEMORY_LEAST_MS = 1000, /* that a first failure counts */
	REACH_MEMORY_MOST_MS = 60000,
	REACH_MEMORY_MAX = 4096, /* instances and addresses together */

	/* How long a connection may take before another one is begun beside it. */
	REACH_PATIENCE_MS = 200, /* as long as no connection was made */
	REACH_PATIENCE_LEAST_MS = 100,
	REACH_PATIENCE_MOST_MS = 250,
};

struct reach_memory *reach_memory_new(void); /* NULL if memory is short */
void reach_memory_free(struct reach_memory *m);

/* ---- instances ---- */

/* Takes that the instance has failed, also after it was connected to: then the address that
 * reach_memory_used has named last has failed, too. A failure that cannot be remembered, for lack
 * of memory, is not. Failures while the one before still counts are the same failure: they make it
 * count anew, but no longer. Returns whether it has failed before, and not long ago. */
bool reach_memory_failed(struct reach_memory *m, const struct find_instance *i, uint64_t now_ms);

/* Takes that the instance was connected to at one of its addresses, after `took_ms`: neither has
 * failed any more. */
void reach_memory_succeeded(struct reach_memory *m, const struct find_instance *i,
			    const struct sockaddr *address, uint64_t took_ms);

/* Returns whether the instance is to be tried last. */
bool reach_memory_is_bad(const struct reach_memory *m, const struct find_instance *i,
			 uint64_t now_ms);

/* Returns until when the instance is, or was, to be tried last; 0: it has not failed. */
uint64_t reach_memory_bad_until(const struct reach_memory *m, const struct find_instance *i);

/* ---- addresses of an instance ---- */

/* Takes that one address of the instance has failed, while another may work. */
void reach_memory_address_failed(struct reach_memory *m, const struct find_instance *i,
				 const struct sockaddr *address, uint64_t now_ms);

/* Takes that the address is in use, although nothing is known of it: a datagram socket. */
void reach_memory_used(struct reach_memory *m, const struct find_instance *i,
		       const struct sockaddr *address);

/* Returns until when the address is to be tried last; 0: it has not failed, or not lately. */
uint64_t reach_memory_address_bad_until(const struct reach_memory *m, const struct find_instance *i,
					const struct sockaddr *address, uint64_t now_ms);

/* ---- how long connections take ---- */

/* Returns how many ms a connection may take before another one is begun beside it: from what
 * earlier connections took. */
unsigned reach_memory_patience_ms(const struct reach_memory *m);
