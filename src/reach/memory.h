/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/memory.h - which instances, and which of their addresses, have failed lately.
 *
 * Bounded: the oldest failure is forgotten for a new one. A failure counts for a time that doubles
 * with each further one, and one success ends it. It knows no sockets. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "find/instance.h"

struct reach_memory;

enum {
	REACH_MEMORY_LEAST_MS = 1000, /* that a first failure counts */
	REACH_MEMORY_MOST_MS = 60000,
	REACH_MEMORY_MAX = 4096, /* instances */
};

struct reach_memory *reach_memory_new(void); /* NULL if memory is short */
void reach_memory_free(struct reach_memory *m);

/* Takes that the instance, as it is there (its target and port belong to what is remembered), has
 * failed, or was connected to. A failure that cannot be remembered is not. */
void reach_memory_failed(struct reach_memory *m, const struct find_instance *i, uint64_t now_ms);
void reach_memory_succeeded(struct reach_memory *m, const struct find_instance *i);

/* Returns whether the instance is to be tried last. */
bool reach_memory_is_bad(const struct reach_memory *m, const struct find_instance *i,
			 uint64_t now_ms);
