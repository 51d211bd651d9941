/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/name.h"

int ledger_owners_init(struct ledger_owners *o, uint64_t seed)
{
	o->pointers_of = NULL;
	return undo_table_init(&o->table, sizeof(struct undo_entry), seed, free, free);
}

void ledger_owners_fini(struct ledger_owners *o)
{
	undo_table_fini(&o->table);
}

const uint8_t *ledger_owner_of(const struct ledger_owners *o, const uint8_t *zone,
			       const uint8_t *name)
{
	const struct ledger_owner *owner = undo_table_content(&o->table, zone, name);

	return owner == NULL ? NULL : owner->key;
}

static int entry_set(struct ledger_owners *o, struct undo_entry *e, const uint8_t *key,
		     struct ledger_sum held, struct ledger_sum pointers)
{
	uint8_t lower[DNS_NAME_MAX];
	struct ledger_owner *owner;
	size_t n;

	if (key == NULL)
		return undo_table_put(&o->table, e, NULL);
	n = dns_name_lower(lower, key);
	owner = malloc(sizeof(*owner) + n);
	if (owner == NULL)
		return -ENOMEM;
	owner->held = held;
	owner->pointers = pointers;
	memcpy(owner->key, lower, n);
	return undo_table_put(&o->table, e, owner);
}

int ledger_owner_set(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		     const uint8_t *key)
{
	struct ledger_sum held = {0, 0}, pointers = {0, 0};
	const struct ledger_owner *before;
	struct undo_key k;
	struct undo_entry *e;

	undo_table_key(&o->table, &k, zone, name, 0);
	e = key == NULL ? undo_table_find(&o->table, &k) : undo_table_take(&o->table, &k);
	if (e == NULL)
		return key == NULL ? 0 : -ENOMEM;
	if (key == NULL && e->content == NULL)
		return 0;
	before = e->content;
	if (before != NULL) {
		held = before->held;
		pointers = before->pointers;
	} else if (o->pointers_of != NULL) {
		pointers = o->pointers_of(o->pointers_arg, zone, name);
	}
	return entry_set(o, e, key, held, pointers);
}

static struct undo_entry *find(const struct ledger_owners *o, const uint8_t *zone,
			       const uint8_t *name)
{
	struct undo_key k;

	if (o->table.count == 0)
		return NULL;
	undo_table_key(&o->table, &k, zone, name, 0);
	return undo_table_find(&o->table, &k);
}

static bool sum_equal(struct ledger_sum a, struct ledger_sum b)
{
	return a.nrecords == b.nrecords && a.nbytes == b.nbytes;
}

int ledger_owner_count(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		       struct ledger_sum held)
{
	struct undo_entry *e = find(o, zone, name);
	const struct ledger_owner *before = e == NULL ? NULL : e->content;

	if (before == NULL || sum_equal(before->held, held))
		return 0;
	return entry_set(o, e, before->key, held, before->pointers);
}

int ledger_owner_point(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		       struct ledger_sum pointers)
{
	struct undo_entry *e = find(o, zone, name);
	const struct ledger_owner *before = e == NULL ? NULL : e->content;

	if (before == NULL || sum_equal(before->pointers, pointers))
		return 0;
	return entry_set(o, e, before->key, before->held, pointers);
}

bool ledger_owner_is_moved(const struct undo_entry *e)
{
	const struct ledger_owner *now = e->content, *before = e->before;

	return now == NULL || before == NULL ? now != before
					     : !dns_name_equal(now->key, before->key);
}

int ledger_owner_read(struct ledger_owners *o, const uint8_t *key, size_t nkey,
		      const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(key, nkey);
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX];
	int ret;

	dns_name_parse(&b, zone);
	dns_name_parse(&b, name);
	if (b.has_failed || base_buf_left(&b) != 1 ||
	    (nbytes > 0 && !dns_name_is_valid(bytes, nbytes)))
		return -EBADMSG;
	ret = ledger_owner_set(o, zone, name, nbytes == 0 ? NULL : bytes);
	undo_table_commit(&o->table, NULL, NULL);
	return ret;
}
