/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/registered.h"

#include <stdlib.h>
#include <string.h>

#include "advertise/twins.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "lan/name.h"
#include "mdns/seen.h"
#include "zone/zone.h"

enum { LINKS = 2 }; /* instance and host */

struct note;

struct key {
	struct mdns_entry entry; /* first */
	struct link *links;
	uint8_t name[];
};

struct link {
	struct note *note;
	struct key *key; /* NULL: the link is not used */
	struct link *next, *previous;
};

struct note {
	struct mdns_entry entry; /* first */
	struct link links[LINKS];
	uint8_t lan_name[];
};

/* ---- notes ---- */

static void unlink_note(struct advertise_registered *r, struct link *l)
{
	struct key *k = l->key;

	if (k == NULL)
		return;
	if (l->next != NULL)
		l->next->previous = l->previous;
	*(l->previous == NULL ? &k->links : &l->previous->next) = l->next;
	l->key = NULL;
	if (k->links != NULL)
		return;
	mdns_table_remove(&r->keys, &k->entry);
	free(k);
}

static void note_free(struct advertise_registered *r, struct note *n)
{
	for (unsigned i = 0; i < LINKS; i++)
		unlink_note(r, &n->links[i]);
	mdns_table_remove(&r->notes, &n->entry);
	free(n);
}

static struct key *take_key(struct advertise_registered *r, const uint8_t *name)
{
	size_t nbytes = dns_name_nbytes(name);
	struct key *k = mdns_table_find(&r->keys, name);

	if (k != NULL)
		return k;
	k = calloc(1, sizeof(*k) + nbytes);
	if (k == NULL)
		return NULL;
	memcpy(k->name, name, nbytes);
	k->entry.name = k->name;
	if (mdns_table_add(&r->keys, &k->entry) == 0)
		return k;
	free(k);
	return NULL;
}

static struct note *take_note(struct advertise_registered *r, const uint8_t *lan_name)
{
	size_t nbytes = dns_name_nbytes(lan_name);
	struct note *n = mdns_table_find(&r->notes, lan_name);

	if (n != NULL)
		return n;
	n = calloc(1, sizeof(*n) + nbytes);
	if (n == NULL)
		return NULL;
	memcpy(n->lan_name, lan_name, nbytes);
	n->entry.name = n->lan_name;
	if (mdns_table_add(&r->notes, &n->entry) == 0)
		return n;
	free(n);
	return NULL;
}

/* Has a change of `name` reported for the service, as its `i`-th one. */
static void note(struct advertise_registered *r, const uint8_t *lan_name, unsigned i,
		 const uint8_t *name)
{
	struct note *n = take_note(r, lan_name);
	struct link *l = n == NULL ? NULL : &n->links[i];
	struct key *k;

	if (l == NULL || (l->key != NULL && dns_name_equal(l->key->name, name)))
		return;
	unlink_note(r, l);
	k = take_key(r, name);
	if (k == NULL)
		return;
	*l = (struct link){.note = n, .key = k, .next = k->links};
	if (l->next != NULL)
		l->next->previous = l;
	k->links = l;
}

/* ---- services ---- */

static bool has_address(const struct zone *z, const uint8_t *host,
			const struct mdns_seen_service *s)
{
	struct mdns_address own[ADVERTISE_SOURCE_ADDRESSES_MAX];
	size_t n = advertise_source_addresses(z, host, own);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < s->naddresses; j++)
			if (own[i].type == s->addresses[j].type &&
			    memcmp(own[i].bytes, s->addresses[j].bytes,
				   own[i].type == DNS_TYPE_A ? 4 : 16) == 0)
				return true;
	return false;
}

/* Whether the zone has the service as an instance `name`. */
static bool is_instance(struct advertise_registered *r, const uint8_t *name,
			const struct mdns_seen_service *s)
{
	const struct zone *z;

	if (!advertise_source_service(r->zone, name, &r->source))
		return false;
	z = advertise_source_zone(r->rules, r->source.target);
	note(r, s->name, 0, name);
	if (z != NULL)
		note(r, s->name, 1, r->source.target);
	if (r->source.port != s->port)
		return false;
	return z == NULL ? dns_name_equal(r->source.target, s->target)
			 : has_address(z, r->source.target, s);
}

bool advertise_registered_has(struct advertise_registered *r, const struct mdns_seen_service *s)
{
	uint8_t name[DNS_NAME_MAX], original[DNS_NAME_MAX];

	if (!s->is_resolved || !lan_name_move(name, s->name, lan_name_local(), zone_name(r->zone)))
		return false;
	if (is_instance(r, name, s))
		return true;
	if (!advertise_twins_original(original, name))
		return false;
	if (is_instance(r, original, s))
		return true;
	note(r, s->name, 0, original);
	return false;
}

/* Takes a note out, to the front of `list`. */
static void take_out(struct advertise_registered *r, struct note *n, struct mdns_entry **list)
{
	for (unsigned i = 0; i < LINKS; i++)
		unlink_note(r, &n->links[i]);
	mdns_table_remove(&r->notes, &n->entry);
	n->entry.next = *list;
	*list = &n->entry;
}

/* Reports and frees notes that were taken out: the listener asks again, which makes new ones. */
static void report(struct advertise_registered *r, struct mdns_entry *list)
{
	while (list != NULL) {
		struct mdns_entry *e = list;

		list = e->next;
		if (r->on_registered != NULL)
			r->on_registered(r->arg, e->name);
		free(e);
	}
}

void advertise_registered_touch(struct advertise_registered *r, const uint8_t *name)
{
	uint8_t lan_name[DNS_NAME_MAX];
	struct mdns_entry *list = NULL;
	struct key *k;

	/* The key is freed with its last note. */
	while ((k = mdns_table_find(&r->keys, name)) != NULL)
		take_out(r, k->links->note, &list);
	report(r, list);
	/* One that was asked about before the zone had it. */
	if (r->on_registered != NULL && dnssd_kind_of(name, zone_name(r->zone)) == DNSSD_INSTANCE &&
	    lan_name_move(lan_name, name, zone_name(r->zone), lan_name_local()))
		r->on_registered(r->arg, lan_name);
}

void advertise_registered_touch_all(struct advertise_registered *r)
{
	struct mdns_entry *list = NULL;

	for (struct note *n = mdns_table_next(&r->notes, NULL), *next; n != NULL; n = next) {
		next = mdns_table_next(&r->notes, n);
		take_out(r, n, &list);
	}
	report(r, list);
}

void advertise_registered_init(struct advertise_registered *r, const struct mdns_rules *rules,
			       const struct zone *z, uint64_t seed)
{
	*r = (struct advertise_registered){.rules = rules, .zone = z};
	mdns_table_init(&r->notes, seed);
	mdns_table_init(&r->keys, seed);
}

void advertise_registered_fini(struct advertise_registered *r)
{
	for (struct note *n = mdns_table_next(&r->notes, NULL), *next; n != NULL; n = next) {
		next = mdns_table_next(&r->notes, n);
		note_free(r, n);
	}
	mdns_table_fini(&r->notes);
	mdns_table_fini(&r->keys);
}
