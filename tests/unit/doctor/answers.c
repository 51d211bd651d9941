/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "answers.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dns/edns.h"
#include "dns/type.h"

static size_t name_read(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	size_t n = dns_name_from_text(out, text, strlen(text), NULL);

	assert_true(n > 0);
	return n;
}

static void rdata_write(struct base_out *o, const struct answer_record *r)
{
	uint8_t name[DNS_NAME_MAX], address[4];
	unsigned weight, port, serial;
	char target[128];

	switch (r->type) {
	case DNS_TYPE_A:
		assert_int_equal(inet_pton(AF_INET, r->rdata, address), 1);
		base_out_bytes(o, address, 4);
		return;
	case DNS_TYPE_SRV:
		assert_int_equal(sscanf(r->rdata, "%u %u %127s", &weight, &port, target), 3);
		base_out_u16(o, 0);
		base_out_u16(o, (uint16_t)weight);
		base_out_u16(o, (uint16_t)port);
		base_out_bytes(o, name, name_read(name, target));
		return;
	case DNS_TYPE_SOA:
		assert_int_equal(sscanf(r->rdata, "%u", &serial), 1);
		base_out_bytes(o, "\0\0", 2);
		base_out_u32(o, serial);
		base_out_bytes(o, "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\12", 16);
		return;
	default:
		base_out_u8(o, (uint8_t)strlen(r->rdata));
		base_out_bytes(o, r->rdata, strlen(r->rdata));
	}
}

static void opt_write(struct base_out *o, int ede)
{
	base_out_u8(o, 0);
	base_out_u16(o, DNS_TYPE_OPT);
	base_out_u16(o, 1232);
	base_out_u32(o, 0);
	base_out_u16(o, ede == DNS_EDE_NONE ? 0 : 10);
	if (ede == DNS_EDE_NONE)
		return;
	base_out_u16(o, DNS_OPTION_EDE);
	base_out_u16(o, 6);
	base_out_u16(o, (uint16_t)ede);
	base_out_bytes(o, "w\033hy", 4);
}

size_t answer_write(uint8_t out[static ANSWER_SIZE], const struct answer *a)
{
	struct dns_header h = {.id = ANSWER_ID, .flags = a->flags, .qdcount = 1};
	uint8_t name[DNS_NAME_MAX], rdata[DNS_NAME_MAX];
	struct dns_writer w;

	dns_writer_init(&w, out, ANSWER_SIZE);
	name_read(name, a->name);
	dns_writer_name(&w, name, false);
	base_out_u16(&w.out, a->type);
	base_out_u16(&w.out, DNS_CLASS_IN);
	for (size_t i = 0; i < a->nrecords; i++) {
		const struct answer_record *r = &a->records[i];
		struct base_out o = base_out_over(rdata, sizeof(rdata));

		h.ancount += r->section == RESOLVE_ANSWER;
		h.nscount += r->section == RESOLVE_AUTHORITY;
		h.arcount += r->section == RESOLVE_ADDITIONAL;
		rdata_write(&o, r);
		name_read(name, r->owner);
		dns_writer_rr(&w, name, r->type, DNS_CLASS_IN, r->ttl, rdata, base_out_nbytes(&o));
	}
	if (a->ede != ANSWER_NO_EDNS) {
		h.arcount++;
		opt_write(&w.out, a->ede);
	}
	dns_writer_header(&w, &h);
	assert_false(w.out.is_full);
	return base_out_nbytes(&w.out);
}

void answer_take(struct doctor_view *v, const struct answer *a)
{
	uint8_t msg[ANSWER_SIZE], name[DNS_NAME_MAX];
	size_t n = answer_write(msg, a);

	name_read(name, a->name);
	*v = (struct doctor_view){0};
	assert_int_equal(doctor_view_take(v, msg, n, ANSWER_ID, name, a->type), 1);
}
