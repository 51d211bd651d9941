/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of leases and owners share: a zone with a ledger, updates as text, a disk that
 * keeps notes. Memory is short when a test wants it to be: link with memory.c as memory.h requires.
 *
 * An update is lines "+ OWNER TYPE RDATA" (add), "- OWNER TYPE RDATA" (delete the record), "- OWNER
 * TYPE" (the set), "- OWNER" (the name), with "; " between them. Owners and names in rdata are
 * below lab.cloud. Types are A, TXT, SRV ("PORT TARGET"), PTR, KEY. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/state.h"
#include "update/update.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* An item of the store as it was committed. */
struct kit_item {
	uint8_t kind, key[UNDO_KEY_MAX];
	uint16_t nkey;
	uint8_t *bytes;
	uint32_t nbytes;
};

struct kit_world {
	struct zone *zone;
	struct zone_draft *draft; /* NULL between batches */
	struct zone *reverse;	  /* 0.0.10.in-addr.arpa, with kit_view; and its draft */
	struct zone_draft *reverse_draft;
	struct registry_state state;
	struct update_policy *policy;
	struct update_result result;
	struct ledger_lease_rule rule;
	struct view_rule services;
	uint64_t steady_ms;
	struct kit_item *items; /* all that were ever committed, in their order */
	size_t nitems;
};

/* A name below lab.cloud, or, with a final dot, absolute. In static memory, eight at a time. */
const uint8_t *kit_name(const char *text);

/* A zone with the ready policy, and `ns`, `static._http._tcp` in it. */
void kit_world_init(struct kit_world *w);
void kit_world_fini(struct kit_world *w);

/* The same for a cmocka test: a new world is its state. */
int kit_world_setup(void **state);
int kit_world_teardown(void **state);

/* Turns the service view on, with a reverse zone. It is off at first. */
void kit_view(struct kit_world *w);

/* Drains an instance, or ends that, in the batch. As view_drain, or -ENOMEM of derive. */
int kit_drain(struct kit_world *w, const char *instance, bool is_drained);

/* How many records of the service view are missing or surplus; between batches. */
unsigned kit_wrong(struct kit_world *w);

/* Whether `owner` has a PTR to `target`. */
bool kit_points(struct kit_world *w, const char *owner, const char *target);

/* Applies an update in the batch as the registrar does, by `key` (NAME of NAME.keys.lab.cloud;
 * NULL: unsigned, allowed all). `lease_s` 0: no option; `key_lease_s` 0: the 4-byte form. The
 * RCODE, or a negative errno. */
int kit_update(struct kit_world *w, const char *key, uint32_t lease_s, uint32_t key_lease_s,
	       const char *text);

/* Ends the batch: what it did is on the disk and seen, or never was. Commit tells how many notes
 * there were, or -ENOMEM (then it is undone). */
int kit_commit(struct kit_world *w, bool is_tick);
void kit_undo(struct kit_world *w);

/* The three together; the RCODE. */
int kit_do(struct kit_world *w, const char *key, uint32_t lease_s, uint32_t key_lease_s,
	   const char *text);

/* Lets time go by, a tick each 100 ms: leases end. */
void kit_pass(struct kit_world *w, uint64_t ms);

/* Starts the ledger anew from the disk, `away_ms` later. */
void kit_restart(struct kit_world *w, uint64_t away_ms);

/* Records of a type at an owner. */
unsigned kit_count(struct kit_world *w, const char *owner, const char *type);

/* Time left of a lease in ms; -1: there is none. */
int64_t kit_left_ms(const struct kit_world *w, const char *name, uint8_t number);

/* The name of the key that owns a name, without what is behind its first label; "" if nobody does.
 * Static memory. */
const char *kit_owner(const struct kit_world *w, const char *name);
