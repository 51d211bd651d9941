/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* listing/services.h - the service instances of a zone, for commands that show them.
 *
 * 1. listing_services_take pins the current version of the zone.
 * 2. listing_services_walk finds its instances, with their records and the PTRs to them.
 * 3. listing_services_look adds what only the registrar's tables have: owner, lease, mark, and
 *    whether the view has made an instance live. A call does a part, so that updates do not wait.
 *
 * The tables may be newer than the version, and each part newer than the last one: is_changed is
 * set then. Each step may run in another thread, one at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/record.h"
#include "view/view.h"

struct registry_state;
struct zone;
struct zone_snapshot;

/* Whether clients find an instance by browsing, and if not, why (view/live.h). */
enum listing_service_state {
	LISTING_SERVICE_LIVE,
	LISTING_SERVICE_WAITING,  /* live, but its type has no room for its PTR */
	LISTING_SERVICE_SUSPECT,  /* reported by clients; demoted or withdrawn by the rule */
	LISTING_SERVICE_STARTING, /* by the state= in its TXT, as the next five */
	LISTING_SERVICE_DRAINING,
	LISTING_SERVICE_FAILED,
	LISTING_SERVICE_ASSIGNED,
	LISTING_SERVICE_PREPARING,
	LISTING_SERVICE_STOPPED,
	LISTING_SERVICE_DRAINED,     /* by the operator */
	LISTING_SERVICE_UNADDRESSED, /* its target has no address */
	LISTING_SERVICE_INCOMPLETE,  /* it has no SRV with a target */
	LISTING_SERVICE_STATES	     /* how many there are */
};

/* An instance. Names are wire names; what it points to is valid as long as the services. */
struct listing_service {
	const uint8_t *name;	   /* as the zone spells it */
	size_t record, nrecords;   /* its SRVs and TXTs, in `records` */
	size_t pointer, npointers; /* the PTRs to it at types and subtypes, in `pointers` */

	/* set by listing_services_look */
	enum listing_service_state state;
	bool is_live; /* the view has made it live */
	bool is_suspect;
	bool is_drained;
	bool is_node_drained;	 /* only because the node of a target is drained */
	const uint8_t *owner;	 /* the key that it belongs to; NULL: nobody's */
	const uint8_t *subtypes; /* labels with their length, one after the other */
	size_t nsubtypes;	 /* their octets */
	bool has_lease,
		is_suspended; /* of its records: the first to end; suspended with its zone */
	uint32_t granted_s;
	uint64_t left_ms;
	uint64_t suspect_ms; /* since it became suspect */
};

/* A PTR at a type or subtype to an instance. */
struct registry_pointer {
	const uint8_t *owner, *instance;
};

/* All zero is valid and empty. */
struct listing_services {
	struct zone *zone;
	const struct zone_snapshot *snapshot; /* pinned */
	struct view_rule rule;		      /* of its view, which may be off */
	struct listing_service *items;	      /* sorted by name */
	size_t count, capacity;
	struct dns_record *records;
	size_t nrecords, records_capacity;
	struct registry_pointer *pointers; /* sorted by instance */
	size_t npointers, pointers_capacity;
	size_t nlooked;	 /* instances that have been looked at */
	bool is_changed; /* the zone has changed since it was pinned */
	struct base_arena names;
};

/* Pins the current version of `zone`, which must outlive the services; `rule` is that of its view.
 * Returns 0, or -ENOENT if the zone has no version. A thread that is registered with RCU and
 * online. listing_services_fini is due in either case. */
int listing_services_take(struct listing_services *s, struct zone *zone,
			  const struct view_rule *rule);

/* Finds all instances of the version, or only that of the name `instance` unless it is NULL.
 * Returns 0 or -ENOMEM. Any thread. */
int listing_services_walk(struct listing_services *s, const uint8_t *instance);

/* Drops instances for which `is_wanted` returns false. Any thread. */
void listing_services_filter(struct listing_services *s,
			     bool (*is_wanted)(void *arg, const struct listing_services *s,
					       const struct listing_service *one),
			     void *arg);

/* Looks at the next `most` instances; `now_ms` is the lease clock. Returns 1 if there are more, 0
 * if there are not, or -ENOMEM. The registrar's thread. */
int listing_services_look(struct listing_services *s, const struct registry_state *state,
			  uint64_t now_ms, size_t most);

/* Returns the state in a word. */
const char *listing_service_word(enum listing_service_state state);

/* Returns why clients do not find the instance by browsing, or what there is to know although they
 * do; NULL if there is nothing to say. */
const char *listing_service_why(const struct listing_services *s,
				const struct listing_service *one);

/* Frees what the services hold, ends the pin, and makes them empty. Any thread. */
void listing_services_fini(struct listing_services *s);
