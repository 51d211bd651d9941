/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/response.h"

#include <stdio.h>
#include <string.h>

#include "dns/edns.h"
#include "dns/type.h"

enum { OPCODE_MASK = 0x7800 };

void dns_response_init(struct dns_response *r, const struct dns_header *request,
		       const struct dns_question *question, const struct dns_edns *edns)
{
	r->id = request->id;
	r->flags = request->flags;
	r->question_nbytes = question == NULL ? 0 : (uint16_t)(question->nbytes + 4);
	r->question = question == NULL ? NULL : question->name;
	r->has_opt = edns->is_present;
	r->is_do = edns->is_do;
	r->wants_nsid = edns->wants_nsid;
	r->has_cookie = r->has_lease = r->has_key_lease = false;
	r->lease_s = r->key_lease_s = 0;
	r->keepalive = -1;
	r->pad_block = 0;
	r->ede = DNS_EDE_NONE;
	r->ede_text[0] = '\0';
	r->tsig.status = DNS_TSIG_NONE;
}

void dns_response_explain(struct dns_response *r, int ede, const char *text)
{
	r->ede = ede;
	snprintf(r->ede_text, sizeof(r->ede_text), "%s", text);
}

/* Makes room at the end of the message unavailable. */
static void reserve(struct dns_writer *w, size_t nbytes)
{
	if (nbytes > base_out_left(&w->out))
		w->out.is_full = true;
	else
		w->out.end -= nbytes;
}

struct dns_header dns_response_start(const struct dns_response *r, struct dns_writer *w,
				     uint8_t *out, size_t size)
{
	struct dns_header h = {
		.id = r->id,
		.flags = (uint16_t)(DNS_FLAG_QR | (r->flags & (OPCODE_MASK | DNS_FLAG_RD))),
	};

	dns_writer_init(w, out, size);
	if (r->tsig.status != DNS_TSIG_NONE)
		reserve(w, dns_tsig_nbytes(&r->tsig));
	if (r->question_nbytes > 0) {
		base_out_bytes(&w->out, r->question, r->question_nbytes);
		h.qdcount = 1;
	}
	return h;
}

/* Leaves out what explains, then what was only asked for, until the OPT fits into `room`. Returns
 * its size, which may still be too large. */
static size_t opt_fit(struct dns_edns_reply *opt, size_t room)
{
	size_t nbytes = dns_edns_nbytes(opt);

	if (nbytes <= room)
		return nbytes;
	opt->ede = DNS_EDE_NONE;
	if (dns_edns_nbytes(opt) > room)
		opt->nsid = NULL;
	if (dns_edns_nbytes(opt) > room)
		opt->keepalive = -1;
	return dns_edns_nbytes(opt);
}

/* Makes the OPT, to fit into `room`. Returns its size. */
static size_t opt_make(struct dns_edns_reply *opt, const struct dns_response *r,
		       const struct dns_responder *by, uint16_t rcode, size_t room)
{
	*opt = (struct dns_edns_reply){
		.payload = by->payload,
		.rcode = rcode,
		.is_do = r->is_do,
		.cookie = r->has_cookie ? r->cookie : NULL,
		.nsid = r->wants_nsid ? by->nsid : NULL,
		.keepalive = r->keepalive,
		.ede = r->ede,
		.ede_text = r->ede_text,
		.has_lease = r->has_lease,
		.has_key_lease = r->has_key_lease,
		.lease_s = r->lease_s,
		.key_lease_s = r->key_lease_s,
	};
	return opt_fit(opt, room);
}

size_t dns_response_reserve_opt(const struct dns_response *r, const struct dns_responder *by,
				struct dns_writer *w)
{
	struct dns_edns_reply opt;
	size_t nbytes;

	if (!r->has_opt)
		return 0;
	nbytes = opt_make(&opt, r, by, DNS_RCODE_NOERROR, base_out_left(&w->out));
	reserve(w, nbytes);
	return w->out.is_full ? 0 : nbytes;
}

/* Returns the octets of a Padding option that complete the last block of a message of `nbytes`, or
 * fill `room` if that is less; 0 if not even an empty option fits. */
static uint16_t padding_of(const struct dns_response *r, size_t nbytes, size_t room)
{
	size_t last = (nbytes + 4) % r->pad_block;
	size_t padding = 4 + (last == 0 ? 0 : r->pad_block - last);

	if (room < 4)
		return 0;
	return (uint16_t)(padding < room ? padding : room);
}

/* Writes the OPT. */
static void opt_write(const struct dns_response *r, const struct dns_responder *by,
		      struct dns_writer *w, uint16_t rcode)
{
	size_t room = base_out_left(&w->out), nbytes, nsigned = 0;
	struct dns_edns_reply opt;

	nbytes = opt_make(&opt, r, by, rcode, room);
	if (r->pad_block > 0 && nbytes <= room) {
		if (r->tsig.status != DNS_TSIG_NONE)
			nsigned = dns_tsig_nbytes(&r->tsig);
		opt.padding =
			padding_of(r, base_out_nbytes(&w->out) + nbytes + nsigned, room - nbytes);
	}
	dns_edns_write(&w->out, &opt);
}

size_t dns_response_finish(struct dns_response *r, const struct dns_responder *by,
			   struct dns_writer *w, struct dns_header *h, uint16_t rcode, size_t size)
{
	size_t nbytes;

	if (r->has_opt) {
		opt_write(r, by, w, rcode);
		h->arcount++;
	}
	if (w->out.is_full)
		return 0;
	h->flags = (uint16_t)(h->flags | (rcode & DNS_FLAG_RCODE));
	dns_writer_header(w, h);
	nbytes = base_out_nbytes(&w->out);
	if (r->tsig.status == DNS_TSIG_NONE || r->tsig.status == DNS_TSIG_FORMERR)
		return nbytes;
	return dns_tsig_sign(&r->tsig, w->out.start, nbytes, size, by->now_s);
}

size_t dns_response_short(struct dns_response *r, const struct dns_responder *by, uint16_t rcode,
			  uint16_t flags, uint8_t *out, size_t size)
{
	struct dns_writer w;
	struct dns_header h = dns_response_start(r, &w, out, size);

	h.flags |= flags;
	return dns_response_finish(r, by, &w, &h, rcode, size);
}
