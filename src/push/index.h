/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/index.h - the subscriptions of one worker, found by the name that changes.
 *
 * A subscription (RFC 8765 section 6.2.1) is for one name and one type, or all types, and belongs
 * to one subscriber: a session. Names are hashed under a random key; at each name, subscriptions to
 * one type form a topic. So what a change costs depends on the names in it and on those who
 * subscribe to them, not on the other subscriptions. CLASS IN and ANY are the same set of records:
 * zones have no other class. The index knows no sockets, sessions or limits; a zone is an address
 * to it, which it never follows. It belongs to one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/slab.h"
#include "dns/name.h"
#include "push/session.h"

struct push_group;
struct push_index;
struct push_set;
struct push_topic;

/* A session, as far as the index knows it. All zero is valid: no subscriptions. */
struct push_subscriber {
	SLIST_HEAD(, push_subscription) subscriptions; /* newest first */
	uint32_t count;				       /* of them */
	struct push_set *set; /* of the delivery in hand (push/delivery.h); NULL: nothing matched */
	uint64_t set_version; /* of the zone, which that delivery makes */
	bool has_left;	      /* a subscription at one of that delivery's names has ended since */
	TAILQ_ENTRY(push_subscriber) by_set; /* among those that it has matched */
};

/* 64 bytes. */
struct push_subscription {
	LIST_ENTRY(push_subscription) by_topic;
	SLIST_ENTRY(push_subscription) by_subscriber;
	struct push_subscription *next; /* in the hash table */
	struct push_topic *topic;
	struct push_subscriber *subscriber;
	uint64_t version; /* of the zone: the subscriber has got the changes up to it */
	uint16_t rrclass; /* as it was asked for: IN or ANY */
	struct push_operation operation; /* of the session, with the message ID of the request */
};

/* The subscriptions to one type at a name. */
struct push_topic {
	LIST_HEAD(, push_subscription) subscriptions; /* newest first */
	LIST_ENTRY(push_topic) by_name;
	struct push_name *name;
	struct push_topic *next; /* in the hash table */
	uint32_t count;
	uint16_t type; /* DNS_TYPE_ANY: all */
};

/* A name in a zone with subscriptions. */
struct push_name {
	struct push_name *next; /* in the hash table */
	const void *zone;
	LIST_HEAD(, push_topic) topics; /* newest first */
	struct push_group *group; /* of the delivery in hand; NULL: the name is not in the change */
	unsigned number;	  /* of the question */
	bool is_gone;		  /* that delivery may remove all records of the name */
	uint8_t nbytes;
	uint8_t bytes[]; /* wire name, in lower case */
};

/* What is asked for. */
struct push_question {
	const void *zone;    /* that the name is in */
	unsigned number;     /* any that the caller wants to have with the name */
	const uint8_t *name; /* wire, in any case; "*" is a label like any other */
	uint16_t type;	     /* DNS_TYPE_ANY: all */
	uint16_t rrclass;    /* DNS_CLASS_IN or DNS_CLASS_ANY */
};

/* Makes an empty index. It is slower with more than `most` subscriptions. Returns NULL if memory is
 * short. */
struct push_index *push_index_new(size_t most);

/* Frees the index, which must be without subscriptions. NULL is fine. */
void push_index_free(struct push_index *x);

/* Returns the subscription of `s` to the same name, type and class (RFC 8765 section 6.2.1), or
 * NULL. */
struct push_subscription *push_index_find(const struct push_index *x,
					  const struct push_subscriber *s,
					  const struct push_question *q);

/* Adds a subscription of `s`, which must not have one with this question. It gets changes after
 * `version`; and also older ones if `s` had a subscription at the name that ended in the middle of
 * a delivery. Returns the subscription, or NULL if memory is short. */
struct push_subscription *push_index_add(struct push_index *x, struct push_subscriber *s,
					 const struct push_question *q, uint16_t id,
					 uint64_t version);

/* Returns the subscription with this operation. */
static inline struct push_subscription *push_index_of(struct push_operation *op)
{
	return (struct push_subscription *)((char *)op -
					    offsetof(struct push_subscription, operation));
}

/* Removes and frees a subscription. Others of the subscriber at the name get all changes that it
 * would have got. */
void push_index_remove(struct push_index *x, struct push_subscription *sub);

/* Removes all subscriptions of `s`, in one step for each. */
void push_index_clear(struct push_index *x, struct push_subscriber *s);

/* Returns the name with subscriptions, in this zone and lower case, or NULL. */
struct push_name *push_index_name(const struct push_index *x, const void *zone,
				  const uint8_t *lower, size_t nbytes);

/* Returns how many subscriptions there are. */
uint64_t push_index_count(const struct push_index *x);

/* Returns how many bytes of memory the index takes, unused parts of its hash tables included. */
size_t push_index_memory(const struct push_index *x);

/* ---- for push/delivery.h ---- */

/* Marks a name with a group: it has no records in `version` of the zone, which the delivery in hand
 * makes, so its removal may be sent. */
void push_index_mark_gone(struct push_index *x, struct push_name *name, uint64_t version);

/* Ends the group of a name, which is freed if it has no subscriptions any more. */
void push_index_release(struct push_index *x, struct push_name *name);

/* Begins a walk over the subscriptions at a name that there are now; it has a group until the walk
 * has ended. There is one walk at a time; subscriptions may be added and removed during it. */
void push_index_walk(struct push_index *x, struct push_name *name);

/* Returns the next subscription of the walk, topic by topic, or NULL at its end. Those that were
 * added since it began may be among them. */
struct push_subscription *push_index_walk_next(struct push_index *x);
