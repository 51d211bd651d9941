/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/gather.h - all RRsets that a look-up needs, gathered from cache and registries.
 *
 * The first RRset leads to others: PTR records to the SRV and TXT records of instances, SRV records
 * to the addresses of targets, and an alias to the name that it is for. What was gathered is not
 * changed by what the cache loses meanwhile. It does not make instances. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "find/find_priv.h"

struct find_gather;

enum {
	FIND_GATHER_BUCKETS = 256,
	FIND_GATHER_MAX = 8192,		   /* RRsets */
	FIND_GATHER_NBYTES_MAX = 16 << 20, /* of their records */
	FIND_GATHER_PARALLEL = 16,	   /* questions */
	FIND_GATHER_INSTANCES_MAX = 1024,  /* of PTR records, and of SRV records */
	FIND_GATHER_WHY_MAX = 512,
};

/* One name and type. */
struct find_gather_slot {
	struct find_gather_slot *next;	      /* in its bucket */
	struct find_gather_slot *next_queued; /* that are to be asked for */
	struct find_gather *gather;
	struct find_rrset *rrset; /* NULL: not known */
	struct find_rrset *stale; /* to be used unless something newer comes */
	struct find_waiter waiter;
	bool is_needed, is_stale;
	uint8_t ntries, naliases; /* aliases before this name */
	uint16_t type;
	uint8_t name[DNS_NAME_MAX];
};

/* The caller sets `find`, `deadline_ms`, `has_no_targets` (PTR records are not followed), `is_anew`
 * and the functions, the rest is zero. */
struct find_gather {
	struct find *find;
	uint64_t deadline_ms;
	bool has_no_targets;
	bool is_anew;					 /* what is cached counts as past its TTL */
	void (*on_complete)(void *arg, uint64_t now_ms); /* nothing is missing any more */
	void *arg;
	/* private */
	struct find_gather_slot *buckets[FIND_GATHER_BUCKETS];
	unsigned nslots, nasked;
	size_t nbytes; /* of the RRsets in the slots */
	struct find_gather_slot *first_queued, **last_queued;
	int error; /* the first one of a question; 0: none has failed */
	char why[FIND_GATHER_WHY_MAX];
	bool is_short; /* of memory */
};

/* Gathers the records of `type` at `name` and what they lead to, as well as what was gathered
 * before. `on_complete` may be called at once. Nothing more happens unless find_gather_continue is
 * called. */
void find_gather_need(struct find_gather *g, const uint8_t *name, uint16_t type);

/* Asks for what is missing; calls `on_complete`, last of all, if that is nothing. */
void find_gather_continue(struct find_gather *g, uint64_t now_ms);

/* Uses stale RRsets for what was not answered yet. Returns whether there were any. */
bool find_gather_use_stale(struct find_gather *g);

/* Returns the RRset with its records, after its aliases, or NULL: it is not known. `is_stale` is
 * set if it or an alias is; else it is not written. */
const struct find_rrset *find_gather_find(const struct find_gather *g, const uint8_t *name,
					  uint16_t type, bool *is_stale);

/* Ends all that it waits for. */
void find_gather_fini(struct find_gather *g);
