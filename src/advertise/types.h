/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/types.h - the service types of a rule's zone, and which of their instances the rule
 * advertises.
 *
 * Types that the rule names are there from the beginning; with `*` all others as well that the zone
 * has, of which those are advertised that its list of types has (RFC 6763 section 9). A type that
 * is advertised is followed on the LAN. Adverts belong to their type's list. The bridge's
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"
#include "mdns/table.h"

struct advertise_advert;
struct advertise_settings;

struct advertise_type {
	struct mdns_entry entry;    /* first; by `name` */
	uint8_t name[DNS_NAME_MAX]; /* in the zone: _svc._proto.ZONE */
	struct advertise_advert *adverts;
	bool is_named;	  /* the rule names it, or a subtype of it */
	bool is_whole;	  /* the rule names it, so that all instances are meant */
	bool is_listed;	  /* the zone's list of types has it */
	bool is_marked;	  /* of a full read */
	bool is_followed; /* on the LAN */
};

struct advertise_types {
	const struct advertise_settings *settings;
	struct mdns_table types;
};

/* Makes the types that the rule names. Returns 0, or -ENOMEM; advertise_types_fini is needed in
 * both cases. */
int advertise_types_init(struct advertise_types *ts, const struct advertise_settings *settings);

/* Frees all types, which have no adverts any more. */
void advertise_types_fini(struct advertise_types *ts);

/* Writes the type of `name`, a type in the zone, to `out`, a new one if the rule may advertise it
 * and there is none; NULL if not. Returns 0 or -ENOMEM. */
int advertise_types_take(struct advertise_types *ts, const uint8_t *name,
			 struct advertise_type **out);

/* Sets whether the list of types has it, and follows it on the LAN accordingly. Returns whether
 * that has changed what is advertised. */
bool advertise_type_list(struct advertise_types *ts, struct advertise_type *t, bool is_listed);

/* Returns whether the rule advertises an instance of the type with the subtypes of `a`. */
bool advertise_type_wants(const struct advertise_types *ts, const struct advertise_type *t,
			  const struct advertise_advert *a);

/* Add an advert to the list of a type, and remove it; frees a type that is not needed any more. */
void advertise_type_add(struct advertise_type *t, struct advertise_advert *a);
void advertise_type_remove(struct advertise_types *ts, struct advertise_advert *a);

/* Frees a type that nothing needs. */
void advertise_type_release(struct advertise_types *ts, struct advertise_type *t);
