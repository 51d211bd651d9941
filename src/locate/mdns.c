/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/mdns.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-common/watch.h>

/* How Avahi's library is driven: it wants to be called for descriptors and at times, which are made
 * here of resolve_events. Its own functions must not be freed from within its calls, so the end is
 * reported by a timer. */

struct locate_mdns {
	struct resolve_events *events;
	locate_mdns_fn done;
	void *arg;
	AvahiPoll poll;
	AvahiClient *client;
	struct resolve_timer end;
	uint64_t now_ms;
	bool is_browsed; /* there is nothing more for now */
	unsigned nresolving, nbegun;
	struct resolve_endpoint found[LOCATE_MDNS_MAX];
	size_t n;
};

/* ---- descriptors ---- */

/* Avahi's library owns its descriptor; what is waited for is a duplicate. */
struct AvahiWatch {
	struct locate_mdns *mdns;
	struct resolve_descriptor descriptor;
	int fd;
	AvahiWatchEvent happened;
	AvahiWatchCallback callback;
	void *arg;
};

static void watch_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	AvahiWatch *w = arg;

	w->mdns->now_ms = now_ms;
	w->happened = (AvahiWatchEvent)events; /* the bits of poll(2) and epoll are the same */
	w->callback(w, w->fd, w->happened, w->arg);
}

static AvahiWatch *watch_new(const AvahiPoll *api, int fd, AvahiWatchEvent wanted,
			     AvahiWatchCallback callback, void *arg)
{
	struct locate_mdns *m = api->userdata;
	AvahiWatch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->mdns = m;
	w->fd = fd;
	w->callback = callback;
	w->arg = arg;
	w->descriptor = (struct resolve_descriptor){.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0),
						    .wanted = (uint32_t)wanted,
						    .on_ready = watch_ready,
						    .arg = w};
	if (w->descriptor.fd < 0 || resolve_events_add(m->events, &w->descriptor) < 0) {
		free(w);
		return NULL;
	}
	return w;
}

static void watch_update(AvahiWatch *w, AvahiWatchEvent wanted)
{
	resolve_events_want(w->mdns->events, &w->descriptor, (uint32_t)wanted);
}

static AvahiWatchEvent watch_get_events(AvahiWatch *w)
{
	return w->happened;
}

static void watch_free(AvahiWatch *w)
{
	resolve_events_close(w->mdns->events, &w->descriptor);
	free(w);
}

/* ---- times ---- */

struct AvahiTimeout {
	struct locate_mdns *mdns;
	struct resolve_timer timer;
	AvahiTimeoutCallback callback;
	void *arg;
};

static void timeout_due(void *arg, uint64_t now_ms)
{
	AvahiTimeout *t = arg;

	t->mdns->now_ms = now_ms;
	t->callback(t, t->arg);
}

/* Avahi's library names times by the clock of gettimeofday: how long it is until then is counted
 * from the event in which it does. */
static void timeout_update(AvahiTimeout *t, const struct timeval *due)
{
	struct timeval now;
	int64_t left_us;

	if (due == NULL) {
		resolve_timer_clear(&t->mdns->events->timers, &t->timer);
		return;
	}
	gettimeofday(&now, NULL);
	left_us = (int64_t)(due->tv_sec - now.tv_sec) * 1000000 + (due->tv_usec - now.tv_usec);
	resolve_timer_set(&t->mdns->events->timers, &t->timer,
			  t->mdns->now_ms + (left_us > 0 ? (uint64_t)(left_us + 999) / 1000 : 0));
}

static AvahiTimeout *timeout_new(const AvahiPoll *api, const struct timeval *due,
				 AvahiTimeoutCallback callback, void *arg)
{
	AvahiTimeout *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->mdns = api->userdata;
	t->timer = (struct resolve_timer){.on_due = timeout_due, .arg = t};
	t->callback = callback;
	t->arg = arg;
	timeout_update(t, due);
	return t;
}

static void timeout_free(AvahiTimeout *t)
{
	resolve_timer_clear(&t->mdns->events->timers, &t->timer);
	free(t);
}

/* ---- browsing ---- */

static void on_end(void *arg, uint64_t now_ms)
{
	struct locate_mdns *m = arg;

	m->done(m->arg, now_ms);
}

/* Has the end be reported if there is nothing to wait for any more. */
static void end_check(struct locate_mdns *m)
{
	if (m->is_browsed && m->nresolving == 0)
		resolve_timer_set(&m->events->timers, &m->end, 0);
}

static void address_set(struct sockaddr_storage *out, AvahiIfIndex interface,
			const AvahiAddress *address, uint16_t port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	*out = (struct sockaddr_storage){0};
	if (address->proto == AVAHI_PROTO_INET) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		v4->sin_addr.s_addr = address->data.ipv4.address;
		return;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, address->data.ipv6.address, sizeof(v6->sin6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
		v6->sin6_scope_id = (uint32_t)interface;
}

static void on_resolved(AvahiServiceResolver *r, AvahiIfIndex interface, AvahiProtocol protocol,
			AvahiResolverEvent event, const char *name, const char *type,
			const char *domain, const char *host, const AvahiAddress *address,
			uint16_t port, AvahiStringList *txt, AvahiLookupResultFlags flags,
			void *arg)
{
	struct locate_mdns *m = arg;

	(void)protocol;
	(void)name;
	(void)type;
	(void)domain;
	(void)host;
	(void)txt;
	(void)flags;
	if (event == AVAHI_RESOLVER_FOUND && address != NULL && port != 0 && m->n < LOCATE_MDNS_MAX)
		address_set(&m->found[m->n++].address, interface, address, port);
	avahi_service_resolver_free(r);
	m->nresolving--;
	end_check(m);
}

static void on_browsed(AvahiServiceBrowser *b, AvahiIfIndex interface, AvahiProtocol protocol,
		       AvahiBrowserEvent event, const char *name, const char *type,
		       const char *domain, AvahiLookupResultFlags flags, void *arg)
{
	struct locate_mdns *m = arg;

	(void)b;
	(void)flags;
	if (event == AVAHI_BROWSER_ALL_FOR_NOW || event == AVAHI_BROWSER_FAILURE)
		m->is_browsed = true;
	if (event == AVAHI_BROWSER_NEW && m->nbegun < LOCATE_MDNS_MAX) {
		m->nbegun++;
		m->nresolving += avahi_service_resolver_new(m->client, interface, protocol, name,
							    type, domain, AVAHI_PROTO_UNSPEC, 0,
							    on_resolved, m) != NULL;
	}
	end_check(m);
}

static void on_client(AvahiClient *client, AvahiClientState state, void *arg)
{
	struct locate_mdns *m = arg;

	(void)client;
	if (state != AVAHI_CLIENT_FAILURE)
		return;
	m->is_browsed = true;
	m->nresolving = 0;
	end_check(m);
}

/* ---- the search ---- */

int locate_mdns_new(struct locate_mdns **out, struct resolve_events *events, locate_mdns_fn done,
		    void *arg, uint64_t now_ms)
{
	struct locate_mdns *m = calloc(1, sizeof(*m));
	int error;

	if (m == NULL)
		return -ENOMEM;
	m->events = events;
	m->done = done;
	m->arg = arg;
	m->now_ms = now_ms;
	m->end = (struct resolve_timer){.on_due = on_end, .arg = m};
	m->poll = (AvahiPoll){
		.userdata = m,
		.watch_new = watch_new,
		.watch_update = watch_update,
		.watch_get_events = watch_get_events,
		.watch_free = watch_free,
		.timeout_new = timeout_new,
		.timeout_update = timeout_update,
		.timeout_free = timeout_free,
	};
	m->client = avahi_client_new(&m->poll, 0, on_client, m, &error);
	if (m->client == NULL ||
	    avahi_service_browser_new(m->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, "_weft._tcp",
				      NULL, 0, on_browsed, m) == NULL) {
		locate_mdns_free(m);
		return -EHOSTUNREACH;
	}
	*out = m;
	return 0;
}

const struct resolve_endpoint *locate_mdns_found(const struct locate_mdns *m, size_t *n)
{
	*n = m->n;
	return m->found;
}

void locate_mdns_free(struct locate_mdns *m)
{
	if (m == NULL)
		return;
	if (m->client != NULL)
		avahi_client_free(m->client);
	resolve_timer_clear(&m->events->timers, &m->end);
	free(m);
}
