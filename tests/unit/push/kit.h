/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of this room share: PUSH messages as text. */
#pragma once

#include "../zone/kit.h"

#include "dns/dso.h"
#include "push/message.h"
#include "push/messages.h"

static inline const char *kit_kind(char out[static 16], const struct dns_rr *rr)
{
	if (rr->ttl == DNS_DSO_TTL_REMOVE)
		return "-";
	if (rr->ttl == DNS_DSO_TTL_REMOVE_ALL)
		return "--";
	snprintf(out, 16, "%u", rr->ttl);
	return out;
}

/* Writes one change as a line: owner, TTL or "-" or "--", class unless it is IN, type, rdata. */
static inline void kit_change(FILE *f, struct base_buf *b)
{
	static uint8_t rdata[65536];
	static char text[65536];
	struct base_out o = base_out_over(rdata, sizeof(rdata));
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], ttl[16];
	struct dns_rr rr;

	assert_true(dns_rr_parse(b, &rr));
	dns_name_to_text(owner, rr.owner);
	fprintf(f, "%s %s%s %s", owner, kit_kind(ttl, &rr),
		rr.rrclass == DNS_CLASS_IN ? "" : " other-class",
		rr.type == DNS_TYPE_ANY ? "ANY" : dns_type_to_text(type, rr.type));
	if (rr.ttl == DNS_DSO_TTL_REMOVE_ALL) {
		assert_int_equal(rr.rdlength, 0);
		fprintf(f, "\n");
		return;
	}
	assert_null(dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &o));
	text_rdata_to_text(text, sizeof(text), rr.type, rdata, base_out_nbytes(&o));
	fprintf(f, " %s\n", text);
}

/* Checks the form of a frame (RFC 8765 section 6.3.1) and writes its changes. */
static inline void kit_frame(FILE *f, const struct push_message *frame)
{
	struct dns_dso m;

	assert_true(frame->nbytes <= 2 + DNS_DSO_PUSH_MAX);
	assert_int_equal(base_load16(frame->bytes), frame->nbytes - 2);
	assert_int_equal(base_load16(frame->bytes + 4), DNS_OPCODE_DSO << 11);
	assert_int_equal(dns_dso_parse(frame->bytes + 2, frame->nbytes - 2, &m), DNS_DSO_VALID);
	assert_false(m.is_response);
	assert_int_equal(m.id, 0);
	assert_int_equal(m.primary.type, DNS_DSO_PUSH);
	assert_int_equal(base_buf_left(&m.rest), 0);
	assert_true(base_buf_left(&m.primary.data) > 0);
	while (base_buf_left(&m.primary.data) > 0)
		kit_change(f, &m.primary.data);
}

/* Returns the changes in a message as text, one a line, "--\n" between frames; to be freed. NULL
 * yields none. */
static inline char *kit_text(const struct push_messages *m)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	for (size_t i = 0; m != NULL && i < m->count; i++) {
		if (i > 0)
			fprintf(f, "----\n");
		kit_frame(f, m->item[i]);
	}
	fclose(f);
	return text;
}

static inline void kit_expect(const struct push_messages *m, const char *expected)
{
	char *text = kit_text(m);

	assert_string_equal(text, expected);
	free(text);
}

/* Frees a zone that has been changed. */
static inline void kit_zone_end(struct zone *z)
{
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}
