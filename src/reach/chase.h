/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/chase.h - a connected socket to instances of which others may come to be known meanwhile.
 *
 * What is known first is tried (reach/reach.h). If it fails, or is silent for long, it may be where
 * the service was before it moved: the name is looked up anew, once, at the registry. What is new
 * then, or is added by the owner, or is elsewhere now, is tried beside what is still silent. It
 * does not know where the first instances come from. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "find/find.h"
#include "reach/reach.h"

struct reach_chase;

enum { REACH_CHASE_INSTANCES_MAX = 8192 }; /* that are tried; others are ignored */

/* All but name and key, which are copied, are borrowed until the end. */
struct reach_chase_options {
	struct resolve_events *events;
	struct find *find; /* NULL: nothing is looked up */
	struct reach_memory *memory;
	const struct find_name *name;
	struct reach_options socket;
	const void *key; /* NULL: instances are ordered by weight */
	size_t nkey;
};

/* Begins without instances. `done` gets what reach_fn does when a connection is made, or when
 * nothing goes on any more, with the reasons for all that has failed; more may be added then.
 * `on_failed` may be NULL. Both may free the chase. Returns 0 or -ENOMEM. */
int reach_chase_new(struct reach_chase **out, const struct reach_chase_options *options,
		    reach_fn done, reach_failed_fn on_failed, void *arg);

/* Has those of the instances tried that were not tried yet, or are elsewhere now. Returns 0, also
 * if there are none, or -ENOMEM with none added. */
int reach_chase_add(struct reach_chase *c, struct find_instance *const *all, size_t n,
		    uint64_t now_ms);

/* Returns whether `done` is going to be called. */
bool reach_chase_goes_on(const struct reach_chase *c);

/* Ends it, also from within a call; NULL is fine. */
void reach_chase_free(struct reach_chase *c);
