/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/discover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "resolve/host.h"

enum { LABELS_LEAST = 2 }; /* of a zone that is asked for: a top-level domain has none of ours */

struct resolve_discover {
	struct resolve_events *events;
	struct resolve_lookup_servers servers;
	resolve_discover_fn done;
	void *arg;
	struct resolve_lookup *lookup; /* 1 to 4 of RFC 8765 section 6.1: the SOA of `name` */
	struct resolve_srv *srv;       /* 5 to 7: the zone's servers */
	uint32_t ttl_s;
	uint8_t name[DNS_NAME_MAX]; /* what is asked for */
	uint8_t zone[DNS_NAME_MAX];
	bool has_zone;
};

static void ttl_lower(struct resolve_discover *d, uint32_t ttl_s)
{
	if (ttl_s < d->ttl_s)
		d->ttl_s = ttl_s;
}

static void report(struct resolve_discover *d, const struct resolve_served *servers, int error,
		   uint64_t now_ms)
{
	const struct resolve_discovered found = {
		.error = error,
		.zone = d->has_zone ? d->zone : NULL,
		.endpoints = servers != NULL ? servers->endpoints : NULL,
		.nendpoints = servers != NULL ? servers->nendpoints : 0,
		.ttl_s = d->ttl_s,
	};

	d->done(d->arg, &found, now_ms);
}

/* ---- 5 to 7: the servers ---- */

static void on_served(void *arg, const struct resolve_served *found, uint64_t now_ms)
{
	struct resolve_discover *d = arg;

	ttl_lower(d, found->ttl_s);
	report(d, found, found->error, now_ms);
}

/* Asks for the servers; a zone with so long a name can have none. */
static void servers_ask(struct resolve_discover *d, uint64_t now_ms)
{
	uint8_t name[DNS_NAME_MAX];

	if (dnssd_push_name(name, d->zone) == 0)
		report(d, NULL, 0, now_ms);
	else if (resolve_srv_new(&d->srv, d->events, &d->servers, name, true, on_served, d) < 0)
		report(d, NULL, -ENOMEM, now_ms);
}

/* ---- 1 to 4: the zone ---- */

/* Takes the zone from an SOA at or above the name. Returns 1 if there is one, 0 or -ENOMEM. */
static int zone_take(struct resolve_discover *d, struct resolve_answer *answer)
{
	struct resolve_answer_record *r = malloc(sizeof(*r));

	if (r == NULL)
		return -ENOMEM;
	while (!d->has_zone && resolve_message_next(answer, r)) {
		if (r->type != DNS_TYPE_SOA || r->section == RESOLVE_ADDITIONAL ||
		    !dns_name_is_under(d->name, r->owner))
			continue;
		memcpy(d->zone, r->owner, dns_name_nbytes(r->owner));
		ttl_lower(d, r->ttl);
		d->has_zone = true;
	}
	free(r);
	return d->has_zone;
}

/* Takes the first label away (4). Returns false if what is left is too short for a zone. */
static bool name_shorten(struct resolve_discover *d)
{
	const uint8_t *above = dns_name_strip(d->name, d->name[0] == 0 ? 0 : 1);

	if (dns_name_labels(above) < LABELS_LEAST)
		return false;
	memmove(d->name, above, dns_name_nbytes(above));
	return true;
}

static int zone_ask(struct resolve_discover *d);

static void answered(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	struct resolve_discover *d = arg;

	if (error == 0)
		error = zone_take(d, answer);
	if (error == 1) {
		servers_ask(d, now_ms);
		return;
	}
	if (error == 0 && name_shorten(d)) {
		error = zone_ask(d);
		if (error == 0)
			return;
	}
	ttl_lower(d, RESOLVE_TTL_NEGATIVE_S);
	report(d, NULL, error, now_ms);
}

static int zone_ask(struct resolve_discover *d)
{
	resolve_lookup_free(d->lookup);
	d->lookup = NULL;
	return resolve_lookup_new(&d->lookup, d->events, &d->servers, d->name, DNS_TYPE_SOA, false,
				  answered, d);
}

int resolve_discover_new(struct resolve_discover **out, struct resolve_events *events,
			 const struct resolve_lookup_servers *servers, const uint8_t *name,
			 resolve_discover_fn done, void *arg)
{
	struct resolve_discover *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	d->events = events;
	d->servers = *servers;
	d->done = done;
	d->arg = arg;
	d->ttl_s = RESOLVE_TTL_MAX_S;
	memcpy(d->name, name, dns_name_nbytes(name));
	if (zone_ask(d) < 0) {
		free(d);
		return -ENOMEM;
	}
	*out = d;
	return 0;
}

void resolve_discover_free(struct resolve_discover *d)
{
	if (d == NULL)
		return;
	resolve_lookup_free(d->lookup);
	resolve_srv_free(d->srv);
	free(d);
}
