/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Reads a whole message; what could be read is written again and must read back the same. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/msg.h"
#include "dns/rdata.h"
#include "dns/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t rdata[DNS_RDATA_MAX], again[DNS_RDATA_MAX], written[DNS_MSG_MAX];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void name_check(const uint8_t *name)
{
	char text[DNS_NAME_TEXT_MAX];
	uint8_t back[DNS_NAME_MAX];
	size_t nchars = dns_name_to_text(text, name), nbytes = dns_name_nbytes(name);

	require(nchars < sizeof(text) && dns_name_is_valid(name, nbytes));
	require(dns_name_from_text(back, text, nchars, NULL) == nbytes);
	require(memcmp(back, name, nbytes) == 0);
	require(dns_name_compare(name, back) == 0 && dns_name_is_under(name, back));
}

/* Names may come back in the case of one that they were compressed against. */
static void record_check(struct dns_writer *w, const struct dns_rr *rr, size_t nbytes)
{
	struct base_out out = base_out_over(again, sizeof(again));
	struct dns_writer_mark mark = dns_writer_mark(w);
	struct base_buf b;
	struct dns_rr back;

	require(dns_rdata_is_valid(rr->type, rdata, nbytes));
	require(dns_rdata_compare(rr->type, rdata, nbytes, rdata, nbytes) == 0);
	dns_rdata_target(rr->type, rdata, nbytes);
	dns_writer_rr(w, rr->owner, rr->type, rr->rrclass, rr->ttl, rdata, nbytes);
	if (w->out.is_full) {
		dns_writer_rewind(w, mark);
		return;
	}
	b = base_buf_over(written, base_out_nbytes(&w->out));
	base_buf_take(&b, (size_t)(mark.at - written));
	require(dns_rr_parse(&b, &back) && base_buf_left(&b) == 0);
	require(dns_name_equal(back.owner, rr->owner) && back.type == rr->type);
	require(back.rrclass == rr->rrclass && back.ttl == rr->ttl);
	dns_rdata_parse(&back.rdata, back.type, back.rdlength, &out);
	require(!back.rdata.has_failed && base_out_nbytes(&out) == nbytes);
	require(dns_rdata_compare(rr->type, rdata, nbytes, again, nbytes) == 0);
}

static void records_read(struct base_buf *b, uint32_t count)
{
	struct dns_writer w;

	dns_writer_init(&w, written, sizeof(written));
	for (; count > 0; count--) {
		struct base_out out = base_out_over(rdata, sizeof(rdata));
		struct base_buf skipped = *b;
		struct dns_rr rr;

		if (!dns_rr_parse(b, &rr))
			return;
		dns_rr_skip(&skipped);
		require(!skipped.has_failed && skipped.at == b->at);
		name_check(rr.owner);
		dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &out);
		if (!rr.rdata.has_failed && !out.is_full)
			record_check(&w, &rr, base_out_nbytes(&out));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf b = base_buf_over(data, size);
	struct dns_header h = dns_header_parse(&b);

	for (unsigned i = 0; i < h.qdcount && !b.has_failed; i++) {
		uint8_t name[DNS_NAME_MAX];

		if (dns_name_parse(&b, name) > 0)
			name_check(name);
		base_buf_take(&b, 4);
	}
	records_read(&b, (uint32_t)h.ancount + h.nscount + h.arcount);
	return 0;
}
