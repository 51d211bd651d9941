/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"

/* How an instance goes:
 *
 * 1. A registry takes the PTR of an instance that drains away, and leaves the rest; the new TXT may
 *    come in another message. So an instance that is not listed any more is waited for
 *    (FOLLOW_NODE_GRACE_MS), unless its records already explain why.
 * 2. Then its records are asked for again: what comes is not older than the end of the listing.
 * 3. An instance that drains remains as long as it has an SRV record, or until it is up again: it
 *    serves those that know it. Any other is gone. */

static void dirty_add(struct follow_node *n)
{
	if (!n->is_dirty) {
		n->is_dirty = true;
		n->next_dirty = n->all->dirty;
		n->all->dirty = n;
	}
	n->all->on_touched(n->all->arg);
}

/* ---- what has come ---- */

static void node_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct follow_node *n = arg;

	n->is_known |= event == CLIENT_EVENT_CURRENT;
	n->has_failed |= event == CLIENT_EVENT_FAILED;
	if (record != NULL && record->type == DNS_TYPE_PTR) {
		if (event != CLIENT_EVENT_CHANGED)
			n->all->on_pointer(n->all->arg, event == CLIENT_EVENT_ADDED, record->rdata);
		return;
	}
	/* Records of a type that has instances are not looked at: that would be all of them. */
	if (record == NULL || n->is_instance || n->is_listed || n->items.n > 0)
		dirty_add(n);
}

/* ---- nodes ---- */

struct follow_node *follow_node_find(const struct follow_nodes *all, const uint8_t *name)
{
	return (struct follow_node *)(void *)follow_entries_find(&all->entries, name);
}

static void node_free(struct follow_node *n)
{
	follow_track_end(n->all->tracks, &n->track);
	follow_items_fini(&n->items);
	free(n);
}

struct follow_node *follow_node_new(struct follow_nodes *all, const uint8_t *name,
				    const uint16_t *types, unsigned ntypes, bool is_instance)
{
	struct follow_node *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->all = all;
	n->items.owner = n;
	n->is_instance = is_instance;
	memcpy(n->entry.name, name, dns_name_nbytes(name));
	if (follow_track_begin(all->tracks, &n->track, name, types, ntypes, node_event, n) < 0 ||
	    follow_entries_add(&all->entries, &n->entry) < 0) {
		node_free(n);
		return NULL;
	}
	return n;
}

static void leaving_end(struct follow_node *n)
{
	if (n->link_leaving == NULL)
		return;
	*n->link_leaving = n->next_leaving;
	if (n->next_leaving != NULL)
		n->next_leaving->link_leaving = n->link_leaving;
	n->link_leaving = NULL;
}

static void leaving_begin(struct follow_node *n, uint64_t now_ms)
{
	n->next_leaving = n->all->leaving;
	n->link_leaving = &n->all->leaving;
	if (n->next_leaving != NULL)
		n->next_leaving->link_leaving = &n->next_leaving;
	n->all->leaving = n;
	n->leaves_ms = now_ms + FOLLOW_NODE_GRACE_MS;
	n->is_refreshed = false;
}

void follow_node_list(struct follow_node *n, bool is_listed)
{
	if (n->is_listed == is_listed)
		return;
	n->is_listed = is_listed;
	if (is_listed)
		leaving_end(n);
	dirty_add(n);
}

void follow_node_on_host(struct follow_host_user *user)
{
	dirty_add(follow_item_owner(user));
}

/* What becomes of a node. */
enum fate {
	HOLD, /* it remains as it is shown */
	SHOW,
	DROP,
};

static enum dnssd_state state_of(const struct follow_item_reading *r)
{
	size_t nstate = 0;
	const uint8_t *state =
		r->txt == NULL ? NULL : dnssd_txt_find(r->txt, r->ntxt, "state", &nstate);

	return dnssd_txt_state(state, nstate);
}

/* What becomes of a node that is not listed. */
static enum fate unlisted_fate(struct follow_node *n, const struct follow_item_reading *r,
			       uint64_t now_ms)
{
	enum client_known known = follow_track_known(n->all->tracks, &n->track);

	if (!n->is_instance || !follow_items_has_shown(&n->items))
		return DROP;
	if (!n->is_known)
		return HOLD;
	if (r->n == 0)
		return DROP;
	switch (state_of(r)) {
	case DNSSD_DRAINING:
		leaving_end(n);
		return SHOW;
	case DNSSD_UP:
		break;
	default:
		return DROP;
	}
	if (n->link_leaving == NULL)
		leaving_begin(n, now_ms);
	return n->is_refreshed && (known == CLIENT_KNOWN_PUSHED || known == CLIENT_KNOWN_POLLED)
		       ? DROP
		       : HOLD;
}

/* Reports all items as gone; an instance is freed then. */
static void node_drop(struct follow_node *n)
{
	leaving_end(n);
	if (n->is_instance)
		follow_entries_remove(&n->all->entries, &n->entry);
	follow_items_remove(&n->items, n->all->shown);
	if (n->is_instance)
		node_free(n);
}

/* Reports what has become of a node, which may be freed then. Returns 0, -ENOMEM, or -EAGAIN while
 * its records are being sent again: with those that are in doubt it would have the old ones beside
 * the new ones. */
static int node_settle(struct follow_node *n, uint64_t now_ms)
{
	struct follow_item_reading r;
	enum fate fate;
	int ret;

	if (n->is_listed && !n->is_known)
		return 0;
	if (n->is_known && follow_track_known(n->all->tracks, &n->track) == CLIENT_KNOWN_NOT_YET)
		return -EAGAIN;
	ret = follow_item_read(&r, n->track.subscription);
	if (ret == 0) {
		fate = n->is_listed ? SHOW : unlisted_fate(n, &r, now_ms);
		if (n->is_instance && !dnssd_state_has_clients(state_of(&r)))
			r.n = 0; /* it is listed all the same where no registry makes the list */
		if (fate == SHOW)
			ret = follow_items_show(&n->items, n->entry.name, &r, n->all->hosts,
						n->all->shown);
		else if (fate == DROP)
			node_drop(n);
	}
	follow_item_reading_fini(&r);
	return ret;
}

/* Asks for the records of those whose time has come. Returns when the next one's does. */
static uint64_t leaving_settle(struct follow_nodes *all, uint64_t now_ms)
{
	uint64_t first_ms = UINT64_MAX;

	for (struct follow_node *n = all->leaving; n != NULL; n = n->next_leaving) {
		if (n->is_refreshed) {
			enum client_known known = follow_track_known(all->tracks, &n->track);

			if (known == CLIENT_KNOWN_PUSHED || known == CLIENT_KNOWN_POLLED)
				dirty_add(n);
		} else if (now_ms >= n->leaves_ms) {
			n->is_refreshed = true;
			follow_track_refresh(all->tracks, &n->track);
		} else if (n->leaves_ms < first_ms) {
			first_ms = n->leaves_ms;
		}
	}
	return first_ms;
}

uint64_t follow_nodes_settle(struct follow_nodes *all, uint64_t now_ms, bool *is_short)
{
	struct follow_node *again = NULL;
	int ret;

	leaving_settle(all, now_ms);
	while (all->dirty != NULL && !all->shown->is_over) {
		struct follow_node *n = all->dirty;

		all->dirty = n->next_dirty;
		n->is_dirty = false;
		ret = node_settle(n, now_ms);
		*is_short |= ret == -ENOMEM;
		if (ret == 0 || n->is_dirty)
			continue;
		n->is_dirty = true;
		n->next_dirty = again;
		again = n;
	}
	while (again != NULL) {
		struct follow_node *n = again;

		again = n->next_dirty;
		n->next_dirty = all->dirty;
		all->dirty = n;
	}
	return leaving_settle(all, now_ms);
}

/* ---- the end ---- */

static void entry_end(void *arg, struct follow_entry *e)
{
	(void)arg;
	node_free((struct follow_node *)(void *)e);
}

void follow_nodes_fini(struct follow_nodes *all)
{
	all->dirty = all->leaving = NULL;
	follow_entries_fini(&all->entries, entry_end, NULL);
}
