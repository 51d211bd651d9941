/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/pace.h - when a reach tries which instance, and which address of it.
 *
 * The next instance is due when the one before has failed, or is silent for longer than connections
 * usually take; the next address of an instance after half of that. It has no sockets: its caller
 * reports what becomes of connections. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reach/candidate.h"
#include "reach/memory.h"

enum { REACH_ATTEMPTS_MAX = 32 }; /* connections of one reach at a time */

struct reach_pace {
	struct reach_memory *memory;
	struct reach_candidates candidates;
	/* Those begun and not failed: each has a connection, or is to get one. */
	struct reach_candidate *active[REACH_ATTEMPTS_MAX + 1];
	unsigned nactive;
	size_t nfailed;
	uint64_t patience_ms;
	bool has_silent; /* one was, or is */
};

/* Acquires the instances; `memory` is borrowed. Returns 0, or -ENOMEM with nothing to be freed. */
int reach_pace_init(struct reach_pace *p, struct reach_memory *memory,
		    struct find_instance *const *all, size_t n);
void reach_pace_fini(struct reach_pace *p);

/* Puts the instances in order, once, before anything else. */
void reach_pace_begin(struct reach_pace *p, uint64_t now_ms);

/* Returns when an instance or an address is to be tried next, in the past if now; UINT64_MAX: none
 * is. */
uint64_t reach_pace_due(const struct reach_pace *p, uint64_t now_ms);

/* Returns the candidate whose next address is due, begun if need be; it may have none. One has to
 * be due. */
struct reach_candidate *reach_pace_next(struct reach_pace *p, uint64_t now_ms);

/* Takes that a connection to the candidate's next address was begun, or has failed to. */
void reach_pace_tried(const struct reach_pace *p, struct reach_candidate *c, uint64_t now_ms);

/* Takes that the candidate has failed. */
void reach_pace_drop(struct reach_pace *p, const struct reach_candidate *c);

/* Returns whether nothing is, or is to be, tried. */
bool reach_pace_is_over(const struct reach_pace *p);
