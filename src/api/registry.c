/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <weft/context.h>

#include "api/context.h"
#include "base/address.h"
#include "locate/locate.h"

struct weft_registry {
	const struct locate_registry *registry;
	char address[BASE_ADDRESS_TEXT_MAX];
};

void weft_registries(const struct weft *w, int (*fn)(void *arg, const struct weft_registry *r),
		     void *arg)
{
	const struct locate_registry *all;
	size_t n = 0;

	if (w->locate == NULL)
		return;
	all = locate_registries(w->locate, &n);
	for (size_t i = 0; i < n; i++) {
		struct weft_registry r = {.registry = &all[i]};

		base_address_to_text(r.address, (const struct sockaddr *)&all[i].endpoint.address);
		if (fn(arg, &r) != 0)
			return;
	}
}

const char *weft_registry_address(const struct weft_registry *r)
{
	return r->address;
}

const char *weft_registry_transport(const struct weft_registry *r)
{
	static const char *const names[] = {
		[LOCATE_UDP] = "udp", [LOCATE_TCP] = "tcp", [LOCATE_TLS] = "tls"};

	return names[r->registry->transport];
}

const char *weft_registry_source(const struct weft_registry *r)
{
	return r->registry->source;
}

int weft_registry_is_healthy(const struct weft_registry *r)
{
	switch (r->registry->health) {
	case LOCATE_WELL:
		return 1;
	case LOCATE_FAILED:
		return 0;
	default:
		return -1;
	}
}

uint32_t weft_registry_rtt_us(const struct weft_registry *r)
{
	return r->registry->rtt_us;
}
