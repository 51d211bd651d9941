/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/update_write.h"

#include "dns/edns.h"
#include "dns/type.h"

enum { OPT_SIZE = DNS_EDNS_OPT_SIZE + 8 }; /* with the lease */

void dns_update_write_begin(struct dns_update_writer *u, uint8_t *out, size_t size, uint16_t id,
			    const uint8_t *zone)
{
	dns_writer_init(&u->w, out, size < OPT_SIZE ? 0 : size - OPT_SIZE);
	u->h = (struct dns_header){
		.id = id,
		.flags = DNS_OPCODE_UPDATE << 11,
		.qdcount = 1,
	};
	dns_writer_name(&u->w, zone, false);
	base_out_u16(&u->w.out, DNS_TYPE_SOA);
	base_out_u16(&u->w.out, DNS_CLASS_IN);
}

/* Writes a record and counts it. A section has at most 65,535: what fits in a message is fewer. */
static void record(struct dns_update_writer *u, uint16_t *count, const uint8_t *name, uint16_t type,
		   uint16_t rrclass, uint32_t ttl, const uint8_t *rdata, size_t nbytes)
{
	dns_writer_rr(&u->w, name, type, rrclass, ttl, rdata, nbytes);
	++*count;
}

void dns_update_write_require(struct dns_update_writer *u, const uint8_t *name, uint16_t type)
{
	record(u, &u->h.ancount, name, type, DNS_CLASS_ANY, 0, NULL, 0);
}

void dns_update_write_require_none(struct dns_update_writer *u, const uint8_t *name, uint16_t type)
{
	record(u, &u->h.ancount, name, type, DNS_CLASS_NONE, 0, NULL, 0);
}

void dns_update_write_require_record(struct dns_update_writer *u, const uint8_t *name,
				     uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	record(u, &u->h.ancount, name, type, DNS_CLASS_IN, 0, rdata, nbytes);
}

void dns_update_write_add(struct dns_update_writer *u, const uint8_t *name, uint16_t type,
			  uint32_t ttl, const uint8_t *rdata, size_t nbytes)
{
	record(u, &u->h.nscount, name, type, DNS_CLASS_IN, ttl, rdata, nbytes);
}

void dns_update_write_remove(struct dns_update_writer *u, const uint8_t *name, uint16_t type,
			     const uint8_t *rdata, size_t nbytes)
{
	record(u, &u->h.nscount, name, type, DNS_CLASS_NONE, 0, rdata, nbytes);
}

void dns_update_write_remove_all(struct dns_update_writer *u, const uint8_t *name, uint16_t type)
{
	record(u, &u->h.nscount, name, type, DNS_CLASS_ANY, 0, NULL, 0);
}

size_t dns_update_write_end(struct dns_update_writer *u, uint16_t payload, uint32_t lease_s)
{
	const struct dns_edns_reply opt = {
		.payload = payload,
		.keepalive = -1,
		.has_lease = lease_s > 0,
		.lease_s = lease_s,
		.ede = DNS_EDE_NONE,
	};

	if (u->w.out.is_full)
		return 0;
	u->w.out.end += OPT_SIZE;
	dns_edns_write(&u->w.out, &opt);
	u->h.arcount = 1;
	dns_writer_header(&u->w, &u->h);
	return base_out_nbytes(&u->w.out);
}
