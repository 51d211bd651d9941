/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "mdns/addresses.h"

#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "lan/browser.h"

static const struct family {
	uint16_t type;
	size_t nbytes;
} families[2] = {{DNS_TYPE_A, 4}, {DNS_TYPE_AAAA, 16}};

void mdns_addresses_init(struct mdns_addresses *a, struct lan_daemon *daemon,
			 const struct lan_interfaces *where, uint64_t seed,
			 void (*on_host)(void *arg, struct mdns_host *host), void *arg)
{
	*a = (struct mdns_addresses){
		.daemon = daemon, .where = where, .on_host = on_host, .arg = arg};
	mdns_table_init(&a->hosts, seed);
}

void mdns_addresses_fini(struct mdns_addresses *a)
{
	mdns_table_fini(&a->hosts);
}

/* The addresses of one family, read again. */
struct reading {
	const struct family *family;
	struct mdns_address items[MDNS_ADDRESSES_MAX];
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
	if (i == MDNS_ADDRESSES_MAX)
		return;
	if (r->count < MDNS_ADDRESSES_MAX)
		r->count++;
	memmove(&r->items[i + 1], &r->items[i], (r->count - 1 - i) * sizeof(*r->items));
	r->items[i] = (struct mdns_address){.type = r->family->type};
	memcpy(r->items[i].bytes, rdata, nbytes);
}

static void on_address(void *arg, struct lan_browser *b, enum lan_browser_event event,
		       const uint8_t *rdata, size_t nbytes)
{
	struct mdns_host *host = arg;
	unsigned k = b == host->browsers[1];
	struct reading r = {.family = &families[k]};
	struct mdns_address *at = k == 0 ? host->addresses : &host->addresses[host->naddresses[0]];

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

static void host_free(struct mdns_host *host)
{
	lan_browser_free(host->browsers[0]);
	lan_browser_free(host->browsers[1]);
	free(host);
}

static struct mdns_host *host_new(struct mdns_addresses *a, const uint8_t *name)
{
	struct mdns_host *host = calloc(1, sizeof(*host));

	if (host == NULL)
		return NULL;
	host->owner = a;
	memcpy(host->name, name, dns_name_nbytes(name));
	host->entry.name = host->name;
	for (unsigned k = 0; k < 2; k++)
		host->browsers[k] = lan_browser_new(a->daemon, a->where, host->name,
						    families[k].type, on_address, host);
	if (host->browsers[0] == NULL || host->browsers[1] == NULL ||
	    mdns_table_add(&a->hosts, &host->entry) < 0) {
		host_free(host);
		return NULL;
	}
	return host;
}

struct mdns_host *mdns_addresses_acquire(struct mdns_addresses *a, const uint8_t *name)
{
	struct mdns_host *host = mdns_table_find(&a->hosts, name);

	if (host == NULL)
		host = host_new(a, name);
	if (host != NULL)
		host->nusers++;
	return host;
}

void mdns_addresses_release(struct mdns_host *host)
{
	if (--host->nusers > 0)
		return;
	mdns_table_remove(&host->owner->hosts, &host->entry);
	host_free(host);
}
