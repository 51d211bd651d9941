/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "base/hash.h"
#include "dns/rdata.h"
#include "dns/type.h"

/* An instance is shown when everything about it is known, and as long as it is listed and has an
 * SRV record. Events mark instances as dirty; at the end of a turn the dirty ones are looked at
 * once, so an update of SRV and TXT is one change. While a new target's addresses are not known
 * yet, an instance remains as it was shown. */

enum { BUCKETS = 1024, SALT = 0x7376 };

/* A host that instances run on. */
struct target {
	struct target *next; /* in its bucket */
	struct client_services *services;
	struct client_subscription *subscription;
	struct instance *users;
	struct client_address *addresses;
	size_t naddresses, size;
	bool is_current;
	uint8_t name[DNS_NAME_MAX];
};

/* One SRV or TXT record. */
struct piece {
	struct piece *next;
	uint16_t nbytes;
	uint8_t rdata[];
};

/* What was shown of an instance, as hashes. */
struct shown {
	uint64_t srv, addresses, txt;
};

struct instance {
	struct instance *next; /* in its bucket */
	struct instance *next_dirty;
	struct instance *next_user; /* of the target */
	struct client_services *services;
	struct client_subscription *subscription;
	struct target *target;
	struct piece *srv, *txt;
	struct client_service view; /* as it was shown last; its memory is `memory` */
	void *memory;
	struct shown shown;
	bool is_listed, is_current, is_shown, is_dirty;
	uint8_t name[DNS_NAME_MAX];
};

struct client_services {
	struct client *client;
	client_service_fn on_event;
	void *arg;
	struct client_subscription *list; /* of the PTRs; NULL: one instance is followed */
	bool has_list;			  /* all PTRs are known */
	bool is_short;			  /* memory was short: never current again */
	struct instance *dirty;
	struct instance *instances[BUCKETS];
	struct target *targets[BUCKETS];
};

static size_t bucket_of(const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name);

	return base_hash(lower, nbytes, SALT) % BUCKETS;
}

static void dirty_add(struct instance *i)
{
	if (i->is_dirty)
		return;
	i->is_dirty = true;
	i->next_dirty = i->services->dirty;
	i->services->dirty = i;
}

/* ---- targets ---- */

/* IPv4 before IPv6, each in the order of their octets: the order in which they came is not kept. */
static int address_compare(const struct client_address *a, const struct client_address *b)
{
	if (a->nbytes != b->nbytes)
		return a->nbytes < b->nbytes ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->nbytes);
}

static void address_add(struct target *t, const struct client_address *address)
{
	size_t at = 0;
	void *grown = base_grow(t->addresses, t->naddresses, &t->size, sizeof(*address));

	if (grown == NULL) {
		t->services->is_short = true;
		return;
	}
	t->addresses = grown;
	while (at < t->naddresses && address_compare(&t->addresses[at], address) < 0)
		at++;
	memmove(&t->addresses[at + 1], &t->addresses[at], (t->naddresses - at) * sizeof(*address));
	t->addresses[at] = *address;
	t->naddresses++;
}

static void address_remove(struct target *t, const struct client_address *address)
{
	for (size_t i = 0; i < t->naddresses; i++) {
		if (address_compare(&t->addresses[i], address) != 0)
			continue;
		t->naddresses--;
		memmove(&t->addresses[i], &t->addresses[i + 1],
			(t->naddresses - i) * sizeof(*address));
		return;
	}
}

static void target_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct target *t = arg;
	struct client_address address = {0};

	if (event == CLIENT_EVENT_FAILED)
		return;
	if (event == CLIENT_EVENT_CURRENT) {
		t->is_current = true;
	} else if (record->type == DNS_TYPE_A || record->type == DNS_TYPE_AAAA) {
		address.nbytes = (uint8_t)record->nbytes;
		memcpy(address.bytes, record->rdata, record->nbytes);
		if (event == CLIENT_EVENT_ADDED)
			address_add(t, &address);
		else if (event == CLIENT_EVENT_REMOVED)
			address_remove(t, &address);
	}
	for (struct instance *i = t->users; i != NULL; i = i->next_user)
		dirty_add(i);
}

/* Returns the target of the name, new if need be; NULL when out of memory. */
static struct target *target_get(struct client_services *s, const uint8_t *name)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	struct target *t, **bucket;

	bucket = &s->targets[bucket_of(name)];
	for (t = *bucket; t != NULL; t = t->next)
		if (dns_name_equal(t->name, name))
			return t;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->services = s;
	memcpy(t->name, name, dns_name_nbytes(name));
	if (client_subscribe(s->client, name, types, 2, target_event, t, &t->subscription) < 0) {
		free(t);
		return NULL;
	}
	t->next = *bucket;
	*bucket = t;
	return t;
}

static void target_free(struct target *t)
{
	client_unsubscribe(t->services->client, t->subscription);
	free(t->addresses);
	free(t);
}

/* Gives the instance another target, or NULL. A target that nobody has is freed. */
static void target_set(struct instance *i, struct target *target)
{
	struct target *was = i->target;

	if (was == target)
		return;
	if (was != NULL) {
		struct instance **at = &was->users;

		while (*at != i)
			at = &(*at)->next_user;
		*at = i->next_user;
	}
	i->target = target;
	if (target != NULL) {
		i->next_user = target->users;
		target->users = i;
	}
	if (was != NULL && was->users == NULL) {
		struct target **at = &i->services->targets[bucket_of(was->name)];

		while (*at != was)
			at = &(*at)->next;
		*at = was->next;
		target_free(was);
	}
}

/* ---- records of an instance ---- */

static void piece_add(struct instance *i, struct piece **list, const struct dns_record *record)
{
	struct piece *p = malloc(sizeof(*p) + record->nbytes);

	if (p == NULL) {
		i->services->is_short = true;
		return;
	}
	p->nbytes = record->nbytes;
	if (record->nbytes > 0)
		memcpy(p->rdata, record->rdata, record->nbytes);
	p->next = *list;
	*list = p;
}

static void piece_remove(struct piece **at, const struct dns_record *record)
{
	for (; *at != NULL; at = &(*at)->next) {
		struct piece *p = *at;

		if (dns_rdata_compare(record->type, p->rdata, p->nbytes, record->rdata,
				      record->nbytes) != 0)
			continue;
		*at = p->next;
		free(p);
		return;
	}
}

/* Returns the first of the pieces in canonical order: of SRVs, one with the lowest priority. */
static const struct piece *piece_first(const struct piece *list, uint16_t type)
{
	const struct piece *first = list;

	for (const struct piece *p = list; p != NULL; p = p->next)
		if (dns_rdata_compare(type, p->rdata, p->nbytes, first->rdata, first->nbytes) < 0)
			first = p;
	return first;
}

/* Follows the target of the SRV. */
static void target_follow(struct instance *i)
{
	const struct piece *srv = piece_first(i->srv, DNS_TYPE_SRV);
	const uint8_t *name = srv == NULL ? NULL : srv->rdata + DNS_SRV_TARGET;
	struct target *t = NULL;

	if (name != NULL && name[0] != 0) {
		t = target_get(i->services, name);
		i->services->is_short |= t == NULL;
	}
	target_set(i, t);
}

static void instance_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct instance *i = arg;
	struct piece **list = NULL;

	if (event == CLIENT_EVENT_FAILED)
		return;
	if (event == CLIENT_EVENT_CURRENT)
		i->is_current = true;
	else if (record->type == DNS_TYPE_SRV)
		list = &i->srv;
	else if (record->type == DNS_TYPE_TXT)
		list = &i->txt;
	if (list != NULL && event == CLIENT_EVENT_ADDED)
		piece_add(i, list, record);
	else if (list != NULL && event == CLIENT_EVENT_REMOVED)
		piece_remove(list, record);
	dirty_add(i);
}

/* ---- instances ---- */

/* Returns the instance of the name, new if need be; NULL when out of memory. */
static struct instance *instance_get(struct client_services *s, const uint8_t *name)
{
	static const uint16_t types[] = {DNS_TYPE_SRV, DNS_TYPE_TXT};
	struct instance *i, **bucket;

	bucket = &s->instances[bucket_of(name)];
	for (i = *bucket; i != NULL; i = i->next)
		if (dns_name_equal(i->name, name))
			return i;
	i = calloc(1, sizeof(*i));
	if (i == NULL)
		return NULL;
	i->services = s;
	memcpy(i->name, name, dns_name_nbytes(name));
	if (client_subscribe(s->client, name, types, 2, instance_event, i, &i->subscription) < 0) {
		free(i);
		return NULL;
	}
	i->next = *bucket;
	*bucket = i;
	return i;
}

static void pieces_free(struct piece *p)
{
	while (p != NULL) {
		struct piece *next = p->next;

		free(p);
		p = next;
	}
}

static void instance_free(struct instance *i)
{
	client_unsubscribe(i->services->client, i->subscription);
	target_set(i, NULL);
	pieces_free(i->srv);
	pieces_free(i->txt);
	free(i->memory);
	free(i);
}

static void instance_drop(struct instance *i)
{
	struct instance **at = &i->services->instances[bucket_of(i->name)];

	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	instance_free(i);
}

static void list_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct client_services *s = arg;
	struct instance *i;

	if (event == CLIENT_EVENT_CURRENT) {
		s->has_list = true;
		return;
	}
	if (event == CLIENT_EVENT_FAILED || record->type != DNS_TYPE_PTR ||
	    event == CLIENT_EVENT_CHANGED)
		return;
	i = instance_get(s, record->rdata);
	if (i == NULL) {
		s->is_short = true;
		return;
	}
	i->is_listed = event == CLIENT_EVENT_ADDED;
	dirty_add(i);
}

/* ---- what is shown ---- */

static struct shown shown_of(const struct client_service *view)
{
	uint16_t numbers[] = {view->priority, view->weight, view->port};
	struct shown shown = {
		.srv = base_hash(numbers, sizeof(numbers),
				 base_hash(view->target, dns_name_nbytes(view->target), SALT)),
		.addresses = SALT,
		.txt = base_hash(view->txt, view->ntxt, view->txt != NULL),
	};

	for (size_t k = 0; k < view->naddresses; k++)
		shown.addresses = base_hash(view->addresses[k].bytes, view->addresses[k].nbytes,
					    shown.addresses);
	return shown;
}

/* Makes the view of an instance that has an SRV; all of it points to what the instance has now. */
static struct client_service view_now(const struct instance *i)
{
	const struct piece *srv = piece_first(i->srv, DNS_TYPE_SRV);
	const struct piece *txt = piece_first(i->txt, DNS_TYPE_TXT);
	struct client_service view = {
		.name = i->name,
		.target = srv->rdata + DNS_SRV_TARGET,
		.priority = base_load16(srv->rdata),
		.weight = base_load16(srv->rdata + DNS_SRV_WEIGHT),
		.port = base_load16(srv->rdata + DNS_SRV_PORT),
	};
	const uint8_t *state = NULL;
	size_t nstate = 0;

	if (i->target != NULL) {
		view.addresses = i->target->addresses;
		view.naddresses = i->target->naddresses;
	}
	if (txt != NULL) {
		view.txt = txt->rdata;
		view.ntxt = txt->nbytes;
		state = dnssd_txt_find(txt->rdata, txt->nbytes, "state", &nstate);
	}
	view.state = dnssd_txt_state(state, nstate);
	return view;
}

/* Keeps a copy of the view, for the removal. Returns false when out of memory. */
static bool view_keep(struct instance *i, const struct client_service *view)
{
	size_t ntarget = dns_name_nbytes(view->target);
	size_t naddresses = view->naddresses * sizeof(*view->addresses);
	uint8_t *at = malloc(naddresses + ntarget + view->ntxt);

	if (at == NULL)
		return false;
	free(i->memory);
	i->memory = at;
	i->view = *view;
	if (naddresses > 0)
		memcpy(at, view->addresses, naddresses);
	i->view.addresses = (const struct client_address *)(const void *)at;
	i->view.target = memcpy(at + naddresses, view->target, ntarget);
	if (view->txt != NULL)
		i->view.txt = memcpy(at + naddresses + ntarget, view->txt, view->ntxt);
	return true;
}

/* Shows the instance as it is now, if that differs from how it was shown. */
static void instance_show(struct instance *i)
{
	struct client_services *s = i->services;
	struct client_service view = view_now(i);
	struct shown shown = shown_of(&view);
	bool is_new = !i->is_shown;

	view.changed = (shown.srv != i->shown.srv ? CLIENT_SERVICE_SRV : 0u) |
		       (shown.addresses != i->shown.addresses ? CLIENT_SERVICE_ADDRESSES : 0u) |
		       (shown.txt != i->shown.txt ? CLIENT_SERVICE_TXT : 0u);
	if (!is_new && view.changed == 0)
		return;
	if (!view_keep(i, &view)) {
		s->is_short = true;
		return;
	}
	i->shown = shown;
	i->is_shown = true;
	if (is_new)
		view.changed = 0;
	s->on_event(s->arg, is_new ? CLIENT_SERVICE_ADDED : CLIENT_SERVICE_CHANGED, &view);
}

/* Reports what has become of a dirty instance, which may be freed then. */
static void instance_settle(struct instance *i)
{
	struct client_services *s = i->services;
	bool is_there = i->is_listed && (i->srv != NULL || !i->is_current);

	target_follow(i);
	if (!is_there && i->is_shown) {
		i->is_shown = false;
		i->view.changed = 0;
		s->on_event(s->arg, CLIENT_SERVICE_REMOVED, &i->view);
	}
	if (!i->is_listed)
		instance_drop(i);
	else if (i->is_current && i->srv != NULL && (i->target == NULL || i->target->is_current))
		instance_show(i);
}

static void turn_end(void *arg)
{
	struct client_services *s = arg;

	while (s->dirty != NULL) {
		struct instance *i = s->dirty;

		s->dirty = i->next_dirty;
		i->is_dirty = false;
		instance_settle(i);
	}
}

/* ---- all of them ---- */

bool client_services_is_current(const struct client_services *s)
{
	if (!s->has_list || s->is_short || s->dirty != NULL)
		return false;
	for (size_t b = 0; b < BUCKETS; b++)
		for (const struct instance *i = s->instances[b]; i != NULL; i = i->next)
			if (!i->is_current || (i->target != NULL && !i->target->is_current))
				return false;
	return true;
}

int client_services_new(struct client_services **out, struct client *c, const uint8_t *name,
			bool is_instance, client_service_fn on_event, void *arg)
{
	static const uint16_t types[] = {DNS_TYPE_PTR};
	struct client_services *s = calloc(1, sizeof(*s));
	struct instance *i = NULL;
	bool is_made;

	if (s == NULL)
		return -ENOMEM;
	s->client = c;
	s->on_event = on_event;
	s->arg = arg;
	s->has_list = is_instance;
	if (is_instance)
		is_made = (i = instance_get(s, name)) != NULL;
	else
		is_made = client_subscribe(c, name, types, 1, list_event, s, &s->list) == 0;
	if (!is_made) {
		free(s);
		return -ENOMEM;
	}
	if (i != NULL)
		i->is_listed = true;
	client_on_turn(c, turn_end, s);
	*out = s;
	return 0;
}

void client_services_free(struct client_services *s)
{
	if (s == NULL)
		return;
	client_on_turn(s->client, NULL, NULL);
	if (s->list != NULL)
		client_unsubscribe(s->client, s->list);
	for (size_t b = 0; b < BUCKETS; b++)
		while (s->instances[b] != NULL) {
			struct instance *i = s->instances[b];

			s->instances[b] = i->next;
			instance_free(i);
		}
	free(s);
}
