/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/sightings.h - the records that a browser has seen, and where.
 *
 * A set of rdata of one name and type. Each may have been seen on several interfaces and
 * transports; it stays in the set until the last of these has gone, and even then if it is only
 * lost: then it is unseen until it is seen again, or taken. Peers choose the rdata: the table is
 * keyed (base/hash.h) and bounded. It knows no Avahi. One thread at a time. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Where a record was seen: an interface's index, and Avahi's protocol. */
struct lan_source {
	int interface, protocol;
};

struct lan_sighting {
	TAILQ_ENTRY(lan_sighting) link;
	struct lan_sighting *next; /* of the hash */
	uint64_t hash;
	struct lan_source *sources;
	uint32_t nsources, capacity;
	size_t nbytes;
	uint8_t rdata[];
};

struct lan_sightings {
	TAILQ_HEAD(lan_sighting_list, lan_sighting) all; /* in the order in which they came */
	struct lan_sighting **buckets;
	size_t mask, count, max;
};

/* Makes an empty set for at most `max` records; frees what it holds. */
void lan_sightings_init(struct lan_sightings *s, size_t max);
void lan_sightings_fini(struct lan_sightings *s);

/* Adds what was seen. Returns 1 if it is new in the set, 0 if not; -ENOSPC if the set is full, or
 * -ENOMEM. */
int lan_sightings_add(struct lan_sightings *s, const uint8_t *rdata, size_t nbytes,
		      const struct lan_source *source);

/* Removes what is not there any more. Returns the record, which is the caller's to free, if it was
 * seen nowhere else, and NULL otherwise. */
struct lan_sighting *lan_sightings_remove(struct lan_sightings *s, const uint8_t *rdata,
					  size_t nbytes, const struct lan_source *source);

/* Forgets that records were seen on an interface (AVAHI_IF_UNSPEC: on all). They stay in the
 * set. */
void lan_sightings_lose(struct lan_sightings *s, int interface);

/* Takes a record that is unseen from the set. Returns it, the caller's to free, or NULL if there is
 * none. */
struct lan_sighting *lan_sightings_take_unseen(struct lan_sightings *s);
