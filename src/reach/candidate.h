/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/candidate.h - the instances of a reach in the order in which they are tried, and the
 * addresses of each.
 *
 * It orders them by what the memory knows. It has no sockets. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "find/instance.h"
#include "reach/memory.h"

enum { REACH_ADDRESSES_MAX = 64 }; /* of an instance; others are ignored */

/* One instance; reach.c uses the fields freely. */
struct reach_candidate {
	const struct find_instance *i;
	uint8_t *order; /* of its addresses: indexes */
	unsigned naddresses, next;
	unsigned npending; /* connections */
	uint64_t patient_until_ms, next_ms;
	int error;	  /* of the peer, if there was one */
	bool is_doubtful; /* that may be the loss of one packet */
	struct reach_candidate *next_failed;
};

struct reach_candidates {
	struct find_instance **given; /* references */
	struct reach_candidate *all;  /* the first `nbegun` are begun, and do not move */
	uint8_t *orders;
	size_t n, nbegun;
};

/* Acquires the instances. Returns 0, or -ENOMEM with nothing to be freed. */
int reach_candidates_init(struct reach_candidates *c, struct find_instance *const *all, size_t n);
void reach_candidates_fini(struct reach_candidates *c);

/* Puts them in order, once, before the first is begun: as they were given, those that are up and
 * have not failed lately; those that are not up; those that have failed lately. */
void reach_candidates_rank(struct reach_candidates *c, const struct reach_memory *memory,
			   uint64_t now_ms);

/* Returns the one that would be begun next; NULL: all are. */
const struct reach_candidate *reach_candidates_first(const struct reach_candidates *c);

/* Brings forward an instance that is on another host than `silent`, if there is one soon and with
 * the same priority: where one instance is silent, the others on its host may be. */
void reach_candidates_avoid(struct reach_candidates *c, const struct reach_candidate *silent);

/* Begins the next one, which there is: puts its addresses in order, families in turn from that
 * of the first one on (RFC 8305 section 4), those that have failed lately last. */
struct reach_candidate *reach_candidates_begin(struct reach_candidates *c,
					       const struct reach_memory *memory, uint64_t now_ms);

/* Returns the address that is to be tried next, which there is. */
const struct sockaddr *reach_candidate_address(const struct reach_candidate *c);
