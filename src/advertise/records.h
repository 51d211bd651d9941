/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/records.h - the records on the LAN of a service instance (RFC 6763), with the TTLs of
 * RFC 6762 section 10.
 *
 * Names in, records out. It does not know where they come from or whether the names are free. The
 * bridge's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "lan/group.h"
#include "mdns/marker.h"

enum {
	ADVERTISE_SUBTYPES_MAX = 32, /* of an instance, as in view/view.h; others are ignored */
	ADVERTISE_TTL_HOST = 120,    /* of records with a host's name in them, seconds */
	ADVERTISE_TTL_OTHER = 4500,  /* seconds */
	ADVERTISE_LABEL_SIZE = DNS_LABEL_MAX + 1 /* with its length */
};

/* What the records are made of; everything is borrowed. */
struct advertise_records_plan {
	const uint8_t *lan_name; /* I._svc._proto.local. */
	uint16_t priority, weight, port;
	const uint8_t *target; /* as it is on the LAN */
	const uint8_t *txt;    /* rdata */
	size_t ntxt;
	const uint8_t (*subtypes)[ADVERTISE_LABEL_SIZE]; /* their first labels */
	size_t nsubtypes;
	const uint8_t *name; /* of the instance in the registry */
	const uint8_t *zone;
	mdns_id id;
	enum lan_transport transport; /* over which the target has addresses */
};

struct advertise_records {
	struct lan_record items[4 + ADVERTISE_SUBTYPES_MAX];
	size_t count;
	enum lan_transport transport; /* of all items */
	/* what the items point to */
	uint8_t lan_name[DNS_NAME_MAX];
	uint8_t subtypes[ADVERTISE_SUBTYPES_MAX][DNS_NAME_MAX];
	uint8_t srv[DNS_SRV_TARGET + DNS_NAME_MAX];
	uint8_t txt[DNS_RDATA_MAX], named_txt[DNS_RDATA_MAX];
};

/* Makes the records, of which the first is the one that names the instance. Returns NULL, or why
 * there are none, a constant. */
const char *advertise_records_make(struct advertise_records *r,
				   const struct advertise_records_plan *plan);

/* Returns a hash by which equal records are recognized. */
struct base_hash_wide advertise_records_hash(const struct advertise_records *r);
