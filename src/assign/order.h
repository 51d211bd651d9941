/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* assign/order.h - an order: an instance that is assigned, with its declaration; and what is
 * reported of orders. Types alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"
#include "spec/service.h"
#include "spec/version.h"

enum {
	ASSIGN_MAX = 10000,	/* orders of a node; further instances are ignored, and reported */
	ASSIGN_WHY_MAX = 512,	/* room for a sentence and a NUL */
	ASSIGN_LABEL_MAX = 254, /* room for a label as text, with escapes, and a NUL */
};

/* One instance that is assigned to the node. An order remains at its address until it is withdrawn;
 * what `spec` points to is valid until the next event about this order has returned. */
struct assign_order {
	const uint8_t *name;		 /* web-1._http._tcp.ZONE, in lower case */
	const char *label;		 /* web-1 */
	const char *type;		 /* _http._tcp; "": the name is not that of an instance */
	const struct spec_service *spec; /* NULL: none that could ever be used; see `why` */
	/* What is wrong with the declaration in the zone: one sentence without final period, "" if
	 * nothing is. `spec` is the last good one then. */
	const char *why;
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
