/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/discover.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/secret.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "resolve/order.h"

enum {
	LABELS_LEAST = 2,    /* of a zone that is asked for: a top-level domain has none of ours */
	NEGATIVE_TTL_S = 60, /* of an answer without an SOA */
	TTL_MOST_S = 3600,
};

/* The steps, one look-up each; numbers as in RFC 8765 section 6.1. */
enum step {
	FIND_ZONE,	/* 1 to 4: the SOA of `name` */
	FIND_SERVERS,	/* 5 to 7: the SRVs of the zone */
	FIND_ADDRESSES, /* of the targets that the additional section lacked: AAAA, then A */
};

struct target {
	uint8_t name[DNS_NAME_MAX];
	uint16_t port;
};

struct resolve_discover {
	struct resolve_events *events;
	struct resolve_lookup_servers servers;
	resolve_discover_fn done;
	void *arg;
	struct resolve_lookup *lookup;
	enum step step;
	bool is_stuck; /* the next look-up could not be made: the tick reports it */
	uint32_t ttl_s;
	uint8_t name[DNS_NAME_MAX]; /* what the look-up asks for */
	uint8_t zone[DNS_NAME_MAX];
	struct target targets[RESOLVE_DISCOVER_TARGETS_MAX]; /* in the order of contact */
	size_t ntargets, target; /* how many; the one that is asked for */
	uint16_t type;		 /* AAAA or A of it */
	struct resolve_endpoint endpoints[RESOLVE_DISCOVER_ENDPOINTS_MAX];
	size_t nendpoints;
};

static void report(struct resolve_discover *d, int error, uint64_t now_ms)
{
	const struct resolve_discovered found = {
		.error = error,
		.zone = d->step == FIND_ZONE ? NULL : d->zone,
		.endpoints = d->endpoints,
		.nendpoints = d->nendpoints,
		.ttl_s = d->ttl_s,
	};

	d->done(d->arg, &found, now_ms);
}

static void ttl_lower(struct resolve_discover *d, uint32_t ttl_s)
{
	if (ttl_s < d->ttl_s)
		d->ttl_s = ttl_s;
}

/* ---- 1 to 4: the zone ---- */

/* Takes the zone from an SOA at or above the name. Returns whether there is one. */
static bool zone_take(struct resolve_discover *d, struct resolve_answer *answer,
		      struct resolve_answer_record *r)
{
	while (resolve_message_next(answer, r)) {
		if (r->type != DNS_TYPE_SOA || r->section == RESOLVE_ADDITIONAL ||
		    !dns_name_is_under(d->name, r->owner))
			continue;
		memcpy(d->zone, r->owner, dns_name_nbytes(r->owner));
		ttl_lower(d, r->ttl);
		return true;
	}
	return false;
}

/* ---- 5 to 7: the servers ---- */

static uint32_t random_below(void *arg, uint32_t n)
{
	uint32_t random;

	(void)arg;
	base_secret_random(&random, sizeof(random));
	return random % n;
}

static void endpoint_add(struct resolve_discover *d, const struct target *target, uint16_t type,
			 const uint8_t *rdata)
{
	struct resolve_endpoint *e = &d->endpoints[d->nendpoints];
	struct sockaddr_in *v4 = (struct sockaddr_in *)&e->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&e->address;
	char name[DNS_NAME_TEXT_MAX];
	size_t nchars = dns_name_to_text(name, target->name);

	if (d->nendpoints == RESOLVE_DISCOVER_ENDPOINTS_MAX || nchars > sizeof(e->name))
		return;
	*e = (struct resolve_endpoint){.is_tls = true};
	if (type == DNS_TYPE_A) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(target->port);
		memcpy(&v4->sin_addr, rdata, sizeof(v4->sin_addr));
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(target->port);
		memcpy(&v6->sin6_addr, rdata, sizeof(v6->sin6_addr));
	}
	memcpy(e->name, name, nchars - 1); /* without the final dot */
	d->nendpoints++;
}

/* Adds the addresses in an answer that are those of the target; of its aliases, too, if `type` is
 * what was asked for (0: the additional section of another question). */
static void addresses_take(struct resolve_discover *d, struct resolve_answer answer,
			   const struct target *target, uint16_t type,
			   struct resolve_answer_record *r)
{
	while (resolve_message_next(&answer, r)) {
		bool is_asked = type != 0 && r->section == RESOLVE_ANSWER && r->type == type;
		bool is_address = r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA;

		if (!is_asked && (type != 0 || !is_address || r->section != RESOLVE_ADDITIONAL ||
				  !dns_name_equal(r->owner, target->name)))
			continue;
		ttl_lower(d, r->ttl);
		endpoint_add(d, target, r->type, r->rdata);
	}
}

/* Reads the SRV records into `d->targets`, in the order of contact. */
static void targets_take(struct resolve_discover *d, struct resolve_answer answer,
			 struct resolve_answer_record *r)
{
	struct resolve_order_srv srv[RESOLVE_DISCOVER_TARGETS_MAX];
	uint8_t names[RESOLVE_DISCOVER_TARGETS_MAX][DNS_NAME_MAX];
	size_t n = 0;

	while (n < RESOLVE_DISCOVER_TARGETS_MAX && resolve_message_next(&answer, r)) {
		const uint8_t *target = r->rdata + DNS_SRV_TARGET;

		if (r->type != DNS_TYPE_SRV || r->section != RESOLVE_ANSWER || target[0] == 0)
			continue; /* the root as target: decidedly no such service (RFC 2782) */
		ttl_lower(d, r->ttl);
		memcpy(names[n], target, dns_name_nbytes(target));
		srv[n] = (struct resolve_order_srv){
			.priority = base_load16(r->rdata),
			.weight = base_load16(r->rdata + DNS_SRV_WEIGHT),
			.port = base_load16(r->rdata + DNS_SRV_PORT),
			.target = names[n],
		};
		n++;
	}
	resolve_order_sort(srv, n, random_below, NULL);
	for (size_t i = 0; i < n; i++) {
		memcpy(d->targets[i].name, srv[i].target, dns_name_nbytes(srv[i].target));
		d->targets[i].port = srv[i].port;
	}
	d->ntargets = n;
}

/* ---- one look-up after the other ---- */

static void answered(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms);

/* Begins the look-up that the step wants. */
static void ask(struct resolve_discover *d, const uint8_t *name, uint16_t type)
{
	resolve_lookup_free(d->lookup);
	d->lookup = NULL;
	d->is_stuck = resolve_lookup_new(&d->lookup, d->events, &d->servers, name, type, false,
					 answered, d) < 0;
}

/* Asks for the servers; a zone with so long a name can have none. */
static void ask_servers(struct resolve_discover *d, uint64_t now_ms)
{
	uint8_t name[DNS_NAME_MAX];

	d->step = FIND_SERVERS;
	if (dnssd_push_name(name, d->zone) > 0)
		ask(d, name, DNS_TYPE_SRV);
	else
		report(d, 0, now_ms);
}

/* Asks for the next addresses, or reports when all are known. */
static void ask_addresses(struct resolve_discover *d, uint64_t now_ms)
{
	if (d->target == d->ntargets) {
		report(d, 0, now_ms);
		return;
	}
	ask(d, d->targets[d->target].name, d->type);
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

/* The SRVs are known, and the addresses in the additional section. */
static void servers_found(struct resolve_discover *d, struct resolve_answer *answer,
			  struct resolve_answer_record *r, uint64_t now_ms)
{
	targets_take(d, *answer, r);
	for (size_t i = 0; i < d->ntargets; i++)
		addresses_take(d, *answer, &d->targets[i], 0, r);
	d->step = FIND_ADDRESSES;
	if (d->ntargets == 0)
		ttl_lower(d, NEGATIVE_TTL_S);
	if (d->nendpoints > 0)
		d->target = d->ntargets; /* enough to begin with */
	ask_addresses(d, now_ms);
}

static void addresses_found(struct resolve_discover *d, struct resolve_answer *answer,
			    struct resolve_answer_record *r, uint64_t now_ms)
{
	addresses_take(d, *answer, &d->targets[d->target], d->type, r);
	d->target += d->type == DNS_TYPE_A;
	d->type = d->type == DNS_TYPE_A ? DNS_TYPE_AAAA : DNS_TYPE_A;
	ask_addresses(d, now_ms);
}

static void answered(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	struct resolve_discover *d = arg;
	struct resolve_answer_record *r;

	if (error < 0) {
		report(d, error, now_ms);
		return;
	}
	r = malloc(sizeof(*r));
	if (r == NULL) {
		report(d, -ENOMEM, now_ms);
		return;
	}
	switch (d->step) {
	case FIND_ZONE:
		if (zone_take(d, answer, r)) {
			ask_servers(d, now_ms);
		} else if (name_shorten(d)) {
			ask(d, d->name, DNS_TYPE_SOA);
		} else {
			ttl_lower(d, NEGATIVE_TTL_S);
			report(d, 0, now_ms);
		}
		break;
	case FIND_SERVERS:
		servers_found(d, answer, r, now_ms);
		break;
	case FIND_ADDRESSES:
		addresses_found(d, answer, r, now_ms);
		break;
	}
	free(r);
}

int resolve_discover_new(struct resolve_discover **out, struct resolve_events *events,
			 const struct resolve_lookup_servers *servers, const uint8_t *name,
			 resolve_discover_fn done, void *arg)
{
	struct resolve_discover *d = malloc(sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	*d = (struct resolve_discover){
		.events = events,
		.servers = *servers,
		.done = done,
		.arg = arg,
		.ttl_s = TTL_MOST_S,
		.type = DNS_TYPE_AAAA,
	};
	memcpy(d->name, name, dns_name_nbytes(name));
	ask(d, d->name, DNS_TYPE_SOA);
	*out = d;
	return 0;
}

void resolve_discover_free(struct resolve_discover *d)
{
	if (d == NULL)
		return;
	resolve_lookup_free(d->lookup);
	free(d);
}

uint64_t resolve_discover_deadline(const struct resolve_discover *d)
{
	return d->is_stuck ? 0 : resolve_lookup_deadline(d->lookup);
}

void resolve_discover_tick(struct resolve_discover *d, uint64_t now_ms)
{
	if (d->is_stuck)
		report(d, -ENOMEM, now_ms);
	else
		resolve_lookup_tick(d->lookup, now_ms);
}
