/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/items.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "ledger/item.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include "view/item.h"
#include "view/subtype.h"

/* Leases are the largest items; a mark has the TXTs of one name only. */
static_assert(UNDO_KEY_MAX + LEDGER_ITEM_HEAD_MAX + LEDGER_CONTENT_MAX <= STORE_ITEM_MAX,
	      "a lease fits an item");

static const uint8_t clock_key[1] = {0};

void registry_items_fini(struct registry_items *i)
{
	free(i->items);
	free(i->bytes);
}

/* ---- collecting ---- */

/* Reserves an item's octets. They may move while more are reserved: an item points to its own only
 * when all are collected. */
static uint8_t *bytes_take(struct registry_items *i, size_t n)
{
	uint8_t *bytes = base_grow_bytes(i->bytes, i->nbytes, &i->bytes_capacity, n);

	if (bytes == NULL)
		return NULL;
	i->bytes = bytes;
	i->nbytes += n;
	return bytes + i->nbytes - n;
}

/* Adds an item of `nbytes` octets. Returns where the caller is to write them, or NULL if memory is
 * short. */
static uint8_t *add(struct registry_items *i, uint8_t kind, const uint8_t *key, size_t nkey,
		    size_t nbytes)
{
	struct store_item *items = base_grow(i->items, i->count, &i->capacity, sizeof(*items));
	uint8_t *p;

	if (items == NULL)
		return NULL;
	assert(nkey <= UINT16_MAX && nbytes <= UINT32_MAX);
	i->items = items;
	p = bytes_take(i, nbytes + 1);
	if (p != NULL)
		items[i->count++] = (struct store_item){.kind = kind,
							.key = key,
							.nkey = (uint16_t)nkey,
							.nbytes = (uint32_t)nbytes};
	return p;
}

static int add_owners(struct registry_items *i, const struct undo_table *owners)
{
	for (size_t k = 0; k < owners->nchanged; k++) {
		const struct undo_entry *e = owners->changed[k];
		const struct ledger_owner *owner = e->content;
		size_t n = owner == NULL ? 0 : dns_name_nbytes(owner->key);
		uint8_t *p;

		if (!ledger_owner_is_moved(e))
			continue;
		p = add(i, STORE_ITEM_OWNER, e->key, e->nkey, n);
		if (p == NULL)
			return -ENOMEM;
		if (n > 0)
			memcpy(p, owner->key, n);
	}
	return 0;
}

static int add_ahead(struct registry_items *i, const struct undo_table *ahead)
{
	for (size_t k = 0; k < ahead->nchanged; k++) {
		const struct undo_entry *e = ahead->changed[k];
		uint8_t *p = add(i, STORE_ITEM_AHEAD, e->key, e->nkey, LEDGER_AHEAD_ITEM_SIZE);

		if (p == NULL)
			return -ENOMEM;
		base_store64(p, ledger_ahead_signed_s(e));
	}
	return 0;
}

/* A lease's item includes its time: an item of its time alone is out of date then. */
static int add_leases(struct registry_items *i, const struct ledger_leases *leases)
{
	for (size_t k = 0; k < leases->table.nchanged; k++) {
		const struct ledger_lease *lease =
			(const struct ledger_lease *)leases->table.changed[k];
		const struct undo_entry *e = &lease->entry;
		size_t n = e->content == NULL ? 0 : ledger_item_size(lease);
		uint8_t *p;

		if (lease->has_time_item &&
		    add(i, STORE_ITEM_LEASE_TIME, e->key, e->nkey, 0) == NULL)
			return -ENOMEM;
		p = add(i, STORE_ITEM_LEASE, e->key, e->nkey, n);
		if (p == NULL)
			return -ENOMEM;
		if (n > 0)
			ledger_item_write(lease, p);
	}
	return 0;
}

/* Adds an item whose key is copied, after the item's octets. */
static int add_copied(struct registry_items *i, uint8_t kind, const uint8_t *key, size_t nkey,
		      const uint8_t *bytes, size_t nbytes)
{
	uint8_t *p = add(i, kind, NULL, nkey, nbytes), *k;

	k = p == NULL ? NULL : bytes_take(i, nkey);
	if (k == NULL)
		return -ENOMEM;
	memcpy(k, key, nkey);
	if (nbytes > 0)
		memcpy(k - 1 - nbytes, bytes, nbytes);
	return 0;
}

static int add_subtype(void *arg, const struct undo_entry *e, const uint8_t *label, bool is_added)
{
	uint8_t key[VIEW_ITEM_KEY_MAX];
	size_t nkey = view_item_subtype_key(key, e, label);

	return add_copied(arg, STORE_ITEM_SUBTYPE, key, nkey, label, is_added ? 1u + label[0] : 0);
}

/* An item of all subtypes, of an earlier version, is replaced by one for each. */
static int replace_old(struct registry_items *i, const struct undo_entry *e)
{
	const uint8_t *label;
	int ret = add(i, STORE_ITEM_SUBTYPES, e->key, e->nkey, 0) == NULL ? -ENOMEM : 0;

	for (size_t at = 0; ret == 0 && (label = view_subtype_next(e->content, &at)) != NULL;)
		ret = add_subtype(i, e, label, true);
	return ret;
}

static int add_subtypes(struct registry_items *i, const struct undo_table *subtypes)
{
	int ret = 0;

	for (size_t k = 0; k < subtypes->nchanged && ret == 0; k++) {
		const struct undo_entry *e = subtypes->changed[k];

		ret = ((const struct view_subtype_entry *)e)->is_old_item
			      ? replace_old(i, e)
			      : view_subtype_changes(e, add_subtype, i);
	}
	return ret;
}

static int add_marks(struct registry_items *i, const struct undo_table *marks)
{
	for (size_t k = 0; k < marks->nchanged; k++) {
		const struct undo_entry *e = marks->changed[k];
		uint8_t *p = add(i, STORE_ITEM_MARK, e->key, e->nkey, view_item_mark_size(e));

		if (p == NULL)
			return -ENOMEM;
		view_item_mark_write(e, p);
	}
	return 0;
}

static int add_nodes(struct registry_items *i, const struct undo_table *nodes)
{
	for (size_t k = 0; k < nodes->nchanged; k++) {
		const struct undo_entry *e = nodes->changed[k];
		const uint8_t *node = undo_entry_name(e);
		uint8_t *p = add(i, STORE_ITEM_NODE, node, dns_name_nbytes(node),
				 e->content != NULL);

		if (p == NULL)
			return -ENOMEM;
		if (e->content != NULL)
			*p = 1;
	}
	return 0;
}

static int add_times(struct registry_items *i, struct ledger_leases *leases)
{
	for (i->nflushed = 0; i->nflushed < leases->schedule.ndirty; i->nflushed++) {
		struct ledger_lease *lease = leases->schedule.dirty[i->nflushed];
		uint8_t *p;

		if (lease->entry.content == NULL) /* it ends with this commit */
			continue;
		p = add(i, STORE_ITEM_LEASE_TIME, lease->entry.key, lease->entry.nkey,
			LEDGER_ITEM_TIME_SIZE);
		if (p == NULL)
			return -ENOMEM;
		ledger_item_time_write(lease, p);
		lease->saving_ms = base_load64(p + 8);
		lease->has_time_item = true;
	}
	return 0;
}

/* The clock is saved with every commit that has items, and once a second while leases run. */
static int add_clock(struct registry_items *i, const struct ledger *ledger, uint64_t now_ms,
		     bool is_tick)
{
	bool is_due = is_tick && ledger->leases.table.count > 0 &&
		      now_ms >= ledger_clock_next_save(&ledger->clock);
	uint8_t *p;

	if (i->count == 0 && !is_due)
		return 0;
	p = add(i, STORE_ITEM_CLOCK, clock_key, sizeof(clock_key), 8);
	if (p == NULL)
		return -ENOMEM;
	base_store64(p, now_ms);
	return 0;
}

static int add_extra(struct registry_items *i, const struct store_item *extra)
{
	uint8_t *p = add(i, extra->kind, extra->key, extra->nkey, extra->nbytes);

	if (p == NULL)
		return -ENOMEM;
	if (extra->nbytes > 0)
		memcpy(p, extra->bytes, extra->nbytes);
	return 0;
}

static int collect(struct registry_items *i, struct ledger *ledger, const struct view *view,
		   uint64_t now_ms, bool is_tick, const struct store_item *extra)
{
	int ret = add_owners(i, &ledger->owners.table);

	if (ret == 0)
		ret = add_ahead(i, &ledger->ahead.table);
	if (ret == 0)
		ret = add_leases(i, &ledger->leases);
	if (ret == 0)
		ret = add_subtypes(i, &view->subtypes);
	if (ret == 0)
		ret = add_marks(i, &view->marks);
	if (ret == 0)
		ret = add_nodes(i, &view->nodes);
	if (ret == 0 && is_tick)
		ret = ledger_leases_collect(&ledger->leases);
	if (ret == 0 && is_tick)
		ret = add_times(i, &ledger->leases);
	if (ret == 0)
		ret = add_clock(i, ledger, now_ms, is_tick);
	if (ret == 0 && extra != NULL)
		ret = add_extra(i, extra);
	return ret;
}

int registry_items_collect(struct registry_items *i, struct ledger *ledger, const struct view *view,
			   uint64_t now_ms, bool is_tick, const struct store_item *extra,
			   const struct store_item **items, size_t *count)
{
	size_t at = 0;
	int ret;

	i->count = i->nbytes = i->nflushed = 0;
	ret = collect(i, ledger, view, now_ms, is_tick, extra);
	if (ret < 0)
		return ret;
	for (size_t k = 0; k < i->count; k++) {
		i->items[k].bytes = i->bytes + at;
		at += i->items[k].nbytes + 1;
		if (i->items[k].key == NULL) {
			i->items[k].key = i->bytes + at;
			at += i->items[k].nkey;
		}
	}
	*items = i->items;
	*count = i->count;
	return 0;
}

void registry_items_commit(struct registry_items *i, struct ledger *ledger, uint64_t now_ms)
{
	if (i->count > 0)
		ledger->clock.saved_ms = now_ms;
	if (i->nflushed > 0)
		ledger_schedule_saved(&ledger->leases.schedule);
	registry_items_undo(i);
}

void registry_items_undo(struct registry_items *i)
{
	i->count = i->nflushed = 0;
}

/* ---- reading back ---- */

int registry_items_read(struct ledger *ledger, struct view *view, const struct store_item *item)
{
	switch (item->kind) {
	case STORE_ITEM_OWNER:
		return ledger_owner_read(&ledger->owners, item->key, item->nkey, item->bytes,
					 item->nbytes);
	case STORE_ITEM_AHEAD:
		return ledger_ahead_read(&ledger->ahead, item->key, item->nkey, item->bytes,
					 item->nbytes);
	case STORE_ITEM_LEASE:
		return ledger_item_read(&ledger->leases, item->key, item->nkey, item->bytes,
					item->nbytes);
	case STORE_ITEM_LEASE_TIME:
		return ledger_item_time_read(&ledger->leases, item->key, item->nkey, item->bytes,
					     item->nbytes);
	case STORE_ITEM_SUBTYPES:
		return view_item_subtypes_read(view, item->key, item->nkey, item->bytes,
					       item->nbytes);
	case STORE_ITEM_SUBTYPE:
		return view_item_subtype_read(view, item->key, item->nkey, item->bytes,
					      item->nbytes);
	case STORE_ITEM_MARK:
		return view_item_mark_read(view, item->key, item->nkey, item->bytes, item->nbytes);
	case STORE_ITEM_NODE:
		return view_item_node_read(view, item->key, item->nkey, item->nbytes);
	case STORE_ITEM_CLOCK:
		/* A checkpoint's items may be read before older ones of the log. */
		if (item->nbytes != 8)
			return -EBADMSG;
		ledger_clock_read(&ledger->clock, base_load64(item->bytes));
		return 0;
	default:
		return 0;
	}
}
