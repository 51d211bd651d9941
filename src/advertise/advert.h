/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/advert.h - one instance of a zone as a service on the LAN: what it has there.
 *
 * That is a name, which may be an alternative of its own (advertise/alternatives.h); a host
 * (advertise/targets.h); a group of records, if it is published; and a row, for commands. When it
 * gets which of them, and why, is not known here: advertise/phases.h. The bridge's thread. */
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

/* ---- its name and its row ---- */

/* Adds the row, with the name as the registry spells it, unless it is there. */
void advertise_advert_add_row(struct advertise_advert *a, const uint8_t *spelled);

/* Sets the row, and the figures that follow from it. */
void advertise_advert_show(struct advertise_advert *a, enum mdns_row_state state, const char *why);

/* Returns the reason in the row if it has another name than its own, else "". */
const char *advertise_advert_why_renamed(const struct advertise_advert *a);

/* Logs its new name, within bounds. */
void advertise_advert_log_renamed(const struct advertise_advert *a);

/* Makes the name that it has on the LAN if that is not taken. Returns false if it has none. */
bool advertise_advert_original(const struct advertise_advert *a, uint8_t out[static DNS_NAME_MAX]);

/* Gives it the next name from the alternative `number` on that no other advert has; 0: from the one
 * that is remembered on. `a->number` is 0 if there is none. Returns 0 or -ENOMEM. */
int advertise_advert_take_name(struct advertise_advert *a, unsigned number);

/* ---- its host, and what is begun ---- */

/* Finds the host that the SRV record of `source` targets, and leaves the one before. Returns 0 or
 * -ENOMEM. */
int advertise_advert_read_target(struct advertise_advert *a,
				 const struct advertise_source_service *source);

/* Has its name resolved, or not any more. */
void advertise_advert_resolve(struct advertise_advert *a, bool is_resolving);

/* Ends looking for alternatives of its name. */
void advertise_advert_stop_twins(struct advertise_advert *a);

/* Withdraws what is published, or probed for. */
void advertise_advert_unpublish(struct advertise_advert *a);

/* Ends all that a phase has begun. */
void advertise_advert_stop(struct advertise_advert *a);

/* Stops, and refuses it for the reason `why`. Returns 0. */
int advertise_advert_refuse(struct advertise_advert *a, const char *why);

/* Stops, and gives up host, row and name: it is not wanted. */
void advertise_advert_withdraw(struct advertise_advert *a);

/* ---- its subtypes ---- */

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
