/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bridge/active.h"

#include <stdlib.h>

#include "advertise/advertise.h"
#include "advertise/settings.h"
#include "base/log.h"
#include "bridge/announce.h"
#include "discover/discover.h"
#include "discover/places.h"
#include "discover/writer.h"
#include "lan/interfaces.h"
#include "mdns/changes.h"
#include "mdns/rules.h"
#include "mdns/same.h"
#include "mdns/seen.h"

/* A list of rules, and how many rules in force are of it. */
struct bridge_active_set {
	struct bridge_active_set *next;
	struct mdns_rules *rules;
	size_t nusers;
};

struct bridge_active_rule {
	struct bridge_active_rule *next;
	struct bridge_active_set *set; /* a use: the list of `rule` */
	const struct mdns_rule *rule;
	struct bridge_active_set *latest; /* a use: the list that is in force */
	bool must_read;			  /* the zone, from the beginning */

	/* the parts; NULL: not begun yet */
	struct lan_interfaces *where;
	struct mdns_seen *seen;
	struct advertise *adverts;
	struct discover *discover;
	struct bridge_announce *announce;
};

/* ---- one rule ---- */

static bool adverts_begin(struct bridge_active *a, struct bridge_active_rule *r)
{
	const struct advertise_settings settings = {
		.rules = r->latest->rules,
		.rule = r->rule,
		.loop = a->loop,
		.daemon = a->daemon,
		.where = r->where,
		.seen = r->seen,
		.names = a->names,
		.rows = a->rows,
		.stats = a->stats,
		.id = a->id,
		.seed = a->seed,
	};

	if (r->adverts == NULL) {
		r->adverts = advertise_new(&settings);
		r->must_read = true;
	}
	return r->adverts != NULL;
}

static bool discover_begin(struct bridge_active *a, struct bridge_active_rule *r)
{
	const struct discover_settings settings = {
		.rule = r->rule,
		.loop = a->loop,
		.daemon = a->daemon,
		.where = r->where,
		.seen = r->seen,
		.adverts = r->adverts,
		.writer = a->writer,
		.rows = a->rows,
		.stats = a->stats,
		.seed = a->seed,
		.answer_ms = DISCOVER_PLACES_ANSWER_MS,
	};

	if (r->discover == NULL && r->rule->into.zone != NULL)
		r->discover = discover_new(&settings);
	return r->discover != NULL || r->rule->into.zone == NULL;
}

/* Begins the parts that are not begun yet, and reads the zone if that is to be done: what it has
 * already is not discovered. Returns whether memory was enough. */
static bool rule_begin(struct bridge_active *a, struct bridge_active_rule *r)
{
	if (r->where == NULL)
		r->where = lan_interfaces_new(a->daemon, r->rule->interfaces, r->rule->ninterfaces);
	if (r->where != NULL && r->seen == NULL)
		r->seen = mdns_seen_new(a->daemon, r->where, a->seed);
	if (r->seen == NULL || !adverts_begin(a, r))
		return false;
	if (r->rule->is_announced && r->announce == NULL &&
	    (r->announce = bridge_announce_new(a->daemon, r->where, r->rule)) == NULL)
		return false;
	if (r->must_read && advertise_read(r->adverts) < 0)
		return false;
	r->must_read = false;
	return discover_begin(a, r);
}

/* Ends a rule, and its use of the list. With `is_gone`, the records that it discovered are removed
 * from the registry. */
static void rule_end(struct bridge_active_rule *r, bool is_gone)
{
	bridge_announce_free(r->announce);
	discover_free(r->discover, is_gone);
	advertise_free(r->adverts);
	mdns_seen_free(r->seen);
	lan_interfaces_free(r->where);
	r->set->nusers--;
	r->latest->nusers--;
	free(r);
}

/* ---- lists of rules ---- */

/* Returns whether the list has a rule with the effect of the one in force. */
static bool has_same(const struct mdns_rules *list, const struct bridge_active_rule *r)
{
	for (size_t i = 0; i < list->count; i++)
		if (mdns_same_rule(r->rule, &list->items[i]))
			return true;
	return false;
}

static bool is_in_force(const struct bridge_active *a, const struct mdns_rule *rule)
{
	for (const struct bridge_active_rule *r = a->rules; r != NULL; r = r->next)
		if (mdns_same_rule(r->rule, rule))
			return true;
	return false;
}

/* Ends the rules that the list does not have. If it has another one that writes to the same name,
 * that one gets what was discovered: its records are not removed and added again. */
static void others_end(struct bridge_active *a, const struct mdns_rules *list)
{
	struct bridge_active_rule **link = &a->rules, *r;

	while ((r = *link) != NULL) {
		if (has_same(list, r)) {
			link = &r->next;
			continue;
		}
		*link = r->next;
		rule_end(r, !mdns_same_into(list, &r->rule->into));
	}
}

/* Makes the list the latest one of the rules that stay: what is not advertised because of other
 * rules, and where hosts are, may have changed. */
static void latest_set(struct bridge_active *a, struct bridge_active_set *set)
{
	for (struct bridge_active_rule *r = a->rules; r != NULL; r = r->next) {
		r->latest->nusers--;
		r->latest = set;
		set->nusers++;
		if (r->adverts != NULL)
			advertise_set_rules(r->adverts, set->rules);
		r->must_read = true;
	}
}

static bool rule_add(struct bridge_active *a, struct bridge_active_set *set,
		     const struct mdns_rule *rule)
{
	struct bridge_active_rule *r = calloc(1, sizeof(*r)), **end = &a->rules;

	if (r == NULL)
		return false;
	r->set = r->latest = set;
	r->rule = rule;
	set->nusers += 2;
	while (*end != NULL)
		end = &(*end)->next;
	*end = r;
	return rule_begin(a, r);
}

bool bridge_active_replace(struct bridge_active *a, struct mdns_rules *rules)
{
	struct bridge_active_set *set = calloc(1, sizeof(*set));
	bool is_enough = set != NULL;

	if (set == NULL) {
		base_log(BASE_LOG_ERROR, "bridge",
			 "out-of-memory what=\"the rules before stay in force\"");
		rules->release(rules);
		return false;
	}
	set->rules = rules;
	set->next = a->sets;
	a->sets = set;
	others_end(a, rules);
	latest_set(a, set);
	for (size_t i = 0; i < rules->count; i++)
		if (!is_in_force(a, &rules->items[i]))
			is_enough &= rule_add(a, set, &rules->items[i]);
	return is_enough & bridge_active_read(a, false);
}

/* Releases the lists that no rule in force is of. */
static void sets_release(struct bridge_active *a)
{
	struct bridge_active_set **link = &a->sets, *set;

	while ((set = *link) != NULL) {
		if (set->nusers > 0) {
			link = &set->next;
			continue;
		}
		*link = set->next;
		set->rules->release(set->rules);
		free(set);
	}
}

void bridge_active_release(struct bridge_active *a)
{
	/* An update in hand may be of a rule that is in force no more. */
	if (discover_writer_nwaiting(a->writer) == 0)
		sets_release(a);
}

void bridge_active_fini(struct bridge_active *a)
{
	sets_release(a);
}

/* ---- all rules ---- */

const struct zone *bridge_active_next(const struct bridge_active *a,
				      const struct bridge_active_rule **at)
{
	*at = *at == NULL ? a->rules : (*at)->next;
	return *at == NULL ? NULL : (*at)->rule->zone;
}

bool bridge_active_read(struct bridge_active *a, bool is_all)
{
	bool is_enough = true;

	for (struct bridge_active_rule *r = a->rules; r != NULL; r = r->next) {
		r->must_read |= is_all;
		is_enough &= rule_begin(a, r);
	}
	return is_enough;
}

bool bridge_active_change(struct bridge_active *a, const struct mdns_changeset *changes)
{
	bool is_enough = true;

	for (struct bridge_active_rule *r = a->rules; r != NULL; r = r->next)
		if (!r->must_read && r->adverts != NULL &&
		    advertise_change(r->adverts, changes) < 0) {
			r->must_read = true;
			is_enough = false;
		}
	return is_enough;
}

void bridge_active_refresh(struct bridge_active *a)
{
	for (struct bridge_active_rule *r = a->rules; r != NULL; r = r->next)
		bridge_announce_refresh(r->announce);
}

void bridge_active_end(struct bridge_active *a)
{
	while (a->rules != NULL) {
		struct bridge_active_rule *r = a->rules;

		a->rules = r->next;
		rule_end(r, false);
	}
}
