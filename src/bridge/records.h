/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/records.h - the records on the LAN of a service instance (RFC 6763), with the TTLs of RFC
 * 6762 section 10.
 *
 * Names in, records out. It does not know where they come from or whether the names are free. The
 * bridge's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "bridge/marker.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "lan/group.h"

enum {
	BRIDGE_SUBTYPES_MAX = 32, /* of an instance, as in view/view.h; others are ignored */
	BRIDGE_TTL_HOST = 120,	  /* of records with a host's name in them, seconds */
	BRIDGE_TTL_OTHER = 4500,  /* seconds */
	BRIDGE_LABEL_SIZE = DNS_LABEL_MAX + 1 /* with its length */
};

/* What the records are made of; everything is borrowed. */
struct bridge_records_plan {
	const uint8_t *lan_name; /* I._svc._proto.local. */
	uint16_t priority, weight, port;
	const uint8_t *target; /* as it is on the LAN */
	const uint8_t *txt;    /* rdata */
	size_t ntxt;
	const uint8_t (*subtypes)[BRIDGE_LABEL_SIZE]; /* their first labels */
	size_t nsubtypes;
	const uint8_t *name; /* of the instance in the registry */
	const uint8_t *zone;
	bridge_id id;
	enum lan_transport transport; /* over which the target has addresses */
};

struct bridge_records {
	struct lan_record items[4 + BRIDGE_SUBTYPES_MAX];
	size_t count;
	enum lan_transport transport; /* of all items */
	/* what the items point to */
	uint8_t lan_name[DNS_NAME_MAX];
	uint8_t subtypes[BRIDGE_SUBTYPES_MAX][DNS_NAME_MAX];
	uint8_t srv[DNS_SRV_TARGET + DNS_NAME_MAX];
	uint8_t txt[DNS_RDATA_MAX], named_txt[DNS_RDATA_MAX];
};

/* Makes the records, of which the first is the one that names the instance. Returns NULL, or why
 * there are none, a constant. */
const char *bridge_records_make(struct bridge_records *r, const struct bridge_records_plan *plan);

/* Returns a hash by which equal records are recognized. */
struct base_hash_wide bridge_records_hash(const struct bridge_records *r);
