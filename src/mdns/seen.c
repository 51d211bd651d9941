/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A service is kept while a PTR record names it or somebody has it resolved. A call of a listener
 * may end either: the service and the host that are being reported are held for the time of the
 * call. */
#include "mdns/seen.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "lan/browser.h"
#include "lan/name.h"
#include "mdns/addresses.h"
#include "mdns/table.h"

enum { LISTENERS_MAX = 2, SRV_FIXED = 6 };

struct type {
	struct mdns_entry entry; /* first */
	struct mdns_seen *seen;
	uint8_t name[DNS_NAME_MAX];
	const uint8_t *service_type; /* a view into `name` */
	unsigned nusers;
	struct lan_browser *browser;
	size_t nnamed;
	bool has_ignored; /* for want of room or memory */
};

/* The record of a service that counts. */
struct chosen {
	struct lan_browser *browser;
	uint8_t *rdata; /* NULL: there is none */
	size_t nbytes;
};

struct service {
	struct mdns_entry entry; /* first */
	struct mdns_seen *seen;
	uint8_t name[DNS_NAME_MAX];
	struct type **types; /* that name it */
	size_t ntypes;
	unsigned nresolving, nholds;
	struct chosen srv, txt;		 /* while it is resolved */
	struct mdns_host *host;		 /* of the target; or NULL */
	struct service *next, *previous; /* on the same host */
};

struct mdns_seen {
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;
	struct mdns_table types, services;
	struct mdns_addresses addresses;
	struct service *reported_next; /* of a walk through a host's services */
	size_t nnamed;
	bool is_full;
	struct {
		mdns_seen_fn on_service;
		void *arg;
	} listeners[LISTENERS_MAX];
};

/* ---- what is reported ---- */

static void fill(const struct service *s, struct mdns_seen_service *out)
{
	*out = (struct mdns_seen_service){.name = s->name, .is_named = s->ntypes > 0};
	if (s->srv.rdata == NULL || s->txt.rdata == NULL)
		return;
	out->is_resolved = true;
	out->priority = (uint16_t)(s->srv.rdata[0] << 8 | s->srv.rdata[1]);
	out->weight = (uint16_t)(s->srv.rdata[2] << 8 | s->srv.rdata[3]);
	out->port = (uint16_t)(s->srv.rdata[4] << 8 | s->srv.rdata[5]);
	out->target = s->srv.rdata + SRV_FIXED;
	out->txt = s->txt.rdata;
	out->ntxt = s->txt.nbytes;
	if (s->host != NULL) {
		out->addresses = s->host->addresses;
		out->naddresses = mdns_host_naddresses(s->host);
	}
}

/* ---- the life of a service ---- */

static void leave_host(struct service *s)
{
	struct mdns_host *host = s->host;

	if (host == NULL)
		return;
	if (s->seen->reported_next == s)
		s->seen->reported_next = s->next;
	if (s->next != NULL)
		s->next->previous = s->previous;
	if (s->previous != NULL)
		s->previous->next = s->next;
	else
		host->users = s->next;
	s->host = NULL;
	s->next = s->previous = NULL;
	mdns_addresses_release(host);
}

/* Has the host of the service's target followed. Without the memory for that the service has no
 * addresses until something else of it changes. */
static void join_host(struct service *s)
{
	const uint8_t *target = s->srv.rdata == NULL ? NULL : s->srv.rdata + SRV_FIXED;
	bool is_local = target != NULL && dns_name_is_under(target, lan_name_local()) &&
			dns_name_labels(target) > 1;

	if (s->host != NULL && is_local && dns_name_equal(s->host->name, target))
		return;
	leave_host(s);
	s->host = is_local ? mdns_addresses_acquire(&s->seen->addresses, target) : NULL;
	if (s->host == NULL)
		return;
	s->next = s->host->users;
	if (s->next != NULL)
		s->next->previous = s;
	s->host->users = s;
}

static void chosen_fini(struct chosen *c)
{
	lan_browser_free(c->browser);
	free(c->rdata);
	*c = (struct chosen){0};
}

static void stop_resolving(struct service *s)
{
	leave_host(s);
	chosen_fini(&s->srv);
	chosen_fini(&s->txt);
}

static void service_free_unused(struct service *s)
{
	if (s->ntypes > 0 || s->nresolving > 0 || s->nholds > 0)
		return;
	stop_resolving(s);
	mdns_table_remove(&s->seen->services, &s->entry);
	free(s->types);
	free(s);
}

static struct service *service_find(const struct mdns_seen *seen, const uint8_t *name)
{
	return mdns_table_find(&seen->services, name);
}

/* Returns the service of that name, a new one if there is none, or NULL if memory is short. */
static struct service *service_take(struct mdns_seen *seen, const uint8_t *name)
{
	struct service *s = service_find(seen, name);

	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->seen = seen;
	memcpy(s->name, name, dns_name_nbytes(name));
	s->entry.name = s->name;
	if (mdns_table_add(&seen->services, &s->entry) < 0) {
		free(s);
		return NULL;
	}
	return s;
}

/* Calls the listeners; the service may be freed afterwards. */
static void report(struct service *s)
{
	struct mdns_seen *seen = s->seen;
	struct mdns_seen_service out;

	s->nholds++;
	for (unsigned i = 0; i < LISTENERS_MAX; i++)
		if (seen->listeners[i].on_service != NULL) {
			fill(s, &out);
			seen->listeners[i].on_service(seen->listeners[i].arg, &out);
		}
	s->nholds--;
	service_free_unused(s);
}

static void on_host(void *arg, struct mdns_host *host)
{
	struct mdns_seen *seen = arg;
	struct service *s = host->users;

	host->nusers++;
	for (; s != NULL; s = seen->reported_next) {
		seen->reported_next = s->next;
		report(s);
	}
	mdns_addresses_release(host);
}

/* ---- SRV and TXT records ---- */

static int choose(struct chosen *c, const uint8_t *rdata, size_t nbytes)
{
	uint8_t *copy = malloc(nbytes == 0 ? 1 : nbytes);

	if (copy == NULL)
		return -ENOMEM;
	if (nbytes > 0)
		memcpy(copy, rdata, nbytes);
	free(c->rdata);
	c->rdata = copy;
	c->nbytes = nbytes;
	return 0;
}

/* The least of the records that are there. */
struct least {
	const uint8_t *rdata;
	size_t nbytes;
};

static void look_at(void *arg, const uint8_t *rdata, size_t nbytes)
{
	struct least *l = arg;
	size_t n = nbytes < l->nbytes ? nbytes : l->nbytes;
	int order = l->rdata == NULL ? -1 : memcmp(rdata, l->rdata, n);

	if (order < 0 || (order == 0 && nbytes < l->nbytes))
		*l = (struct least){rdata, nbytes};
}

/* Chooses another record when the one that counted is gone. */
static void choose_again(struct chosen *c)
{
	struct least l = {0};

	lan_browser_each(c->browser, look_at, &l);
	if (l.rdata != NULL && choose(c, l.rdata, l.nbytes) == 0)
		return;
	free(c->rdata);
	c->rdata = NULL;
	c->nbytes = 0;
}

static void on_record(void *arg, struct lan_browser *b, enum lan_browser_event event,
		      const uint8_t *rdata, size_t nbytes)
{
	struct service *s = arg;
	struct chosen *c = b == s->srv.browser ? &s->srv : &s->txt;
	bool is_chosen = c->rdata != NULL && c->nbytes == nbytes && rdata != NULL &&
			 memcmp(c->rdata, rdata, nbytes) == 0;

	if (event == LAN_BROWSER_ADDED && !is_chosen && choose(c, rdata, nbytes) == 0)
		;
	else if (event == LAN_BROWSER_REMOVED && is_chosen)
		choose_again(c);
	else
		return;
	join_host(s);
	report(s);
}

/* ---- types ---- */

static struct type **find_naming(const struct service *s, const struct type *t)
{
	for (size_t i = 0; i < s->ntypes; i++)
		if (s->types[i] == t)
			return &s->types[i];
	return NULL;
}

static void log_full(struct mdns_seen *seen, const struct type *t)
{
	char text[DNS_NAME_TEXT_MAX];

	if (seen->is_full)
		return;
	seen->is_full = true;
	dns_name_to_text(text, t->name);
	base_log(BASE_LOG_WARNING, "bridge",
		 "lan-full type=%s why=\"too many instances are on the LAN, others are ignored\"",
		 text);
}

/* Has the service named by the type. Returns 1 if it is so only now, 0 if it was, or a negative
 * errno. */
static int add_name(struct type *t, const uint8_t *name)
{
	struct mdns_seen *seen = t->seen;
	struct service *s = service_find(seen, name);
	struct type **grown;

	if (s != NULL && find_naming(s, t) != NULL)
		return 0;
	if (t->nnamed >= MDNS_SEEN_NAMED_PER_TYPE_MAX || seen->nnamed >= MDNS_SEEN_NAMED_MAX) {
		log_full(seen, t);
		return -ENOSPC;
	}
	s = service_take(seen, name);
	if (s == NULL)
		return -ENOMEM;
	grown = realloc(s->types, (s->ntypes + 1) * sizeof(*grown));
	if (grown == NULL) {
		service_free_unused(s);
		return -ENOMEM;
	}
	s->types = grown;
	s->types[s->ntypes++] = t;
	t->nnamed++;
	seen->nnamed++;
	return 1;
}

static void remove_naming(struct service *s, struct type **at)
{
	struct type *t = *at;

	*at = s->types[--s->ntypes];
	t->nnamed--;
	t->seen->nnamed--;
}

/* Returns whether the target of a PTR record is an instance of the type. */
static bool is_instance(const struct type *t, const uint8_t *rdata)
{
	return rdata[0] != 0 && dns_name_equal(dns_name_strip(rdata, 1), t->service_type);
}

static void see_name(void *arg, const uint8_t *rdata, size_t nbytes)
{
	struct type *t = arg;
	int ret;

	(void)nbytes;
	if (!is_instance(t, rdata))
		return;
	ret = add_name(t, rdata);
	if (ret < 0)
		t->has_ignored = true;
	if (ret == 1)
		report(service_find(t->seen, rdata));
}

static void type_release(struct type *t)
{
	struct mdns_seen *seen = t->seen;

	if (--t->nusers > 0)
		return;
	for (struct service *s = mdns_table_next(&seen->services, NULL), *next; s != NULL;
	     s = next) {
		struct type **at = find_naming(s, t);

		next = mdns_table_next(&seen->services, s);
		if (at == NULL)
			continue;
		remove_naming(s, at);
		service_free_unused(s);
	}
	lan_browser_free(t->browser);
	mdns_table_remove(&seen->types, &t->entry);
	free(t);
}

/* Returns a type with names that were ignored, if there is room for a good part of them. */
static struct type *find_ignored(const struct mdns_seen *seen)
{
	struct type *t = NULL;

	if (seen->nnamed > MDNS_SEEN_NAMED_MAX / 8 * 7)
		return NULL;
	while ((t = mdns_table_next(&seen->types, t)) != NULL)
		if (t->has_ignored && t->nnamed <= MDNS_SEEN_NAMED_PER_TYPE_MAX / 8 * 7)
			return t;
	return NULL;
}

/* Looks at ignored names again, at each type at most once: memory may still be short. */
static void see_ignored(struct mdns_seen *seen)
{
	struct type *t;

	for (size_t n = seen->types.count; n > 0 && (t = find_ignored(seen)) != NULL; n--) {
		t->has_ignored = seen->is_full = false;
		t->nusers++;
		lan_browser_each(t->browser, see_name, t);
		type_release(t);
	}
}

static void on_name(void *arg, struct lan_browser *b, enum lan_browser_event event,
		    const uint8_t *rdata, size_t nbytes)
{
	struct type *t = arg;
	struct mdns_seen *seen = t->seen;
	struct service *s;
	struct type **at;

	(void)b;
	if (event == LAN_BROWSER_ADDED)
		see_name(t, rdata, nbytes);
	if (event != LAN_BROWSER_REMOVED)
		return;
	s = service_find(seen, rdata);
	at = s == NULL ? NULL : find_naming(s, t);
	if (at == NULL)
		return;
	remove_naming(s, at);
	report(s);
	see_ignored(seen);
}

static const uint8_t *type_of(const uint8_t *name)
{
	return dns_name_labels(name) > 2 && dnssd_label_is(dns_name_strip(name, 1), "_sub")
		       ? dns_name_strip(name, 2)
		       : name;
}

static struct type *type_new(struct mdns_seen *seen, const uint8_t *name)
{
	struct type *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->seen = seen;
	memcpy(t->name, name, dns_name_nbytes(name));
	t->entry.name = t->name;
	t->service_type = type_of(t->name);
	t->browser = lan_browser_new(seen->daemon, seen->where, t->name, DNS_TYPE_PTR, on_name, t);
	if (t->browser == NULL || mdns_table_add(&seen->types, &t->entry) < 0) {
		lan_browser_free(t->browser);
		free(t);
		return NULL;
	}
	return t;
}

/* ---- the door ---- */

struct mdns_seen *mdns_seen_new(struct lan_daemon *daemon, const struct lan_interfaces *where,
				uint64_t seed)
{
	struct mdns_seen *seen = calloc(1, sizeof(*seen));

	if (seen == NULL)
		return NULL;
	seen->daemon = daemon;
	seen->where = where;
	mdns_table_init(&seen->types, seed);
	mdns_table_init(&seen->services, seed);
	mdns_addresses_init(&seen->addresses, daemon, where, seed, on_host, seen);
	return seen;
}

void mdns_seen_listen(struct mdns_seen *s, mdns_seen_fn on_service, void *arg)
{
	unsigned i = s->listeners[0].on_service != NULL;

	assert(s->listeners[i].on_service == NULL);
	s->listeners[i].on_service = on_service;
	s->listeners[i].arg = arg;
}

void mdns_seen_unlisten(struct mdns_seen *s, const void *arg)
{
	for (unsigned i = 0; i < LISTENERS_MAX; i++)
		if (s->listeners[i].on_service != NULL && s->listeners[i].arg == arg)
			s->listeners[i].on_service = NULL;
}

int mdns_seen_add_type(struct mdns_seen *s, const uint8_t *type)
{
	struct type *t = mdns_table_find(&s->types, type);

	if (t == NULL)
		t = type_new(s, type);
	if (t == NULL)
		return -ENOMEM;
	t->nusers++;
	return 0;
}

void mdns_seen_remove_type(struct mdns_seen *s, const uint8_t *type)
{
	type_release(mdns_table_find(&s->types, type));
}

int mdns_seen_resolve(struct mdns_seen *s, const uint8_t *name)
{
	struct service *i = service_take(s, name);

	if (i == NULL)
		return -ENOMEM;
	if (i->nresolving++ > 0)
		return 0;
	i->srv.browser = lan_browser_new(s->daemon, s->where, i->name, DNS_TYPE_SRV, on_record, i);
	i->txt.browser = lan_browser_new(s->daemon, s->where, i->name, DNS_TYPE_TXT, on_record, i);
	if (i->srv.browser != NULL && i->txt.browser != NULL)
		return 0;
	mdns_seen_unresolve(s, name);
	return -ENOMEM;
}

void mdns_seen_unresolve(struct mdns_seen *s, const uint8_t *name)
{
	struct service *i = service_find(s, name);

	if (--i->nresolving > 0)
		return;
	stop_resolving(i);
	service_free_unused(i);
}

bool mdns_seen_find(const struct mdns_seen *s, const uint8_t *name, struct mdns_seen_service *out)
{
	const struct service *i = service_find(s, name);

	if (i != NULL)
		fill(i, out);
	return i != NULL;
}

bool mdns_seen_is_named_by(const struct mdns_seen *s, const uint8_t *name, const uint8_t *type)
{
	const struct service *i = service_find(s, name);
	const struct type *t = mdns_table_find(&s->types, type);

	return i != NULL && t != NULL && find_naming(i, t) != NULL;
}

void mdns_seen_each(const struct mdns_seen *s, const uint8_t *type, mdns_seen_fn each, void *arg)
{
	const struct type *t = mdns_table_find(&s->types, type);
	const struct service *i = NULL;
	struct mdns_seen_service out;

	while (t != NULL && (i = mdns_table_next(&s->services, i)) != NULL)
		if (find_naming(i, t) != NULL) {
			fill(i, &out);
			each(arg, &out);
		}
}

void mdns_seen_free(struct mdns_seen *s)
{
	struct service *i;
	struct type *t;

	if (s == NULL)
		return;
	while ((t = mdns_table_next(&s->types, NULL)) != NULL) {
		t->nusers = 1;
		type_release(t);
	}
	while ((i = mdns_table_next(&s->services, NULL)) != NULL) {
		i->nresolving = 0;
		service_free_unused(i);
	}
	mdns_addresses_fini(&s->addresses);
	mdns_table_fini(&s->types);
	mdns_table_fini(&s->services);
	free(s);
}
