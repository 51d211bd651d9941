/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/advert_types.h - the service types of a rule's zone, and which of their instances the rule
 * advertises.
 *
 * Types that the rule names are there from the beginning; with `*` all others as well that the zone
 * has, of which those are advertised that its list of types has (RFC 6763 section 9). A type that
 * is advertised is followed on the LAN. Adverts belong to their type's list. The bridge's
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/table.h"
#include "dns/name.h"

struct bridge_advert;
struct bridge_adverts_settings;

struct bridge_advert_type {
	struct bridge_entry entry;  /* first; by `name` */
	uint8_t name[DNS_NAME_MAX]; /* in the zone: _svc._proto.ZONE */
	struct bridge_advert *adverts;
	bool is_named;	  /* the rule names it, or a subtype of it */
	bool is_whole;	  /* the rule names it, so that all instances are meant */
	bool is_listed;	  /* the zone's list of types has it */
	bool is_marked;	  /* of a full read */
	bool is_followed; /* on the LAN */
};

struct bridge_advert_types {
	const struct bridge_adverts_settings *settings;
	struct bridge_table types;
};

/* Makes the types that the rule names. Returns 0, or -ENOMEM; bridge_advert_types_fini is needed in
 * both cases. */
int bridge_advert_types_init(struct bridge_advert_types *ts,
			     const struct bridge_adverts_settings *settings);

/* Frees all types, which have no adverts any more. */
void bridge_advert_types_fini(struct bridge_advert_types *ts);

/* Writes the type of `name`, a type in the zone, to `out`, a new one if the rule may advertise it
 * and there is none; NULL if not. Returns 0 or -ENOMEM. */
int bridge_advert_types_take(struct bridge_advert_types *ts, const uint8_t *name,
			     struct bridge_advert_type **out);

/* Sets whether the list of types has it, and follows it on the LAN accordingly. Returns whether
 * that has changed what is advertised. */
bool bridge_advert_type_list(struct bridge_advert_types *ts, struct bridge_advert_type *t,
			     bool is_listed);

/* Returns whether the rule advertises an instance of the type with the subtypes of `a`. */
bool bridge_advert_type_wants(const struct bridge_advert_types *ts,
			      const struct bridge_advert_type *t, const struct bridge_advert *a);

/* Add an advert to the list of a type, and remove it; frees a type that is not needed any more. */
void bridge_advert_type_add(struct bridge_advert_type *t, struct bridge_advert *a);
void bridge_advert_type_remove(struct bridge_advert_types *ts, struct bridge_advert *a);

/* Frees a type that nothing needs. */
void bridge_advert_type_release(struct bridge_advert_types *ts, struct bridge_advert_type *t);
