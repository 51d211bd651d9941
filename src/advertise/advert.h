/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/advert.h - one instance of a zone as a service on the LAN: its phases.
 *
 * 1. Its records are read, and its host is found (advertise/targets.h). With a fault it is refused.
 * 2. If its name is seen on the LAN, it is looked whose it is, before a probe is sent.
 * 3. It is published, and from then on changes with the registry.
 * 4. If the name is taken, it is resolved: a bridge of the same zone, or the node itself, has it:
 *    the instance waits until that is gone. Something else has it, also what has a bridge's
 *    marker but is not what the zone has for half a minute, or it cannot be resolved twice:
 *    the instance is renamed, and goes on at 2.
 * 5. If the node itself announces it as well while it is published, by an alternative of its name
 *    (advertise/twins.h), the instance waits until that is gone.
 *
 * No name is probed for more than once a second, and the names of an instance that is renamed again
 * and again ever more slowly. When none is left they are tried anew, some minutes later. An advert
 * does not know why an instance is wanted: advertise/advertise.h. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "advertise/alternatives.h"
#include "advertise/records.h"
#include "advertise/source.h"
#include "advertise/targets.h"
#include "advertise/twins.h"
#include "advertise/waits.h"
#include "base/hash.h"
#include "mdns/rows.h"
#include "mdns/table.h"

struct advertise_settings;
struct advertise_type;
struct mdns_seen_service;

enum advertise_advert_phase {
	ADVERTISE_ADVERT_IDLE,	    /* not wanted */
	ADVERTISE_ADVERT_REFUSED,   /* it has a fault */
	ADVERTISE_ADVERT_PAUSED,    /* is tried when a second has passed */
	ADVERTISE_ADVERT_CHECKING,  /* it is being found out whose the name is */
	ADVERTISE_ADVERT_READY,	    /* to be published */
	ADVERTISE_ADVERT_PUBLISHED, /* its group exists */
	ADVERTISE_ADVERT_STANDBY    /* another one advertises it */
};

struct advertise_advert_subtype {
	uint8_t label[ADVERTISE_LABEL_SIZE];
	bool is_marked; /* the owner's */
};

struct advertise_advert {
	struct mdns_entry entry; /* first; by `name` */
	struct advertise_shared *shared;
	uint8_t name[DNS_NAME_MAX]; /* in the registry */

	/* the owner's */
	struct advertise_type *type;
	struct advertise_advert *next, *previous; /* of the type */
	struct advertise_advert *touched_next;
	bool is_touched;
	bool is_named, is_marked; /* a PTR record at the type has it; mark of a full read */
	struct advertise_advert_subtype *subtypes;
	size_t nsubtypes;

	enum advertise_advert_phase phase;
	struct mdns_row row;
	bool has_row;
	uint16_t port;
	uint8_t target_name[DNS_NAME_MAX];
	struct advertise_target *target;			/* NULL: in no zone */
	struct advertise_advert *target_next, *target_previous; /* of the target's users */
	bool is_target_shown;
	uint8_t lan_name[DNS_NAME_MAX];
	unsigned number; /* which alternative that is; 0: it has none */
	struct mdns_entry by_lan_name;

	struct lan_group *group;
	struct base_hash_wide published; /* the records */
	uint64_t next_ms;		 /* not published again before */
	uint64_t well_ms;		 /* when it was established; 0: it is not */
	unsigned nrenames;		 /* after collisions, since it was well for a minute */
	struct advertise_wait wait;
	bool is_resolving;
	bool is_collided; /* the name was taken when it was probed for */
	bool has_retried; /* after it was taken, and could not be resolved */
	struct advertise_twins twins;
};

/* What the adverts of a rule share. */
struct advertise_shared {
	const struct advertise_settings *settings;
	struct advertise_waits waits;
	struct advertise_alternatives alternatives;
	struct advertise_targets targets;
	struct mdns_table by_lan_name;
	struct advertise_source_service source; /* during a call */
	struct advertise_records records;	/* likewise */
};

/* Makes an advert of the instance `name`, which is not wanted yet. Returns NULL if memory is
 * short. */
struct advertise_advert *advertise_advert_new(struct advertise_shared *shared, const uint8_t *name);

/* Reads the instance, and advertises it, or its changes, if it is wanted and has an SRV record;
 * else withdraws it. Returns 0 or -ENOMEM; then the call has to be repeated. */
int advertise_advert_read(struct advertise_advert *a, bool is_wanted);

/* Takes note of what is seen on the LAN of the advert's name there. */
void advertise_advert_on_seen(struct advertise_advert *a);

/* Takes note of what is seen of a service with an alternative of the advert's original name. */
void advertise_advert_on_twin(struct advertise_advert *a, const struct mdns_seen_service *s);

/* Has the advert have a subtype, or have it no more. Returns 0 or -ENOMEM. What is more than
 * ADVERTISE_SUBTYPES_MAX is ignored. */
int advertise_advert_add_subtype(struct advertise_advert *a, const uint8_t *label);
void advertise_advert_remove_subtype(struct advertise_advert *a, const uint8_t *label);

/* Returns the advert of an entry of `by_lan_name`. */
static inline struct advertise_advert *advertise_advert_of(const struct mdns_entry *by_lan_name)
{
	return (struct advertise_advert *)((const char *)by_lan_name -
					   offsetof(struct advertise_advert, by_lan_name));
}

/* Withdraws the advert and frees it. */
void advertise_advert_free(struct advertise_advert *a);
