/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lease.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "dns/type.h"

/* Services that share a service type. */
enum { PER_TYPE = 50, TTL_S = 60 };

/* A name below the zone. */
static size_t name_of(const struct subject *about, uint8_t out[DNS_NAME_MAX], const char *text)
{
	return dns_name_from_text(out, text, strlen(text), about->zone);
}

struct names {
	uint8_t instance[DNS_NAME_MAX], type[DNS_NAME_MAX], host[DNS_NAME_MAX];
	size_t ninstance, ntype, nhost;
};

static void names_make(const struct subject *about, uint32_t i, struct names *n)
{
	char text[100];

	snprintf(text, sizeof(text), "s%u._t%u._tcp", i, i / PER_TYPE);
	n->ninstance = name_of(about, n->instance, text);
	snprintf(text, sizeof(text), "_t%u._tcp", i / PER_TYPE);
	n->ntype = name_of(about, n->type, text);
	n->nhost = name_of(about, n->host, "n1.nodes");
}

size_t lease_registration(const struct subject *about, uint32_t i, uint8_t out[MESSAGE_MAX])
{
	struct base_out o = base_out_over(out, MESSAGE_MAX);
	struct names n;
	char txt[40];
	int ntxt = snprintf(txt, sizeof(txt), "id=%08x", i);

	names_make(about, i, &n);
	message_header(&o, DNS_OPCODE_UPDATE, 5);
	base_out_bytes(&o, about->zone, dns_name_nbytes(about->zone));
	base_out_u16(&o, DNS_TYPE_SOA);
	base_out_u16(&o, DNS_CLASS_IN);
	message_record(&o, n.instance, n.ninstance, DNS_TYPE_SRV, DNS_CLASS_ANY, 0, 0);
	message_record(&o, n.instance, n.ninstance, DNS_TYPE_TXT, DNS_CLASS_ANY, 0, 0);
	message_record(&o, n.instance, n.ninstance, DNS_TYPE_SRV, DNS_CLASS_IN, TTL_S, 6 + n.nhost);
	base_out_u32(&o, 0);
	base_out_u16(&o, (uint16_t)(1024 + i % 60000));
	base_out_bytes(&o, n.host, n.nhost);
	message_record(&o, n.instance, n.ninstance, DNS_TYPE_TXT, DNS_CLASS_IN, TTL_S,
		       1 + (size_t)ntxt);
	base_out_u8(&o, (uint8_t)ntxt);
	base_out_bytes(&o, txt, (size_t)ntxt);
	message_record(&o, n.type, n.ntype, DNS_TYPE_PTR, DNS_CLASS_IN, TTL_S, n.ninstance);
	base_out_bytes(&o, n.instance, n.ninstance);
	message_option(&o, about->lease_s);
	return base_out_nbytes(&o);
}

size_t lease_query(const struct subject *about, uint32_t i, uint8_t out[MESSAGE_MAX])
{
	struct base_out o = base_out_over(out, MESSAGE_MAX);
	struct names n;

	names_make(about, i, &n);
	message_header(&o, DNS_OPCODE_QUERY, 0);
	base_out_bytes(&o, n.instance, n.ninstance);
	base_out_u16(&o, DNS_TYPE_SRV);
	base_out_u16(&o, DNS_CLASS_IN);
	message_option(&o, 0);
	return base_out_nbytes(&o);
}
