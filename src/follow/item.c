/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/item.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "follow/host.h"
#include "follow/shown.h"

struct follow_item {
	struct follow_host_user user; /* the first member: follow_item_owner */
	struct follow_shown_slot slot;
	void *owner;
	uint16_t priority, weight, port;
	uint32_t ttl_s;
	uint8_t target[DNS_NAME_MAX];
};

/* ---- what there is ---- */

static void record_read(void *arg, enum client_event event, const struct dns_record *record)
{
	struct follow_item_reading *r = arg;
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
	    r->n == FOLLOW_ITEMS_MAX)
		return;
	grown = base_grow(r->srvs, r->n, &r->size, sizeof(*r->srvs));
	if (grown == NULL) {
		r->is_short = true;
		return;
	}
	r->srvs = grown;
	r->srvs[r->n++] = (struct follow_item_srv){
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
	const struct follow_item_srv *x = a, *y = b;
	int order = place_compare(x->target, x->port, y->target, y->port);

	if (order == 0)
		order = (int)x->priority - (int)y->priority;
	return order != 0 ? order : (int)x->weight - (int)y->weight;
}

int follow_item_read(struct follow_item_reading *r, const struct client_subscription *s)
{
	*r = (struct follow_item_reading){.srvs = NULL};
	client_subscription_each(s, record_read, r);
	if (r->is_short)
		return -ENOMEM;
	if (r->n > 1)
		qsort(r->srvs, r->n, sizeof(*r->srvs), srv_compare);
	return 0;
}

void follow_item_reading_fini(struct follow_item_reading *r)
{
	free(r->srvs);
}

/* ---- items ---- */

static void item_free(struct follow_item *item)
{
	follow_host_leave(&item->user);
	free(item);
}

/* Which items there were and which there are. */
struct plan {
	struct follow_item **now, **gone; /* `now`: NULL where one is to be made */
	size_t nnow, ngone, nmade;
};

/* Finds the items of the same target and port among those there were. */
static void plan_match(struct plan *p, const struct follow_items *items,
		       const struct follow_item_reading *r)
{
	size_t i = 0, only = 0;

	for (size_t k = 0; k < r->n; k++) {
		int order = -1;

		while (i < items->n &&
		       (order = place_compare(items->all[i]->target, items->all[i]->port,
					      r->srvs[k].target, r->srvs[k].port)) < 0)
			p->gone[p->ngone++] = items->all[i++];
		if (i < items->n && order == 0) {
			p->now[k] = items->all[i++];
		} else {
			p->nmade++;
			only = k;
		}
	}
	while (i < items->n)
		p->gone[p->ngone++] = items->all[i++];
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
		p->now[k] = calloc(1, sizeof(struct follow_item));
		if (p->now[k] != NULL) {
			nmade++;
			continue;
		}
		while (k-- > 0 && nmade > 0)
			if (p->now[k]->owner == NULL) {
				free(p->now[k]);
				nmade--;
			}
		return -ENOMEM;
	}
	return 0;
}

static void item_set(struct follow_item *item, void *owner, const struct follow_item_srv *srv)
{
	item->owner = owner;
	item->priority = srv->priority;
	item->weight = srv->weight;
	item->port = srv->port;
	item->ttl_s = srv->ttl_s;
	memcpy(item->target, srv->target, dns_name_nbytes(srv->target));
}

/* Makes the items those of the records, and reports those that are gone. Returns 0, or -ENOMEM with
 * all as it was. */
static int items_update(struct follow_items *items, const struct follow_item_reading *r,
			struct follow_shown *shown)
{
	struct plan p = {.nnow = r->n};
	int ret = -ENOMEM;

	p.now = calloc(r->n + 1, sizeof(struct follow_item *));
	p.gone = malloc((items->n + 1) * sizeof(struct follow_item *));
	if (p.now == NULL || p.gone == NULL)
		goto out;
	plan_match(&p, items, r);
	ret = plan_make(&p);
	if (ret < 0)
		goto out;
	for (size_t k = 0; k < r->n; k++)
		item_set(p.now[k], items->owner, &r->srvs[k]);
	free(items->all);
	items->all = p.now;
	items->n = r->n;
	p.now = NULL;
	for (size_t k = 0; k < p.ngone; k++) {
		follow_shown_remove(shown, &p.gone[k]->slot);
		item_free(p.gone[k]);
	}
out:
	free(p.now);
	free(p.gone);
	return ret;
}

/* Shows the item, if the addresses of its target are known. Returns 0 or -ENOMEM. */
static int item_show(struct follow_item *item, const uint8_t *name,
		     const struct follow_item_reading *r, struct follow_hosts *hosts,
		     struct follow_shown *shown)
{
	struct find_parts parts = {
		.name = name,
		.target = item->target,
		.priority = item->priority,
		.weight = item->weight,
		.port = item->port,
		.txt = r->txt,
		.ntxt = r->ntxt,
		.ttl_s = item->ttl_s,
	};
	const struct follow_host *host;
	int ret = follow_host_use(hosts, &item->user, item->target);

	if (ret < 0)
		return ret;
	host = follow_host_end(item->user.host);
	if (host == NULL)
		return 0;
	if (host->naddresses > 0 && host->ttl_s < parts.ttl_s)
		parts.ttl_s = host->ttl_s;
	if (r->txt != NULL && r->txt_ttl_s < parts.ttl_s)
		parts.ttl_s = r->txt_ttl_s;
	return follow_shown_set(shown, &item->slot, &parts, host->addresses, host->naddresses);
}

int follow_items_show(struct follow_items *items, const uint8_t *name,
		      const struct follow_item_reading *r, struct follow_hosts *hosts,
		      struct follow_shown *shown)
{
	int ret = items_update(items, r, shown);

	for (size_t k = 0; k < items->n && ret == 0 && !shown->is_over; k++)
		ret = item_show(items->all[k], name, r, hosts, shown);
	return ret;
}

bool follow_items_has_shown(const struct follow_items *items)
{
	for (size_t k = 0; k < items->n; k++)
		if (items->all[k]->slot.instance != NULL)
			return true;
	return false;
}

void *follow_item_owner(const struct follow_host_user *user)
{
	return ((const struct follow_item *)(const void *)user)->owner;
}

void follow_items_remove(struct follow_items *items, struct follow_shown *shown)
{
	struct follow_item **all = items->all;
	size_t n = items->n;

	items->all = NULL;
	items->n = 0;
	for (size_t k = 0; k < n; k++) {
		follow_shown_remove(shown, &all[k]->slot);
		item_free(all[k]);
	}
	free(all);
}

void follow_items_fini(struct follow_items *items)
{
	for (size_t k = 0; k < items->n; k++)
		item_free(items->all[k]);
	free(items->all);
}
