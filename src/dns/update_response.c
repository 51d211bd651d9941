/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/update_response.h"

#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/type.h"

/* The text is shown to people, on terminals too: what could control one is replaced. Octets of
 * UTF-8 remain (RFC 8914 section 2). */
static void text_copy(struct dns_update_response *r, const struct dns_edns *e)
{
	size_t n = e->nede_text < sizeof(r->text) - 1 ? e->nede_text : sizeof(r->text) - 1;

	for (size_t i = 0; i < n; i++) {
		uint8_t c = e->ede_text[i];

		r->text[i] = (char)(c < ' ' || c == 0x7f ? '?' : c);
	}
	r->text[n] = '\0';
}

bool dns_update_response_parse(struct dns_update_response *r, const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_edns e;

	if (b.has_failed || !(h.flags & DNS_FLAG_QR) ||
	    dns_flags_opcode(h.flags) != DNS_OPCODE_UPDATE)
		return false;
	*r = (struct dns_update_response){
		.id = h.id,
		.rcode = h.flags & DNS_FLAG_RCODE,
		.is_truncated = h.flags & DNS_FLAG_TC,
		.ede = DNS_EDE_NONE,
	};
	/* The zone section may be repeated (section 3.8). */
	for (unsigned i = 0; i < h.qdcount && !b.has_failed; i++) {
		dns_name_skip(&b);
		base_buf_take(&b, 4);
	}
	if (b.has_failed || !dns_msg_scan(&b, &h, &e, &r->tsig_offset))
		return false;
	if (!e.is_present)
		return true;
	r->rcode |= (uint16_t)(e.rcode_high << 4);
	r->has_lease = e.has_lease;
	r->lease_s = e.lease_s;
	r->ede = e.has_ede ? e.ede : DNS_EDE_NONE;
	if (e.has_ede)
		text_copy(r, &e);
	return true;
}
