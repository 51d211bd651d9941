/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/backoff.h"
#include "client/feed.h"
#include "client/polling.h"
#include "dns/type.h"
#include "resolve/discover.h"
#include "resolve/events.h"

/* How an interest finds its server:
 *
 * 1. A route knows the servers of a zone. With servers that were given there is one, for the root.
 * 2. Without, an interest takes the route of the closest zone above its name; if there is none, the
 *    zone is looked up first. Names below a zone that is known may be delegated: a server that
 *    refuses with NOTAUTH makes the name itself be looked up.
 * 3. A route has a feed, which other zones of the same servers share; or it has none, and all its
 *    interests are polled until it is looked up again. */

enum {
	KEEPALIVE_MS = 60000,
	INACTIVITY_MS = 15000,
	DISCOVERIES_MAX = 16,	/* at a time */
	AGAIN_LEAST_MS = 5000,	/* between two look-ups of a zone */
	AGAIN_MOST_MS = 300000, /* while it has no server that pushes */
};

struct route {
	struct client *client;
	struct route *next;
	struct client_feed *feed; /* NULL: no server pushes its changes */
	struct resolve_discover *discover;
	uint64_t again_ms; /* when to look it up again, if there is no session; UINT64_MAX: never */
	enum client_state_kind kind;
	bool has_state;	 /* `kind` was reported, */
	bool has_no_dso; /* and whether the servers have no DSO */
	bool has_refused;
	const char *why;	    /* why there is no feed; a constant */
	uint8_t zone[DNS_NAME_MAX]; /* lower case */
};

/* A feed, in the list of all. */
struct server {
	struct server *next;
	struct client_feed *feed;
};

struct client {
	struct resolve_events events;
	struct client_interests interests;
	struct client_polling polling;
	struct client_feed_shared shared;
	struct resolve_endpoint *polls;	 /* the servers that are polled, or the resolvers */
	struct resolve_endpoint *others; /* those of client_set_others */
	size_t nothers;
	struct resolve_lookup_servers poll_servers;
	struct route *routes;
	struct server *servers;
	unsigned ndiscoveries;
	bool has_servers;  /* they were given */
	bool has_unrouted; /* some interest has no route and no discovery */
	client_state_fn on_state;
	void *state_arg;
	void (*on_turn)(void *arg);
	void *turn_arg;
	uint64_t now_ms; /* of the turn */
};

/* ---- states ---- */

static struct client_link *link_of(const struct route *r)
{
	return r->feed == NULL ? NULL : client_feed_link(r->feed);
}

static const char *why_of(const struct route *r)
{
	return r->feed == NULL ? r->why : client_link_why(link_of(r));
}

static void state_send(struct route *r, enum client_state_kind kind, const uint8_t *name,
		       const char *why)
{
	struct client *c = r->client;
	const struct client_link *link = link_of(r);
	uint64_t retry_ms = link == NULL ? r->again_ms : client_link_retry(link);
	const struct client_state state = {
		.kind = kind,
		.name = name,
		.server = link == NULL ? NULL : client_link_endpoint(link),
		.why = why,
		.retry_in_ms = retry_ms == UINT64_MAX ? retry_ms
			       : retry_ms > c->now_ms ? retry_ms - c->now_ms
						      : 0,
	};

	if (c->on_state != NULL)
		c->on_state(c->state_arg, &state);
}

/* Reports the state of a route, unless it is the one that was reported last. */
static void state_set(struct route *r, enum client_state_kind kind)
{
	bool has_no_dso = r->feed != NULL && client_link_has_no_dso(link_of(r));

	if (r->has_state && r->kind == kind && r->has_no_dso == has_no_dso)
		return;
	r->has_state = true;
	r->has_no_dso = has_no_dso;
	r->kind = kind;
	state_send(r, kind, r->zone, kind == CLIENT_STATE_PUSH ? "" : why_of(r));
}

/* ---- what feeds and polling call ---- */

static void feed_state(struct client *c, const struct client_feed *f, enum client_state_kind kind)
{
	for (struct route *r = c->routes; r != NULL; r = r->next) {
		if (r->feed != f)
			continue;
		r->has_refused = false;
		state_set(r, kind);
	}
}

static void feed_up(void *arg, struct client_feed *f, uint64_t now_ms)
{
	(void)now_ms;
	feed_state(arg, f, CLIENT_STATE_PUSH);
}

static void feed_down(void *arg, struct client_feed *f, uint64_t now_ms)
{
	struct client *c = arg;

	(void)now_ms;
	for (struct client_interest *i = c->interests.first; i != NULL; i = i->next)
		if (i->feed == f)
			client_polling_lose(&c->polling, i);
	feed_state(c, f, CLIENT_STATE_LOST);
}

static void feed_pushless(void *arg, struct client_feed *f, uint64_t now_ms)
{
	struct client *c = arg;

	(void)f;
	(void)now_ms;
	client_polling_wake(&c->polling);
}

static void feed_refused(void *arg, struct client_feed *f, struct client_interest *i,
			 unsigned rcode, uint64_t now_ms)
{
	struct client *c = arg;
	struct route *r = i->route;
	char why[CLIENT_LINK_WHY_MAX];

	(void)f;
	(void)now_ms;
	client_polling_wake(&c->polling);
	if (rcode == DNS_RCODE_DSOTYPENI)
		return; /* the whole server is given up */
	if (rcode == DNS_RCODE_NOTAUTH && !c->has_servers && !i->has_own_route) {
		i->has_own_route = i->is_misrouted = c->has_unrouted = true;
		return;
	}
	if (r->has_refused)
		return; /* one of many is enough */
	r->has_refused = true;
	snprintf(why, sizeof(why), "the server refuses the subscription: %s",
		 dns_rcode_text(rcode));
	state_send(r, CLIENT_STATE_REFUSED, i->name, why);
}

static void feed_answer(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
			uint64_t now_ms)
{
	struct client *c = arg;

	client_polling_answer(&c->polling, operation, msg, nbytes, now_ms);
}

static void feed_hidden(void *arg, struct client_feed *f, struct client_interest *i)
{
	struct client *c = arg;

	(void)f;
	client_polling_again(&c->polling, i);
}

static const struct client_feed_calls feed_calls = {feed_up,	  feed_down,   feed_pushless,
						    feed_refused, feed_answer, feed_hidden};

/* Asks over the session of the interest's feed: it costs no connection, and is as private as the
 * rest. */
static bool poll_ask(void *arg, struct client_poll *poll, uint64_t now_ms)
{
	const struct client_interest *i = poll->interest;
	struct client_link *link = i->feed == NULL ? NULL : client_feed_link(i->feed);

	(void)arg;
	return link != NULL && client_link_state(link) == CLIENT_LINK_UP &&
	       client_link_query(link, i->name, poll->type, poll, &poll->id, now_ms) == 0;
}

static void poll_abandon(void *arg, struct client_poll *poll)
{
	struct client_feed *f = poll->interest->feed;

	(void)arg;
	if (f != NULL && client_link_state(client_feed_link(f)) == CLIENT_LINK_UP)
		client_link_abandon(client_feed_link(f), poll->id);
}

static bool needs_polling(void *arg, const struct client_interest *i)
{
	(void)arg;
	return i->feed == NULL || client_feed_needs_polling(i->feed, i);
}

static void polled(void *arg, struct client_interest *i, int error, unsigned rcode, uint64_t now_ms)
{
	struct client *c = arg;
	struct route *r = i->route;
	bool was_unreached;

	if (error < 0 || rcode != 0)
		client_interests_fail(&c->interests, i);
	if (r == NULL)
		return; /* its servers are still looked for */
	if (r->feed != NULL && client_link_state(link_of(r)) == CLIENT_LINK_UP)
		return; /* only this interest is polled */
	was_unreached = r->has_state && r->kind == CLIENT_STATE_UNREACHED;
	state_set(r, error == 0 ? CLIENT_STATE_POLL : CLIENT_STATE_UNREACHED);
	if (error == 0 && was_unreached)
		client_polling_retry(&c->polling, now_ms);
}

static const struct client_polling_calls polling_calls = {needs_polling, poll_ask, poll_abandon,
							  polled};

static void flushed(void *arg)
{
	struct client *c = arg;

	if (c->on_turn != NULL)
		c->on_turn(c->turn_arg);
}

/* ---- feeds ---- */

static int feed_make(struct client *c, struct client_feed **out,
		     const struct resolve_endpoint *endpoints, size_t nendpoints)
{
	struct server *s = malloc(sizeof(*s));

	if (s == NULL || client_feed_new(&s->feed, &c->shared, endpoints, nendpoints) < 0) {
		free(s);
		return -ENOMEM;
	}
	s->next = c->servers;
	c->servers = s;
	*out = s->feed;
	return 0;
}

/* Returns a feed whose server is among these, or a new one; NULL when out of memory. */
static struct client_feed *feed_get(struct client *c, const struct resolve_endpoint *endpoints,
				    size_t nendpoints)
{
	struct client_feed *f;

	for (const struct server *s = c->servers; s != NULL; s = s->next) {
		const struct resolve_endpoint *has =
			client_link_endpoint(client_feed_link(s->feed));

		for (size_t i = 0; i < nendpoints; i++)
			if (resolve_endpoint_equal(has, &endpoints[i]))
				return s->feed;
	}
	return feed_make(c, &f, endpoints, nendpoints) < 0 ? NULL : f;
}

/* ---- routes ---- */

static struct route *route_find(const struct client *c, const uint8_t *zone)
{
	struct route *r = c->routes;

	while (r != NULL && !dns_name_equal(r->zone, zone))
		r = r->next;
	return r;
}

/* Returns the route of the closest zone that the name is in, or NULL. */
static struct route *route_above(const struct client *c, const uint8_t *name)
{
	struct route *best = NULL;

	for (struct route *r = c->routes; r != NULL; r = r->next)
		if (dns_name_is_under(name, r->zone) &&
		    (best == NULL || dns_name_is_under(r->zone, best->zone)))
			best = r;
	return best;
}

static struct route *route_new(struct client *c, const uint8_t *zone)
{
	struct route *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->client = c;
	r->again_ms = UINT64_MAX;
	dns_name_lower(r->zone, zone);
	r->next = c->routes;
	c->routes = r;
	return r;
}

/* Gives the interest its way to records. */
static void route_join(struct client *c, struct client_interest *i, struct route *r)
{
	i->route = r;
	i->servers = &c->poll_servers;
	if (r->feed != NULL)
		client_feed_add(r->feed, i, c->now_ms);
	client_polling_wake(&c->polling);
}

/* Has the changes of the route's zone pushed by the servers that were found, and else by those of
 * client_set_others. */
static void route_feed(struct client *c, struct route *r, const struct resolve_discovered *found)
{
	size_t n = found->nendpoints + c->nothers;
	struct resolve_endpoint *all = n == 0 ? NULL : malloc(n * sizeof(*all));

	if (all == NULL)
		return; /* it has none, or memory is short: again when it is looked up again */
	if (found->nendpoints > 0)
		memcpy(all, found->endpoints, found->nendpoints * sizeof(*all));
	if (c->nothers > 0)
		memcpy(all + found->nendpoints, c->others, c->nothers * sizeof(*all));
	if (r->feed == NULL) {
		r->feed = feed_get(c, all, n);
		for (struct client_interest *i = c->interests.first; i != NULL; i = i->next)
			if (i->route == r && r->feed != NULL)
				client_feed_add(r->feed, i, c->now_ms);
	} else if (client_link_state(link_of(r)) == CLIENT_LINK_WAITING) {
		client_link_set_endpoints(link_of(r), all, n);
	}
	free(all);
}

/* Takes what a discovery has found as the servers of the route. */
static void route_update(struct client *c, struct route *r, const struct resolve_discovered *found)
{
	uint64_t again_ms = found->error < 0 ? 0 : found->ttl_s * UINT64_C(1000);
	uint64_t least_ms = AGAIN_LEAST_MS;

	if (found->error < 0 && c->shared.retry_most_ms < least_ms)
		least_ms = c->shared.retry_most_ms;
	if (again_ms < least_ms)
		again_ms = least_ms;
	if (again_ms > AGAIN_MOST_MS)
		again_ms = AGAIN_MOST_MS;
	r->again_ms = c->now_ms + again_ms;
	if (found->error < 0)
		r->why = "the resolvers do not answer";
	else if (found->zone == NULL)
		r->why = "no zone of this name was found";
	else
		r->why = "the zone has no _dns-push-tls._tcp SRV record";
	if (found->error == 0)
		route_feed(c, r, found);
}

static void route_discovered(void *arg, const struct resolve_discovered *found, uint64_t now_ms)
{
	struct route *r = arg;

	(void)now_ms;
	route_update(r->client, r, found);
	resolve_discover_free(r->discover);
	r->discover = NULL;
}

/* Looks the servers of the route's zone up again, unless there is a session. */
static void route_refresh(struct client *c, struct route *r)
{
	bool has_session = r->feed != NULL && client_link_state(link_of(r)) != CLIENT_LINK_WAITING;

	r->again_ms = c->now_ms + AGAIN_LEAST_MS;
	if (!has_session)
		resolve_discover_new(&r->discover, &c->events, &c->poll_servers, r->zone,
				     route_discovered, r);
}

/* ---- interests without a route ---- */

static void interest_discovered(void *arg, const struct resolve_discovered *found, uint64_t now_ms)
{
	struct client_interest *i = arg;
	struct client *c = i->client;
	const uint8_t *zone = found->error < 0 || found->zone == NULL ? i->name : found->zone;
	struct route *r = route_find(c, zone);

	(void)now_ms;
	if (r == NULL)
		r = route_new(c, zone);
	if (r != NULL) { /* else memory is short: again in the next turn */
		route_update(c, r, found);
		route_join(c, i, r);
	}
	resolve_discover_free(i->discover);
	i->discover = NULL;
	c->ndiscoveries--;
	c->has_unrouted = true; /* those that have waited for a discovery to end */
}

/* Gives an interest a route, or begins to look for one. */
static void interest_route(struct client *c, struct client_interest *i)
{
	struct route *r;

	if (i->is_misrouted && i->feed != NULL) {
		client_polling_forget(&c->polling, i);
		client_feed_remove(i->feed, i, c->now_ms);
	}
	if (i->is_misrouted)
		i->route = NULL;
	i->is_misrouted = false;
	if (i->route != NULL || i->discover != NULL || i->is_ended)
		return;
	r = i->has_own_route ? NULL : route_above(c, i->name);
	if (r != NULL) {
		route_join(c, i, r);
		return;
	}
	if (c->poll_servers.nservers == 0)
		return; /* the caller has not set any */
	if (c->ndiscoveries == DISCOVERIES_MAX ||
	    resolve_discover_new(&i->discover, &c->events, &c->poll_servers, i->name,
				 interest_discovered, i) < 0)
		return; /* when another one has ended */
	i->client = c;
	c->ndiscoveries++;
}

static void interests_route(struct client *c)
{
	if (!c->has_unrouted)
		return;
	c->has_unrouted = false;
	for (struct client_interest *i = c->interests.first; i != NULL; i = i->next)
		if (i->route == NULL || i->is_misrouted)
			interest_route(c, i);
}

static void discover_end(struct client *c, struct client_interest *i)
{
	if (i->discover == NULL)
		return;
	resolve_discover_free(i->discover);
	i->discover = NULL;
	c->ndiscoveries--;
}

static void interest_end(void *arg, struct client_interest *i)
{
	struct client *c = arg;

	client_polling_forget(&c->polling, i);
	if (i->feed != NULL)
		client_feed_remove(i->feed, i, c->now_ms);
	discover_end(c, i);
}

/* ---- the caller's loop ---- */

int client_fd(const struct client *c)
{
	return c->events.fd;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t client_deadline(const struct client *c)
{
	uint64_t first =
		earlier(client_polling_deadline(&c->polling), resolve_events_deadline(&c->events));

	if (c->has_unrouted || c->interests.ended != NULL || c->interests.touched != NULL)
		return 0;
	for (const struct server *s = c->servers; s != NULL; s = s->next)
		first = earlier(first, client_feed_deadline(s->feed));
	for (const struct route *r = c->routes; r != NULL; r = r->next)
		if (r->discover == NULL)
			first = earlier(first, r->again_ms);
	return first;
}

void client_process(struct client *c, uint64_t now_ms)
{
	c->now_ms = now_ms;
	resolve_events_run(&c->events, now_ms);
	client_interests_reap(&c->interests, interest_end, c);
	interests_route(c);
	for (struct server *s = c->servers; s != NULL; s = s->next)
		client_feed_tick(s->feed, now_ms);
	for (struct route *r = c->routes; r != NULL; r = r->next)
		if (r->discover == NULL && now_ms >= r->again_ms)
			route_refresh(c, r);
	client_polling_tick(&c->polling, now_ms);
	client_interests_flush(&c->interests);
}

/* ---- subscriptions ---- */

int client_subscribe(struct client *c, const uint8_t *name, const uint16_t *types, unsigned ntypes,
		     client_event_fn on_event, void *arg, struct client_subscription **out)
{
	bool is_new;
	int ret;

	ret = client_interests_add(&c->interests, name, types, ntypes, on_event, arg, out, &is_new);
	if (ret == 0 && is_new)
		c->has_unrouted = true;
	client_polling_wake(&c->polling); /* for a type that is new */
	return ret;
}

void client_want_large(struct client_subscription *s)
{
	s->interest->wants_large = true;
}

void client_want_often(struct client_subscription *s, uint32_t most_ms)
{
	s->interest->poll_most_ms = most_ms;
}

void client_unsubscribe(struct client *c, struct client_subscription *s)
{
	client_interests_end(&c->interests, s);
}

enum client_known client_known(const struct client *c, const struct client_subscription *s)
{
	static const enum client_known polled[] = {
		[CLIENT_POLLED_ANSWERED] = CLIENT_KNOWN_POLLED,
		[CLIENT_POLLED_REFUSED] = CLIENT_KNOWN_REFUSED,
		[CLIENT_POLLED_NOT_YET] = CLIENT_KNOWN_NOT_YET,
		[CLIENT_POLLED_UNREACHED] = CLIENT_KNOWN_UNREACHED,
	};
	const struct client_interest *i = s->interest;

	enum client_known known;

	if (i->feed != NULL && i->push == CLIENT_PUSH_ACCEPTED)
		return i->is_unmarked || i->is_hidden || !s->has_current ? CLIENT_KNOWN_NOT_YET
									 : CLIENT_KNOWN_PUSHED;
	if (i->route == NULL || (i->feed != NULL && !client_feed_needs_polling(i->feed, i)))
		return CLIENT_KNOWN_NOT_YET;
	known = polled[client_polling_state(i, c->now_ms)];
	/* Another subscription to the same records may know them already. */
	return known == CLIENT_KNOWN_POLLED && !s->has_current ? CLIENT_KNOWN_NOT_YET : known;
}

void client_refresh(struct client *c, struct client_subscription *s)
{
	struct client_interest *i = s->interest;

	if (i->feed != NULL && i->push == CLIENT_PUSH_ACCEPTED)
		client_feed_renew(i->feed, i, c->now_ms);
	else
		client_polling_again(&c->polling, i);
}

/* ---- the client ---- */

int client_new(struct client **out)
{
	struct client *c = calloc(1, sizeof(*c));
	int ret;

	if (c == NULL)
		return -ENOMEM;
	ret = resolve_events_init(&c->events);
	if (ret < 0) {
		free(c);
		return ret;
	}
	client_interests_init(&c->interests);
	c->interests.on_flushed = flushed;
	c->interests.arg = c;
	client_polling_init(&c->polling, &c->events, &c->interests, &polling_calls, c);
	c->shared = (struct client_feed_shared){
		.events = &c->events,
		.interests = &c->interests,
		.timeouts = {.inactivity_ms = INACTIVITY_MS, .keepalive_ms = KEEPALIVE_MS},
		.retry_most_ms = CLIENT_BACKOFF_MOST_MS,
		.calls = &feed_calls,
		.arg = c,
	};
	*out = c;
	return 0;
}

/* Frees routes and feeds, to which no interest may refer any more. */
static void servers_free(struct client *c)
{
	while (c->routes != NULL) {
		struct route *r = c->routes;

		c->routes = r->next;
		resolve_discover_free(r->discover);
		free(r);
	}
	while (c->servers != NULL) {
		struct server *s = c->servers;

		c->servers = s->next;
		client_feed_free(s->feed);
		free(s);
	}
}

void client_free(struct client *c)
{
	if (c == NULL)
		return;
	client_polling_fini(&c->polling);
	for (struct client_interest *i = c->interests.first; i != NULL; i = i->next)
		discover_end(c, i);
	servers_free(c);
	client_interests_fini(&c->interests);
	resolve_events_fini(&c->events);
	free(c->polls);
	free(c->others);
	free(c);
}

void client_forget_servers(struct client *c)
{
	client_polling_fini(&c->polling);
	for (struct client_interest *i = c->interests.first; i != NULL; i = i->next) {
		discover_end(c, i);
		if (i->feed != NULL)
			client_feed_remove(i->feed, i, c->now_ms);
		client_polling_again(&c->polling, i);
		i->route = NULL;
		i->servers = NULL;
		i->has_own_route = i->is_misrouted = false;
	}
	servers_free(c);
	c->poll_servers.nservers = 0;
	c->nothers = 0;
	c->has_servers = false;
	c->has_unrouted = true;
}

/* Writes a copy of the endpoints to `to`, instead of those there. Returns 0 or -ENOMEM. */
static int endpoints_set(struct resolve_endpoint **to, size_t *nto,
			 const struct resolve_endpoint *from, size_t nfrom)
{
	struct resolve_endpoint *copy = malloc(nfrom * sizeof(*copy));

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, from, nfrom * sizeof(*copy));
	free(*to);
	*to = copy;
	*nto = nfrom;
	return 0;
}

int client_set_resolvers(struct client *c, const struct resolve_endpoint *resolvers,
			 size_t nresolvers)
{
	int ret = endpoints_set(&c->polls, &c->poll_servers.nservers, resolvers, nresolvers);

	if (ret < 0)
		return ret;
	c->poll_servers.servers = c->polls;
	c->has_unrouted = true;
	return 0;
}

int client_set_others(struct client *c, const struct resolve_endpoint *servers, size_t nservers)
{
	return endpoints_set(&c->others, &c->nothers, servers, nservers);
}

int client_set_servers(struct client *c, const struct resolve_endpoint *servers, size_t nservers,
		       const struct resolve_endpoint *polls, size_t npolls)
{
	static const uint8_t root[] = {0};
	struct route *r = route_new(c, root);

	if (r == NULL || client_set_resolvers(c, polls, npolls) < 0 ||
	    feed_make(c, &r->feed, servers, nservers) < 0) {
		client_forget_servers(c);
		return -ENOMEM;
	}
	c->has_servers = true;
	return 0;
}

void client_set_tls(struct client *c, struct fabric_tls_context *tls)
{
	c->shared.tls = tls;
	c->poll_servers.tls = tls;
}

void client_set_keepalive(struct client *c, uint32_t keepalive_ms)
{
	c->shared.timeouts.keepalive_ms = keepalive_ms;
}

void client_set_retry(struct client *c, uint32_t most_ms)
{
	c->shared.retry_most_ms = most_ms;
}

void client_set_polling(struct client *c, uint32_t most_ms)
{
	c->polling.most_ms = most_ms;
}

void client_on_state(struct client *c, client_state_fn on_state, void *arg)
{
	c->on_state = on_state;
	c->state_arg = arg;
}

void client_on_turn(struct client *c, void (*on_turn)(void *arg), void *arg)
{
	c->on_turn = on_turn;
	c->turn_arg = arg;
}
