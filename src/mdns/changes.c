/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "mdns/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dns/record.h"
#include "dns/type.h"
#include "zone/changeset.h"

/* A changeset in the making: with `set` NULL only its size is found. */
struct filling {
	struct mdns_changeset *set;
	uint8_t *names; /* where the next name is copied to */
	size_t count, nbytes;
	struct mdns_change last;
};

void mdns_changes_init(struct mdns_changes *c)
{
	base_queue_init(&c->queue);
	atomic_init(&c->nbytes, 0);
	atomic_init(&c->has_lost_one, false);
}

void mdns_changes_fini(struct mdns_changes *c)
{
	bool has_lost_one;
	struct mdns_changeset *set = mdns_changes_take(c, &has_lost_one), *next;

	for (; set != NULL; set = next) {
		next = (struct mdns_changeset *)set->link.next;
		mdns_changes_free(c, set);
	}
}

/* Copies a name, or counts it. */
static const uint8_t *name_add(struct filling *f, const uint8_t *name)
{
	size_t n = dns_name_nbytes(name);
	uint8_t *copy = f->names;

	f->nbytes += n;
	if (f->set == NULL)
		return name;
	f->names += n;
	return memcpy(copy, name, n);
}

/* Adds what a record has changed. Records of one owner follow each other, so that most of them add
 * nothing. */
static void record_add(struct filling *f, const struct dns_record *r)
{
	const uint8_t *target = r->type == DNS_TYPE_PTR ? r->rdata : NULL;

	if (r->type == DNS_TYPE_SOA)
		return;
	if (f->count == 0 || !dns_name_equal(f->last.owner, r->owner))
		f->last.owner = name_add(f, r->owner);
	else if (target == NULL)
		return;
	f->last.target = target == NULL ? NULL : name_add(f, target);
	if (f->set != NULL)
		f->set->items[f->count] = f->last;
	f->count++;
}

static void part_add(struct filling *f, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r))
		record_add(f, &r);
}

static void changes_add(struct filling *f, const struct zone_changeset *changes)
{
	part_add(f, changes->removed, changes->nremoved_bytes);
	part_add(f, changes->added, changes->nadded_bytes);
}

/* Makes a changeset whose size has been found. Returns NULL if memory is short. */
static struct mdns_changeset *set_new(const struct filling *sizes, const struct zone *zone,
				      const struct zone_changeset *changes)
{
	size_t head = sizeof(struct mdns_changeset) + sizes->count * sizeof(struct mdns_change);
	struct mdns_changeset *set = malloc(head + sizes->nbytes);
	struct filling f = {.set = set};

	if (set == NULL)
		return NULL;
	*set = (struct mdns_changeset){
		.zone = zone,
		.items = (struct mdns_change *)(set + 1),
		.count = sizes->count,
		.nbytes = head + sizes->nbytes,
	};
	f.names = (uint8_t *)set + head;
	changes_add(&f, changes);
	return set;
}

void mdns_changes_put(struct mdns_changes *c, const struct zone *zone,
		      const struct zone_changeset *changes)
{
	struct mdns_changeset *set = NULL;
	struct filling sizes = {0};

	changes_add(&sizes, changes);
	if (sizes.count == 0)
		return;
	/* Only this thread adds, so what fits now fits later, too. */
	if (atomic_load_explicit(&c->nbytes, memory_order_relaxed) + sizes.nbytes +
		    sizes.count * sizeof(struct mdns_change) <
	    MDNS_CHANGES_MAX)
		set = set_new(&sizes, zone, changes);
	if (set == NULL) {
		atomic_store_explicit(&c->has_lost_one, true, memory_order_release);
		return;
	}
	atomic_fetch_add_explicit(&c->nbytes, set->nbytes, memory_order_relaxed);
	base_queue_put(&c->queue, &set->link);
}

struct mdns_changeset *mdns_changes_take(struct mdns_changes *c, bool *has_lost_one)
{
	*has_lost_one = atomic_exchange_explicit(&c->has_lost_one, false, memory_order_acquire);
	return (struct mdns_changeset *)base_queue_take(&c->queue);
}

void mdns_changes_free(struct mdns_changes *c, struct mdns_changeset *set)
{
	atomic_fetch_sub_explicit(&c->nbytes, set->nbytes, memory_order_relaxed);
	free(set);
}
