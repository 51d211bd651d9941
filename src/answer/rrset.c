/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "answer/answer_priv.h"

#include "dns/type.h"

enum { QUESTION_POINTER = 0xc00c };

bool answer_rrset_put(struct answer_compose *c, const uint8_t *owner,
		      const struct zone_rrset *rrset, uint16_t *count)
{
	struct dns_writer_mark mark = dns_writer_mark(c->w);
	bool is_question = owner == c->w->out.start + DNS_HEADER_SIZE && *owner != 0;
	uint16_t pointer = is_question ? QUESTION_POINTER : 0;
	const uint8_t *at = rrset->data;
	struct zone_rdata rdata;

	while (!c->w->out.is_full && zone_rrset_next(rrset, &at, &rdata)) {
		if (pointer != 0)
			base_out_u16(&c->w->out, pointer);
		else
			pointer = dns_writer_owner(c->w, owner);
		dns_writer_after_owner(c->w, rrset->type, DNS_CLASS_IN, rrset->ttl, rdata.bytes,
				       rdata.nbytes);
	}
	if (c->w->out.is_full || *count + rrset->count > UINT16_MAX) {
		dns_writer_rewind(c->w, mark);
		return false;
	}
	*count = (uint16_t)(*count + rrset->count);
	return true;
}

void answer_rrset_end_part(struct answer_compose *c)
{
	if (!c->is_cacheable || c->nparts == ZONE_PREPARED_PARTS ||
	    (c->nparts > 0 && c->part[c->nparts - 1].nbytes > ZONE_PREPARED_PARTED))
		return;
	c->part[c->nparts++] = (struct zone_prepared_part){
		.nbytes = (uint16_t)(c->w->out.at - c->body),
		.arcount = c->a->arcount,
		.ndepends = (uint16_t)c->ndepends,
	};
}
