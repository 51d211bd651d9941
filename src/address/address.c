/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "address/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "address/seen.h"
#include "registrant/addresses.h"

_Static_assert((int)ADDRESS_MAX >= (int)REGISTRANT_NETWORK_MAX,
	       "all addresses of the network have room");

struct address {
	struct resolve_events *events;
	address_fn on_change;
	void *arg;
	struct resolve_timer timer; /* ADDRESS_GIVEN: to report */
	char **interfaces;
	size_t ninterfaces;
	struct registrant_addresses *network; /* ADDRESS_SEEN: changes are a reason to ask */
	struct address_seen *seen;
	struct sockaddr_storage now[ADDRESS_MAX];
	size_t n;
	bool is_known;
};

/* Adds an address without its port in its place, unless it is there. */
static void add(struct sockaddr_storage *list, size_t *n, const struct sockaddr_storage *address)
{
	struct sockaddr_storage bare;
	size_t i = 0;
	int d = -1;

	memset(&bare, 0, sizeof(bare));
	bare.ss_family = address->ss_family;
	if (address->ss_family == AF_INET)
		((struct sockaddr_in *)&bare)->sin_addr =
			((const struct sockaddr_in *)address)->sin_addr;
	else
		((struct sockaddr_in6 *)&bare)->sin6_addr =
			((const struct sockaddr_in6 *)address)->sin6_addr;
	while (i < *n && (d = memcmp(&list[i], &bare, sizeof(bare))) < 0)
		i++;
	if (*n == ADDRESS_MAX || (i < *n && d == 0))
		return;
	memmove(&list[i + 1], &list[i], (*n - i) * sizeof(*list));
	list[i] = bare;
	(*n)++;
}

/* Reports the addresses if they differ from those before. */
static void take(struct address *a, const struct sockaddr_storage *addresses, size_t n,
		 uint64_t now_ms)
{
	struct sockaddr_storage list[ADDRESS_MAX];
	size_t nlist = 0;

	for (size_t i = 0; i < n; i++)
		add(list, &nlist, &addresses[i]);
	if (a->is_known && nlist == a->n && memcmp(list, a->now, nlist * sizeof(*list)) == 0)
		return;
	a->is_known = true;
	memcpy(a->now, list, nlist * sizeof(*list));
	a->n = nlist;
	a->on_change(a->arg, a->now, a->n, now_ms);
}

static void on_network(void *arg, const struct registrant_network *network, uint64_t now_ms)
{
	struct address *a = arg;

	if (a->seen != NULL)
		address_seen_refresh(a->seen);
	else
		take(a, network->addresses, network->n, now_ms);
}

static void on_seen(void *arg, const struct sockaddr_storage *addresses, size_t n, uint64_t now_ms)
{
	take(arg, addresses, n, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct address *a = arg;

	a->is_known = true;
	a->on_change(a->arg, a->now, a->n, now_ms);
}

static int interfaces_copy(struct address *a, const struct address_settings *settings)
{
	a->interfaces = calloc(settings->ninterfaces + 1, sizeof(*a->interfaces));
	if (a->interfaces == NULL)
		return -ENOMEM;
	for (; a->ninterfaces < settings->ninterfaces; a->ninterfaces++) {
		a->interfaces[a->ninterfaces] = strdup(settings->interfaces[a->ninterfaces]);
		if (a->interfaces[a->ninterfaces] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int begin_given(struct address *a, const struct address_settings *settings)
{
	for (size_t i = 0; i < settings->ngiven; i++)
		add(a->now, &a->n, &settings->given[i]);
	resolve_timer_set(&a->events->timers, &a->timer, 0);
	return 0;
}

static int begin_interface(struct address *a, const struct address_settings *settings)
{
	int ret = interfaces_copy(a, settings);

	if (ret == 0)
		ret = registrant_addresses_new(&a->network, a->events, on_network, a);
	if (ret == 0)
		registrant_addresses_limit(a->network, (const char *const *)a->interfaces,
					   a->ninterfaces);
	return ret;
}

static int begin_seen(struct address *a, struct locate *locate, const uint8_t *zone)
{
	int ret = address_seen_new(&a->seen, a->events, locate, zone, on_seen, a);

	if (ret == 0)
		ret = registrant_addresses_new(&a->network, a->events, on_network, a);
	return ret;
}

int address_new(struct address **out, struct resolve_events *events, struct locate *locate,
		const uint8_t *zone, const struct address_settings *settings, address_fn on_change,
		void *arg)
{
	struct address *a = calloc(1, sizeof(*a));
	int ret = -EINVAL;

	if (a == NULL)
		return -ENOMEM;
	a->events = events;
	a->on_change = on_change;
	a->arg = arg;
	a->timer = (struct resolve_timer){.on_due = on_due, .arg = a};
	switch (settings->kind) {
	case ADDRESS_INTERFACE:
		ret = begin_interface(a, settings);
		break;
	case ADDRESS_GIVEN:
		ret = begin_given(a, settings);
		break;
	case ADDRESS_SEEN:
		ret = begin_seen(a, locate, zone);
		break;
	}
	if (ret < 0) {
		address_free(a);
		return ret;
	}
	*out = a;
	return 0;
}

void address_free(struct address *a)
{
	if (a == NULL)
		return;
	resolve_timer_clear(&a->events->timers, &a->timer);
	registrant_addresses_free(a->network);
	address_seen_free(a->seen);
	for (size_t i = 0; i < a->ninterfaces; i++)
		free(a->interfaces[i]);
	free(a->interfaces);
	free(a);
}

void address_refresh(struct address *a, uint64_t now_ms)
{
	if (a->network != NULL)
		registrant_addresses_refresh(a->network, now_ms);
	if (a->seen != NULL)
		address_seen_refresh(a->seen);
}
