/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bridge/addresses.h"

#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "lan/browser.h"

static const struct family {
	uint16_t type;
	size_t nbytes;
} families[2] = {{DNS_TYPE_A, 4}, {DNS_TYPE_AAAA, 16}};

void bridge_addresses_init(struct bridge_addresses *a, struct lan_daemon *daemon,
			   const struct lan_interfaces *where, uint64_t seed,
			   void (*on_host)(void *arg, struct bridge_host *host), void *arg)
{
	*a = (struct bridge_addresses){
		.daemon = daemon, .where = where, .on_host = on_host, .arg = arg};
	bridge_table_init(&a->hosts, seed);
}

void bridge_addresses_fini(struct bridge_addresses *a)
{
	bridge_table_fini(&a->hosts);
}

/* The addresses of one family, read again. */
struct reading {
	const struct family *family;
	struct bridge_address items[BRIDGE_ADDRESSES_MAX];
	size_t count;
};

/* Keeps the least ones, so that it does not depend on the order in which they came. */
static void read_one(void *arg, const uint8_t *rdata, size_t nbytes)
{
	struct reading *r = arg;
	size_t i = r->count;

	if (nbytes != r->family->nbytes)
		return;
	while (i > 0 && memcmp(r->items[i - 1].bytes, rdata, nbytes) > 0)
		i--;
	if (i == BRIDGE_ADDRESSES_MAX)
		return;
	if (r->count < BRIDGE_ADDRESSES_MAX)
		r->count++;
	memmove(&r->items[i + 1], &r->items[i], (r->count - 1 - i) * sizeof(*r->items));
	r->items[i] = (struct bridge_address){.type = r->family->type};
	memcpy(r->items[i].bytes, rdata, nbytes);
}

static void on_address(void *arg, struct lan_browser *b, enum lan_browser_event event,
		       const uint8_t *rdata, size_t nbytes)
{
	struct bridge_host *host = arg;
	unsigned k = b == host->browsers[1];
	struct reading r = {.family = &families[k]};
	struct bridge_address *at =
		k == 0 ? host->addresses : &host->addresses[host->naddresses[0]];

	(void)rdata;
	(void)nbytes;
	if (event != LAN_BROWSER_ADDED && event != LAN_BROWSER_REMOVED)
		return;
	lan_browser_each(b, read_one, &r);
	if (r.count == host->naddresses[k] && memcmp(at, r.items, r.count * sizeof(*at)) == 0)
		return;
	if (k == 0)
		memmove(&host->addresses[r.count], &host->addresses[host->naddresses[0]],
			host->naddresses[1] * sizeof(*at));
	memcpy(at, r.items, r.count * sizeof(*at));
	host->naddresses[k] = r.count;
	host->owner->on_host(host->owner->arg, host);
}

static void host_free(struct bridge_host *host)
{
	lan_browser_free(host->browsers[0]);
	lan_browser_free(host->browsers[1]);
	free(host);
}

static struct bridge_host *host_new(struct bridge_addresses *a, const uint8_t *name)
{
	struct bridge_host *host = calloc(1, sizeof(*host));

	if (host == NULL)
		return NULL;
	host->owner = a;
	memcpy(host->name, name, dns_name_nbytes(name));
	host->entry.name = host->name;
	for (unsigned k = 0; k < 2; k++)
		host->browsers[k] = lan_browser_new(a->daemon, a->where, host->name,
						    families[k].type, on_address, host);
	if (host->browsers[0] == NULL || host->browsers[1] == NULL ||
	    bridge_table_add(&a->hosts, &host->entry) < 0) {
		host_free(host);
		return NULL;
	}
	return host;
}

struct bridge_host *bridge_addresses_acquire(struct bridge_addresses *a, const uint8_t *name)
{
	struct bridge_host *host = bridge_table_find(&a->hosts, name);

	if (host == NULL)
		host = host_new(a, name);
	if (host != NULL)
		host->nusers++;
	return host;
}

void bridge_addresses_release(struct bridge_host *host)
{
	if (--host->nusers > 0)
		return;
	bridge_table_remove(&host->owner->hosts, &host->entry);
	host_free(host);
}
