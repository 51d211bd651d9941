/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/records.h"

#include <string.h>

#include "base/buf.h"
#include "dns/type.h"
#include "dnssd/txt.h"
#include "lan/name.h"

/* `_services._dns-sd._udp.local.` (RFC 6763 section 9) */
static const uint8_t services[] = "\11_services\7_dns-sd\4_udp\5local";
static const uint8_t sub[] = "\4_sub";

static void add(struct advertise_records *r, const uint8_t *owner, uint16_t type, uint32_t ttl,
		const uint8_t *rdata, size_t nbytes, bool is_unique)
{
	r->items[r->count++] = (struct lan_record){.owner = owner,
						   .type = type,
						   .ttl = ttl,
						   .rdata = rdata,
						   .nbytes = (uint16_t)nbytes,
						   .is_unique = is_unique,
						   .transport = r->transport};
}

static void add_pointer(struct advertise_records *r, const uint8_t *owner, const uint8_t *target)
{
	add(r, owner, DNS_TYPE_PTR, ADVERTISE_TTL_OTHER, target, dns_name_nbytes(target), false);
}

static void add_srv(struct advertise_records *r, const struct advertise_records_plan *plan)
{
	struct base_out o = base_out_over(r->srv, sizeof(r->srv));

	base_out_u16(&o, plan->priority);
	base_out_u16(&o, plan->weight);
	base_out_u16(&o, plan->port);
	base_out_bytes(&o, plan->target, dns_name_nbytes(plan->target));
	add(r, r->lan_name, DNS_TYPE_SRV, ADVERTISE_TTL_HOST, r->srv, base_out_nbytes(&o), true);
}

/* Adds the TXT record with the marker and, if the instance has another name on the LAN, that in the
 * registry. Returns whether they fit. */
static bool add_txt(struct advertise_records *r, const struct advertise_records_plan *plan)
{
	size_t nlabel = plan->name[0], ntxt = plan->ntxt;
	const uint8_t *txt = plan->txt;
	char label[ADVERTISE_LABEL_SIZE];

	if (plan->lan_name[0] != nlabel ||
	    memcmp(plan->lan_name + 1, plan->name + 1, nlabel) != 0) {
		memcpy(label, plan->name + 1, nlabel);
		label[nlabel] = '\0';
		ntxt = dnssd_txt_set(r->named_txt, sizeof(r->named_txt), txt, ntxt, "weft-name",
				     label);
		txt = r->named_txt;
	}
	if (ntxt > 0)
		ntxt = mdns_marker_write(r->txt, sizeof(r->txt), txt, ntxt, plan->zone, plan->id);
	add(r, r->lan_name, DNS_TYPE_TXT, ADVERTISE_TTL_OTHER, r->txt, ntxt, true);
	return ntxt > 0;
}

static void add_subtypes(struct advertise_records *r, const struct advertise_records_plan *plan,
			 const uint8_t *type)
{
	for (size_t i = 0; i < plan->nsubtypes && i < ADVERTISE_SUBTYPES_MAX; i++) {
		uint8_t prefix[ADVERTISE_LABEL_SIZE + sizeof(sub)];
		size_t nlabel = plan->subtypes[i][0] + 1u;

		memcpy(prefix, plan->subtypes[i], nlabel);
		memcpy(prefix + nlabel, sub, sizeof(sub) - 1);
		if (dns_name_join(r->subtypes[i], prefix, nlabel + sizeof(sub) - 1, type) > 0)
			add_pointer(r, r->subtypes[i], r->lan_name);
	}
}

const char *advertise_records_make(struct advertise_records *r,
				   const struct advertise_records_plan *plan)
{
	const uint8_t *type;

	if (!lan_name_is_text(plan->name))
		return "its name is not UTF-8 text (RFC 6763 section 4.1.1)";
	memcpy(r->lan_name, plan->lan_name, dns_name_nbytes(plan->lan_name));
	type = dns_name_strip(r->lan_name, 1);
	r->count = 0;
	r->transport = plan->transport;
	add_pointer(r, type, r->lan_name);
	add_pointer(r, services, type);
	add_srv(r, plan);
	if (!add_txt(r, plan))
		return "its TXT record, or the name of the zone, is too long for a marker";
	add_subtypes(r, plan, type);
	return NULL;
}

struct base_hash_wide advertise_records_hash(const struct advertise_records *r)
{
	struct base_hash_wide h = {.low = r->transport};

	for (size_t i = 0; i < r->count; i++) {
		const struct lan_record *record = &r->items[i];

		h = base_hash_wide(record->owner, dns_name_nbytes(record->owner), h.low ^ h.high);
		h = base_hash_wide(record->rdata, record->nbytes, h.low ^ h.high);
	}
	return h;
}
