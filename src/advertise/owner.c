/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/owner.h"

#include "advertise/advert.h"
#include "advertise/settings.h"
#include "lan/name.h"
#include "mdns/marker.h"
#include "mdns/rules.h"
#include "mdns/seen.h"
#include "zone/zone.h"

/* Compares what is seen with what the registry has. */
static enum advertise_owner compare(const struct advertise_advert *a,
				    const struct mdns_seen_service *s)
{
	if (s->port != a->port)
		return ADVERTISE_OWNER_STRANGERS;
	if (a->target == NULL)
		return dns_name_equal(s->target, a->target_name) ? ADVERTISE_OWNER_RIVALS
								 : ADVERTISE_OWNER_STRANGERS;
	if (advertise_target_shares(a->target, s->addresses, s->naddresses))
		return ADVERTISE_OWNER_RIVALS;
	/* Its addresses come after the other records. */
	return s->naddresses == 0 && dns_name_is_under(s->target, lan_name_local())
		       ? ADVERTISE_OWNER_UNDECIDED
		       : ADVERTISE_OWNER_STRANGERS;
}

static enum advertise_owner owner_of(const struct advertise_advert *a,
				     const struct mdns_seen_service *s)
{
	const struct advertise_settings *settings = a->shared->settings;
	uint8_t zone[DNS_NAME_MAX];
	mdns_id id;

	if (!s->is_resolved)
		return s->is_named ? ADVERTISE_OWNER_UNKNOWN : ADVERTISE_OWNER_NOBODYS;
	if (!mdns_marker_read(s->txt, s->ntxt, zone, &id))
		return compare(a, s);
	if (!dns_name_equal(zone, zone_name(settings->rule->zone)))
		return ADVERTISE_OWNER_STRANGERS;
	/* After a collision it is that of another rule. */
	if (id == settings->id && !a->is_collided)
		return ADVERTISE_OWNER_OURS;
	return compare(a, s) == ADVERTISE_OWNER_RIVALS ? ADVERTISE_OWNER_RIVALS
						       : ADVERTISE_OWNER_STALE;
}

enum advertise_owner advertise_owner_look(const struct advertise_advert *a)
{
	struct mdns_seen_service s;

	return mdns_seen_find(a->shared->settings->seen, a->lan_name, &s) ? owner_of(a, &s)
									  : ADVERTISE_OWNER_NOBODYS;
}

bool advertise_owner_is_twin(const struct advertise_advert *a, const struct mdns_seen_service *s)
{
	uint8_t zone[DNS_NAME_MAX];
	mdns_id id;

	return s->is_named && s->is_resolved && !mdns_marker_read(s->txt, s->ntxt, zone, &id) &&
	       compare(a, s) == ADVERTISE_OWNER_RIVALS;
}
