/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/usage.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/record.h"
#include "dnssd/kind.h"
#include "ledger/content.h"
#include "ledger/owner.h"
#include "zone/changeset.h"
#include "zone/draft.h"

const char *ledger_kind_text(enum ledger_kind kind)
{
	static const char *const texts[LEDGER_KINDS] = {
		[LEDGER_INSTANCES] = "instances", [LEDGER_RECORDS] = "records",
		[LEDGER_OCTETS] = "octets",	  [LEDGER_LEASES] = "leases",
		[LEDGER_REPORTS] = "reports",
	};

	return texts[kind];
}

int ledger_usages_init(struct ledger_usages *u, uint64_t seed)
{
	return undo_table_init(&u->table, sizeof(struct undo_entry), seed, free, free);
}

void ledger_usages_fini(struct ledger_usages *u)
{
	undo_table_fini(&u->table);
}

struct ledger_amounts ledger_usage_of(const struct ledger_usages *u, const uint8_t *zone,
				      const uint8_t *key)
{
	const struct ledger_usage *usage = undo_table_content(&u->table, zone, key);

	return usage == NULL ? (struct ledger_amounts){{0}} : usage->amounts;
}

/* Returns a copy of the key's usage, which the caller hands to put. NULL if memory is short. */
static struct ledger_usage *copy(struct ledger_usages *u, const uint8_t *zone, const uint8_t *key,
				 struct undo_entry **e)
{
	struct ledger_usage *usage;
	struct undo_key k;

	undo_table_key(&u->table, &k, zone, key, 0);
	*e = undo_table_take(&u->table, &k);
	if (*e == NULL)
		return NULL;
	usage = calloc(1, sizeof(*usage));
	if (usage != NULL && (*e)->content != NULL)
		*usage = *(const struct ledger_usage *)(*e)->content;
	return usage;
}

/* Replaces the key's usage by `take`; one of nothing removes the entry. */
static int put(struct ledger_usages *u, struct undo_entry *e, struct ledger_usage *take)
{
	static const struct ledger_amounts nothing;

	if (memcmp(&take->amounts, &nothing, sizeof(nothing)) != 0)
		return undo_table_put(&u->table, e, take);
	free(take);
	return e->content == NULL && !e->is_changed ? 0 : undo_table_put(&u->table, e, NULL);
}

/* Changes what a key has: takes `before` off and adds `after`. */
static int change(struct ledger_usages *u, const uint8_t *zone, const uint8_t *key,
		  const struct ledger_amounts *before, const struct ledger_amounts *after)
{
	struct ledger_usage *usage;
	struct undo_entry *e;

	if (memcmp(before, after, sizeof(*before)) == 0)
		return 0;
	usage = copy(u, zone, key, &e);
	if (usage == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < LEDGER_KINDS; i++) {
		assert(usage->amounts.of[i] + after->of[i] >= before->of[i]);
		usage->amounts.of[i] += after->of[i] - before->of[i];
	}
	return put(u, e, usage);
}

/* Takes `before` off one key (NULL: nobody), and adds `after` to another or the same. */
static int move(struct ledger_usages *u, const uint8_t *zone, const uint8_t *from,
		const struct ledger_amounts *before, const uint8_t *to,
		const struct ledger_amounts *after)
{
	static const struct ledger_amounts nothing;
	int ret = 0;

	if (from != NULL && to != NULL && dns_name_equal(from, to))
		return change(u, zone, from, before, after);
	if (to != NULL)
		ret = change(u, zone, to, &nothing, after);
	return ret == 0 && from != NULL ? change(u, zone, from, before, &nothing) : ret;
}

/* Of the owned names only instances count as such; all count with their records. */
static struct ledger_amounts of_owner(const struct ledger_owner *owner, bool is_instance)
{
	struct ledger_amounts a = {{0}};

	if (owner == NULL)
		return a;
	a.of[LEDGER_INSTANCES] = is_instance;
	a.of[LEDGER_RECORDS] = (uint64_t)owner->held.nrecords + owner->pointers.nrecords;
	a.of[LEDGER_OCTETS] = (uint64_t)owner->held.nbytes + owner->pointers.nbytes;
	return a;
}

int ledger_usage_on_owner(void *usages, const struct undo_entry *e, const void *content)
{
	const struct ledger_owner *before = e->content, *after = content;
	const uint8_t *zone = undo_entry_zone(e);
	bool is_instance = dnssd_kind_of(undo_entry_name(e), zone) == DNSSD_INSTANCE;
	const struct ledger_amounts off = of_owner(before, is_instance),
				    on = of_owner(after, is_instance);

	return move(usages, zone, before == NULL ? NULL : before->key, &off,
		    after == NULL ? NULL : after->key, &on);
}

void ledger_usage_add_report(struct ledger_amounts *a, const struct ledger_content *c)
{
	struct base_buf b = ledger_content_records(c);
	struct dns_record r;

	while (zone_changeset_next(&b, &r)) {
		a->of[LEDGER_RECORDS]++;
		a->of[LEDGER_OCTETS] += ZONE_LIMIT_RECORD_HEAD + (uint64_t)r.nbytes;
	}
}

static struct ledger_amounts of_lease(const struct ledger_content *c, bool is_report)
{
	struct ledger_amounts a = {{0}};

	if (c == NULL)
		return a;
	a.of[is_report ? LEDGER_REPORTS : LEDGER_LEASES] = 1;
	if (is_report)
		ledger_usage_add_report(&a, c);
	return a;
}

int ledger_usage_on_lease(void *usages, const struct undo_entry *e, const void *content)
{
	const struct ledger_content *before = e->content, *after = content;
	const uint8_t *zone = undo_entry_zone(e), *name = undo_entry_name(e);
	bool is_report = dns_name_is_under(name, zone) && dnssd_kind_of(name, zone) == DNSSD_REPORT;
	const struct ledger_amounts off = of_lease(before, is_report),
				    on = of_lease(after, is_report);

	return move(usages, zone, before == NULL ? NULL : ledger_content_holder(before), &off,
		    after == NULL ? NULL : ledger_content_holder(after), &on);
}

int ledger_usage_set_node(struct ledger_usages *u, const uint8_t *zone, const uint8_t *key,
			  enum ledger_node_name name, uint32_t nrecords, uint32_t nbytes)
{
	const struct ledger_usage *before = undo_table_content(&u->table, zone, key);
	struct ledger_usage *usage;
	struct undo_entry *e;

	/* A node that holds nothing may have no entry. */
	if (before == NULL ? nrecords == 0
			   : before->node_nrecords[name] == nrecords &&
				     before->node_nbytes[name] == nbytes)
		return 0;
	usage = copy(u, zone, key, &e);
	if (usage == NULL)
		return -ENOMEM;
	usage->amounts.of[LEDGER_RECORDS] += nrecords - (uint64_t)usage->node_nrecords[name];
	usage->amounts.of[LEDGER_OCTETS] += nbytes - (uint64_t)usage->node_nbytes[name];
	usage->node_nrecords[name] = nrecords;
	usage->node_nbytes[name] = nbytes;
	return put(u, e, usage);
}

int ledger_usage_forget_nodes(struct ledger_usages *u, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&u->table, zone, e)) != NULL)
		for (int i = 0; i < LEDGER_NODE_NAMES && ret == 0; i++)
			ret = ledger_usage_set_node(u, zone, undo_entry_name(e),
						    (enum ledger_node_name)i, 0, 0);
	return ret;
}
