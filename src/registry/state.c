/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/release.h"
#include "view/reconcile.h"
#include "view/subtype.h"
#include "view/type_srv.h"
#include "zone/limits.h"
#include "zone/zone.h"

/* A PTR whose instance is gone is no longer leased by anybody. */
static int on_gone(void *arg, const uint8_t *zone, const struct dns_record *pointer)
{
	struct registry_state *s = arg;

	(void)zone;
	return ledger_release_record(&s->ledger.leases, pointer);
}

static const uint8_t *owner_of(void *arg, const uint8_t *zone, const uint8_t *instance)
{
	struct registry_state *s = arg;

	return ledger_owner_of(&s->ledger.owners, zone, instance);
}

/* ---- the PTRs at subtypes, which the view has, in what the ledger counts ---- */

static struct ledger_sum pointers_in(const struct undo_list *subtypes, const uint8_t *instance)
{
	uint32_t n = view_subtype_count(subtypes);

	return (struct ledger_sum){
		n, n * (uint32_t)(ZONE_LIMIT_RECORD_HEAD + dns_name_nbytes(instance))};
}

static struct ledger_sum pointers_of(void *arg, const uint8_t *zone, const uint8_t *instance)
{
	const struct registry_state *s = arg;

	if (s->view.subtypes.count == 0)
		return (struct ledger_sum){0, 0};
	return pointers_in(view_subtype_list(&s->view, zone, instance), instance);
}

static int on_subtypes(void *arg, const struct undo_entry *e, const void *subtypes)
{
	struct registry_state *s = arg;
	const uint8_t *instance = undo_entry_name(e);

	return ledger_owner_point(&s->ledger.owners, undo_entry_zone(e), instance,
				  pointers_in(subtypes, instance));
}

/* An instance that is still live is about to lose its derived records, at its subtypes too, and
 * then these (view/update.h). */
static int on_freed(void *arg, const uint8_t *zone, const uint8_t *name)
{
	struct registry_state *s = arg;
	uint32_t owner;

	return view_type_srv_owner(&s->view, zone, name, &owner)
		       ? 0
		       : view_subtype_clear(&s->view, zone, name);
}

/* ---- the state ---- */

int registry_state_init(struct registry_state *s, uint64_t seed)
{
	int ret;

	memset(s, 0, sizeof(*s));
	ret = view_init(&s->view, seed);
	s->view.owner_of = owner_of;
	s->view.owner_arg = s;
	s->view.on_gone = on_gone;
	s->view.gone_arg = s;
	if (ret == 0)
		ret = ledger_init(&s->ledger, seed);
	if (ret < 0)
		return ret;
	s->view.subtypes.on_put = on_subtypes;
	s->view.subtypes.put_arg = s;
	s->ledger.owners.pointers_of = pointers_of;
	s->ledger.owners.pointers_arg = s;
	s->ledger.on_freed = on_freed;
	s->ledger.freed_arg = s;
	s->update = update_new(&s->ledger, &s->view);
	return s->update == NULL ? -ENOMEM : 0;
}

void registry_state_fini(struct registry_state *s)
{
	update_free(s->update);
	ledger_fini(&s->ledger);
	view_fini(&s->view);
	registry_items_fini(&s->items);
	free(s->view_rules);
}

static int compare_zones(const struct zone *a, const struct zone *b)
{
	return (a > b) - (a < b);
}

static int compare_rules(const void *left, const void *right)
{
	return compare_zones(((const struct registry_view_rule *)left)->zone,
			     ((const struct registry_view_rule *)right)->zone);
}

static int compare_zone_to_rule(const void *zone, const void *rule)
{
	return compare_zones(zone, ((const struct registry_view_rule *)rule)->zone);
}

void registry_state_set_view_rules(struct registry_state *s, struct registry_view_rule *rules,
				   size_t count)
{
	free(s->view_rules);
	s->view_rules = rules;
	s->nview_rules = count;
	if (count > 0)
		qsort(rules, count, sizeof(*rules), compare_rules);
}

const struct view_rule *registry_state_view_rule(const struct registry_state *s,
						 const struct zone *zone)
{
	const struct registry_view_rule *found =
		s->nview_rules == 0 ? NULL
				    : bsearch(zone, s->view_rules, s->nview_rules,
					      sizeof(*s->view_rules), compare_zone_to_rule);

	return found == NULL ? NULL : &found->rule;
}

const struct registry_view_rule *registry_state_view_of(const struct registry_state *s,
							const uint8_t *zone)
{
	for (size_t i = 0; i < s->nview_rules; i++)
		if (dns_name_equal(zone_name(s->view_rules[i].zone), zone))
			return &s->view_rules[i];
	return NULL;
}

void registry_state_set_derived(struct registry_state *s, const struct zone *zone, bool is_derived)
{
	for (size_t i = 0; i < s->nview_rules; i++)
		if (s->view_rules[i].zone == zone)
			s->view_rules[i].is_derived = is_derived;
}

int registry_state_forget(struct registry_state *s, const uint8_t *zone)
{
	int ret = ledger_forget(&s->ledger, zone);

	return ret == 0 ? view_reconcile_forget(&s->view, zone) : ret;
}

void registry_state_commit(struct registry_state *s, uint64_t now_ms)
{
	registry_items_commit(&s->items, &s->ledger, now_ms);
	ledger_commit(&s->ledger);
	view_commit(&s->view);
}

void registry_state_undo(struct registry_state *s)
{
	registry_items_undo(&s->items);
	ledger_undo(&s->ledger);
	view_undo(&s->view);
}
