/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/items.h - the registrar's state as items of the store (store/store.h): which kinds there
 * are, what of a batch becomes an item, and how items are read back.
 *
 * An owner, a lease, a subtype of an instance, its mark and a drained node are an item each,
 * written when they change. The time of a lease that was only refreshed is an item of its own,
 * smaller and later: a tick writes many of them with one sync. Only the registrar thread may touch
 * it, and main before that runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;
struct store_item;
struct view;

/* The items of the commit in hand. All zero is valid and empty. */
struct registry_items {
	struct store_item *items;
	size_t count, capacity;
	uint8_t *bytes;
	size_t nbytes, bytes_capacity;
	size_t nflushed; /* leases whose time is among the items: the first of the dirty ones */
};

/* Frees what `i` holds. */
void registry_items_fini(struct registry_items *i);

/* Collects all items that the batch makes; with `is_tick` also the times of refreshed leases and
 * the clock; and `extra`, somebody else's (or NULL). `*items` is valid until the next call. Returns
 * 0 or -ENOMEM. */
int registry_items_collect(struct registry_items *i, struct ledger *ledger, const struct view *view,
			   uint64_t now_ms, bool is_tick, const struct store_item *extra,
			   const struct store_item **items, size_t *count);

/* Records that the collected items are durable since `now_ms` (lease clock). Cannot fail. */
void registry_items_commit(struct registry_items *i, struct ledger *ledger, uint64_t now_ms);

/* Drops the collected items. */
void registry_items_undo(struct registry_items *i);

/* Reads an item of the store back at start; other rooms' kinds are ignored. Returns 0, -ENOMEM, or
 * -EBADMSG if its octets do not fit its kind. */
int registry_items_read(struct ledger *ledger, struct view *view, const struct store_item *item);
