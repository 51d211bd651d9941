/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of this room share, beside zones made from text: answers as text. */
#pragma once

#include "../zone/kit.h"

#include "answer/answer.h"
#include "zone/catalog.h"

/* Asks the zones of a catalog. Returns the answer as text, to be freed: "NOERROR aa\
 * an owner ttl type rdata\
 * ...". */
static inline char *kit_ask_from(const struct zone_catalog *c, const struct sockaddr *peer,
				 const char *name, uint16_t type, size_t room)
{
	static uint8_t msg[65536];
	struct dns_question q;
	struct answer_lookup l;
	struct dns_writer w;
	struct answer a;
	const uint8_t *wire = kit_name(name);
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct base_buf b;

	dns_writer_init(&w, msg, room);
	base_out_bytes(&w.out, wire, dns_name_nbytes(wire));
	base_out_u16(&w.out, type);
	base_out_u16(&w.out, DNS_CLASS_IN);
	b = base_buf_over(msg + DNS_HEADER_SIZE, base_out_nbytes(&w.out) - DNS_HEADER_SIZE);
	assert_true(dns_question_parse(&b, &q));
	answer_lookup_begin(&l, c, &q);
	answer_lookup_node(&l);
	answer_lookup_prepared(&l);
	answer_lookup_stamps(&l);
	l.peer = peer;
	answer_write(&l, &w, &a);
	assert_false(w.out.is_full);
	fprintf(f, "%s%s%s\n", dns_rcode_text(a.rcode), a.is_authoritative ? " aa" : "",
		a.is_truncated ? " tc" : "");
	b = base_buf_over(msg, base_out_nbytes(&w.out));
	base_buf_take(&b, DNS_HEADER_SIZE + dns_name_nbytes(wire) + 4);
	kit_section(f, &b, "an", a.ancount);
	kit_section(f, &b, "ns", a.nscount);
	kit_section(f, &b, "ar", a.arcount);
	assert_int_equal(base_buf_left(&b), 0);
	fclose(f);
	return text;
}

/* Asks like kit_ask_from, without a known client. */
static inline char *kit_ask(const struct zone_catalog *c, const char *name, uint16_t type,
			    size_t room)
{
	return kit_ask_from(c, NULL, name, type, room);
}
