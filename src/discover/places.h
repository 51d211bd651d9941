/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* discover/places.h - the places that a rule has for discovered instances (bridge/into max), and
 * which of them have one.
 *
 * An instance without a place waits for one. An instance is settled when it is written to the
 * registry; then its place is its own. One that is not settled in the answer time is late: it gives
 * its place to one that had none so far. Those that gave theirs wait after these, and get another
 * turn when one that is late as well has had its place for a while, longer each time: so what never
 * answers keeps nobody out, and costs less and less. The instances of one host may have half of the
 * places, but at least DISCOVER_PLACES_HOST_MIN.
 *
 * It does not know what an instance is. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "advertise/waits.h"
#include "mdns/table.h"

struct discover_place;
struct discover_places_host;

enum {
	DISCOVER_PLACES_HOST_MIN = 16,
	DISCOVER_PLACES_ANSWER_MS = 5000,
};

struct discover_places_list {
	struct discover_place *first, **last;
};

struct discover_places {
	uint32_t max, count; /* of places, and of those that are taken */
	uint64_t answer_ms;
	struct discover_places_list fresh; /* that wait for their first place */
	struct discover_places_list again; /* that gave theirs, and wait for another turn */
	struct discover_places_list late;  /* that have a place, but are late */
	struct mdns_table hosts;
	struct advertise_waits waits;
	uint64_t *nrefused; /* counts those that wait */
	void (*on_turn)(struct discover_place *p);
};

/* What an instance has of it: a member of it. */
struct discover_place {
	struct discover_places *places;
	struct discover_place *next, **at; /* in `list` */
	struct discover_places_list *list; /* or NULL */
	struct advertise_wait wait; /* for the time at which it is late, or has had its turn */
	struct discover_places_host *host;
	unsigned nlate; /* times that it was, since it was settled */
	bool is_taken, is_late;
	bool is_over; /* another that gave its place may have it */
};

/* Makes `max` places. `on_turn` has an instance looked at once more, later: it may get a place, or
 * is to give its own. */
void discover_places_init(struct discover_places *ps, struct ev_loop *loop, uint64_t seed,
			  uint32_t max, uint64_t answer_ms, uint64_t *nrefused,
			  void (*on_turn)(struct discover_place *p));

/* Frees what it has; no instance may be left. */
void discover_places_fini(struct discover_places *ps);

/* Makes an instance that has no place and waits for none. */
void discover_place_init(struct discover_place *p, struct discover_places *ps);

/* Takes a place, or keeps it. Returns false if there is none: then it waits. */
bool discover_place_take(struct discover_place *p);

/* Gives the place back, if it has one, and waits for none. */
void discover_place_leave(struct discover_place *p);

/* The instance, which has a place, is that of a host (wire name; NULL: of none any more). Returns
 * 0, -ENOSPC if that has as many as it may, or -ENOMEM. */
int discover_place_set_host(struct discover_place *p, const uint8_t *host);

/* The instance, which has a place, is settled. */
void discover_place_settle(struct discover_place *p);

/* The instance, which has a place, is not settled; one that `is_hopeless` will not be soon, and is
 * late at once. Returns whether it had to give its place to another, and waits now. */
bool discover_place_yield(struct discover_place *p, bool is_hopeless);
