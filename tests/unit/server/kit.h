/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of this room share: the rules of one zone, requests, records of answers as
 * text. */
#pragma once

#include "../zone/kit.h"

#include <netinet/in.h>

#include "base/address.h"
#include "server/query.h"
#include "server/rules.h"
#include "zone/catalog.h"

#define KIT_SOA "@ 60 IN SOA ns host 5 3600 600 86400 10\n"

/* Makes rules that serve one zone, which may be transferred with the one key, `xfer`. */
struct kit_rules {
	struct server_rules rules;
	struct server_zone zones[1];
	const uint8_t *keys[1];
	struct dns_tsig_key key;
	struct zone *zone;
	struct server_stats stats;
	struct server_turn turn;
};

static inline void kit_rules_init(struct kit_rules *v, struct zone *zone)
{
	struct dns_tsig_algorithm algorithm;

	memset(v, 0, sizeof(*v));
	assert_true(dns_tsig_algorithm_from_text(&algorithm, "hmac-sha256", 11));
	dns_tsig_key_init(&v->key, kit_name("xfer."), algorithm, "secret", 6);
	v->zone = zone;
	v->keys[0] = v->key.name;
	v->zones[0] =
		(struct server_zone){.zone = zone, .transfer_keys = v->keys, .ntransfer_keys = 1};
	v->rules.catalog = zone_catalog_new(&v->zone, 1, 7);
	v->rules.zones = v->zones;
	v->rules.nzones = 1;
	v->rules.keys = &v->key;
	v->rules.nkeys = 1;
	v->rules.options = (struct server_options){
		.identity = "",
		.version = "",
		.nsid = "",
		.udp_payload = 1232,
		.tcp = {.connections = 100,
			.connections_per_client = 100,
			.idle_timeout_s = 30,
			.io_timeout_s = 30},
		.rate_limit = {.large_factor = 4},
		.transfer = {.at_once = 16, .per_client = 16, .wait_s = 10, .hold_s = 600},
	};
	v->turn = (struct server_turn){.rules = &v->rules,
				       .stats = &v->stats,
				       .responder = {.payload = 1232, .now_s = 1800000000},
				       .now_ms = 1000};
}

static inline void kit_rules_fini(struct kit_rules *v)
{
	assert_int_equal(v->rules.nusers, 0);
	zone_catalog_free(v->rules.catalog);
}

/* Adds an OPT record to a message. */
static inline size_t kit_opt(uint8_t *msg, size_t nbytes, uint16_t payload, uint8_t version,
			     const void *options, size_t noptions)
{
	struct base_out o = base_out_over(msg + nbytes, 11 + noptions);

	base_out_u8(&o, 0);
	base_out_u16(&o, DNS_TYPE_OPT);
	base_out_u16(&o, payload);
	base_out_u32(&o, (uint32_t)version << 16);
	base_out_u16(&o, (uint16_t)noptions);
	base_out_bytes(&o, options, noptions);
	base_store16(msg + 10, (uint16_t)(base_load16(msg + 10) + 1));
	return nbytes + base_out_nbytes(&o);
}

/* Signs a request as a client does (RFC 8945 section 5.1). */
static inline size_t kit_sign(uint8_t *msg, size_t nbytes, const struct dns_tsig_key *key,
			      uint64_t now_s)
{
	const uint8_t *algorithm = dns_tsig_algorithm_name(key->algorithm.hash);
	size_t nalgorithm = dns_name_nbytes(algorithm), nmac = dns_hmac_nbytes(key->hmac.hash);
	uint8_t variables[600], mac[DNS_HMAC_MAX];
	struct base_out o = base_out_over(variables, sizeof(variables));
	struct dns_hmac h;

	base_out_bytes(&o, key->name, key->name_nbytes);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	base_out_bytes(&o, algorithm, nalgorithm);
	base_out_u48(&o, now_s);
	base_out_u16(&o, DNS_TSIG_FUDGE_S);
	base_out_u32(&o, 0); /* error, and the length of the other data */
	dns_hmac_begin(&h, &key->hmac);
	dns_hmac_add(&h, msg, nbytes);
	dns_hmac_add(&h, variables, base_out_nbytes(&o));
	dns_hmac_end(&h, mac);

	o = base_out_over(msg + nbytes, 600);
	base_out_bytes(&o, key->name, key->name_nbytes);
	base_out_u16(&o, DNS_TYPE_TSIG);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	base_out_u16(&o, (uint16_t)(nalgorithm + 16 + nmac));
	base_out_bytes(&o, algorithm, nalgorithm);
	base_out_u48(&o, now_s);
	base_out_u16(&o, DNS_TSIG_FUDGE_S);
	base_out_u16(&o, (uint16_t)nmac);
	base_out_bytes(&o, mac, nmac);
	base_out_bytes(&o, msg, 2);
	base_out_u32(&o, 0);
	base_store16(msg + 10, (uint16_t)(base_load16(msg + 10) + 1));
	return nbytes + base_out_nbytes(&o);
}

static inline struct sockaddr_storage kit_address(const char *text)
{
	struct sockaddr_storage sa;

	assert_int_equal(base_address_from_text(&sa, text, 53), 0);
	return sa;
}

/* Writes a query without a signature; for IXFR with the client's SOA. Returns its length. */
static inline size_t kit_query(uint8_t *out, size_t size, const char *name, uint16_t type,
			       uint32_t serial)
{
	const uint8_t *wire = kit_name(name);
	struct dns_header h = {.id = 4711, .qdcount = 1};
	struct dns_writer w;

	dns_writer_init(&w, out, size);
	base_out_bytes(&w.out, wire, dns_name_nbytes(wire));
	base_out_u16(&w.out, type);
	base_out_u16(&w.out, DNS_CLASS_IN);
	if (type == DNS_TYPE_IXFR) {
		uint8_t soa[22] = {0};

		base_store32(soa + 2, serial);
		dns_writer_rr(&w, wire, DNS_TYPE_SOA, DNS_CLASS_IN, 0, soa, sizeof(soa));
		h.nscount = 1;
	}
	dns_writer_header(&w, &h);
	assert_false(w.out.is_full);
	return base_out_nbytes(&w.out);
}
