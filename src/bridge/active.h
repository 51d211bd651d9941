/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/active.h - the rules that are in force, each with its parts: what it sees on the LAN, what
 * it advertises, discovers and announces.
 *
 * Other rules replace them: what is the same in both goes on undisturbed. Rules that are replaced
 * are released when no part and no update in hand uses them. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mdns/marker.h"

struct advertise_names;
struct bridge_active_rule;
struct bridge_active_set;
struct discover_writer;
struct ev_loop;
struct lan_daemon;
struct mdns_changeset;
struct mdns_rows;
struct mdns_rules;
struct mdns_stats;
struct zone;

/* Set by the owner are all but the last two, which start as NULL; everything is borrowed. */
struct bridge_active {
	struct ev_loop *loop;
	struct lan_daemon *daemon;
	struct discover_writer *writer;
	struct advertise_names *names;
	struct mdns_rows *rows;
	struct mdns_stats *stats;
	mdns_id id;
	uint64_t seed;
	struct bridge_active_rule *rules; /* in force */
	struct bridge_active_set *sets;	  /* lists of rules in use, the newest first */
};

/* Puts `rules` (taken over) in force instead of those before. Returns whether memory was enough for
 * all of them; if not, bridge_active_read goes on with it. */
bool bridge_active_replace(struct bridge_active *a, struct mdns_rules *rules);

/* Moves `at` (NULL: before the first one) to the next rule in force, and returns the zone that it
 * advertises, whose changes are of use; NULL after the last. */
const struct zone *bridge_active_next(const struct bridge_active *a,
				      const struct bridge_active_rule **at);

/* Reads zones again, all of them with `is_all`, else those that could not be read before. Returns
 * whether memory was enough. */
bool bridge_active_read(struct bridge_active *a, bool is_all);

/* Has the rules look at a changeset. Returns whether memory was enough; if not, bridge_active_read
 * goes on with it. */
bool bridge_active_change(struct bridge_active *a, const struct mdns_changeset *changes);

/* Is called when avahi-daemon is there. */
void bridge_active_refresh(struct bridge_active *a);

/* Releases rules that are used no more. */
void bridge_active_release(struct bridge_active *a);

/* Ends all rules: what is advertised is withdrawn, what was discovered stays. */
void bridge_active_end(struct bridge_active *a);

/* Releases all lists of rules, when no rule is in force, and no update in hand. */
void bridge_active_fini(struct bridge_active *a);
