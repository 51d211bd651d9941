/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/kit.h - a world for tests of leases, owners and the service view: a zone with a ledger,
 * updates as text, and a disk that keeps the committed items.
 *
 * An update is parts with "; " between them: "+ OWNER TYPE RDATA" adds a record, "- OWNER TYPE
 * RDATA" deletes it, "- OWNER TYPE" deletes the RRset, "- OWNER" all RRsets. Owners and names in
 * rdata are below lab.cloud, or absolute with a final dot. The types are A, TXT (one string), SRV
 * ("PORT TARGET"), PTR, CNAME, NS and KEY.
 *
 * Each function fails the running test on an error that its contract does not name. Memory is short
 * when a test wants it to be: link with memory.c as memory.h demands. One thread. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/state.h"
#include "update/update.h"
#include "view/check.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* An item of the store as it was committed. `bytes` is malloc'd. */
struct kit_item {
	uint8_t kind, key[UNDO_KEY_MAX + 64];
	uint16_t nkey;
	uint8_t *bytes;
	uint32_t nbytes;
};

struct kit_world {
	struct zone *zone;
	struct zone_draft *draft; /* of the batch; NULL between batches */
	struct zone *reverse;	  /* 0.0.10.in-addr.arpa; NULL before kit_view */
	struct zone_draft *reverse_draft;
	struct registry_state state;
	struct update_policy *policy;
	struct update_result result;
	struct ledger_lease_rule rule;
	struct view_rule services;
	uint64_t steady_ms;
	struct kit_item *items; /* all that were ever committed, in order */
	size_t nitems;
};

/* Returns a wire name: `text` below lab.cloud, or absolute if it ends with a dot. The name is in
 * static memory until the eighth call after this one. */
const uint8_t *kit_name(const char *text);

/* Makes a world: a zone lab.cloud with the built-in policy for fabric keys, and the records of `ns`
 * and `static._http._tcp` in it. The service view is off. */
void kit_world_init(struct kit_world *w);

/* Undoes an open batch and frees all memory of the world. */
void kit_world_fini(struct kit_world *w);

/* Lets the world's time be the steady clock's, which a registrar reads itself. */
void kit_follow_clock(struct kit_world *w);

/* Makes a new world the state of a cmocka test. */
int kit_world_setup(void **state);

/* Frees the world that kit_world_setup made. */
int kit_world_teardown(void **state);

/* Turns the service view of the zone on, with the reverse zone 0.0.10.in-addr.arpa; and gives the
 * nodes n1, n2 and n3 addresses, which are not in that. */
void kit_view(struct kit_world *w);

/* Makes a new world, with its service view on, the state of a cmocka test. */
int kit_view_setup(void **state);

/* Drains an instance, or ends that, in the batch. Returns what view_drain_set returns, or -ENOMEM
 * if the derived records could not be updated. */
int kit_drain(struct kit_world *w, const char *instance, bool is_drained);

/* Compares the service view with what the instances imply, in w->draft, which can only be aborted
 * afterwards. Returns what view_check_run returns, or -ENOMEM. */
int kit_check(struct kit_world *w, view_difference_fn on_difference, void *arg);

/* Returns how many records of the service view are missing or surplus. Between batches only. */
unsigned kit_wrong(struct kit_world *w);

/* Returns whether the current version has a PTR at `owner` to `target`. */
bool kit_points(struct kit_world *w, const char *owner, const char *target);

/* Applies an update in the batch as the registrar does, signed by the key NAME.keys.lab.cloud of
 * which `key` is NAME; NULL: by the key admin, which may do everything. `lease_s` 0: without a
 * lease option; `key_lease_s` 0: the option has its 4-byte form. Returns the RCODE, or a negative
 * errno, after which the batch must be undone. */
int kit_update(struct kit_world *w, const char *key, uint32_t lease_s, uint32_t key_lease_s,
	       const char *text);

/* Ends the batch: stores its items and publishes its drafts; `is_tick` also stores the times of
 * refreshed leases and the clock. Returns the number of items, or -ENOMEM, and then the batch is
 * undone. */
int kit_commit(struct kit_world *w, bool is_tick);

/* Ends the batch and takes all its changes back. */
void kit_undo(struct kit_world *w);

/* Applies an update as kit_update does and commits. Returns the RCODE. */
int kit_do(struct kit_world *w, const char *key, uint32_t lease_s, uint32_t key_lease_s,
	   const char *text);

/* Lets `ms` milliseconds pass, with a tick every 100 ms that ends the leases that are due. */
void kit_pass(struct kit_world *w, uint64_t ms);

/* Reads the state anew from the committed items, as a start `away_ms` later does. Between batches
 * only. */
void kit_restart(struct kit_world *w, uint64_t away_ms);

/* Returns the number of records of a type at an owner, in the batch if there is one. */
unsigned kit_count(struct kit_world *w, const char *owner, const char *type);

/* Returns the milliseconds until a lease ends, or -1 if there is no such lease. */
int64_t kit_left_ms(const struct kit_world *w, const char *name, uint8_t number);

/* Returns the first label of the name of the key that owns `name`, in static memory; "" without an
 * owner. */
const char *kit_owner(const struct kit_world *w, const char *name);
