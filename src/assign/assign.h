/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* assign/assign.h - what a node has to run, and exactly how.
 *
 * Follows the instances that `_runs.NODE` lists (PTR), the `_spec` record of each, and the schemas
 * that these name. An instance with its declaration, checked and with its schema's defaults, is an
 * order. Orders are also kept in a folder, so that a new agent knows those of the last one before a
 * registry has answered. While no registry answers nothing is withdrawn, and afterwards only what
 * differs is reported. It starts nothing, and knows nothing of what runs. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assign/order.h"
#include "base/error.h"
#include "follow/follow.h"

struct assign;

/* Borrowed during assign_new(), but for `report`. */
struct assign_settings {
	const uint8_t *node;   /* NODE.nodes.ZONE */
	const uint8_t *zone;   /* the fabric's zone */
	const char *folder;    /* an existing one, for the copies alone; NULL: there are none */
	base_report_fn report; /* gets what is wrong with copies and with writing them */
	void *report_arg;
};

/* Makes what follows the orders of a node. `f` is borrowed until the end. Returns 0, or a negative
 * errno described in `error`. */
int assign_new(struct assign **out, struct follow *f, const struct assign_settings *settings,
	       const struct assign_events *events, void *arg, struct base_error *error);

/* Reports the saved orders, all of them before it returns, then begins to follow the zone. A copy
 * that is damaged counts as none; it is reported, and removed. Returns 0 or -ENOMEM. */
int assign_start(struct assign *a);

/* Ends following; copies remain. Nothing is reported any more. NULL is fine. */
void assign_free(struct assign *a);

/* Returns the order for the instance of that owner name, or NULL if there is none. */
const struct assign_order *assign_get(const struct assign *a, const uint8_t *name);

/* Calls `visit` for each order, in no order. It may not change anything here. */
void assign_each(const struct assign *a, void (*visit)(void *arg, const struct assign_order *order),
		 void *arg);

/* Returns whether on_current was called; and whether all is known as of now: false again while no
 * registry answers. */
bool assign_was_current(const struct assign *a);
bool assign_is_current(const struct assign *a);
