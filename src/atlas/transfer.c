/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A transfer goes these steps:
 *
 *  1. wait until registries are known
 *  2. connect to the next one, over TCP or TLS
 *  3. send the query, signed if there is a key
 *  4. of each message verify header and signature, and take its records: the zone's SOA first
 *  5. the SOA a second time ends it, if no message is without a signature then
 *
 * What fails at 2 to 5 goes on at 2 with the next registry, and is remembered for the error. Each
 * has its share of the time until its first message has come; then the whole time is its. */

#include "atlas/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "atlas/records.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/secret.h"
#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/tsig_client.h"
#include "dns/type.h"
#include "locate/locate.h"
#include "resolve/message.h"

enum { QUERY_MAX = RESOLVE_MESSAGE_QUERY_MAX + 512 }; /* octets, with a TSIG */

struct transfer {
	struct atlas_records *records;
	struct locate *locate;
	struct resolve_events *events;
	const uint8_t *zone;

	struct resolve_stream stream;
	struct dns_tsig_chain chain; /* with a key */
	uint16_t id;
	unsigned nmessages;
	bool is_over, has_ended;      /* this registry is done with; the whole zone has come */
	int error;		      /* of this registry */
	char why[256];		      /* likewise, for people */
	uint8_t rdata[DNS_RDATA_MAX]; /* of the record being read */
};

/* ---- the end of one registry ---- */

static bool end(struct transfer *t, int error, const char *why)
{
	t->is_over = true;
	t->error = error;
	snprintf(t->why, sizeof(t->why), "%s", why);
	resolve_stream_close(&t->stream);
	return false;
}

/* Ends with the RCODE of a message, and the text that explains it (RFC 8914), if it has one. */
static bool end_refused(struct transfer *t, uint16_t rcode, const struct dns_edns *edns)
{
	char text[128] = "", why[256];
	size_t n = 0;

	for (; edns->has_ede && n < edns->nede_text && n < sizeof(text) - 1; n++)
		text[n] = (char)(edns->ede_text[n] < ' ' || edns->ede_text[n] >= 0x7f
					 ? '?'
					 : edns->ede_text[n]);
	text[n] = '\0';
	snprintf(why, sizeof(why), "%s%s%s", dns_rcode_text(rcode), n > 0 ? ": " : "", text);
	return end(t, rcode == DNS_RCODE_REFUSED ? -EACCES : -EBADMSG, why);
}

/* ---- one message ---- */

/* What is in a message other than its records. */
struct frame {
	struct dns_header header;
	struct dns_edns edns;
	size_t tsig_offset;
	struct base_buf records; /* at the first one */
	uint16_t rcode;
};

/* RFC 5936 section 2.2.1: the question is in the first message, and may be in later ones. */
static bool frame_read(struct frame *f, const struct transfer *t, const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_question q;

	*f = (struct frame){.header = dns_header_parse(&b)};
	if (b.has_failed || f->header.id != t->id || !(f->header.flags & DNS_FLAG_QR) ||
	    dns_flags_opcode(f->header.flags) != DNS_OPCODE_QUERY || f->header.qdcount > 1)
		return false;
	if (f->header.qdcount == 1 &&
	    (!dns_question_parse(&b, &q) || q.type != DNS_TYPE_AXFR || q.qclass != DNS_CLASS_IN ||
	     !dns_name_equal(q.name, t->zone)))
		return false;
	f->records = b;
	if (!dns_msg_scan(&b, &f->header, &f->edns, &f->tsig_offset))
		return false;
	f->rcode = f->header.flags & DNS_FLAG_RCODE;
	if (f->edns.is_present)
		f->rcode |= (uint16_t)(f->edns.rcode_high << 4);
	return true;
}

/* Verifies the signature. Returns whether the transfer goes on. */
static bool signature_check(struct transfer *t, const struct frame *f, const uint8_t *msg,
			    size_t nbytes)
{
	uint64_t now_s = base_clock_wall_s(), server_s = 0;
	enum dns_tsig_response ret;
	char why[96];

	if (locate_key(t->locate) == NULL)
		return true;
	ret = dns_tsig_chain_verify(&t->chain, msg, nbytes, f->tsig_offset, now_s, &server_s);
	switch (ret) {
	case DNS_TSIG_RESPONSE_VALID:
		return true;
	case DNS_TSIG_RESPONSE_UNSIGNED:
		if (t->nmessages > 0 && f->rcode == DNS_RCODE_NOERROR)
			return true;
		return f->rcode == DNS_RCODE_NOERROR
			       ? end(t, -EKEYREJECTED, "its answer is not signed")
			       : end_refused(t, f->rcode, &f->edns);
	case DNS_TSIG_RESPONSE_BADKEY:
		return end(t, -EKEYREJECTED, "BADKEY, it does not know the key");
	case DNS_TSIG_RESPONSE_BADSIG:
		return end(t, -EKEYREJECTED, "BADSIG, it has another secret for the key");
	case DNS_TSIG_RESPONSE_BADTRUNC:
		return end(t, -EKEYREJECTED, "BADTRUNC, it wants longer signatures");
	case DNS_TSIG_RESPONSE_BADTIME:
		snprintf(why, sizeof(why), "BADTIME, its clock is %lld s %s this host's",
			 (long long)(server_s > now_s ? server_s - now_s : now_s - server_s),
			 server_s > now_s ? "ahead of" : "behind");
		return end(t, -EKEYREJECTED, why);
	default:
		return end(t, -EKEYREJECTED, "the signature of its answer is not valid");
	}
}

/* Returns whether a record may be in a transfer, there where it is. */
static bool record_fits(const struct transfer *t, const struct dns_rr *rr)
{
	bool is_first = t->records->n == 0;

	if (rr->rrclass != DNS_CLASS_IN || t->has_ended || !dns_name_is_under(rr->owner, t->zone))
		return false;
	return rr->type == DNS_TYPE_SOA ? dns_name_equal(rr->owner, t->zone) : !is_first;
}

/* Takes a record. Returns whether the transfer goes on. */
static bool record_take(struct transfer *t, struct dns_rr *rr)
{
	struct base_out o = base_out_over(t->rdata, sizeof(t->rdata));
	struct dns_record record = {
		.owner = rr->owner, .type = rr->type, .ttl = rr->ttl, .rdata = t->rdata};
	int ret;

	if (!record_fits(t, rr))
		return end(t, -EBADMSG, "its answer is not a zone transfer");
	if (rr->type == DNS_TYPE_SOA && t->records->n > 0) {
		t->has_ended = true;
		return true;
	}
	dns_rdata_parse(&rr->rdata, rr->type, rr->rdlength, &o);
	record.nbytes = (uint16_t)base_out_nbytes(&o);
	/* The rules of a type are the server's matter; its layout is ours. */
	if (o.is_full || !dns_rdata_is_laid_out(rr->type, t->rdata, record.nbytes))
		return end(t, -EBADMSG, "a record of the zone is malformed");
	ret = atlas_records_add(t->records, &record);
	if (ret < 0)
		end(t, ret, ret == -EFBIG ? "the zone is too large" : strerror(-ret));
	return ret == 0;
}

static bool records_take(struct transfer *t, struct frame *f)
{
	struct dns_rr rr;

	for (unsigned i = 0; i < f->header.ancount; i++) {
		if (!dns_rr_parse(&f->records, &rr))
			return end(t, -EBADMSG, "its answer is malformed");
		if (!record_take(t, &rr))
			return false;
	}
	return true;
}

static bool on_message(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms)
{
	struct transfer *t = arg;
	struct frame f;

	(void)now_ms;
	if (!frame_read(&f, t, msg, nbytes))
		return end(t, -EBADMSG, "its answer is malformed");
	if (!signature_check(t, &f, msg, nbytes))
		return false;
	if (f.rcode != DNS_RCODE_NOERROR)
		return end_refused(t, f.rcode, &f.edns);
	if (f.header.ancount == 0)
		return end(t, -EBADMSG, "its answer has no records");
	t->nmessages++;
	if (!records_take(t, &f))
		return false;
	if (!t->has_ended)
		return true;
	if (locate_key(t->locate) != NULL && !dns_tsig_chain_is_whole(&t->chain))
		return end(t, -EKEYREJECTED, "the end of its answer is not signed");
	return end(t, 0, "");
}

/* ---- the connection ---- */

static bool on_open(void *arg, uint64_t now_ms)
{
	struct transfer *t = arg;
	const struct dns_tsig_key *key = locate_key(t->locate);
	uint8_t query[QUERY_MAX];
	struct dns_tsig_request request;
	size_t n;

	(void)now_ms;
	base_secret_random(&t->id, sizeof(t->id));
	n = resolve_message_query(query, t->id, t->zone, DNS_TYPE_AXFR);
	if (key != NULL) {
		n = dns_tsig_request_sign(&request, key, query, n, sizeof(query),
					  base_clock_wall_s());
		dns_tsig_chain_begin(&t->chain, &request);
	}
	return resolve_stream_send(&t->stream, query, n) == 0 ||
	       end(t, -ENOMEM, "not enough memory");
}

static void on_end(void *arg, int error, const char *why, uint64_t now_ms)
{
	struct transfer *t = arg;

	(void)now_ms;
	end(t, error == 0 ? -ECONNRESET : error, error == 0 ? "it has closed the connection" : why);
}

static const struct resolve_stream_calls calls = {on_open, on_message, on_end};

/* Forgets what a registry has sent that has failed then. */
static void records_clear(struct atlas_records *r)
{
	atlas_records_fini(r);
	atlas_records_init(r);
}

/* Transfers from one registry. */
static int run_one(struct transfer *t, const struct locate_registry *from, uint64_t share_ms,
		   uint64_t deadline_ms)
{
	uint64_t now_ms = base_clock_steady_us() / 1000;
	int ret;

	t->is_over = t->has_ended = false;
	t->nmessages = 0;
	resolve_stream_init(&t->stream, t->events, &calls, t);
	ret = resolve_stream_connect(&t->stream, &from->endpoint,
				     from->endpoint.is_tls ? locate_tls(t->locate) : NULL);
	if (ret < 0)
		end(t, ret, strerror(-ret));
	while (!t->is_over) {
		uint64_t until_ms = t->nmessages > 0 ? deadline_ms : share_ms;

		if (now_ms < until_ms)
			now_ms = resolve_events_wait(t->events, until_ms);
		else
			end(t, -ETIMEDOUT,
			    t->nmessages > 0 ? "the transfer takes too long" : "no answer");
	}
	if (t->error < 0)
		records_clear(t->records);
	return t->error;
}

/* ---- all registries ---- */

static void on_known(void *arg, int error, uint64_t now_ms)
{
	bool *is_known = arg;

	(void)error;
	(void)now_ms;
	*is_known = true;
}

static void wait_for_registries(struct locate *l, struct resolve_events *events,
				uint64_t deadline_ms)
{
	uint64_t now_ms = base_clock_steady_us() / 1000;
	bool is_known = false;
	struct locate_waiter w = {.on_known = on_known, .arg = &is_known};

	locate_wait(l, &w);
	while (!is_known && now_ms < deadline_ms)
		now_ms = resolve_events_wait(events, deadline_ms);
	locate_wait_end(l, &w);
}

/* The weightiest failure is the one that an operator can do something about. */
static int weightier(int a, int b)
{
	static const int order[] = {-EACCES, -EKEYREJECTED, -EFBIG, -ENOMEM, -EBADMSG, -ETIMEDOUT};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return -EHOSTUNREACH;
}

/* Describes what to do about a refusal. */
static int explain(struct base_error *error, int code, const struct transfer *t, const char *why)
{
	const struct dns_tsig_key *key = locate_key(t->locate);
	char zone[DNS_NAME_TEXT_MAX], name[DNS_NAME_TEXT_MAX];

	dns_name_labels_to_text(zone, t->zone, dns_name_labels(t->zone));
	if (code != -EACCES)
		return base_error_set(error, code, "%s cannot be read: %s", zone, why);
	if (key == NULL)
		return base_error_set(error, code,
				      "%s may not be read without a key, which --key-file or "
				      "WEFT_KEY_FILE gives: %s",
				      zone, why);
	dns_name_labels_to_text(name, key->name, dns_name_labels(key->name));
	return base_error_set(error, code,
			      "%s may not be read with the key %s: use that of its administrator, "
			      "or permit this one by zone.transfer.key in weftd.conf(5): %s",
			      zone, name, why);
}

static int run_all(struct transfer *t, const struct locate_registry *all, size_t n,
		   uint64_t deadline_ms, struct base_error *error)
{
	int worst = -EHOSTUNREACH, ret;
	char why[600] = "", at[BASE_ADDRESS_TEXT_MAX];
	size_t nwhy = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t now_ms = base_clock_steady_us() / 1000;
		uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;

		ret = run_one(t, &all[i], now_ms + left_ms / (n - i), deadline_ms);
		if (ret == 0)
			return 0;
		worst = i == 0 ? weightier(ret, ret) : weightier(worst, ret);
		base_address_to_text(at, (const struct sockaddr *)&all[i].endpoint.address);
		ret = snprintf(why + nwhy, sizeof(why) - nwhy, "%s%s: %s", nwhy > 0 ? "; " : "", at,
			       t->why);
		nwhy += ret > 0 && (size_t)ret < sizeof(why) - nwhy ? (size_t)ret : 0;
	}
	return explain(error, worst, t, why);
}

int atlas_transfer_run(struct atlas_records *out, struct locate *l, struct resolve_events *events,
		       const uint8_t *zone, uint64_t deadline_ms, struct base_error *error)
{
	struct transfer t = {.records = out, .locate = l, .events = events, .zone = zone};
	struct locate_registry all[LOCATE_REGISTRIES_MAX];
	const struct locate_registry *known;
	size_t n;

	wait_for_registries(l, events, deadline_ms);
	known = locate_registries(l, &n);
	if (n == 0)
		return base_error_set(error, -ENOENT,
				      "no registry is known: give one with --registry, "
				      "WEFT_REGISTRY or client.conf(5)");
	n = n < LOCATE_REGISTRIES_MAX ? n : LOCATE_REGISTRIES_MAX;
	memcpy(all, known, n * sizeof(*all));
	return run_all(&t, all, n, deadline_ms, error);
}
