/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/garbage.h - memory of old versions, until no reader is left that can see it.
 *
 * Publishing a version hands over what only older versions use; zone_garbage_reclaim frees it later
 * (how: garbage.c). Garbage does not know how versions are made. Writer only. Room-private. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct zone;
struct zone_garbage;
struct zone_index;
struct zone_snapshot;
struct zone_stamps;
struct zone_trie_retired;

/* Makes an empty piece of garbage, before the point of no return: zone_garbage_hand then cannot
 * fail. Returns NULL if memory is short. */
struct zone_garbage *zone_garbage_new(void);

/* Frees garbage that was not handed over. NULL is fine. */
void zone_garbage_free(struct zone_garbage *g);

/* Hands over what no version from `version` on uses, after that version was published, and begins
 * its grace period. Takes `g`; `retired` with its `nretired` pieces, from malloc; and `snapshot`,
 * `index` and `stamps`, each of which may be NULL. */
void zone_garbage_hand(struct zone *z, struct zone_garbage *g, uint64_t version,
		       struct zone_trie_retired *retired, size_t nretired,
		       struct zone_snapshot *snapshot, struct zone_index *index,
		       struct zone_stamps *stamps);

/* Frees what was handed over, its grace period is over, and no pinned snapshot uses. Called between
 * drafts. */
void zone_garbage_reclaim(struct zone *z);
