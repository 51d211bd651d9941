/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/finder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnssd/kind.h"
#include "locate/hosts.h"
#include "locate/mdns.h"
#include "resolve/conf.h"
#include "resolve/host.h"
#include "resolve/srv.h"

/* How registries are found:
 *
 * 1. With a list: the hosts in it are looked for in hosts(5), and asked for at the resolvers, all
 *    at the same time. What is known when all are answered, or when the time is over, is it (4).
 * 2. Else for each search domain _weft._tcp and, if servers can be verified, _dns-push-tls._tcp
 *    are asked for, all at the same time. The first in order that has servers is it (4).
 * 3. Else mDNS is asked, for a short time; and without it, the resolvers are the registries (4).
 * 4. The function is called, once. */

enum { SEARCHES_MAX = LOCATE_LIST_MAX };

/* A host, or the SRV records of a name. */
struct search {
	struct locate_finder *finder;
	struct resolve_host *host;
	struct resolve_srv *srv;
	enum locate_transport transport;
	char name[256]; /* of a host, for certificates */
	char source[LOCATE_SOURCE_MAX];
	struct resolve_endpoint *endpoints; /* found; owned */
	size_t nendpoints;
	bool is_pending;
};

enum stage { BEGIN, HOSTS, SEARCH, MDNS };

struct locate_finder {
	struct resolve_events *events;
	const struct locate_find_order *order;
	locate_finder_fn done;
	void *arg;
	enum stage stage;
	struct resolve_timer timer;
	struct resolve_conf resolv;
	struct resolve_endpoint resolvers[RESOLVE_CONF_SERVERS_MAX];
	struct resolve_lookup_servers servers;
	struct search searches[SEARCHES_MAX];
	size_t nsearches;
	struct locate_mdns *mdns;
	struct locate_known found;
};

_Static_assert(SEARCHES_MAX >= 2 * RESOLVE_CONF_SEARCH_MAX, "two SRV records of each domain");

/* ---- the end ---- */

static void searches_end(struct locate_finder *f)
{
	for (size_t i = 0; i < f->nsearches; i++) {
		struct search *s = &f->searches[i];

		resolve_host_free(s->host);
		resolve_srv_free(s->srv);
		free(s->endpoints);
	}
	f->nsearches = 0;
}

static void finish(struct locate_finder *f, uint64_t now_ms)
{
	resolve_timer_clear(&f->events->timers, &f->timer);
	searches_end(f);
	f->done(f->arg, &f->found, now_ms);
}

/* ---- the resolvers themselves ---- */

static void resolvers_add(struct locate_finder *f)
{
	for (size_t i = 0; i < f->servers.nservers; i++)
		locate_known_add(&f->found, &f->resolvers[i], LOCATE_UDP, f->order->resolv_path);
}

static int resolvers_read(struct locate_finder *f)
{
	int ret = resolve_conf_read(&f->resolv, f->order->resolv_path);

	for (size_t i = 0; i < f->resolv.nservers; i++)
		f->resolvers[i].address = f->resolv.servers[i];
	f->servers = (struct resolve_lookup_servers){.servers = f->resolvers,
						     .nservers = f->resolv.nservers};
	return ret;
}

/* ---- mDNS ---- */

static void mdns_end(struct locate_finder *f, uint64_t now_ms)
{
	size_t n;
	const struct resolve_endpoint *found = locate_mdns_found(f->mdns, &n);

	for (size_t i = 0; i < n; i++)
		locate_known_add(&f->found, &found[i], LOCATE_UDP, "mDNS");
	locate_mdns_free(f->mdns);
	f->mdns = NULL;
	if (n == 0)
		resolvers_add(f);
	finish(f, now_ms);
}

static void on_mdns(void *arg, uint64_t now_ms)
{
	mdns_end(arg, now_ms);
}

static void mdns_begin(struct locate_finder *f, uint64_t now_ms)
{
	f->stage = MDNS;
	if (f->order->has_mdns && locate_mdns_new(&f->mdns, f->events, on_mdns, f, now_ms) == 0) {
		resolve_timer_set(&f->events->timers, &f->timer, now_ms + LOCATE_FIND_MDNS_MS);
		return;
	}
	resolvers_add(f);
	finish(f, now_ms);
}

/* ---- hosts and SRV records ---- */

static void search_collect(struct locate_finder *f, const struct search *s)
{
	for (size_t i = 0; i < s->nendpoints; i++)
		locate_known_add(&f->found, &s->endpoints[i], s->transport, s->source);
}

/* Ends the stage when its result is known: `is_late` if its time is over. */
static void searches_check(struct locate_finder *f, bool is_late, uint64_t now_ms)
{
	for (size_t i = 0; i < f->nsearches && f->found.n == 0 && f->stage == SEARCH; i++) {
		if (f->searches[i].is_pending && !is_late)
			return;
		search_collect(f, &f->searches[i]);
	}
	for (size_t i = 0; i < f->nsearches && f->stage == HOSTS && !is_late; i++)
		if (f->searches[i].is_pending)
			return;
	for (size_t i = 0; i < f->nsearches && f->stage == HOSTS; i++)
		search_collect(f, &f->searches[i]);
	if (f->stage == HOSTS || f->found.n > 0) {
		finish(f, now_ms);
		return;
	}
	searches_end(f);
	mdns_begin(f, now_ms);
}

/* Makes room for the endpoints of a search, at most `n`. */
static struct resolve_endpoint *endpoints_make(struct search *s, size_t n)
{
	s->endpoints = calloc(n > 0 ? n : 1, sizeof(*s->endpoints));
	s->nendpoints = s->endpoints != NULL ? n : 0;
	return s->endpoints;
}

static void addresses_set(struct search *s, const struct sockaddr_storage *addresses, size_t n)
{
	if (endpoints_make(s, n) == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		s->endpoints[i].address = addresses[i];
		strcpy(s->endpoints[i].name, s->name);
	}
}

static void on_hosted(void *arg, const struct resolve_hosted *found, uint64_t now_ms)
{
	struct search *s = arg;

	s->is_pending = false;
	addresses_set(s, found->addresses, found->naddresses);
	searches_check(s->finder, false, now_ms);
}

static void on_served(void *arg, const struct resolve_served *found, uint64_t now_ms)
{
	struct search *s = arg;

	s->is_pending = false;
	if (endpoints_make(s, found->nendpoints) != NULL && found->nendpoints > 0)
		memcpy(s->endpoints, found->endpoints,
		       found->nendpoints * sizeof(*found->endpoints));
	searches_check(s->finder, false, now_ms);
}

/* Takes an item of the list, and begins to ask for it if it is a host. */
static void item_begin(struct locate_finder *f, size_t at)
{
	const struct locate_item *item = &f->order->given.items[at];
	struct sockaddr_storage addresses[RESOLVE_HOST_ADDRESSES_MAX];
	struct search *s = &f->searches[f->nsearches++];
	char text[DNS_NAME_TEXT_MAX];
	size_t n;

	*s = (struct search){.finder = f, .transport = item->transport};
	strcpy(s->source, f->order->sources[at]);
	if (item->host[0] == 0) {
		addresses_set(s, &item->address, 1);
		return;
	}
	n = dns_name_to_text(text, item->host);
	if (n <= sizeof(s->name))
		memcpy(s->name, text, n - 1); /* without the final dot */
	n = locate_hosts_find(addresses, RESOLVE_HOST_ADDRESSES_MAX, f->order->hosts_path,
			      item->host, item->port);
	if (n > 0)
		addresses_set(s, addresses, n);
	else
		s->is_pending = resolve_host_new(&s->host, f->events, &f->servers, item->host,
						 item->port, on_hosted, s) == 0;
}

static void srv_begin(struct locate_finder *f, const uint8_t *name, enum locate_transport transport)
{
	struct search *s = &f->searches[f->nsearches++];
	char text[DNS_NAME_TEXT_MAX];

	*s = (struct search){.finder = f, .transport = transport};
	dns_name_to_text(text, name);
	snprintf(s->source, sizeof(s->source), "SRV %.100s", text);
	s->is_pending = resolve_srv_new(&s->srv, f->events, &f->servers, name,
					transport == LOCATE_TLS, on_served, s) == 0;
}

static void domain_begin(struct locate_finder *f, const uint8_t *domain)
{
	static const uint8_t weft[] = "\5_weft\4_tcp";
	uint8_t name[DNS_NAME_MAX];

	if (dns_name_join(name, weft, sizeof(weft) - 1, domain) > 0)
		srv_begin(f, name, LOCATE_UDP);
	if (f->order->has_trust && dnssd_push_name(name, domain) > 0)
		srv_begin(f, name, LOCATE_TLS);
}

/* ---- the beginning ---- */

static void begin(struct locate_finder *f, uint64_t now_ms)
{
	bool is_given = f->order->given.n > 0;

	if (resolvers_read(f) < 0 && !is_given) {
		finish(f, now_ms);
		return;
	}
	f->stage = is_given ? HOSTS : SEARCH;
	for (size_t i = 0; i < f->order->given.n; i++)
		item_begin(f, i);
	for (size_t i = 0; i < f->resolv.nsearches && !is_given; i++)
		if (f->resolv.searches[i][0] != 0)
			domain_begin(f, f->resolv.searches[i]);
	resolve_timer_set(&f->events->timers, &f->timer,
			  now_ms + (is_given ? LOCATE_FIND_HOSTS_MS : LOCATE_FIND_SEARCH_MS));
	searches_check(f, false, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct locate_finder *f = arg;

	if (f->stage == BEGIN)
		begin(f, now_ms);
	else if (f->stage == MDNS)
		mdns_end(f, now_ms);
	else
		searches_check(f, true, now_ms);
}

int locate_finder_new(struct locate_finder **out, struct resolve_events *events,
		      const struct locate_find_order *order, locate_finder_fn done, void *arg)
{
	struct locate_finder *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -ENOMEM;
	f->events = events;
	f->order = order;
	f->done = done;
	f->arg = arg;
	f->timer = (struct resolve_timer){.on_due = on_due, .arg = f};
	resolve_timer_set(&events->timers, &f->timer, 0);
	*out = f;
	return 0;
}

void locate_finder_free(struct locate_finder *f)
{
	if (f == NULL)
		return;
	resolve_timer_clear(&f->events->timers, &f->timer);
	searches_end(f);
	locate_mdns_free(f->mdns);
	free(f);
}
