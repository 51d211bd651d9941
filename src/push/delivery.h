/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/delivery.h - one changeset, handed to the subscribers of one worker.
 *
 * 1. The records of the changeset are grouped by owner and type, as far as there are subscriptions
 *    to the owner.
 * 2. What remains of each group is its net effect: a record whose TTL alone has changed is added
 *    with the new TTL, one that is removed and added again as it was has not changed. An RRset that
 *    is gone is removed by one change, and so is a name without RRsets (RFC 8765 section 6.3.1).
 *    An RRset with a change of a record that no message can hold is announced (push/writer.h).
 * 3. Each subscriber collects the groups that it has subscribed to. Subscribers with the same
 *    groups share a set.
 * 4. Each set is written once, removals before additions, and handed to its subscribers.
 * 5. The groups are given up.
 *
 * Each step is made of small ones: a delivery takes as many as its caller has time for, and goes on
 * later. Meanwhile subscriptions may be added and removed. A subscription that was made from this
 * version or a later one is passed over. A delivery knows no sockets; it belongs to one thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/budget.h"
#include "push/index.h"
#include "push/messages.h"

struct push_change;
struct push_delivery;
struct zone_snapshot;

/* Is called once for each subscriber that the change concerns. The messages are borrowed: a
 * function that keeps them becomes a user. It may end the subscriber (push_delivery_forget). */
typedef void (*push_send_fn)(void *arg, struct push_subscriber *s, struct push_messages *m);

/* What the deliveries of a worker have done. Consists of uint64_t only. */
struct push_delivery_stats {
	uint64_t nencoded;   /* sets that were written */
	uint64_t nshared;    /* of those handed out, written for another subscriber before */
	uint64_t noversized; /* records that no PUSH message can hold */
};

/* Makes a delivery without a change. Returns NULL if memory is short. The index outlives it. */
struct push_delivery *push_delivery_new(struct push_index *x, push_send_fn send, void *arg);

/* Ends the change in hand and frees the delivery. NULL is fine. */
void push_delivery_free(struct push_delivery *d);

/* Begins to deliver a change; none must be in hand. The reference moves in. */
void push_delivery_begin(struct push_delivery *d, struct push_change *take_change);

/* Returns the change in hand, or NULL. */
const struct push_change *push_delivery_change(const struct push_delivery *d);

/* Goes on, in an RCU read section, until the change is delivered or the budget is spent: a look is
 * a record or a subscription. `now` is the current version of the change's zone; NULL: it is not
 * served any more. Returns 1 if the change has been delivered, 0 if there is more to do, or -ENOMEM
 * after push_delivery_abort: subscribers may have missed it. */
int push_delivery_step(struct push_delivery *d, const struct zone_snapshot *now,
		       struct base_budget *budget);

/* Ends the change in hand, if there is one. */
void push_delivery_abort(struct push_delivery *d);

/* Must be called before a subscriber is freed: it gets no more messages. */
void push_delivery_forget(struct push_subscriber *s);

/* Returns whether the last change that was delivered has delegated a name. */
bool push_delivery_has_delegated(const struct push_delivery *d);

/* Returns the figures, as long as the delivery lives. */
const struct push_delivery_stats *push_delivery_stats(const struct push_delivery *d);
