/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advertise/advert.h"
#include "advertise/settings.h"
#include "lan/name.h"
#include "mdns/rules.h"
#include "mdns/seen.h"
#include "zone/zone.h"

static const uint8_t root[] = {0};

static const struct mdns_rule *rule_of(const struct advertise_types *ts)
{
	return ts->settings->rule;
}

/* Writes the type as rules have it: without the zone. */
static bool rule_name(const struct advertise_types *ts, const uint8_t *name,
		      uint8_t out[static DNS_NAME_MAX])
{
	return lan_name_move(out, name, zone_name(rule_of(ts)->zone), root);
}

/* ---- following on the LAN ---- */

/* Without memory the type is not followed: whose a name is, is then found when it collides. */
static void follow(struct advertise_types *ts, struct advertise_type *t)
{
	struct mdns_seen *seen = ts->settings->seen;
	bool is_wanted = t->is_named || t->is_listed;
	uint8_t lan_name[DNS_NAME_MAX];

	if (is_wanted == t->is_followed ||
	    !lan_name_move(lan_name, t->name, zone_name(rule_of(ts)->zone), lan_name_local()))
		return;
	if (is_wanted)
		t->is_followed = mdns_seen_add_type(seen, lan_name) == 0;
	else
		mdns_seen_remove_type(seen, lan_name);
	t->is_followed &= is_wanted;
}

/* ---- types ---- */

static void type_free(struct advertise_types *ts, struct advertise_type *t)
{
	t->is_named = t->is_listed = false;
	follow(ts, t);
	mdns_table_remove(&ts->types, &t->entry);
	free(t);
}

void advertise_type_release(struct advertise_types *ts, struct advertise_type *t)
{
	if (t->adverts == NULL && !t->is_named && !t->is_listed)
		type_free(ts, t);
}

/* Whether the rule names a subtype of the type. */
static bool names_subtype(const struct mdns_types *types, const uint8_t *type)
{
	unsigned labels;

	for (size_t i = 0; i < types->count; i++)
		if (dns_name_relative(types->items[i], type, &labels) && labels == 2)
			return true;
	return false;
}

int advertise_types_take(struct advertise_types *ts, const uint8_t *name,
			 struct advertise_type **out)
{
	const struct mdns_rule *rule = rule_of(ts);
	struct advertise_type *t = mdns_table_find(&ts->types, name);
	uint8_t type[DNS_NAME_MAX];

	*out = t;
	if (t != NULL || !rule_name(ts, name, type) || mdns_types_has(&rule->exclude, type) ||
	    rule->exclude.has_all ||
	    !(rule->advertise.has_all || mdns_types_has(&rule->advertise, type) ||
	      names_subtype(&rule->advertise, type)))
		return 0;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	memcpy(t->name, name, dns_name_nbytes(name));
	t->entry.name = t->name;
	t->is_whole = mdns_types_has(&rule->advertise, type);
	t->is_named = t->is_whole || names_subtype(&rule->advertise, type);
	if (mdns_table_add(&ts->types, &t->entry) < 0) {
		free(t);
		return -ENOMEM;
	}
	follow(ts, t);
	*out = t;
	return 0;
}

bool advertise_type_list(struct advertise_types *ts, struct advertise_type *t, bool is_listed)
{
	if (t->is_listed == is_listed)
		return false;
	t->is_listed = is_listed;
	follow(ts, t);
	return rule_of(ts)->advertise.has_all && !t->is_whole;
}

/* Whether the types have one of the advert's subtypes. */
static bool has_subtype(const struct mdns_types *types, const struct advertise_advert *a,
			const uint8_t *type)
{
	static const uint8_t sub[] = "\4_sub";

	for (size_t i = 0; i < a->nsubtypes; i++) {
		uint8_t prefix[ADVERTISE_LABEL_SIZE + sizeof(sub)], name[DNS_NAME_MAX];
		size_t nlabel = a->subtypes[i].label[0] + 1u;

		memcpy(prefix, a->subtypes[i].label, nlabel);
		memcpy(prefix + nlabel, sub, sizeof(sub) - 1);
		if (dns_name_join(name, prefix, nlabel + sizeof(sub) - 1, type) > 0 &&
		    mdns_types_has(types, name))
			return true;
	}
	return false;
}

bool advertise_type_wants(const struct advertise_types *ts, const struct advertise_type *t,
			  const struct advertise_advert *a)
{
	const struct mdns_rule *rule = rule_of(ts);
	uint8_t type[DNS_NAME_MAX];

	if (!rule_name(ts, t->name, type) || has_subtype(&rule->exclude, a, type))
		return false;
	return t->is_whole || (rule->advertise.has_all && t->is_listed) ||
	       (t->is_named && has_subtype(&rule->advertise, a, type));
}

void advertise_type_add(struct advertise_type *t, struct advertise_advert *a)
{
	a->type = t;
	a->previous = NULL;
	a->next = t->adverts;
	if (a->next != NULL)
		a->next->previous = a;
	t->adverts = a;
}

void advertise_type_remove(struct advertise_types *ts, struct advertise_advert *a)
{
	struct advertise_type *t = a->type;

	if (a->next != NULL)
		a->next->previous = a->previous;
	*(a->previous == NULL ? &t->adverts : &a->previous->next) = a->next;
	a->type = NULL;
	advertise_type_release(ts, t);
}

/* Makes the type that a rule's item names, or of which it names a subtype. */
static int take_named(struct advertise_types *ts, const uint8_t *item)
{
	struct advertise_type *t;
	uint8_t name[DNS_NAME_MAX];
	unsigned labels = dns_name_labels(item);

	if (labels < 2 || !lan_name_move(name, dns_name_strip(item, labels - 2), root,
					 zone_name(rule_of(ts)->zone)))
		return 0;
	return advertise_types_take(ts, name, &t);
}

int advertise_types_init(struct advertise_types *ts, const struct advertise_settings *settings)
{
	const struct mdns_types *types = &settings->rule->advertise;
	int ret = 0;

	ts->settings = settings;
	mdns_table_init(&ts->types, settings->seed);
	for (size_t i = 0; i < types->count && ret == 0; i++)
		ret = take_named(ts, types->items[i]);
	return ret;
}

void advertise_types_fini(struct advertise_types *ts)
{
	for (struct advertise_type *t = mdns_table_next(&ts->types, NULL), *next; t != NULL;
	     t = next) {
		next = mdns_table_next(&ts->types, t);
		type_free(ts, t);
	}
	mdns_table_fini(&ts->types);
}
