/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bridge/advert_types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/advert.h"
#include "bridge/adverts_settings.h"
#include "bridge/rules.h"
#include "bridge/seen.h"
#include "lan/name.h"
#include "zone/zone.h"

static const uint8_t root[] = {0};

static const struct bridge_rule *rule_of(const struct bridge_advert_types *ts)
{
	return ts->settings->rule;
}

/* Writes the type as rules have it: without the zone. */
static bool rule_name(const struct bridge_advert_types *ts, const uint8_t *name,
		      uint8_t out[static DNS_NAME_MAX])
{
	return lan_name_move(out, name, zone_name(rule_of(ts)->zone), root);
}

/* ---- following on the LAN ---- */

/* Without memory the type is not followed: whose a name is, is then found when it collides. */
static void follow(struct bridge_advert_types *ts, struct bridge_advert_type *t)
{
	struct bridge_seen *seen = ts->settings->seen;
	bool is_wanted = t->is_named || t->is_listed;
	uint8_t lan_name[DNS_NAME_MAX];

	if (is_wanted == t->is_followed ||
	    !lan_name_move(lan_name, t->name, zone_name(rule_of(ts)->zone), lan_name_local()))
		return;
	if (is_wanted)
		t->is_followed = bridge_seen_add_type(seen, lan_name) == 0;
	else
		bridge_seen_remove_type(seen, lan_name);
	t->is_followed &= is_wanted;
}

/* ---- types ---- */

static void type_free(struct bridge_advert_types *ts, struct bridge_advert_type *t)
{
	t->is_named = t->is_listed = false;
	follow(ts, t);
	bridge_table_remove(&ts->types, &t->entry);
	free(t);
}

void bridge_advert_type_release(struct bridge_advert_types *ts, struct bridge_advert_type *t)
{
	if (t->adverts == NULL && !t->is_named && !t->is_listed)
		type_free(ts, t);
}

/* Whether the rule names a subtype of the type. */
static bool names_subtype(const struct bridge_types *types, const uint8_t *type)
{
	unsigned labels;

	for (size_t i = 0; i < types->count; i++)
		if (dns_name_relative(types->items[i], type, &labels) && labels == 2)
			return true;
	return false;
}

int bridge_advert_types_take(struct bridge_advert_types *ts, const uint8_t *name,
			     struct bridge_advert_type **out)
{
	const struct bridge_rule *rule = rule_of(ts);
	struct bridge_advert_type *t = bridge_table_find(&ts->types, name);
	uint8_t type[DNS_NAME_MAX];

	*out = t;
	if (t != NULL || !rule_name(ts, name, type) || bridge_types_has(&rule->exclude, type) ||
	    rule->exclude.has_all ||
	    !(rule->advertise.has_all || bridge_types_has(&rule->advertise, type) ||
	      names_subtype(&rule->advertise, type)))
		return 0;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	memcpy(t->name, name, dns_name_nbytes(name));
	t->entry.name = t->name;
	t->is_whole = bridge_types_has(&rule->advertise, type);
	t->is_named = t->is_whole || names_subtype(&rule->advertise, type);
	if (bridge_table_add(&ts->types, &t->entry) < 0) {
		free(t);
		return -ENOMEM;
	}
	follow(ts, t);
	*out = t;
	return 0;
}

bool bridge_advert_type_list(struct bridge_advert_types *ts, struct bridge_advert_type *t,
			     bool is_listed)
{
	if (t->is_listed == is_listed)
		return false;
	t->is_listed = is_listed;
	follow(ts, t);
	return rule_of(ts)->advertise.has_all && !t->is_whole;
}

/* Whether the types have one of the advert's subtypes. */
static bool has_subtype(const struct bridge_types *types, const struct bridge_advert *a,
			const uint8_t *type)
{
	static const uint8_t sub[] = "\4_sub";

	for (size_t i = 0; i < a->nsubtypes; i++) {
		uint8_t prefix[BRIDGE_LABEL_SIZE + sizeof(sub)], name[DNS_NAME_MAX];
		size_t nlabel = a->subtypes[i].label[0] + 1u;

		memcpy(prefix, a->subtypes[i].label, nlabel);
		memcpy(prefix + nlabel, sub, sizeof(sub) - 1);
		if (dns_name_join(name, prefix, nlabel + sizeof(sub) - 1, type) > 0 &&
		    bridge_types_has(types, name))
			return true;
	}
	return false;
}

bool bridge_advert_type_wants(const struct bridge_advert_types *ts,
			      const struct bridge_advert_type *t, const struct bridge_advert *a)
{
	const struct bridge_rule *rule = rule_of(ts);
	uint8_t type[DNS_NAME_MAX];

	if (!rule_name(ts, t->name, type) || has_subtype(&rule->exclude, a, type))
		return false;
	return t->is_whole || (rule->advertise.has_all && t->is_listed) ||
	       (t->is_named && has_subtype(&rule->advertise, a, type));
}

void bridge_advert_type_add(struct bridge_advert_type *t, struct bridge_advert *a)
{
	a->type = t;
	a->previous = NULL;
	a->next = t->adverts;
	if (a->next != NULL)
		a->next->previous = a;
	t->adverts = a;
}

void bridge_advert_type_remove(struct bridge_advert_types *ts, struct bridge_advert *a)
{
	struct bridge_advert_type *t = a->type;

	if (a->next != NULL)
		a->next->previous = a->previous;
	*(a->previous == NULL ? &t->adverts : &a->previous->next) = a->next;
	a->type = NULL;
	bridge_advert_type_release(ts, t);
}

/* Makes the type that a rule's item names, or of which it names a subtype. */
static int take_named(struct bridge_advert_types *ts, const uint8_t *item)
{
	struct bridge_advert_type *t;
	uint8_t name[DNS_NAME_MAX];
	unsigned labels = dns_name_labels(item);

	if (labels < 2 || !lan_name_move(name, dns_name_strip(item, labels - 2), root,
					 zone_name(rule_of(ts)->zone)))
		return 0;
	return bridge_advert_types_take(ts, name, &t);
}

int bridge_advert_types_init(struct bridge_advert_types *ts,
			     const struct bridge_adverts_settings *settings)
{
	const struct bridge_types *types = &settings->rule->advertise;
	int ret = 0;

	ts->settings = settings;
	bridge_table_init(&ts->types, settings->seed);
	for (size_t i = 0; i < types->count && ret == 0; i++)
		ret = take_named(ts, types->items[i]);
	return ret;
}

void bridge_advert_types_fini(struct bridge_advert_types *ts)
{
	for (struct bridge_advert_type *t = bridge_table_next(&ts->types, NULL), *next; t != NULL;
	     t = next) {
		next = bridge_table_next(&ts->types, t);
		type_free(ts, t);
	}
	bridge_table_fini(&ts->types);
}
