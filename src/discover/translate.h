/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* discover/translate.h - names and records of the LAN as those of a zone: what of a service gets
 * into the registry, and what must not.
 *
 * 	LABEL.TYPE.local	LABEL.TYPE.INTO
 * 	foo.local		foo.INTO
 *
 * Other domains stay as they are; nothing under `local.` is ever the result. Bytes in, bytes out;
 * what a peer chooses is judged here and nowhere else. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "mdns/address.h"

struct dns_update_writer;
struct mdns_seen_service;

enum {
	DISCOVER_TRANSLATED_TTL_S = 10,	     /* RFC 8766 section 5.5.1 */
	DISCOVER_TRANSLATED_TXT_MAX = 60000, /* octets: leaves room for the rest of an update */
};

/* A service as the registry gets it. */
struct discover_translated {
	uint8_t name[DNS_NAME_MAX], type[DNS_NAME_MAX]; /* below `into` */
	uint8_t target[DNS_NAME_MAX];
	bool has_host; /* the target is below `into`, with these addresses, at least one */
	struct mdns_address addresses[2 * MDNS_ADDRESSES_MAX];
	size_t naddresses;
	uint16_t priority, weight, port;
	const uint8_t *txt; /* as seen: a view */
	size_t ntxt;
};

/* Makes the name below `into` of a name under `local.`. Returns false if it gets too long, or the
 * name is not one. */
bool discover_translate_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *name,
			     const uint8_t *into);

/* Translates a service that is resolved, to below `into` in the zone of that name. Returns NULL, or
 * why it must not get into the registry: a sentence without its point, a constant. `out` has its
 * name in any case, if that can be. */
const char *discover_translate(struct discover_translated *out, const struct mdns_seen_service *s,
			       const uint8_t *into, const uint8_t *zone);

/* Returns whether a name under `local.` is that of a service type: `_svc._tcp` or `_udp`, with
 * labels that are text. */
bool discover_translate_is_type(const uint8_t *type);

/* Returns whether an address may be in a registry: not one of this host, of the link, of a group or
 * of everybody. */
bool discover_translate_is_usable(const struct mdns_address *a);

/* Write updates that replace the records of a service by these, those of its host included; remove
 * them, but for the host's; or remove a host's. The PTR records are not part of that. */
void discover_translate_write(struct dns_update_writer *u, const struct discover_translated *t);
void discover_translate_remove(struct dns_update_writer *u, const uint8_t *name);
void discover_translate_remove_host(struct dns_update_writer *u, const uint8_t *host);
