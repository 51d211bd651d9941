/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "listing/nodes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "registry/state.h"
#include "view/node.h"
#include "zone/cursor.h"
#include "zone/zone.h"

enum { NAMES_BLOCK = 16 << 10 };

void listing_nodes_init(struct listing_nodes *n)
{
	*n = (struct listing_nodes){.count = 0};
	base_arena_init(&n->names, NAMES_BLOCK);
}

void listing_nodes_fini(struct listing_nodes *n)
{
	free(n->items);
	free(n->addresses);
	base_arena_fini(&n->names);
	*n = (struct listing_nodes){.count = 0};
}

static bool is_address(const struct dns_record *r)
{
	return r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA;
}

static int compare(const void *left, const void *right)
{
	return dns_name_compare(((const struct listing_node *)left)->name,
				((const struct listing_node *)right)->name);
}

static struct listing_node *find(const struct listing_nodes *n, const uint8_t *name)
{
	const struct listing_node wanted = {.name = name};

	return n->count == 0 ? NULL
			     : bsearch(&wanted, n->items, n->count, sizeof(*n->items), compare);
}

/* ---- names ---- */

/* Adds a name, which is copied, unless it is that of the last node. */
static int add(struct listing_nodes *n, const uint8_t *name)
{
	struct listing_node *items;

	if (n->count > 0 && dns_name_equal(n->items[n->count - 1].name, name))
		return 0;
	items = base_grow(n->items, n->count, &n->capacity, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	n->items = items;
	items[n->count] = (struct listing_node){
		.name = base_arena_copy(&n->names, name, dns_name_nbytes(name))};
	return items[n->count++].name == NULL ? -ENOMEM : 0;
}

static int add_targets(struct listing_nodes *n, const struct listing_services *s)
{
	int ret = 0;

	for (size_t i = 0; i < s->nrecords && ret == 0; i++)
		if (s->records[i].type == DNS_TYPE_SRV && s->records[i].rdata[DNS_SRV_TARGET] != 0)
			ret = add(n, s->records[i].rdata + DNS_SRV_TARGET);
	return ret;
}

static int add_hosts(struct listing_nodes *n, const struct listing_services *s)
{
	struct zone_cursor *cursor = zone_cursor_new(s->snapshot);
	struct dns_record r;
	int ret = cursor == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(cursor, &r))
		if (is_address(&r) && dnssd_kind_of(r.owner, zone_name(s->zone)) == DNSSD_NODE)
			ret = add(n, r.owner);
	zone_cursor_free(cursor);
	return ret;
}

/* Sorts the nodes, and leaves each once. */
static void arrange(struct listing_nodes *n)
{
	size_t kept = 0;

	if (n->count > 0)
		qsort(n->items, n->count, sizeof(*n->items), compare);
	for (size_t i = 0; i < n->count; i++)
		if (kept == 0 || compare(&n->items[kept - 1], &n->items[i]) != 0)
			n->items[kept++] = n->items[i];
	n->count = kept;
}

/* ---- addresses ---- */

static int add_address(struct listing_nodes *n, const struct dns_record *r)
{
	struct listing_node *node = find(n, r->owner);
	struct dns_record *addresses;

	if (node == NULL)
		return 0;
	addresses =
		base_grow(n->addresses, n->naddresses, &n->addresses_capacity, sizeof(*addresses));
	if (addresses == NULL)
		return -ENOMEM;
	n->addresses = addresses;
	/* The cursor gives the records of an owner one after the other. */
	if (node->naddresses++ == 0)
		node->address = n->naddresses;
	addresses[n->naddresses] = *r;
	addresses[n->naddresses++].owner = node->name;
	return 0;
}

static int add_addresses(struct listing_nodes *n, const struct listing_services *s)
{
	struct zone_cursor *cursor = zone_cursor_new(s->snapshot);
	struct dns_record r;
	int ret = cursor == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(cursor, &r))
		if (is_address(&r))
			ret = add_address(n, &r);
	zone_cursor_free(cursor);
	return ret;
}

int listing_nodes_walk(struct listing_nodes *n, const struct listing_services *s)
{
	int ret = add_targets(n, s);

	if (ret == 0)
		ret = add_hosts(n, s);
	if (ret < 0)
		return ret;
	arrange(n);
	return add_addresses(n, s);
}

/* ---- the registrar's ---- */

int listing_nodes_look(struct listing_nodes *n, const struct listing_services *s,
		       const struct registry_state *state)
{
	const struct undo_entry *e = NULL;
	struct listing_nodes found = *n; /* without those that are added */
	const uint8_t *name;
	int ret = 0;

	while (ret == 0 && (name = view_node_next(&state->view, &e)) != NULL) {
		struct listing_node *node = find(&found, name);

		if (node == NULL && !dns_name_is_under(name, zone_name(s->zone)))
			continue;
		if (node == NULL) {
			ret = add(n, name);
			found.items = n->items;
			node = &n->items[n->count - 1];
		}
		if (ret == 0)
			node->is_drained = true;
	}
	arrange(n);
	return ret;
}

/* ---- counting ---- */

static void count_one(struct listing_nodes *n, const struct listing_service *one,
		      const uint8_t *target)
{
	struct listing_node *node = find(n, target);

	if (node == NULL)
		return;
	node->nservices++;
	node->count[one->state]++;
	if (one->has_lease && !one->is_suspended &&
	    (!node->has_lease || one->left_ms < node->left_ms)) {
		node->has_lease = true;
		node->left_ms = one->left_ms;
	}
}

/* An instance with several SRVs of one target runs there once; an RRset is sorted by priority, so
 * all before it are compared. */
void listing_nodes_count(struct listing_nodes *n, const struct listing_services *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct listing_service *one = &s->items[i];
		const struct dns_record *r = &s->records[one->record];

		for (size_t k = 0; k < one->nrecords; k++) {
			bool is_new = r[k].type == DNS_TYPE_SRV;

			for (size_t j = 0; j < k && is_new; j++)
				is_new = r[j].type != DNS_TYPE_SRV ||
					 !dns_name_equal(r[j].rdata + DNS_SRV_TARGET,
							 r[k].rdata + DNS_SRV_TARGET);
			if (is_new)
				count_one(n, one, r[k].rdata + DNS_SRV_TARGET);
		}
	}
}
