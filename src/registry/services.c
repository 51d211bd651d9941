/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "registry/instance.h"
#include "registry/message.h"
#include "registry/place.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum {
	SRV_WEIGHT = 2,         /* offset in the rdata (RFC 2782) */
	ENTRY_OCTETS = 12,      /* of a PTR in an answer: its owner as a pointer, type, class, TTL, length */
	POINTER = 2,
	ANSWER_REST = 600,      /* header, question, OPT, TSIG */
};

/* A list of things, one after the other; never changed but by another. */
struct list {
	size_t nbytes;
	uint8_t bytes[];
};

static const uint8_t services_name[] = "\11_services\7_dns-sd\4_udp";
static const uint8_t *const browse_names[] = {
	(const uint8_t *)"\1b\7_dns-sd\4_udp", (const uint8_t *)"\2db\7_dns-sd\4_udp", (const uint8_t *)"\2lb\7_dns-sd\4_udp",
};

int registry_services_init(struct registry_services *s, uint64_t seed)
{
	int ret;

	memset(s, 0, sizeof *s);
	ret = registry_table_init(&s->subtypes, sizeof(struct registry_entry), seed, free, free);
	if (ret == 0)
		ret = registry_table_init(&s->srvs, sizeof(struct registry_entry), seed, free, free);
	if (ret == 0)
		ret = registry_table_init(&s->waiting, sizeof(struct registry_entry), seed, free, free);
	return ret == 0 ? registry_holds_init(&s->holds) : ret;
}

void registry_services_fini(struct registry_services *s)
{
	registry_table_fini(&s->subtypes);
	registry_table_fini(&s->srvs);
	registry_table_fini(&s->waiting);
	registry_holds_fini(&s->holds);
	free(s->touched);
}

/* ---- lists ---- */

static const struct list *list_of(const struct registry_table *t, const uint8_t *zone, const uint8_t *name)
{
	struct registry_key key;
	struct registry_entry *e;

	registry_table_key(t, &key, zone, name, 0);
	e = registry_table_find(t, &key);
	return e == NULL ? NULL : e->content;
}

/* Puts another list in the place of the name's; without bytes: none. */
static int list_put(struct registry_table *t, const uint8_t *zone, const uint8_t *name, const uint8_t *bytes, size_t nbytes)
{
	struct registry_key key;
	struct registry_entry *e;
	struct list *l = NULL;

	registry_table_key(t, &key, zone, name, 0);
	e = nbytes == 0 ? registry_table_find(t, &key) : registry_table_take(t, &key);
	if (e == NULL)
		return nbytes == 0 ? 0 : -ENOMEM;
	if (nbytes == 0 && e->content == NULL)
		return 0;
	if (nbytes > 0) {
		l = malloc(sizeof *l + nbytes);
		if (l == NULL)
			return -ENOMEM;
		l->nbytes = nbytes;
		memcpy(l->bytes, bytes, nbytes);
	}
	return registry_table_put(t, e, l);
}

/* Where a name is in a list of names; its end if it is not there. */
static size_t names_find(const struct list *l, const uint8_t *name)
{
	size_t at = 0;

	while (l != NULL && at < l->nbytes && !dns_name_equal(l->bytes + at, name))
		at += dns_name_length(l->bytes + at);
	return at;
}

static int names_add(struct registry_table *t, const uint8_t *zone, const uint8_t *of, const uint8_t *name)
{
	const struct list *l = list_of(t, zone, of);
	size_t n = l == NULL ? 0 : l->nbytes;
	uint8_t *bytes;
	int ret;

	if (l != NULL && names_find(l, name) < n)
		return 0;
	bytes = malloc(n + DNS_NAME_MAX);
	if (bytes == NULL)
		return -ENOMEM;
	if (n > 0)
		memcpy(bytes, l->bytes, n);
	n += dns_name_lower(bytes + n, name);
	ret = list_put(t, zone, of, bytes, n);
	free(bytes);
	return ret;
}

static int names_remove(struct registry_table *t, const uint8_t *zone, const uint8_t *of, const uint8_t *name)
{
	const struct list *l = list_of(t, zone, of);
	size_t at = names_find(l, name), n;
	uint8_t *bytes;
	int ret;

	if (l == NULL || at >= l->nbytes)
		return 0;
	n = dns_name_length(l->bytes + at);
	bytes = malloc(l->nbytes);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, l->bytes, at);
	memcpy(bytes + at, l->bytes + at + n, l->nbytes - at - n);
	ret = list_put(t, zone, of, bytes, l->nbytes - n);
	free(bytes);
	return ret;
}

/* ---- whom a change concerns ---- */

void registry_services_begin(struct registry_services *s, const struct registry_services_rule *rule)
{
	s->rule = rule != NULL && rule->is_on ? rule : NULL;
	s->ntouched = 0;
	s->is_short = s->has_grown = s->is_full = false;
}

static void touch(struct registry_services *s, const uint8_t *name)
{
	size_t at = 0;

	while (at < s->ntouched && !dns_name_equal(s->touched + at, name))
		at += dns_name_length(s->touched + at);
	if (at < s->ntouched)
		return;
	if (s->ntouched + DNS_NAME_MAX > s->touched_room) {
		size_t room = (s->ntouched + DNS_NAME_MAX) * 2;
		uint8_t *more = realloc(s->touched, room);

		if (more == NULL) {
			s->is_short = true;
			return;
		}
		s->touched = more;
		s->touched_room = room;
	}
	s->ntouched += dns_name_lower(s->touched + s->ntouched, name);
}

/* The instance of that zone which a PTR at `owner` belongs to; NULL: it is none of DNS-SD. */
static const uint8_t *target_of(const uint8_t *zone, const uint8_t *owner, uint16_t type, const uint8_t *rdata)
{
	enum registry_place place;

	if (type != DNS_TYPE_PTR || rdata == NULL || !dns_name_is_under(owner, zone) || !dns_name_is_under(rdata, zone))
		return NULL;
	place = registry_place_of(owner, zone);
	if ((place != REGISTRY_SERVICE && place != REGISTRY_SUBTYPE) || registry_place_of(rdata, zone) != REGISTRY_INSTANCE
	    || !dns_name_equal(registry_place_type(owner, zone), registry_place_type(rdata, zone)))
		return NULL;
	return rdata;
}

static void note(struct registry_services *s, const uint8_t *zone, const uint8_t *owner, uint16_t type, const uint8_t *rdata, bool is_added)
{
	const uint8_t *target;
	int ret = 0;

	if (s->rule == NULL)
		return;
	target = target_of(zone, owner, type, rdata);
	if (target == NULL) {
		if (dns_name_is_under(owner, zone) && registry_place_of(owner, zone) == REGISTRY_INSTANCE)
			touch(s, owner);
		return;
	}
	touch(s, target);
	if (registry_place_of(owner, zone) == REGISTRY_SUBTYPE)
		ret = is_added ? names_add(&s->subtypes, zone, target, owner) : names_remove(&s->subtypes, zone, target, owner);
	s->is_short |= ret < 0;
}

void registry_services_removed(struct registry_services *s, const uint8_t *zone, const struct zone_record *record)
{
	note(s, zone, record->owner, record->type, record->rdata, false);
}

void registry_services_added(struct registry_services *s, const uint8_t *zone, const struct zone_record *record)
{
	note(s, zone, record->owner, record->type, record->rdata, true);
}

void registry_services_said(struct registry_services *s, const uint8_t *zone, const struct registry_record *r)
{
	if (r->rrclass != DNS_CLASS_ANY)
		note(s, zone, r->owner, r->type, r->rdata, r->rrclass == DNS_CLASS_IN);
	else if (s->rule != NULL && registry_place_of(r->owner, zone) == REGISTRY_INSTANCE)
		touch(s, r->owner);
}

/* ---- the records that are made ---- */

struct making {
	struct registry_services *s;
	const struct registry_services_rule *rule;
	struct zone_draft *draft;
	const uint8_t *zone;
};

static bool has_any(const struct making *m, const uint8_t *owner, uint16_t type)
{
	struct zone_rrset set;

	return zone_draft_find(m->draft, owner, type, &set);
}

/* Adds a record that may be there already, in whatever TTL a client chose, or removes one. */
static int set_record(const struct making *m, const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes, bool is_wanted)
{
	int n;

	if (!is_wanted)
		n = zone_draft_remove(m->draft, owner, type, rdata, nbytes);
	else if (zone_draft_has(m->draft, owner, type, rdata, nbytes))
		n = 0;
	else
		n = zone_draft_add(m->draft, owner, type, m->rule->ttl_s, rdata, nbytes);
	return n < 0 ? n : 0;
}

/* Octets of the answer with a whole set of PTRs, of which each says one label and points to the question for the rest. */
static size_t answer_octets(const struct zone_rrset *set, const uint8_t *owner)
{
	size_t rest = dns_name_length(owner);
	size_t whole = set->nbytes + (size_t)set->count * (ENTRY_OCTETS - 2);

	return whole < set->count * (rest - POINTER) ? 0 : whole - set->count * (rest - POINTER) + rest + ANSWER_REST;
}

/* The type is in the list of types, and the zone in those of browsing domains, while there is something to browse. */
static int set_type(const struct making *m, const uint8_t *type)
{
	uint8_t list[DNS_NAME_MAX], browse[DNS_NAME_MAX];
	bool is_used = has_any(m, type, DNS_TYPE_PTR), was_used;
	int ret;

	if (dns_name_join(list, services_name, sizeof services_name - 1, m->zone) == 0)
		return 0;
	was_used = has_any(m, list, DNS_TYPE_PTR);
	ret = set_record(m, list, DNS_TYPE_PTR, type, dns_name_length(type), is_used);
	is_used = has_any(m, list, DNS_TYPE_PTR);
	for (unsigned i = 0; i < sizeof browse_names / sizeof *browse_names && ret == 0 && is_used != was_used; i++)
		if (dns_name_join(browse, browse_names[i], strlen((const char *)browse_names[i]), m->zone) > 0)
			ret = set_record(m, browse, DNS_TYPE_PTR, m->zone, dns_name_length(m->zone), is_used);
	return ret;
}

static void tell(const struct making *m, bool *what, const uint8_t *owner)
{
	*what = true;
	dns_name_lower(m->s->told, owner);
}

static int ptr_add(const struct making *m, const uint8_t *owner, const uint8_t *instance)
{
	struct zone_rrset set;
	size_t before, after;
	int n;

	if (zone_draft_has(m->draft, owner, DNS_TYPE_PTR, instance, dns_name_length(instance)))
		return 0;
	before = zone_draft_find(m->draft, owner, DNS_TYPE_PTR, &set) ? answer_octets(&set, owner) : 0;
	after = before + ENTRY_OCTETS + 1 + instance[0] + POINTER;
	if (after > REGISTRY_ANSWER_MAX) {
		tell(m, &m->s->is_full, owner);
		return names_add(&m->s->waiting, m->zone, owner, instance);
	}
	if (before <= REGISTRY_ANSWER_SMALL && after > REGISTRY_ANSWER_SMALL)
		tell(m, &m->s->has_grown, owner);
	n = zone_draft_add(m->draft, owner, DNS_TYPE_PTR, m->rule->ttl_s, instance, dns_name_length(instance));
	return n < 0 ? n : 0;
}

static int ptr_remove(const struct making *m, const uint8_t *owner, const uint8_t *instance)
{
	const struct list *waiting;
	uint8_t next[DNS_NAME_MAX];
	int n = zone_draft_remove(m->draft, owner, DNS_TYPE_PTR, instance, dns_name_length(instance));

	if (n >= 0)
		n = names_remove(&m->s->waiting, m->zone, owner, instance) < 0 ? -ENOMEM : n;
	waiting = n > 0 ? list_of(&m->s->waiting, m->zone, owner) : NULL;
	if (waiting == NULL)
		return n < 0 ? n : 0;
	/* There is room for one that waits. Who waits is up: whoever is not goes from the list. */
	dns_name_lower(next, waiting->bytes);
	if (names_remove(&m->s->waiting, m->zone, owner, next) < 0)
		return -ENOMEM;
	return ptr_add(m, owner, next);
}

static int set_ptr(const struct making *m, const uint8_t *owner, const uint8_t *instance, bool is_wanted)
{
	return is_wanted ? ptr_add(m, owner, instance) : ptr_remove(m, owner, instance);
}

/* ---- SRV at the type ---- */

static uint64_t srv_hash(const struct making *m, const uint8_t *type, const uint8_t *rdata, size_t nbytes)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t n = dns_name_lower(lower, type);

	return base_hash(lower, n, m->s->srvs.seed) ^ dns_rdata_hash(DNS_TYPE_SRV, rdata, nbytes, m->s->srvs.seed);
}

static uint64_t instance_hash(const struct making *m, const uint8_t *instance)
{
	struct registry_key key;

	registry_table_key(&m->s->srvs, &key, m->zone, instance, 0);
	return key.hash;
}

/* The SRVs of an instance as they are at the type: their weights times the scale. Each with its length before it; NULL when memory is short. */
static uint8_t *srvs_scaled(const struct making *m, const uint8_t *instance, size_t *nbytes)
{
	struct zone_rrset set;
	uint8_t *bytes;

	*nbytes = 0;
	if (!zone_draft_find(m->draft, instance, DNS_TYPE_SRV, &set))
		return malloc(1);
	bytes = malloc(set.nbytes + 1);
	if (bytes == NULL)
		return NULL;
	memcpy(bytes, set.data, set.nbytes);
	*nbytes = set.nbytes;
	for (size_t at = 0; at < set.nbytes; at += 2 + (size_t)base_load16(bytes + at)) {
		uint64_t weight = (uint64_t)base_load16(bytes + at + 2 + SRV_WEIGHT) * m->rule->weight_scale;

		base_store16(bytes + at + 2 + SRV_WEIGHT, weight > UINT16_MAX ? UINT16_MAX : (uint16_t)weight);
	}
	return bytes;
}

/* The last of the set, in its canonical order: that of the worst priority. */
static struct zone_rdata srv_worst(const struct zone_rrset *set)
{
	struct zone_rdata one = { NULL, 0 };
	const uint8_t *at = set->data;

	while (zone_rrset_next(set, &at, &one))
		;
	return one;
}

/* Puts one into the set at the type if it is among the best. */
static int srv_join(const struct making *m, const uint8_t *type, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset set;
	struct zone_rdata worst;
	uint8_t copy[DNS_NAME_MAX + 6];
	int n;

	if (zone_draft_has(m->draft, type, DNS_TYPE_SRV, rdata, nbytes))
		return 0;
	if (zone_draft_find(m->draft, type, DNS_TYPE_SRV, &set) && set.count >= m->rule->srv_max) {
		worst = srv_worst(&set);
		if (dns_rdata_compare(DNS_TYPE_SRV, rdata, nbytes, worst.bytes, worst.nbytes) > 0)
			return 0;
		memcpy(copy, worst.bytes, worst.nbytes);
		n = zone_draft_remove(m->draft, type, DNS_TYPE_SRV, copy, worst.nbytes);
		if (n < 0)
			return n;
	}
	n = zone_draft_add(m->draft, type, DNS_TYPE_SRV, m->rule->ttl_s, rdata, nbytes);
	return n < 0 ? n : 0;
}

static int srvs_join_all(const struct making *m, const uint8_t *type, const uint8_t *instance)
{
	size_t nbytes;
	uint8_t *bytes = srvs_scaled(m, instance, &nbytes);
	int ret = bytes == NULL ? -ENOMEM : 0;

	for (size_t at = 0; at < nbytes && ret == 0; at += 2 + (size_t)base_load16(bytes + at))
		ret = srv_join(m, type, bytes + at + 2, base_load16(bytes + at));
	free(bytes);
	return ret;
}

/* After one of a full set has gone: the best of the others comes in. They are who is browsed; those who wait there wait here too. */
static int srv_refill(const struct making *m, const uint8_t *type)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	uint8_t *targets;
	size_t nbytes;
	int ret = 0;

	if (!zone_draft_find(m->draft, type, DNS_TYPE_PTR, &set))
		return 0;
	/* The view does not outlive a change of the owner. */
	targets = malloc(set.nbytes);
	if (targets == NULL)
		return -ENOMEM;
	nbytes = set.nbytes;
	memcpy(targets, set.data, nbytes);
	set.data = targets;
	at = targets;
	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		if (dns_name_is_under(one.bytes, m->zone) && registry_place_of(one.bytes, m->zone) == REGISTRY_INSTANCE
		    && registry_instance_state(m->draft, one.bytes) == REGISTRY_UP)
			ret = srvs_join_all(m, type, one.bytes);
	free(targets);
	return ret;
}

static int srv_leave(const struct making *m, const uint8_t *type, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset set;
	bool was_full = zone_draft_find(m->draft, type, DNS_TYPE_SRV, &set) && set.count >= m->rule->srv_max;
	int n = zone_draft_remove(m->draft, type, DNS_TYPE_SRV, rdata, nbytes);

	return n <= 0 || !was_full ? (n < 0 ? n : 0) : srv_refill(m, type);
}

static bool list_has(const uint8_t *bytes, size_t nbytes, const uint8_t *item, size_t nitem)
{
	for (size_t at = 0; at < nbytes; at += 2 + (size_t)base_load16(bytes + at))
		if (base_load16(bytes + at) == nitem && memcmp(bytes + at + 2, item, nitem) == 0)
			return true;
	return false;
}

/* Takes what the instance no longer implies away, and adds what it does now. */
static int srvs_change(const struct making *m, const uint8_t *type, const uint8_t *instance, const uint8_t *next, size_t nnext)
{
	const struct list *l = list_of(&m->s->srvs, m->zone, instance);
	size_t nbefore = l == NULL ? 0 : l->nbytes;
	uint64_t id = instance_hash(m, instance);
	uint8_t *before = malloc(nbefore + 1);
	int ret = before == NULL ? -ENOMEM : 0;

	if (ret == 0 && nbefore > 0)
		memcpy(before, l->bytes, nbefore);
	if (ret == 0)
		ret = list_put(&m->s->srvs, m->zone, instance, next, nnext);
	for (size_t at = 0; at < nnext && ret == 0; at += 2 + (size_t)base_load16(next + at)) {
		ret = registry_holds_add(&m->s->holds, srv_hash(m, type, next + at + 2, base_load16(next + at)), id);
		if (ret == 0)
			ret = srv_join(m, type, next + at + 2, base_load16(next + at));
	}
	for (size_t at = 0; at < nbefore && ret == 0; at += 2 + (size_t)base_load16(before + at)) {
		size_t n = base_load16(before + at);
		uint64_t hash = srv_hash(m, type, before + at + 2, n);

		if (list_has(next, nnext, before + at + 2, n))
			continue;
		ret = registry_holds_drop(&m->s->holds, hash, id);
		if (ret == 0 && registry_holds_count(&m->s->holds, hash) == 0)
			ret = srv_leave(m, type, before + at + 2, n);
	}
	free(before);
	return ret;
}

static int srvs_follow(const struct making *m, const uint8_t *type, const uint8_t *instance, bool is_wanted)
{
	size_t nbytes = 0;
	uint8_t *next = is_wanted ? srvs_scaled(m, instance, &nbytes) : NULL;
	int ret;

	if (is_wanted && next == NULL)
		return -ENOMEM;
	ret = srvs_change(m, type, instance, next, nbytes);
	free(next);
	return ret;
}

/* ---- an instance, all of it ---- */

static int derive(const struct making *m, const uint8_t *instance)
{
	const uint8_t *type = registry_place_type(instance, m->zone);
	const struct list *subtypes = list_of(&m->s->subtypes, m->zone, instance);
	bool is_up = has_any(m, instance, DNS_TYPE_SRV) && registry_instance_state(m->draft, instance) == REGISTRY_UP;
	int ret = set_ptr(m, type, instance, is_up);

	for (size_t at = 0; subtypes != NULL && at < subtypes->nbytes && ret == 0; at += dns_name_length(subtypes->bytes + at))
		ret = set_ptr(m, subtypes->bytes + at, instance, is_up);
	if (ret == 0)
		ret = srvs_follow(m, type, instance, is_up && m->rule->has_srv);
	/* Whoever removed the last PTR: the client, a lease's end, or this. */
	if (ret == 0)
		ret = set_type(m, type);
	/* Who is gone comes back under what it says then. */
	if (ret == 0 && zone_draft_count(m->draft, instance) == 0)
		ret = list_put(&m->s->subtypes, m->zone, instance, NULL, 0);
	return ret;
}

int registry_services_derive(struct registry_services *s, struct zone_draft *draft)
{
	struct making m = { s, s->rule, draft, zone_name(zone_draft_zone(draft)) };
	uint8_t name[DNS_NAME_MAX];
	int ret = s->is_short ? -ENOMEM : 0;

	for (size_t at = 0; at < s->ntouched && ret == 0; at += dns_name_length(name)) {
		dns_name_lower(name, s->touched + at);
		ret = derive(&m, name);
	}
	s->ntouched = 0;
	return ret;
}

int registry_services_follow(struct registry_services *s, const struct registry_services_rule *rule, const struct zone_snapshot *snapshot,
                             struct zone_draft *draft)
{
	struct making m = { s, rule, draft, zone_name(zone_draft_zone(draft)) };
	struct zone_cursor *c = zone_cursor_new(snapshot);
	uint8_t last[DNS_NAME_MAX] = { 0 };
	struct zone_record r;
	int ret = c == NULL ? -ENOMEM : 0;

	/* Subtypes first: an instance must be known with all of its own. */
	registry_services_begin(s, rule);
	while (ret == 0 && zone_cursor_next(c, &r)) {
		if (r.type == DNS_TYPE_PTR && registry_place_of(r.owner, m.zone) == REGISTRY_SUBTYPE)
			registry_services_added(s, m.zone, &r);
		s->ntouched = 0;
		ret = s->is_short ? -ENOMEM : 0;
	}
	zone_cursor_free(c);
	c = ret == 0 ? zone_cursor_new(snapshot) : NULL;
	ret = ret == 0 && c == NULL ? -ENOMEM : ret;
	while (ret == 0 && zone_cursor_next(c, &r)) {
		if (dns_name_equal(r.owner, last))
			continue;
		dns_name_lower(last, r.owner);
		if (registry_place_of(last, m.zone) == REGISTRY_INSTANCE)
			ret = derive(&m, last);
	}
	zone_cursor_free(c);
	return ret;
}

static int forget_all(struct registry_table *t, const uint8_t *zone)
{
	struct registry_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = registry_table_next(t, e)) != NULL)
		if (dns_name_equal(registry_entry_zone(e), zone))
			ret = registry_table_put(t, e, NULL);
	return ret;
}

int registry_services_forget(struct registry_services *s, const uint8_t *zone)
{
	const struct making m = { .s = s, .zone = zone };
	struct registry_entry *e = NULL;
	int ret = forget_all(&s->subtypes, zone);

	while (ret == 0 && (e = registry_table_next(&s->srvs, e)) != NULL) {
		const struct list *l = e->content;
		const uint8_t *name = registry_entry_name(e);

		if (!dns_name_equal(registry_entry_zone(e), zone))
			continue;
		for (size_t at = 0; at < l->nbytes && ret == 0; at += 2 + (size_t)base_load16(l->bytes + at))
			ret = registry_holds_drop(&s->holds, srv_hash(&m, registry_place_type(name, zone), l->bytes + at + 2,
			                                              base_load16(l->bytes + at)), e->hash);
	}
	if (ret == 0)
		ret = forget_all(&s->srvs, zone);
	return ret == 0 ? forget_all(&s->waiting, zone) : ret;
}

/* ---- checking ---- */

/* The subtypes are what a version does not say of an instance that is not up; all else is made anew from it. */
static int subtypes_copy(struct registry_services *to, const struct registry_services *from, const uint8_t *zone)
{
	struct registry_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = registry_table_next(&from->subtypes, e)) != NULL) {
		const struct list *l = e->content;

		if (dns_name_equal(registry_entry_zone(e), zone))
			ret = list_put(&to->subtypes, zone, registry_entry_name(e), l->bytes, l->nbytes);
	}
	return ret;
}

/* A PTR of DNS-SD to an instance that has no record at all. */
static void check_dangling(const struct making *m, const struct zone_snapshot *snapshot, registry_services_wrong_fn on_wrong, void *arg)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct zone_record r;

	while (c != NULL && zone_cursor_next(c, &r))
		if (target_of(m->zone, r.owner, r.type, r.rdata) != NULL && zone_draft_count(m->draft, r.rdata) == 0)
			on_wrong(arg, false, &r);
	zone_cursor_free(c);
}

static void tell_changes(const uint8_t *bytes, size_t nbytes, bool is_missing, registry_services_wrong_fn on_wrong, void *arg)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct zone_record r;

	while (zone_changeset_next(&b, &r))
		if (r.type != DNS_TYPE_SOA)
			on_wrong(arg, is_missing, &r);
}

int registry_services_check(const struct registry_services *s, const struct registry_services_rule *rule, const struct zone_snapshot *snapshot,
                            struct zone_draft *draft, registry_services_wrong_fn on_wrong, void *arg)
{
	struct zone_changeset changes;
	struct registry_services fresh;
	struct making m = { &fresh, rule, draft, zone_name(zone_draft_zone(draft)) };
	int ret = registry_services_init(&fresh, s->subtypes.seed);

	if (ret == 0)
		ret = subtypes_copy(&fresh, s, m.zone);
	if (ret == 0)
		ret = registry_services_follow(&fresh, rule, snapshot, draft);
	if (ret == 0)
		check_dangling(&m, snapshot, on_wrong, arg);
	if (ret == 0)
		ret = zone_draft_seal(draft, &changes);
	if (ret > 0) {
		tell_changes(changes.added, changes.nadded_bytes, true, on_wrong, arg);
		tell_changes(changes.removed, changes.nremoved_bytes, false, on_wrong, arg);
	}
	registry_services_fini(&fresh);
	return ret < 0 ? ret : 0;
}

void registry_services_commit(struct registry_services *s)
{
	registry_table_commit(&s->subtypes, NULL, NULL);
	registry_table_commit(&s->srvs, NULL, NULL);
	registry_table_commit(&s->waiting, NULL, NULL);
	registry_holds_commit(&s->holds);
}

void registry_services_undo(struct registry_services *s)
{
	registry_table_undo(&s->subtypes, NULL, NULL);
	registry_table_undo(&s->srvs, NULL, NULL);
	registry_table_undo(&s->waiting, NULL, NULL);
	registry_holds_undo(&s->holds);
}

const uint8_t *registry_services_subtypes(const struct registry_entry *e, size_t *nbytes)
{
	const struct list *l = e->content;

	*nbytes = l == NULL ? 0 : l->nbytes;
	return l == NULL ? NULL : l->bytes;
}

int registry_services_read(struct registry_services *s, const uint8_t *key, size_t nkey, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf k = base_buf_over(key, nkey), b = base_buf_over(bytes, nbytes);
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX], subtype[DNS_NAME_MAX];
	int ret;

	dns_name_parse(&k, zone);
	dns_name_parse(&k, name);
	while (!b.bad && base_buf_left(&b) > 0)
		dns_name_parse(&b, subtype);
	if (k.bad || base_buf_left(&k) != 1 || b.bad)
		return -EBADMSG;
	ret = list_put(&s->subtypes, zone, name, bytes, nbytes);
	registry_services_commit(s);
	return ret;
}
