/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "transfer/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/log.h"
#include "dns/type.h"
#include "zone/catalog.h"
#include "zone/cursor.h"
#include "zone/zone.h"

enum {
	MESSAGE = 16384, /* bytes of a usual message: compression pointers reach no further */
	OPT_MAX = 1024,	 /* bytes; longer than our longest OPT */
	NAMES_MAX = DNS_WRITER_NAMES - 16, /* known names; then the oldest are forgotten */
};

/* RFC 1995 section 3: the client's SOA is in the authority section. */
static int read_client_serial(const uint8_t *msg, size_t nbytes, uint32_t *serial)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_rr rr;

	dns_name_skip(&b);
	base_buf_take(&b, 4);
	if (h.nscount != 1 || !dns_rr_parse(&b, &rr) || rr.type != DNS_TYPE_SOA)
		return -EBADMSG;
	dns_name_skip(&rr.rdata);
	dns_name_skip(&rr.rdata);
	*serial = base_buf_u32(&rr.rdata);
	return rr.rdata.has_failed ? -EBADMSG : 0;
}

int transfer_out_new(struct transfer_out **out, struct zone *zone, uint16_t type,
		     const uint8_t *msg, size_t nbytes, const struct dns_response *response)
{
	struct transfer_out *t;
	uint32_t serial = 0;

	if (type == DNS_TYPE_IXFR && read_client_serial(msg, nbytes, &serial) < 0)
		return -EBADMSG;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	t->zone = zone;
	t->response = *response;
	t->is_ixfr = type == DNS_TYPE_IXFR;
	t->client_serial = serial;
	memcpy(t->question, response->question, response->question_nbytes);
	t->response.question = t->question;
	if (response->tsig.status == DNS_TSIG_VERIFIED) {
		t->key = *response->tsig.key;
		t->response.tsig.key = &t->key;
	}
	*out = t;
	return 0;
}

void transfer_out_free(struct transfer_out *t)
{
	if (t == NULL)
		return;
	zone_cursor_free(t->cursor);
	if (t->snapshot != NULL)
		zone_release(t->zone, t->snapshot);
	dns_tsig_key_fini(&t->key);
	free(t);
}

void transfer_out_begin(struct transfer_out *t, uint64_t now_ms)
{
	t->begun_ms = now_ms;
	t->rcode = DNS_RCODE_SERVFAIL;
	t->snapshot = zone_acquire(t->zone);
	if (t->snapshot == NULL)
		return;
	t->cursor = zone_cursor_new(t->snapshot);
	if (t->cursor == NULL || !zone_cursor_next(t->cursor, &t->soa))
		return;
	/* The cursor reuses the memory of the owner; the SOA is written again at the end. */
	t->soa.owner = zone_name(t->zone);
	t->record = t->soa;
	t->rcode = DNS_RCODE_NOERROR;
	/* RFC 1995 section 2: the SOA alone, if the client's version is not older than ours by
	 * serial arithmetic (RFC 1982). */
	t->is_last =
		t->is_ixfr && (int32_t)(t->client_serial - zone_snapshot_serial(t->snapshot)) >= 0;
}

static void advance(struct transfer_out *t)
{
	t->nrecords++;
	if (t->is_last) {
		t->is_done = true;
		return;
	}
	if (zone_cursor_next(t->cursor, &t->record))
		return;
	t->record = t->soa;
	t->is_last = true;
}

/* The owner written last, since the records of one owner follow each other. */
struct last_owner {
	uint8_t name[DNS_NAME_MAX];
	size_t nbytes;
	uint16_t pointer; /* to the owner in the message; 0: none */
};

static void write_owner(struct dns_writer *w, struct last_owner *last, const uint8_t *owner)
{
	size_t nbytes = dns_name_nbytes(owner);

	if (last->pointer != 0 && last->nbytes == nbytes &&
	    memcmp(last->name, owner, nbytes) == 0) {
		base_out_u16(&w->out, last->pointer);
		return;
	}
	last->pointer = dns_writer_owner(w, owner);
	last->nbytes = nbytes;
	memcpy(last->name, owner, nbytes);
}

/* Writes as many records as fit. Returns how many. */
static uint16_t write_records(struct transfer_out *t, struct dns_writer *w)
{
	struct last_owner last = {.pointer = 0};
	unsigned nfirst_names = 0;
	uint16_t n = 0;

	for (; !t->is_done; n++) {
		const struct dns_record *r = &t->record;
		struct dns_writer_mark mark = dns_writer_mark(w);

		write_owner(w, &last, r->owner);
		dns_writer_after_owner(w, r->type, DNS_CLASS_IN, r->ttl, r->rdata, r->nbytes);
		if (w->out.is_full) {
			dns_writer_rewind(w, mark);
			break;
		}
		if (n == 0)
			nfirst_names = w->noffset;
		if (w->noffset > NAMES_MAX)
			w->noffset = nfirst_names;
		advance(t);
	}
	return n;
}

/* RFC 5936 section 2.2: only the first message has the question; the OPT is in it, too. */
static size_t write_first(struct transfer_out *t, const struct dns_responder *by, uint8_t *out,
			  size_t size)
{
	struct dns_writer w;
	struct dns_header h = dns_response_start(&t->response, &w, out, size);

	w.is_case_kept = true;
	dns_writer_know(&w, DNS_HEADER_SIZE);
	w.out.end -= OPT_MAX;
	h.ancount = write_records(t, &w);
	w.out.end += OPT_MAX;
	h.flags |= DNS_FLAG_AA;
	return dns_response_finish(&t->response, by, &w, &h, DNS_RCODE_NOERROR, size);
}

static size_t write_later(struct transfer_out *t, const struct dns_responder *by, uint8_t *out,
			  size_t size)
{
	uint16_t rd = t->response.flags & DNS_FLAG_RD;
	struct dns_header h = {
		.id = t->response.id,
		.flags = (uint16_t)(DNS_FLAG_QR | DNS_FLAG_AA | rd),
	};
	struct dns_writer w;

	dns_writer_init(&w, out, size);
	w.is_case_kept = true;
	w.out.end -= dns_tsig_nbytes(&t->response.tsig);
	h.ancount = write_records(t, &w);
	if (h.ancount == 0)
		return 0;
	dns_writer_header(&w, &h);
	return dns_tsig_sign_next(&t->response.tsig, out, base_out_nbytes(&w.out), size, by->now_s);
}

/* RFC 5936 section 2.2: an error ends the transfer, even in its middle. */
static size_t write_error(struct transfer_out *t, const struct dns_responder *by, uint8_t *out,
			  size_t size)
{
	struct dns_writer w;
	struct dns_header h;

	t->is_done = true;
	t->rcode = DNS_RCODE_SERVFAIL;
	if (t->nmessages == 0)
		return dns_response_short(&t->response, by, t->rcode, 0, out, size);
	h = dns_response_start(&t->response, &w, out, size);
	h.flags |= t->rcode;
	dns_writer_header(&w, &h);
	return dns_tsig_sign_next(&t->response.tsig, out, base_out_nbytes(&w.out), size, by->now_s);
}

static size_t write_message(struct transfer_out *t, const struct dns_responder *by, uint8_t *out,
			    size_t size)
{
	size_t length;

	if (t->rcode != DNS_RCODE_NOERROR)
		return write_error(t, by, out, size);
	if (t->nmessages == 0)
		return write_first(t, by, out, MESSAGE);
	length = write_later(t, by, out, MESSAGE);
	if (length == 0) /* the next record is longer than a usual message */
		length = write_later(t, by, out, DNS_MSG_MAX);
	/* A zone file can contain a record that does not fit into any message. */
	return length > 0 ? length : write_error(t, by, out, size);
}

size_t transfer_out_next(struct transfer_out *t, const struct dns_responder *by, uint8_t *out,
			 size_t size)
{
	size_t length = write_message(t, by, out, size);

	t->nmessages++;
	t->nbytes += length;
	return length;
}

void transfer_out_log(const struct transfer_out *t, uint64_t now_ms, const struct sockaddr *client)
{
	const char *what = t->rcode == DNS_RCODE_NOERROR ? "done" : "failed";
	char zone[DNS_NAME_TEXT_MAX], key[DNS_NAME_TEXT_MAX] = "-", address[BASE_ADDRESS_TEXT_MAX];

	if (!base_log_is(BASE_LOG_INFO))
		return;
	if (!t->is_done)
		what = "broken-off";
	dns_name_to_text(zone, zone_name(t->zone));
	if (t->response.tsig.status == DNS_TSIG_VERIFIED)
		dns_name_to_text(key, t->key.name);
	base_address_to_text(address, client);
	if (!base_log_may(key[0] == '-' ? address : key))
		return;
	base_log(BASE_LOG_INFO, "server",
		 "transfer result=%s zone=%s client=%s key=%s serial=%u records=%llu messages=%llu "
		 "octets=%llu ms=%llu",
		 what, zone, address, key,
		 t->snapshot == NULL ? 0 : zone_snapshot_serial(t->snapshot),
		 (unsigned long long)t->nrecords, (unsigned long long)t->nmessages,
		 (unsigned long long)t->nbytes, (unsigned long long)(now_ms - t->begun_ms));
}
