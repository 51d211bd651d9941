/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"

/* How an instance goes:
 *
 * 1. A registry takes the PTR of an instance that drains away, and leaves the rest; the new TXT may
 *    come in another message. So an instance that is not listed any more is waited for
 *    (FOLLOW_NODE_GRACE_MS), unless its records already explain why.
 * 2. Then its records are asked for again: what comes is not older than the end of the listing.
 * 3. An instance that drains remains as long as it has an SRV record, or until it is up again: it
 *    serves those that know it. Any other is gone. */

struct find_item {
	struct follow_host_user user; /* the first member: follow_node_on_host */
	struct follow_shown_slot slot;
	struct follow_node *node;
	uint16_t priority, weight, port;
	uint32_t ttl_s;
	uint8_t target[DNS_NAME_MAX];
};

/* An SRV record; a view. */
struct srv {
	const uint8_t *target;
	uint16_t priority, weight, port;
	uint32_t ttl_s;
};

/* What is read of the records of a node; views of what the client has. */
struct reading {
	struct srv *srvs;
	size_t n, size;
	const uint8_t *txt; /* NULL: none; of several, the first in canonical order */
	uint16_t ntxt;
	uint32_t txt_ttl_s;
	bool is_short;
};

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
	if (record == NULL || n->is_instance || n->is_listed || n->nitems > 0)
		dirty_add(n);
}

static void record_read(void *arg, enum client_event event, const struct dns_record *record)
{
	struct reading *r = arg;
	void *grown;

	(void)event;
	if (record->type == DNS_TYPE_TXT &&
	    (r->txt == NULL ||
	     dns_rdata_compare(DNS_TYPE_TXT, record->rdata, record->nbytes, r->txt, r->ntxt) < 0)) {
		r->txt = record->rdata;
		r->ntxt = record->nbytes;
		r->txt_ttl_s = record->ttl;
	}
	/* The root as a target means that the service is not there (RFC 2782). */
	if (record->type != DNS_TYPE_SRV || record->rdata[DNS_SRV_TARGET] == 0 ||
	    r->n == FOLLOW_NODE_ITEMS_MAX)
		return;
	grown = base_grow(r->srvs, r->n, &r->size, sizeof(*r->srvs));
	if (grown == NULL) {
		r->is_short = true;
		return;
	}
	r->srvs = grown;
	r->srvs[r->n++] = (struct srv){
		.target = record->rdata + DNS_SRV_TARGET,
		.priority = base_load16(record->rdata),
		.weight = base_load16(record->rdata + DNS_SRV_WEIGHT),
		.port = base_load16(record->rdata + DNS_SRV_PORT),
		.ttl_s = record->ttl,
	};
}

static int place_compare(const uint8_t *a_target, uint16_t a_port, const uint8_t *b_target,
			 uint16_t b_port)
{
	int order = dns_name_compare(a_target, b_target);

	return order != 0 ? order : (int)a_port - (int)b_port;
}

static int srv_compare(const void *a, const void *b)
{
	const struct srv *x = a, *y = b;
	int order = place_compare(x->target, x->port, y->target, y->port);

	if (order == 0)
		order = (int)x->priority - (int)y->priority;
	return order != 0 ? order : (int)x->weight - (int)y->weight;
}

/* Reads the records. Returns 0 or -ENOMEM; `r->srvs` is to be freed. */
static int node_read(const struct follow_node *n, struct reading *r)
{
	*r = (struct reading){.srvs = NULL};
	client_subscription_each(n->track.subscription, record_read, r);
	if (r->is_short)
		return -ENOMEM;
	if (r->n > 1)
		qsort(r->srvs, r->n, sizeof(*r->srvs), srv_compare);
	return 0;
}

/* ---- items ---- */

static void item_free(struct find_item *item)
{
	follow_host_leave(&item->user);
	free(item);
}

/* Which items there were and which there are. */
struct plan {
	struct find_item **now, **gone; /* `now`: NULL where one is to be made */
	size_t nnow, ngone, nmade;
};

/* Finds the items of the same target and port among those there were. */
static void plan_match(struct plan *p, const struct follow_node *n, const struct reading *r)
{
	size_t i = 0, only = 0;

	for (size_t k = 0; k < r->n; k++) {
		int order = -1;

		while (i < n->nitems &&
		       (order = place_compare(n->items[i]->target, n->items[i]->port,
					      r->srvs[k].target, r->srvs[k].port)) < 0)
			p->gone[p->ngone++] = n->items[i++];
		if (i < n->nitems && order == 0) {
			p->now[k] = n->items[i++];
		} else {
			p->nmade++;
			only = k;
		}
	}
	while (i < n->nitems)
		p->gone[p->ngone++] = n->items[i++];
	if (p->ngone == 1 && p->nmade == 1) { /* one that has another target or port now */
		p->now[only] = p->gone[0];
		p->ngone = p->nmade = 0;
	}
}

/* Makes the items that are missing. Returns 0, or -ENOMEM with none made. */
static int plan_make(struct plan *p)
{
	size_t nmade = 0;

	for (size_t k = 0; k < p->nnow && nmade < p->nmade; k++) {
		if (p->now[k] != NULL)
			continue;
		p->now[k] = calloc(1, sizeof(struct find_item));
		if (p->now[k] != NULL) {
			nmade++;
			continue;
		}
		while (k-- > 0 && nmade > 0)
			if (p->now[k]->node == NULL) {
				free(p->now[k]);
				nmade--;
			}
		return -ENOMEM;
	}
	return 0;
}

static void item_set(struct find_item *item, struct follow_node *n, const struct srv *srv)
{
	item->node = n;
	item->priority = srv->priority;
	item->weight = srv->weight;
	item->port = srv->port;
	item->ttl_s = srv->ttl_s;
	memcpy(item->target, srv->target, dns_name_nbytes(srv->target));
}

/* Makes the items of a node those of the records, and reports those that are gone. Returns 0 or
 * -ENOMEM with all as it was. */
static int items_update(struct follow_node *n, const struct reading *r)
{
	struct plan p = {.nnow = r->n};
	int ret = -ENOMEM;

	p.now = calloc(r->n + 1, sizeof(struct find_item *));
	p.gone = malloc((n->nitems + 1) * sizeof(struct find_item *));
	if (p.now == NULL || p.gone == NULL)
		goto out;
	plan_match(&p, n, r);
	ret = plan_make(&p);
	if (ret < 0)
		goto out;
	for (size_t k = 0; k < r->n; k++)
		item_set(p.now[k], n, &r->srvs[k]);
	free(n->items);
	n->items = p.now;
	n->nitems = r->n;
	p.now = NULL;
	for (size_t k = 0; k < p.ngone; k++) {
		follow_shown_remove(n->all->shown, &p.gone[k]->slot);
		item_free(p.gone[k]);
	}
out:
	free(p.now);
	free(p.gone);
	return ret;
}

/* Shows the item, if the addresses of its target are known. Returns 0 or -ENOMEM. */
static int item_show(struct find_item *item, const struct reading *r)
{
	struct follow_nodes *all = item->node->all;
	struct find_parts parts = {
		.name = item->node->entry.name,
		.target = item->target,
		.priority = item->priority,
		.weight = item->weight,
		.port = item->port,
		.txt = r->txt,
		.ntxt = r->ntxt,
		.ttl_s = item->ttl_s,
	};
	const struct follow_host *host;
	int ret = follow_host_use(all->hosts, &item->user, item->target);

	if (ret < 0)
		return ret;
	host = follow_host_end(item->user.host);
	if (host == NULL)
		return 0;
	if (host->naddresses > 0 && host->ttl_s < parts.ttl_s)
		parts.ttl_s = host->ttl_s;
	if (r->txt != NULL && r->txt_ttl_s < parts.ttl_s)
		parts.ttl_s = r->txt_ttl_s;
	return follow_shown_set(all->shown, &item->slot, &parts, host->addresses, host->naddresses);
}

/* ---- nodes ---- */

struct follow_node *follow_node_find(const struct follow_nodes *all, const uint8_t *name)
{
	return (struct follow_node *)(void *)follow_entries_find(&all->entries, name);
}

static void node_free(struct follow_node *n)
{
	follow_track_end(n->all->tracks, &n->track);
	for (size_t k = 0; k < n->nitems; k++)
		item_free(n->items[k]);
	free(n->items);
	free(n);
}

struct follow_node *follow_node_new(struct follow_nodes *all, const uint8_t *name,
				    const uint16_t *types, unsigned ntypes, bool is_instance)
{
	struct follow_node *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->all = all;
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
	dirty_add(((struct find_item *)(void *)user)->node);
}

static bool has_shown(const struct follow_node *n)
{
	for (size_t k = 0; k < n->nitems; k++)
		if (n->items[k]->slot.instance != NULL)
			return true;
	return false;
}

/* What becomes of a node. */
enum fate {
	HOLD, /* it remains as it is shown */
	SHOW,
	DROP,
};

static enum dnssd_state state_of(const struct reading *r)
{
	size_t nstate = 0;
	const uint8_t *state =
		r->txt == NULL ? NULL : dnssd_txt_find(r->txt, r->ntxt, "state", &nstate);

	return dnssd_txt_state(state, nstate);
}

/* What becomes of a node that is not listed. */
static enum fate unlisted_fate(struct follow_node *n, const struct reading *r, uint64_t now_ms)
{
	enum client_known known = follow_track_known(n->all->tracks, &n->track);

	if (!n->is_instance || !has_shown(n))
		return DROP;
	if (!n->is_known)
		return HOLD;
	if (r->n == 0)
		return DROP;
	switch (state_of(r)) {
	case DNSSD_DRAINING:
		leaving_end(n);
		return SHOW;
	case DNSSD_STARTING:
	case DNSSD_FAILED:
		return DROP;
	case DNSSD_UP:
		break;
	}
	if (n->link_leaving == NULL)
		leaving_begin(n, now_ms);
	return n->is_refreshed && (known == CLIENT_KNOWN_PUSHED || known == CLIENT_KNOWN_POLLED)
		       ? DROP
		       : HOLD;
}

static int node_show(struct follow_node *n, const struct reading *r)
{
	int ret = items_update(n, r);

	for (size_t k = 0; k < n->nitems && ret == 0 && !n->all->shown->is_over; k++)
		ret = item_show(n->items[k], r);
	return ret;
}

/* Reports all items as gone; an instance is freed then. */
static void node_drop(struct follow_node *n)
{
	struct find_item **items = n->items;
	size_t nitems = n->nitems;

	leaving_end(n);
	n->items = NULL;
	n->nitems = 0;
	if (n->is_instance)
		follow_entries_remove(&n->all->entries, &n->entry);
	for (size_t k = 0; k < nitems; k++) {
		follow_shown_remove(n->all->shown, &items[k]->slot);
		item_free(items[k]);
	}
	free(items);
	if (n->is_instance)
		node_free(n);
}

/* Reports what has become of a node, which may be freed then. Returns 0, -ENOMEM, or -EAGAIN while
 * its records are being sent again: with those that are in doubt it would have the old ones beside
 * the new ones. */
static int node_settle(struct follow_node *n, uint64_t now_ms)
{
	struct reading r;
	enum fate fate;
	int ret;

	if (n->is_listed && !n->is_known)
		return 0;
	if (n->is_known && follow_track_known(n->all->tracks, &n->track) == CLIENT_KNOWN_NOT_YET)
		return -EAGAIN;
	ret = node_read(n, &r);
	if (ret == 0) {
		fate = n->is_listed ? SHOW : unlisted_fate(n, &r, now_ms);
		if (n->is_instance &&
		    (state_of(&r) == DNSSD_STARTING || state_of(&r) == DNSSD_FAILED))
			r.n = 0; /* it is listed all the same where no registry makes the list */
		if (fate == SHOW)
			ret = node_show(n, &r);
		else if (fate == DROP)
			node_drop(n);
	}
	free(r.srvs);
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
