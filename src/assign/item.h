/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* assign/item.h - one instance that is assigned: its order, and what that is made of.
 *
 * Follows the `_spec` record and the schema, and reports the order when either differs from what
 * was reported. Whether the instance is still assigned it does not know. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "assign/copies.h"
#include "assign/declaration.h"
#include "assign/order.h"
#include "assign/schemas.h"
#include "follow/entry.h"
#include "follow/track.h"

/* How long the declaration has to be wrong before that is reported. */
enum { ASSIGN_ITEM_GRACE_MS = 100 };

/* All items of a node; all zero but for the first eight. */
struct assign_items {
	struct follow_tracks *tracks;
	struct assign_schemas *schemas;
	struct assign_copies *copies; /* NULL: none are kept */
	const uint8_t *zone;
	const struct assign_events *events;
	void *events_arg;
	void (*on_touched)(void *arg); /* assign_items_settle wants to be called */
	void *arg;
	struct follow_entries entries;
	struct assign_item *dirty, **dirty_end;
};

struct assign_item {
	struct follow_entry entry;
	struct assign_order order;
	struct assign_items *all;
	struct follow_track track; /* of the `_spec` record */
	struct assign_schema_user schema;
	struct assign_declaration *good;	      /* that `order.spec` is of; NULL: none */
	struct assign_item *next_dirty, **link_dirty; /* NULL: it is not */
	uint64_t bad_from_ms;			      /* when what is wrong is reported */
	bool has_current;			      /* the zone's record, or that it has none */
	bool was_reported;
	bool is_listed; /* for the caller */
	char *why;	/* that `order.why` is, unless that is a constant */
	char texts[];	/* `order.label` and `order.type` */
};

/* Returns the item of an instance, or NULL. */
struct assign_item *assign_item_find(const struct assign_items *all, const uint8_t *name);

/* Makes the item of an instance, and reports its order when that is known. Returns 0 or -ENOMEM. */
int assign_item_new(struct assign_item **out, struct assign_items *all, const uint8_t *name);

/* Makes the item of a saved order, and reports it. Returns 0; -EBADMSG, with `error` filled in, if
 * it is not one that could have been saved, or -ENOMEM. */
int assign_item_new_saved(struct assign_items *all, const uint8_t *name, const char *json,
			  size_t nchars, struct base_error *error);

/* Begins to follow the record of a saved order. Returns 0 or -ENOMEM; fine if it is followed. */
int assign_item_follow(struct assign_item *i);

/* Reports that the instance is not assigned any more, removes its copy and frees it. */
void assign_item_withdraw(struct assign_item *i);

/* Reports the orders that have changed. Writes when it is to be called again even if nothing has
 * come to `wake_ms`; UINT64_MAX: not by time. Returns 0, or -ENOMEM: it is to be called again. */
int assign_items_settle(struct assign_items *all, uint64_t now_ms, uint64_t *wake_ms);

/* Has the item that uses this schema be looked at again; `arg` is not used. */
void assign_item_touch_user(void *arg, struct assign_schema_user *user);

/* Frees all items; nothing is reported, and copies remain. */
void assign_items_fini(struct assign_items *all);
