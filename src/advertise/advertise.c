/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* There is an advert for each instance that a PTR record at a type, or at a subtype, names: the
 * changes of a zone do not say which subtypes an instance has, so they are remembered.
 *
 * 1. The PTR records that have changed are looked up, those of one owner in one pass. What they say
 *    is set in the adverts of their targets, which are touched.
 * 2. Adverts and hosts whose own names have changed are touched.
 * 3. Each touched advert is read, once. Those that no PTR record names any more are freed.
 * 4. The listener learns of all instances and hosts.
 *
 * A full read does step 1 by a walk through the zone with marks, and touches everything. */
#include "advertise/advertise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advertise/advert.h"
#include "advertise/phases.h"
#include "advertise/registered.h"
#include "advertise/settings.h"
#include "advertise/types.h"
#include "dnssd/kind.h"
#include "lan/name.h"
#include "mdns/changes.h"
#include "mdns/rules.h"
#include "mdns/seen.h"
#include "zone/zone.h"

enum { AGAIN_MS = 1000 };

struct advertise {
	struct advertise_settings settings;
	struct advertise_shared shared;
	struct advertise_types types;
	struct advertise_registered registered;
	struct mdns_table adverts;	/* by the name in the registry */
	uint8_t services[DNS_NAME_MAX]; /* _services._dns-sd._udp.ZONE; the root if that is too
					   long */
	struct advertise_advert *touched;
	bool is_busy;		    /* what is touched is going to be read */
	struct advertise_wait wait; /* to read what is touched again */
};

static const uint8_t *zone_of(const struct advertise *as)
{
	return zone_name(as->settings.rule->zone);
}

/* ---- touched adverts ---- */

static void touch(struct advertise *as, struct advertise_advert *a)
{
	if (a->is_touched)
		return;
	a->is_touched = true;
	a->touched_next = as->touched;
	as->touched = a;
}

static void touch_type(struct advertise *as, struct advertise_type *t)
{
	for (struct advertise_advert *a = t->adverts; a != NULL; a = a->next)
		touch(as, a);
}

static void advert_free(struct advertise *as, struct advertise_advert *a)
{
	mdns_table_remove(&as->adverts, &a->entry);
	advertise_type_remove(&as->types, a);
	advertise_advert_free(a);
}

static bool is_wanted(const struct advertise *as, const struct advertise_advert *a)
{
	return a->is_named && advertise_type_wants(&as->types, a->type, a) &&
	       !mdns_rules_is_discovered(as->settings.rules, a->name);
}

/* Reads all that is touched. What cannot be read for want of memory stays touched. */
static int read_all(struct advertise *as)
{
	struct advertise_advert *failed = NULL;
	int ret = 0;

	as->is_busy = true;
	while (as->touched != NULL) {
		struct advertise_advert *a = as->touched;

		as->touched = a->touched_next;
		a->is_touched = false;
		if (advertise_phases_read(a, is_wanted(as, a)) < 0) {
			ret = -ENOMEM;
			a->is_touched = true;
			a->touched_next = failed;
			failed = a;
		} else if (!a->is_named && a->nsubtypes == 0) {
			advert_free(as, a);
		}
	}
	as->is_busy = false;
	as->touched = failed;
	return ret;
}

static void on_wait(struct advertise_wait *w)
{
	struct advertise *as = (void *)((char *)w - offsetof(struct advertise, wait));

	if (read_all(as) < 0)
		advertise_wait_begin(&as->shared.waits, &as->wait, AGAIN_MS, on_wait);
}

/* Reads all that is touched; if memory is short, the rest in a second. */
static int read_touched(struct advertise *as)
{
	int ret = read_all(as);

	if (ret < 0)
		advertise_wait_begin(&as->shared.waits, &as->wait, AGAIN_MS, on_wait);
	return ret;
}

static void on_target(void *arg, struct advertise_target *t)
{
	struct advertise *as = arg;

	for (struct advertise_advert *a = t->users; a != NULL; a = a->target_next)
		touch(as, a);
	if (!as->is_busy)
		read_touched(as);
}

/* ---- what PTR records say ---- */

/* Writes the advert of an instance of a type, a new one if there is none. Returns 0 or -ENOMEM. */
static int take_advert(struct advertise *as, struct advertise_type *t, const uint8_t *instance,
		       struct advertise_advert **out)
{
	struct advertise_advert *a = mdns_table_find(&as->adverts, instance);

	*out = a;
	if (a != NULL)
		return 0;
	a = advertise_advert_new(&as->shared, instance);
	if (a == NULL)
		return -ENOMEM;
	if (mdns_table_add(&as->adverts, &a->entry) < 0) {
		advertise_advert_free(a);
		return -ENOMEM;
	}
	advertise_type_add(t, a);
	*out = a;
	return 0;
}

/* Takes note of whether the list of types has a type. */
static int set_type(struct advertise *as, const uint8_t *type, bool is_there)
{
	struct advertise_type *t;

	if (dnssd_kind_of(type, zone_of(as)) != DNSSD_TYPE)
		return 0;
	if (advertise_types_take(&as->types, type, &t) < 0)
		return -ENOMEM;
	if (t == NULL)
		return 0;
	t->is_marked |= is_there;
	if (advertise_type_list(&as->types, t, is_there))
		touch_type(as, t);
	advertise_type_release(&as->types, t);
	return 0;
}

/* Whether `instance` is an instance of the type or subtype `owner`, directly below it: others,
 * which a zone may point to as well, have no name of their own on the LAN. */
static bool is_instance_of(const struct advertise *as, const uint8_t *instance,
			   const uint8_t *owner)
{
	return dnssd_kind_of(instance, zone_of(as)) == DNSSD_INSTANCE &&
	       dns_name_equal(dnssd_kind_type(instance, zone_of(as)),
			      dnssd_kind_type(owner, zone_of(as)));
}

/* Takes note of whether a type or a subtype has an instance. */
static int set_instance(struct advertise *as, const uint8_t *owner, const uint8_t *instance,
			bool is_subtype, bool is_there)
{
	struct advertise_type *t;
	struct advertise_advert *a = NULL;
	int ret;

	if (!is_instance_of(as, instance, owner))
		return 0;
	if (!is_there) {
		a = mdns_table_find(&as->adverts, instance);
		if (a == NULL)
			return 0;
	} else {
		ret = advertise_types_take(&as->types, dnssd_kind_type(owner, zone_of(as)), &t);
		if (ret == 0 && t != NULL)
			ret = take_advert(as, t, instance, &a);
		if (ret < 0 || t == NULL)
			return ret;
	}
	touch(as, a);
	if (!is_subtype) {
		a->is_named = is_there;
		a->is_marked |= is_there;
	} else if (is_there) {
		return advertise_advert_add_subtype(a, owner);
	} else {
		advertise_advert_remove_subtype(a, owner);
	}
	return 0;
}

static int set_pointer(struct advertise *as, const uint8_t *owner, const uint8_t *target,
		       bool is_there)
{
	enum dnssd_kind kind;

	if (dns_name_equal(owner, as->services))
		return set_type(as, target, is_there);
	kind = dnssd_kind_of(owner, zone_of(as));
	if (kind == DNSSD_TYPE || kind == DNSSD_SUBTYPE)
		return set_instance(as, owner, target, kind == DNSSD_SUBTYPE, is_there);
	return 0;
}

/* ---- a full read ---- */

static int on_record(void *arg, const uint8_t *owner, const uint8_t *target)
{
	struct advertise *as = arg;

	if (target != NULL)
		return set_pointer(as, owner, target, true);
	advertise_registered_touch(&as->registered, owner);
	return 0;
}

static void unmark(struct advertise *as)
{
	struct advertise_type *t = NULL;
	struct advertise_advert *a = NULL;

	while ((t = mdns_table_next(&as->types.types, t)) != NULL)
		t->is_marked = false;
	while ((a = mdns_table_next(&as->adverts, a)) != NULL) {
		a->is_marked = false;
		for (size_t i = 0; i < a->nsubtypes; i++)
			a->subtypes[i].is_marked = false;
	}
}

/* Has the adverts and types have what was marked, and nothing else. */
static void keep_marked(struct advertise *as)
{
	struct advertise_advert *a = NULL;

	while ((a = mdns_table_next(&as->adverts, a)) != NULL) {
		size_t n = 0;

		a->is_named = a->is_marked;
		for (size_t i = 0; i < a->nsubtypes; i++)
			if (a->subtypes[i].is_marked)
				a->subtypes[n++] = a->subtypes[i];
		a->nsubtypes = n;
		touch(as, a);
	}
	for (struct advertise_type *t = mdns_table_next(&as->types.types, NULL), *next; t != NULL;
	     t = next) {
		next = mdns_table_next(&as->types.types, t);
		advertise_type_list(&as->types, t, t->is_marked);
		advertise_type_release(&as->types, t);
	}
}

int advertise_read(struct advertise *as)
{
	struct advertise_target *t = NULL;
	int ret, ret_targets = 0;

	unmark(as);
	as->is_busy = true;
	ret = advertise_source_walk(as->settings.rule->zone, on_record, as);
	if (ret == 0)
		keep_marked(as);
	/* What changes of a target touches adverts only. */
	while ((t = advertise_targets_next(&as->shared.targets, t)) != NULL)
		if (advertise_target_read(t) < 0)
			ret_targets = -ENOMEM;
	if (read_touched(as) < 0)
		ret = -ENOMEM;
	advertise_registered_touch_all(&as->registered);
	return ret < 0 ? ret : ret_targets;
}

/* ---- changes ---- */

/* Looks up the PTR records that have changed. Returns 0 or -ENOMEM. */
static int read_pointers(struct advertise *as, const struct mdns_changeset *changes)
{
	struct advertise_source_pointer *pointers;
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < changes->count; i++)
		n += changes->items[i].target != NULL;
	if (n == 0)
		return 0;
	pointers = malloc(n * sizeof(*pointers));
	if (pointers == NULL)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < changes->count; i++)
		if (changes->items[i].target != NULL)
			pointers[n++] = (struct advertise_source_pointer){
				.owner = changes->items[i].owner,
				.target = changes->items[i].target};
	qsort(pointers, n, sizeof(*pointers), advertise_source_pointer_order);
	advertise_source_find(as->settings.rule->zone, pointers, n);
	for (size_t i = 0; i < n; i++)
		if (set_pointer(as, pointers[i].owner, pointers[i].target, pointers[i].is_there) <
		    0)
			ret = -ENOMEM;
	free(pointers);
	return ret;
}

/* Touches the advert of a name that has changed, and reads the host of that name. */
static int read_name(struct advertise *as, const uint8_t *name)
{
	struct advertise_advert *a = mdns_table_find(&as->adverts, name);
	struct advertise_target *t = advertise_targets_find(&as->shared.targets, name);

	if (a != NULL)
		touch(as, a);
	return t == NULL ? 0 : advertise_target_read(t);
}

/* Whether the owner is that of the item before: a changeset has the records of a name together. */
static bool is_again(const struct mdns_changeset *changes, size_t i)
{
	return i > 0 && dns_name_equal(changes->items[i].owner, changes->items[i - 1].owner);
}

int advertise_change(struct advertise *as, const struct mdns_changeset *changes)
{
	int ret = 0;

	as->is_busy = true;
	if (changes->zone == as->settings.rule->zone)
		ret = read_pointers(as, changes);
	for (size_t i = 0; i < changes->count; i++)
		if (!is_again(changes, i) && read_name(as, changes->items[i].owner) < 0)
			ret = -ENOMEM;
	if (read_touched(as) < 0)
		ret = -ENOMEM;
	for (size_t i = 0; i < changes->count; i++)
		if (!is_again(changes, i))
			advertise_registered_touch(&as->registered, changes->items[i].owner);
	return ret;
}

/* ---- what others ask ---- */

/* Returns the advert with that name on the LAN, or NULL. */
static struct advertise_advert *find(const struct advertise *as, const uint8_t *lan_name)
{
	const struct mdns_entry *e = mdns_table_find(&as->shared.by_lan_name, lan_name);

	return e == NULL ? NULL : advertise_advert_of(e);
}

bool advertise_has(const struct advertise *as, const uint8_t *lan_name)
{
	const struct advertise_advert *a = find(as, lan_name);

	return a != NULL && a->phase == ADVERTISE_ADVERT_PUBLISHED;
}

bool advertise_is_registered(struct advertise *as, const struct mdns_seen_service *s)
{
	return advertise_registered_has(&as->registered, s);
}

void advertise_listen(struct advertise *as,
		      void (*on_registered)(void *arg, const uint8_t *lan_name), void *arg)
{
	as->registered.on_registered = on_registered;
	as->registered.arg = arg;
}

/* ---- life ---- */

/* Returns the advert of which the service has an alternative of the name, or NULL. */
static struct advertise_advert *find_twin(const struct advertise *as, const uint8_t *lan_name)
{
	uint8_t original[DNS_NAME_MAX], name[DNS_NAME_MAX];

	return advertise_twins_original(original, lan_name) &&
			       lan_name_move(name, original, lan_name_local(), zone_of(as))
		       ? mdns_table_find(&as->adverts, name)
		       : NULL;
}

static void on_seen(void *arg, const struct mdns_seen_service *s)
{
	struct advertise_advert *a = find(arg, s->name), *twin = find_twin(arg, s->name);

	if (a != NULL)
		advertise_phases_on_seen(a);
	if (twin != NULL)
		advertise_phases_on_twin(twin, s);
}

struct advertise *advertise_new(const struct advertise_settings *settings)
{
	static const uint8_t prefix[] = "\11_services\7_dns-sd\4_udp";
	struct advertise *as = calloc(1, sizeof(*as));
	const struct advertise_settings *s;

	if (as == NULL)
		return NULL;
	as->settings = *settings;
	s = as->shared.settings = &as->settings;
	dns_name_join(as->services, prefix, sizeof(prefix) - 1, zone_of(as));
	advertise_waits_init(&as->shared.waits, s->loop);
	advertise_alternatives_init(&as->shared.alternatives, s->names, &as->shared.waits);
	advertise_targets_init(&as->shared.targets, s, &as->shared.waits, &as->shared.alternatives,
			       on_target, as);
	mdns_table_init(&as->shared.by_lan_name, s->seed);
	mdns_table_init(&as->adverts, s->seed);
	advertise_registered_init(&as->registered, s->rules, s->rule->zone, s->seed);
	mdns_seen_listen(s->seen, on_seen, as);
	if (advertise_types_init(&as->types, s) < 0) {
		advertise_free(as);
		return NULL;
	}
	return as;
}

void advertise_set_rules(struct advertise *as, const struct mdns_rules *rules)
{
	as->settings.rules = rules;
	as->registered.rules = rules;
}

void advertise_free(struct advertise *as)
{
	if (as == NULL)
		return;
	as->is_busy = true;
	for (struct advertise_advert *a = mdns_table_next(&as->adverts, NULL), *next; a != NULL;
	     a = next) {
		next = mdns_table_next(&as->adverts, a);
		advert_free(as, a);
	}
	advertise_types_fini(&as->types);
	advertise_registered_fini(&as->registered);
	advertise_targets_fini(&as->shared.targets);
	advertise_alternatives_fini(&as->shared.alternatives);
	advertise_wait_end(&as->wait);
	advertise_waits_fini(&as->shared.waits);
	mdns_table_fini(&as->shared.by_lan_name);
	mdns_table_fini(&as->adverts);
	free(as);
}
