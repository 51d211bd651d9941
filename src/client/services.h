/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/services.h - following the instances of a service type, or one instance (RFC 6763).
 *
 * Of each instance the SRV, the TXT and the addresses of the target are followed, too; what is
 * reported is the whole instance. It makes subscriptions of a client, and does not know how they
 * are fed. One thread: that of the client. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/client.h"
#include "dnssd/txt.h"

struct client_services;

struct client_address {
	uint8_t nbytes; /* 4 or 16 */
	uint8_t bytes[16];
};

/* One instance; a view, valid during the call. */
struct client_service {
	const uint8_t *name;
	const uint8_t *target; /* of its SRV; of several, the one with the lowest priority */
	uint16_t priority, weight, port;
	const struct client_address *addresses; /* of the target; IPv4 first */
	size_t naddresses;			/* 0: it has none, or they are not in reach */
	const uint8_t *txt;			/* rdata; NULL: it has none */
	uint16_t ntxt;
	enum dnssd_state state;
	unsigned changed; /* with CLIENT_SERVICE_CHANGED: what, the sum of enum client_service_part
			   */
};

enum client_service_part {
	CLIENT_SERVICE_SRV = 1,
	CLIENT_SERVICE_ADDRESSES = 2,
	CLIENT_SERVICE_TXT = 4,
};

enum client_service_event {
	CLIENT_SERVICE_ADDED, /* all there is of it is known */
	CLIENT_SERVICE_CHANGED,
	CLIENT_SERVICE_REMOVED, /* with what was known last */
};

/* Takes an event of an instance. */
typedef void (*client_service_fn)(void *arg, enum client_service_event event,
				  const struct client_service *service);

/* Follows the instances that the PTR records at `name` list, or if `is_instance`, the instance of
 * that name. `c` is borrowed until the end, and its function of client_on_turn is used. Returns 0
 * or -ENOMEM. */
int client_services_new(struct client_services **out, struct client *c, const uint8_t *name,
			bool is_instance, client_service_fn on_event, void *arg);

/* Ends following; to be called before client_free. NULL is fine. */
void client_services_free(struct client_services *s);

/* Returns whether all instances there are have been reported. */
bool client_services_is_current(const struct client_services *s);
