/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/schedule.h - leases by time: which one ends next, and which ends are not on disk yet.
 *
 * A heap holds the leases of all served zones. It is lazy: a refresh only moves the lease's own
 * end, and the lease is moved in the heap when it comes up there. So a refresh costs no more than
 * the look-ups that identify it. A second array holds the dirty leases: their content is the one on
 * disk, but their end is another. The next tick saves these ends, many with one sync.
 *
 * A schedule does not know the leases' names and records, and reads no clock. Only the registrar
 * thread may touch it, and main before that thread runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ledger_lease;

struct ledger_schedule {
	struct ledger_lease **heap; /* by heap_ms, the earliest at index 0 */
	size_t nheap, heap_capacity;
	struct ledger_lease **dirty; /* in no order */
	size_t ndirty, dirty_capacity;
};

/* Frees the memory of a schedule, but no lease. A zeroed schedule is an empty one. */
void ledger_schedule_fini(struct ledger_schedule *s);

/* Returns when the next lease may end (lease clock), or UINT64_MAX if the heap is empty. A refresh
 * may since have moved that lease's end. */
uint64_t ledger_schedule_next(const struct ledger_schedule *s);

/* Takes the next lease whose end has come out of the heap and seizes its end. Returns the lease,
 * which the caller ends (ledger_release_lease) or puts back, or NULL if no lease's end has come. */
struct ledger_lease *ledger_schedule_due(struct ledger_schedule *s, uint64_t now_ms);

/* Revives a lease that was due and adds it with the end that it had, so that it is due again.
 * Returns 0, or -ENOMEM: the lease then is not in the heap. */
int ledger_schedule_put_back(struct ledger_schedule *s, struct ledger_lease *lease);

/* Adds the lease to the heap, to be looked at when the lease clock is at `at_ms`. A lease that is
 * in the heap for an earlier time stays where it is. Returns 0, or -ENOMEM: the lease then is not
 * in the heap. */
int ledger_schedule_add(struct ledger_schedule *s, struct ledger_lease *lease, uint64_t at_ms);

/* Takes the lease out of the heap, if it is there: until it is added again, it does not end. */
void ledger_schedule_remove(struct ledger_schedule *s, struct ledger_lease *lease);

/* Takes the lease out of the heap and forgets its zone, which is not served any more. */
void ledger_schedule_stop(struct ledger_schedule *s, struct ledger_lease *lease);

/* Sets the lease's end to `expires_ms`, and adds the lease to the heap. Returns 0, or -ENOMEM: the
 * end is set, but the lease is not in the heap. */
int ledger_schedule_set_end(struct ledger_schedule *s, struct ledger_lease *lease,
			    uint64_t expires_ms, uint64_t now_ms);

/* Sets the lease's end to `left_s` seconds from now, because the operator asks for it, and marks
 * the lease dirty. Returns 0 or -ENOMEM. */
int ledger_schedule_extend(struct ledger_schedule *s, struct ledger_lease *lease, uint32_t left_s,
			   uint64_t now_ms);

/* Marks the lease dirty: the next tick saves its end. Returns 0, or -ENOMEM: the end is then not
 * saved, and after a restart the lease ends earlier. */
int ledger_schedule_mark(struct ledger_schedule *s, struct ledger_lease *lease);

/* Removes the mark, if the lease has one: it needs not be saved apart. */
void ledger_schedule_unmark(struct ledger_schedule *s, struct ledger_lease *lease);

/* Removes all marks, after a commit that has saved the ends of all dirty leases: each lease's
 * `saved_ms` becomes its `saving_ms`. */
void ledger_schedule_saved(struct ledger_schedule *s);
