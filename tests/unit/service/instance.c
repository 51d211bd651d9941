/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "instance.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

const char *weft_instance_name(const struct weft_instance *i)
{
	return i->name;
}

const char *weft_instance_label(const struct weft_instance *i)
{
	return i->label;
}

const char *weft_instance_type(const struct weft_instance *i)
{
	return i->type;
}

const char *weft_instance_domain(const struct weft_instance *i)
{
	return i->domain;
}

const char *weft_instance_host(const struct weft_instance *i)
{
	return i->host;
}

uint16_t weft_instance_port(const struct weft_instance *i)
{
	return i->port;
}

uint16_t weft_instance_priority(const struct weft_instance *i)
{
	return i->priority;
}

uint16_t weft_instance_weight(const struct weft_instance *i)
{
	return i->weight;
}

enum weft_state weft_instance_state(const struct weft_instance *i)
{
	return i->state;
}

const char *weft_state_name(enum weft_state state)
{
	static const char *const names[] = {"up", "starting", "draining", "failed"};

	return names[state];
}

uint32_t weft_instance_ttl(const struct weft_instance *i)
{
	(void)i;
	return 60;
}

int weft_instance_is_stale(const struct weft_instance *i)
{
	(void)i;
	return 0;
}

size_t weft_instance_address_count(const struct weft_instance *i)
{
	size_t n = 0;

	while (n < INSTANCE_ADDRESSES_MAX && i->addresses[n] != NULL)
		n++;
	return n;
}

const struct sockaddr *weft_instance_address(const struct weft_instance *i, size_t n,
					     socklen_t *nbytes)
{
	static union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address[INSTANCE_ADDRESSES_MAX];

	memset(&address[n], 0, sizeof(address[n]));
	if (inet_pton(AF_INET, i->addresses[n], &address[n].v4.sin_addr) == 1) {
		address[n].v4.sin_family = AF_INET;
		address[n].v4.sin_port = htons(i->port);
		*nbytes = sizeof(address[n].v4);
		return &address[n].any;
	}
	inet_pton(AF_INET6, i->addresses[n], &address[n].v6.sin6_addr);
	address[n].v6.sin6_family = AF_INET6;
	address[n].v6.sin6_port = htons(i->port);
	*nbytes = sizeof(address[n].v6);
	return &address[n].any;
}

size_t weft_instance_txt_count(const struct weft_instance *i)
{
	size_t n = 0;

	while (n < INSTANCE_PAIRS_MAX && i->txt[n] != NULL)
		n++;
	return n;
}

const char *weft_instance_txt_key(const struct weft_instance *i, size_t n)
{
	static char keys[INSTANCE_PAIRS_MAX][256];

	snprintf(keys[n], sizeof(keys[n]), "%.*s", (int)strcspn(i->txt[n], "="), i->txt[n]);
	return keys[n];
}

const char *weft_instance_txt_value(const struct weft_instance *i, size_t n, size_t *nbytes)
{
	const char *equals = strchr(i->txt[n], '=');

	*nbytes = equals != NULL ? strlen(equals + 1) : (size_t)-1;
	return equals != NULL ? equals + 1 : "";
}
