/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The way of a request:
 *
 * 1. Header: what is too short or is a response gets no answer (RFC 8906 section 3 names what must
 * get one).
 * 2. Question, or zone section of an UPDATE; then OPT and TSIG, wherever they stand among the
 * additional records.
 * 3. Signature, if there is one: nothing else counts before it is good (RFC 8945 section 5.2).
 * 4. By opcode and class to the zone, to the registrar, or to an error that says why. */
#include "server/query.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "dns/cookie.h"
#include "dns/type.h"
#include "registry/registrar.h"
#include "server/limit.h"
#include "update/policy.h"
#include "zone/catalog.h"
#include "zone/zone.h"

/* ---- reading ---- */

/* What is wrong with the message as such, or NOERROR. */
static uint16_t read_message(struct server_query *q, struct base_buf *b)
{
	unsigned opcode = dns_flags_opcode(q->header.flags);

	if (opcode != DNS_OPCODE_QUERY && opcode != DNS_OPCODE_UPDATE)
		return DNS_RCODE_NOTIMP;
	if (q->header.qdcount == 1)
		q->has_question = dns_question_parse(b, &q->question);
	if (q->header.qdcount > 1 || b->has_failed ||
	    !dns_msg_scan(b, &q->header, &q->edns, &q->tsig_offset))
		return DNS_RCODE_FORMERR;
	if (q->edns.is_present && q->edns.version > 0)
		return DNS_RCODE_BADVERS;
	/* A query without question may be made to learn a cookie (RFC 7873 section 5.4). */
	if (q->header.qdcount == 0 && (opcode != DNS_OPCODE_QUERY || !q->edns.has_cookie))
		return DNS_RCODE_FORMERR;
	if (opcode == DNS_OPCODE_QUERY &&
	    (q->header.ancount > 0 || (q->header.nscount > 0 && q->question.type != DNS_TYPE_IXFR)))
		return DNS_RCODE_FORMERR;
	return DNS_RCODE_NOERROR;
}

void server_query_begin(struct server_query *q, const struct server_turn *turn, const uint8_t *msg,
			size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);

	q->msg = msg;
	q->nbytes = nbytes;
	q->has_question = q->has_lookup = q->has_cookie = q->is_cookie_good = false;
	q->edns = (struct dns_edns){.is_present = false};
	q->tsig_offset = 0;
	q->tsig.status = DNS_TSIG_NONE;
	q->ede = DNS_EDE_NONE;
	q->ede_text[0] = '\0';
	q->granted = (struct ledger_lease_terms){.is_present = false};
	q->header = dns_header_parse(&b);
	q->is_dropped = b.has_failed || (q->header.flags & DNS_FLAG_QR);
	if (q->is_dropped)
		return;
	q->rcode = read_message(q, &b);
	if (q->rcode != DNS_RCODE_NOERROR || !q->has_question ||
	    q->question.qclass != DNS_CLASS_IN ||
	    dns_flags_opcode(q->header.flags) != DNS_OPCODE_QUERY)
		return;
	q->has_lookup = true;
	zone_lookup_begin(&q->lookup, turn->view->catalog, &q->question);
	q->lookup.is_do = q->edns.is_present && q->edns.is_do;
}

/* ---- the response's frame ---- */

static void read_cookie(struct server_query *q, const struct server_turn *turn,
			const struct server_peer *peer)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer->address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer->address;
	bool is_v4 = peer->address->sa_family == AF_INET;
	const void *address = is_v4 ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;
	enum dns_cookie_status status;

	if (turn->view->cookies.count == 0)
		return;
	status = dns_cookie_check(&turn->view->cookies, q->edns.cookie, q->edns.ncookie, address,
				  is_v4 ? 4 : 16, turn->now_s);
	if (status == DNS_COOKIE_MALFORMED) {
		q->rcode = DNS_RCODE_FORMERR;
		return;
	}
	q->has_cookie = true;
	q->is_cookie_good = status == DNS_COOKIE_GOOD || status == DNS_COOKIE_RENEW;
	server_count(q->is_cookie_good ? &turn->stats->cookies_good : &turn->stats->cookies_bad, 1);
	if (status == DNS_COOKIE_GOOD)
		memcpy(q->cookie, q->edns.cookie, sizeof(q->cookie));
	else
		dns_cookie_make(q->cookie, &turn->view->cookies, q->edns.cookie, address,
				is_v4 ? 4 : 16, turn->now_s);
}

static struct dns_edns_reply edns_reply(const struct server_query *q,
					const struct server_turn *turn, uint16_t rcode)
{
	return (struct dns_edns_reply){
		.payload = turn->view->udp_payload,
		.rcode = rcode,
		.is_do = q->edns.is_do,
		.cookie = q->has_cookie ? q->cookie : NULL,
		.nsid = q->edns.wants_nsid ? turn->view->nsid : NULL,
		.keepalive = -1,
		.ede = q->ede,
		.ede_text = q->ede_text,
		.has_lease = q->granted.is_present,
		.has_key_lease = q->granted.has_key,
		.lease_s = q->granted.lease_s,
		.key_lease_s = q->granted.key_lease_s,
	};
}

static void explain(struct server_query *q, int ede, const char *text)
{
	q->ede = ede;
	snprintf(q->ede_text, sizeof(q->ede_text), "%s", text);
}

/* Leaves out what explains, then what was only asked for, until the OPT fits into `room`. */
static void edns_fit(struct dns_edns_reply *r, size_t room)
{
	if (dns_edns_nbytes(r) > room)
		r->ede = DNS_EDE_NONE;
	if (dns_edns_nbytes(r) > room)
		r->nsid = NULL;
	if (dns_edns_nbytes(r) > room)
		r->keepalive = -1;
}

size_t server_query_finish(struct server_query *q, const struct server_turn *turn,
			   struct dns_writer *w, struct dns_header *h, uint16_t rcode, size_t size,
			   int keepalive)
{
	size_t length;

	if (q->edns.is_present) {
		struct dns_edns_reply reply = edns_reply(q, turn, rcode);

		reply.keepalive = keepalive;
		edns_fit(&reply, base_out_left(&w->out));
		dns_edns_write(&w->out, &reply);
		h->arcount++;
	}
	if (w->out.is_full)
		return 0;
	h->flags = (uint16_t)(h->flags | (rcode & DNS_FLAG_RCODE));
	dns_writer_header(w, h);
	length = base_out_nbytes(&w->out);
	server_count(&turn->stats->rcode[rcode % 32], 1);
	if (q->tsig.status == DNS_TSIG_NONE || q->tsig.status == DNS_TSIG_FORMERR)
		return length;
	return dns_tsig_sign(&q->tsig, w->out.start, length, size, turn->now_s);
}

/* Keeps room at the end free. */
static void reserve(struct dns_writer *w, size_t octets)
{
	if (octets > base_out_left(&w->out))
		w->out.is_full = true;
	else
		w->out.end -= octets;
}

struct dns_header server_query_start(const struct server_query *q, struct dns_writer *w,
				     uint8_t *out, size_t size)
{
	struct dns_header h = {
		.id = q->header.id,
		.flags = (uint16_t)(DNS_FLAG_QR | (q->header.flags & 0x7800) |
				    (q->header.flags & DNS_FLAG_RD)),
	};

	dns_writer_init(w, out, size);
	if (q->tsig.status != DNS_TSIG_NONE)
		reserve(w, dns_tsig_nbytes(&q->tsig));
	if (q->has_question) {
		base_out_bytes(&w->out, q->question.name, (size_t)q->question.octets + 4);
		h.qdcount = 1;
	}
	return h;
}

size_t server_query_short(struct server_query *q, const struct server_turn *turn, uint16_t rcode,
			  uint16_t flags, uint8_t *out, size_t size)
{
	struct dns_writer w;
	struct dns_header h = server_query_start(q, &w, out, size);

	h.flags |= flags;
	return server_query_finish(q, turn, &w, &h, rcode, size, -1);
}

/* ---- CH ---- */

static const char *chaos_text(const struct server_query *q, const struct server_rules *v)
{
	static const char *const versions[] = {"\7version\6server", "\7version\4bind"};
	static const char *const identities[] = {"\2id\6server", "\10hostname\4bind"};

	for (unsigned i = 0; i < 2; i++) {
		if (dns_name_equal(q->question.lower, (const uint8_t *)versions[i]))
			return v->version;
		if (dns_name_equal(q->question.lower, (const uint8_t *)identities[i]))
			return v->identity;
	}
	return NULL;
}

/* RFC 4892. */
static size_t answer_chaos(struct server_query *q, const struct server_turn *turn, uint8_t *out,
			   size_t size)
{
	const char *text = chaos_text(q, turn->view);
	uint8_t rdata[256];
	struct dns_writer w;
	struct dns_header h;

	if (text == NULL || strlen(text) > 255)
		return server_query_short(q, turn, DNS_RCODE_REFUSED, 0, out, size);
	h = server_query_start(q, &w, out, size);
	h.flags |= DNS_FLAG_AA;
	if (q->question.type == DNS_TYPE_TXT || q->question.type == DNS_TYPE_ANY) {
		rdata[0] = (uint8_t)strlen(text);
		memcpy(rdata + 1, text, rdata[0]);
		dns_writer_know(&w, DNS_HEADER_SIZE);
		dns_writer_rr(&w, q->question.name, DNS_TYPE_TXT, DNS_CLASS_CH, 0, rdata,
			      rdata[0] + 1u);
		h.ancount = 1;
	}
	return server_query_finish(q, turn, &w, &h, DNS_RCODE_NOERROR, size, -1);
}

/* ---- IN ---- */

static size_t response_limit(const struct server_query *q, const struct server_turn *turn,
			     const struct server_peer *peer, size_t size)
{
	size_t limit = DNS_EDNS_PAYLOAD_MIN;

	if (peer->transport != SERVER_UDP)
		return size;
	if (q->edns.is_present && q->edns.payload > limit)
		limit = q->edns.payload < turn->view->udp_payload ? q->edns.payload
								  : turn->view->udp_payload;
	/* Names of keys may be so long that not even an error fits into 512 octets. The request did
	 * not either. */
	if (q->tsig_offset > 0 && limit < q->nbytes)
		limit = q->nbytes;
	return limit < size ? limit : size;
}

static int keepalive_of(const struct server_query *q, const struct server_turn *turn,
			const struct server_peer *peer)
{
	unsigned units = turn->view->tcp_idle_timeout_s * 10;

	if (!q->edns.has_keepalive || peer->transport != SERVER_TCP)
		return -1;
	return units < UINT16_MAX ? (int)units : UINT16_MAX;
}

static size_t answer_query(struct server_query *q, const struct server_turn *turn,
			   const struct server_peer *peer, uint8_t *out, size_t size)
{
	int keepalive = keepalive_of(q, turn, peer);
	struct zone_answer a;
	struct dns_writer w;
	struct dns_header h;
	uint8_t *end;

	h = server_query_start(q, &w, out, size);
	end = w.out.end;
	if (q->edns.is_present) {
		struct dns_edns_reply reply = edns_reply(q, turn, 0);

		reply.keepalive = keepalive;
		edns_fit(&reply, base_out_left(&w.out));
		reserve(&w, dns_edns_nbytes(&reply));
	}
	if (w.out.is_full)
		return 0;
	zone_answer_write(&q->lookup, &w, &a);
	w.out.end = end;
	h.flags = (uint16_t)(h.flags | (a.is_authoritative ? DNS_FLAG_AA : 0) |
			     (a.is_truncated ? DNS_FLAG_TC : 0));
	h.ancount = a.ancount;
	h.nscount = a.nscount;
	h.arcount = a.arcount;
	q->ede = a.ede;
	if (a.is_truncated)
		server_count(&turn->stats->truncated, 1);
	return server_query_finish(q, turn, &w, &h, a.rcode, size, keepalive);
}

/* What stands against a transfer, or NOERROR. */
static uint16_t check_transfer(struct server_query *q, const struct server_turn *turn,
			       const struct server_peer *peer)
{
	const struct zone *zone = q->lookup.zone;
	const struct dns_tsig_key *key = q->tsig.status == DNS_TSIG_GOOD ? q->tsig.key : NULL;

	if (zone == NULL || q->lookup.octets > 0) {
		explain(q, DNS_EDE_NOT_AUTHORITATIVE, "not a zone of this server");
		return DNS_RCODE_NOTAUTH;
	}
	if (!server_rules_may_transfer(server_rules_zone(turn->view, zone), key, peer->address)) {
		explain(q, DNS_EDE_PROHIBITED, "transfer not allowed to this key and address");
		return DNS_RCODE_REFUSED;
	}
	return q->lookup.snapshot == NULL ? DNS_RCODE_SERVFAIL : DNS_RCODE_NOERROR;
}

static enum server_verdict query_transfer(struct server_query *q, const struct server_turn *turn,
					  const struct server_peer *peer, uint8_t *out, size_t size,
					  size_t *length)
{
	uint16_t rcode;

	if (peer->transport == SERVER_UDP && q->question.type == DNS_TYPE_AXFR) {
		explain(q, DNS_EDE_NOT_SUPPORTED, "AXFR needs TCP");
		*length = server_query_short(q, turn, DNS_RCODE_FORMERR, 0, out, size);
		return SERVER_ANSWER;
	}
	rcode = check_transfer(q, turn, peer);
	if (rcode != DNS_RCODE_NOERROR) {
		*length = server_query_short(q, turn, rcode, 0, out, size);
		return SERVER_ANSWER;
	}
	if (peer->transport != SERVER_UDP)
		return SERVER_TRANSFER;
	/* RFC 1995 section 2: the SOA alone tells the client to come by TCP if it is behind. */
	q->question.type = DNS_TYPE_SOA;
	*length = answer_query(q, turn, peer, out, size);
	return SERVER_ANSWER;
}

static enum server_verdict query(struct server_query *q, const struct server_turn *turn,
				 const struct server_peer *peer, uint8_t *out, size_t size,
				 size_t *length)
{
	uint16_t type = q->question.type;

	if (!q->has_question) {
		*length = server_query_short(q, turn, DNS_RCODE_NOERROR, 0, out, size);
		return SERVER_ANSWER;
	}
	server_count_type(turn->stats, type);
	if (q->question.qclass == DNS_CLASS_CH) {
		*length = answer_chaos(q, turn, out, size);
		return SERVER_ANSWER;
	}
	if (!q->has_lookup) {
		explain(q, DNS_EDE_NOT_AUTHORITATIVE, "class not served");
		*length = server_query_short(q, turn, DNS_RCODE_REFUSED, 0, out, size);
		return SERVER_ANSWER;
	}
	if (type == DNS_TYPE_AXFR || type == DNS_TYPE_IXFR)
		return query_transfer(q, turn, peer, out, size, length);
	if (dns_type_is_meta(type) && type != DNS_TYPE_ANY) {
		*length = server_query_short(q, turn, DNS_RCODE_NOTIMP, 0, out, size);
		return SERVER_ANSWER;
	}
	*length = answer_query(q, turn, peer, out, size);
	return SERVER_ANSWER;
}

/* ---- UPDATE ---- */

/* RFC 2136 section 3.1, and whether the key may update anything at all: what is refused here costs
 * the registrar nothing. */
static uint16_t check_update(struct server_query *q, const struct server_turn *turn)
{
	const struct dns_tsig_key *key = q->tsig.status == DNS_TSIG_GOOD ? q->tsig.key : NULL;
	const struct server_zone *zone;
	int place;

	if (q->question.type != DNS_TYPE_SOA) {
		explain(q, DNS_EDE_OTHER, "zone section: type is not SOA");
		return DNS_RCODE_FORMERR;
	}
	place = q->question.qclass == DNS_CLASS_IN
			? zone_catalog_index(turn->view->catalog, q->question.lower)
			: -1;
	if (place < 0) {
		explain(q, DNS_EDE_NOT_AUTHORITATIVE, "zone section: not a zone of this server");
		return DNS_RCODE_NOTAUTH;
	}
	zone = &turn->view->zones[place];
	q->lookup.zone = zone->zone;
	if (zone->policy == NULL ||
	    !update_policy_admits(zone->policy, key == NULL ? NULL : key->name)) {
		explain(q, DNS_EDE_PROHIBITED,
			key == NULL ? "updates of this zone must be signed with a key that may "
				      "update it"
				    : "this key may not update this zone");
		return DNS_RCODE_REFUSED;
	}
	return zone_current(zone->zone) == NULL ? DNS_RCODE_SERVFAIL : DNS_RCODE_NOERROR;
}

/* An update with a lease that says what the last one said: the registrar need not be asked. */
static bool is_refreshed(struct server_query *q, const struct server_turn *turn)
{
	if (!q->edns.has_lease || q->tsig.status != DNS_TSIG_GOOD || turn->registrar == NULL)
		return false;
	q->print = registry_registrar_fingerprint(turn->registrar, q->msg, q->tsig_offset,
						  q->tsig.key->name);
	return registry_registrar_refresh(turn->registrar, &q->print, q->lookup.zone,
					  server_rules_zone(turn->view, q->lookup.zone)->policy,
					  turn->now_ms, &q->granted);
}

/* ---- ending ---- */

/* A literal key is the only one of its name; else the name may be that of a fabric's key. */
static const struct dns_tsig_key *key_find(void *arg, struct dns_tsig_search *search)
{
	const struct server_turn *turn = arg;
	const struct dns_tsig_key *key = server_rules_key(turn->view, search->name, search->nbytes);

	if (key != NULL)
		return search->attempt == 0 ? key : NULL;
	return fabric_cache_find(turn->keys, turn->view->ring, turn->revoked, search, turn->now_s);
}

/* RFC 8945 section 5.2. Returns the RCODE to answer with if it is not good. */
static uint16_t verify(struct server_query *q, const struct server_turn *turn)
{
	char text[DNS_TSIG_EXPLAIN_MAX];

	dns_tsig_verify(&q->tsig, q->msg, q->nbytes, q->tsig_offset, key_find, (void *)turn,
			turn->now_s);
	if (q->tsig.status == DNS_TSIG_GOOD) {
		fabric_cache_keep(turn->keys, q->tsig.key);
		server_count(&turn->stats->tsig_good, 1);
		return DNS_RCODE_NOERROR;
	}
	server_count(&turn->stats->tsig_bad, 1);
	explain(q, DNS_EDE_PROHIBITED, dns_tsig_explain(&q->tsig, text, sizeof(text)));
	return q->tsig.status == DNS_TSIG_NOTAUTH ? DNS_RCODE_NOTAUTH : DNS_RCODE_FORMERR;
}

/* Response rate limiting, asked before anything is written: a response is counted and signed once.
 * False if the client gets none, or only a slip: an empty one with TC, which invites it to come by
 * TCP. */
static bool pass_limit(struct server_query *q, const struct server_turn *turn,
		       const struct server_peer *peer, uint8_t *out, size_t size, size_t *length,
		       enum server_verdict *verdict)
{
	struct server_limit *l = turn->view->limit;

	if (l == NULL || peer->transport != SERVER_UDP || q->is_cookie_good)
		return true;
	switch (server_limit_check(l, peer->address, turn->now_ms)) {
	case SERVER_LIMIT_SEND:
		return true;
	case SERVER_LIMIT_SLIP:
		server_count(&turn->stats->slipped, 1);
		*length = server_query_short(q, turn, 0, DNS_FLAG_TC, out, size);
		*verdict = SERVER_ANSWER;
		return false;
	default:
		server_count(&turn->stats->limited, 1);
		*verdict = SERVER_DROP;
		return false;
	}
}

enum server_verdict server_query_end(struct server_query *q, const struct server_turn *turn,
				     const struct server_peer *peer, uint8_t *out, size_t size,
				     size_t *length)
{
	enum server_verdict verdict;

	server_count(&turn->stats->queries[peer->transport], 1);
	if (q->is_dropped) {
		server_count(&turn->stats->dropped, 1);
		return SERVER_DROP;
	}
	server_count(&turn->stats->opcode[dns_flags_opcode(q->header.flags)], 1);
	if (q->edns.is_present)
		server_count(&turn->stats->edns, 1);
	if (q->edns.has_cookie && q->rcode == DNS_RCODE_NOERROR)
		read_cookie(q, turn, peer);
	if (q->tsig_offset > 0 && q->rcode == DNS_RCODE_NOERROR)
		q->rcode = verify(q, turn);
	size = q->limit = response_limit(q, turn, peer, size);
	if (q->rcode == DNS_RCODE_NOERROR &&
	    dns_flags_opcode(q->header.flags) == DNS_OPCODE_UPDATE) {
		q->rcode = check_update(q, turn);
		if (q->rcode == DNS_RCODE_NOERROR && !is_refreshed(q, turn))
			return SERVER_UPDATE;
		if (q->rcode == DNS_RCODE_NOERROR) {
			*length = server_query_short(q, turn, DNS_RCODE_NOERROR, 0, out, size);
			return SERVER_ANSWER;
		}
	}
	if (!pass_limit(q, turn, peer, out, size, length, &verdict))
		return verdict;
	if (q->rcode == DNS_RCODE_NOERROR)
		return query(q, turn, peer, out, size, length);
	*length = server_query_short(q, turn, q->rcode, 0, out, size);
	return SERVER_ANSWER;
}
