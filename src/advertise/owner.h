/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/owner.h - whose a name on the LAN is, by what is seen of it.
 *
 * Anybody may have the marker of a bridge: it counts only with what the registry has as well. It
 * does not know what follows of it: advertise/phases.h. The bridge's thread. */
#pragma once

#include <stdbool.h>

struct advertise_advert;
struct mdns_seen_service;

/* Whose a name on the LAN is. */
enum advertise_owner {
	ADVERTISE_OWNER_NOBODYS,   /* it is not there */
	ADVERTISE_OWNER_UNKNOWN,   /* it is not resolved */
	ADVERTISE_OWNER_UNDECIDED, /* the addresses are not known yet */
	ADVERTISE_OWNER_OURS,	   /* this bridge's */
	ADVERTISE_OWNER_RIVALS,	   /* another bridge's of the zone, or the node's itself */
	ADVERTISE_OWNER_STALE,	   /* with another bridge's marker, but not what the zone has */
	ADVERTISE_OWNER_STRANGERS
};

/* Returns whose the advert's name on the LAN is. */
enum advertise_owner advertise_owner_look(const struct advertise_advert *a);

/* Returns whether a service with an alternative of the advert's name is the same one, which the
 * node announces itself. */
bool advertise_owner_is_twin(const struct advertise_advert *a, const struct mdns_seen_service *s);
