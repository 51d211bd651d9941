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

#include "base/error.h"
#include "dns/name.h"
#include "follow/follow.h"
#include "spec/service.h"
#include "spec/version.h"

struct assign;

enum {
	ASSIGN_MAX = 10000,	/* orders of a node; further instances are ignored, and reported */
	ASSIGN_WHY_MAX = 512,	/* room for a sentence and a NUL */
	ASSIGN_LABEL_MAX = 254, /* room for a label as text, with escapes, and a NUL */
};

/* One instance that is assigned to the node. An order remains at its address until it is withdrawn;
 * what `spec` points to is valid until the next event about this order has returned. */
struct assign_order {
	uint8_t name[DNS_NAME_MAX];	 /* web-1._http._tcp.ZONE, in lower case */
	char label[ASSIGN_LABEL_MAX];	 /* web-1 */
	char type[ASSIGN_LABEL_MAX];	 /* _http._tcp; "": the name is not that of an instance */
	const struct spec_service *spec; /* NULL: none that could ever be used; see `why` */
	/* What is wrong with the declaration in the zone: one sentence without final period, "" if
	 * nothing is. `spec` is the last good one then. */
	char why[ASSIGN_WHY_MAX];
	char cfg[SPEC_CFG_MAX], ver[SPEC_VER_MAX]; /* of `spec`, "" without */
	bool is_saved; /* from the folder: the zone has not confirmed it yet */
};

/* Called from assign_start() and from resolve_events_run. A function may call assign_get() and
 * assign_each(), but not assign_free(). */
struct assign_events {
	/* The order is new or has changed; also once when the zone confirms one that was saved.
	 * `before` is the declaration that applied before, valid during the call; NULL if there was
	 * none. It is the pointer of `now->spec` if only `why` or `is_saved` differs. */
	void (*on_order)(void *arg, const struct assign_order *now,
			 const struct spec_service *before);
	/* The instance is not assigned any more; the order is freed afterwards. */
	void (*on_withdrawn)(void *arg, const struct assign_order *last);
	/* The zone was read: all that is ordered was reported, and what is not is not assigned.
	 * Called once. */
	void (*on_current)(void *arg);
};

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
