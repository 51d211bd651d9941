/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "address/address.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "address/seen.h"
#include "registrant/addresses.h"

_Static_assert((int)ADDRESS_MAX == (int)REGISTRANT_NETWORK_MAX,
	       "a list of addresses has the room that is promised");

struct address {
	struct resolve_events *events;
	address_fn on_change;
	void *arg;
	struct resolve_timer timer; /* ADDRESS_GIVEN: to report */
	char **interfaces;
	size_t ninterfaces;
	struct registrant_addresses *network; /* ADDRESS_SEEN: changes are a reason to ask */
	struct address_seen *seen;
	struct registrant_network now;
	bool is_known;
};

/* Reports the addresses if they differ from those before. */
static void take(struct address *a, const struct sockaddr_storage *addresses, size_t n,
		 uint64_t now_ms)
{
	struct registrant_network list = {.n = 0};

	for (size_t i = 0; i < n; i++)
		registrant_addresses_add(&list, &addresses[i]);
	if (a->is_known && registrant_addresses_equal(&list, &a->now))
		return;
	a->is_known = true;
	a->now = list;
	a->on_change(a->arg, a->now.addresses, a->now.n, now_ms);
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
	a->on_change(a->arg, a->now.addresses, a->now.n, now_ms);
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
		registrant_addresses_add(&a->now, &settings->given[i]);
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
