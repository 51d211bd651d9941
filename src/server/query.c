/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The way of a request:
 *
 * 1. Header: what is too short or is a response gets no answer (RFC 8906 section 3 names what must
 *    get one).
 * 2. Question, or zone section of an UPDATE; then OPT and TSIG, anywhere among the additional
 *    records.
 * 3. Cookie; then the signature, if there is one: nothing else counts before it is verified (RFC
 *    8945 section 5.2). So far server/request.c.
 * 4. By opcode and class to the zone, to the registrar, or to an error with its explanation. */
#include "server/query.h"

#include <string.h>

#include "dns/type.h"
#include "guard/limit.h"
#include "guard/replay.h"
#include "registry/registrar.h"
#include "server/refuse.h"
#include "server/rules.h"
#include "update/policy.h"
#include "zone/catalog.h"
#include "zone/zone.h"

/* ---- responses ---- */

/* Finishes a response and counts it. */
static size_t finish(struct server_query *q, const struct server_turn *turn, struct dns_writer *w,
		     struct dns_header *h, uint16_t rcode, size_t size)
{
	size_t nbytes =
		dns_response_finish(&q->request.response, &turn->responder, w, h, rcode, size);

	if (nbytes > 0)
		server_count(&turn->stats->rcode[rcode % 32], 1);
	return nbytes;
}

size_t server_query_short(struct server_query *q, const struct server_turn *turn, uint16_t rcode,
			  uint16_t flags, uint8_t *out, size_t size)
{
	size_t nbytes =
		dns_response_short(&q->request.response, &turn->responder, rcode, flags, out, size);

	if (nbytes > 0)
		server_count(&turn->stats->rcode[rcode % 32], 1);
	return nbytes;
}

void server_query_grant(struct server_query *q, const struct ledger_lease_terms *granted)
{
	struct dns_response *r = &q->request.response;

	r->has_lease = granted->is_present;
	r->has_key_lease = granted->has_key;
	r->lease_s = granted->lease_s;
	r->key_lease_s = granted->key_lease_s;
}

/* Has the answer be the error `rcode`, and explain it. */
static uint16_t refuse(struct server_query *q, uint16_t rcode, int ede, const char *text)
{
	dns_response_explain(&q->request.response, ede, text);
	return rcode;
}

/* ---- beginning ---- */

/* Parses the request, and finds the zone if it asks for data. */
static void begin(struct server_query *q, const struct server_turn *turn)
{
	struct server_request *r = &q->request;

	server_request_parse(r);
	q->has_lookup = !r->is_dropped && r->rcode == DNS_RCODE_NOERROR && r->has_question &&
			r->question.qclass == DNS_CLASS_IN &&
			server_request_opcode(r) == DNS_OPCODE_QUERY;
	if (!q->has_lookup)
		return;
	answer_lookup_begin(&q->lookup, turn->rules->catalog, &r->question);
	q->lookup.is_do = r->edns.is_present && r->edns.is_do;
}

/* The order of the loops is the point: see the header. */
void server_query_begin_batch(struct server_query *q, unsigned n, const struct server_turn *turn)
{
	for (unsigned i = 0; i < n; i++)
		begin(&q[i], turn);
	for (unsigned i = 0; i < n; i++)
		if (q[i].has_lookup)
			answer_lookup_node(&q[i].lookup);
	for (unsigned i = 0; i < n; i++)
		if (q[i].has_lookup)
			answer_lookup_prepared(&q[i].lookup);
	for (unsigned i = 0; i < n; i++)
		if (q[i].has_lookup)
			answer_lookup_stamps(&q[i].lookup);
}

/* ---- CH ---- */

/* Returns what the name in class CH stands for, "" if nothing. */
static const char *chaos_text(const struct server_request *r, const struct server_rules *rules)
{
	static const char *const versions[] = {"\7version\6server", "\7version\4bind"};
	static const char *const identities[] = {"\2id\6server", "\10hostname\4bind"};

	for (unsigned i = 0; i < 2; i++) {
		if (dns_name_equal(r->question.lower, (const uint8_t *)versions[i]))
			return rules->options.version;
		if (dns_name_equal(r->question.lower, (const uint8_t *)identities[i]))
			return rules->options.identity;
	}
	return "";
}

/* RFC 4892. */
static size_t answer_chaos(struct server_query *q, const struct server_turn *turn, uint8_t *out,
			   size_t size)
{
	const struct server_request *r = &q->request;
	const char *text = chaos_text(r, turn->rules);
	uint8_t rdata[256];
	struct dns_writer w;
	struct dns_header h;

	if (*text == '\0' || strlen(text) > 255)
		return server_query_short(q, turn, DNS_RCODE_REFUSED, 0, out, size);
	h = dns_response_start(&r->response, &w, out, size);
	h.flags |= DNS_FLAG_AA;
	if (r->question.type == DNS_TYPE_TXT || r->question.type == DNS_TYPE_ANY) {
		rdata[0] = (uint8_t)strlen(text);
		memcpy(rdata + 1, text, rdata[0]);
		dns_writer_know(&w, DNS_HEADER_SIZE);
		dns_writer_rr(&w, r->question.name, DNS_TYPE_TXT, DNS_CLASS_CH, 0, rdata,
			      rdata[0] + 1u);
		h.ancount = 1;
	}
	return finish(q, turn, &w, &h, DNS_RCODE_NOERROR, size);
}

/* ---- IN ---- */

/* Returns how many bytes the client takes, at most `size`. */
static size_t response_limit(const struct server_request *r, const struct server_turn *turn,
			     const struct server_peer *peer, size_t size)
{
	uint16_t payload = turn->responder.payload;
	size_t limit = DNS_EDNS_PAYLOAD_MIN;

	if (peer->transport != SERVER_UDP)
		return size;
	if (r->edns.is_present && r->edns.payload > limit)
		limit = r->edns.payload < payload ? r->edns.payload : payload;
	/* With a long key name not even an error may fit into 512 bytes. The request did not
	 * either.
	 */
	if (r->tsig_offset > 0 && limit < r->nbytes)
		limit = r->nbytes;
	return limit < size ? limit : size;
}

/* RFC 7828 section 3.2: the idle timeout for clients that ask, over streams only. In units of
 * 100 ms; -1 if it is not to be sent. */
static int keepalive_of(const struct server_request *r, const struct server_turn *turn,
			const struct server_peer *peer)
{
	unsigned units = turn->rules->options.tcp.idle_timeout_s * 10;

	if (!r->edns.has_keepalive || peer->transport == SERVER_UDP)
		return -1;
	return units < UINT16_MAX ? (int)units : UINT16_MAX;
}

/* No message can carry the answer: TC would only make the client ask again. Its sections are empty
 * already. No limit lets such an RRset in (zone/limits.h), but a store can have one. */
static void fail_oversized(struct dns_response *r, struct answer *a)
{
	a->rcode = DNS_RCODE_SERVFAIL;
	a->is_truncated = a->is_authoritative = false;
	dns_response_explain(r, DNS_EDE_OTHER, "the answer does not fit a message of 64 KiB");
}

static size_t answer_data(struct server_query *q, const struct server_turn *turn,
			  const struct server_peer *peer, uint8_t *out, size_t size)
{
	struct dns_response *r = &q->request.response;
	struct answer a;
	struct dns_writer w;
	struct dns_header h;
	size_t nreserved;

	r->keepalive = keepalive_of(&q->request, turn, peer);
	h = dns_response_start(r, &w, out, size);
	nreserved = dns_response_reserve_opt(r, &turn->responder, &w);
	if (w.out.is_full)
		return 0;
	q->lookup.peer = peer->address;
	answer_write(&q->lookup, &w, &a);
	w.out.end += nreserved;
	r->ede = a.ede;
	if (a.is_truncated && peer->transport != SERVER_UDP)
		fail_oversized(r, &a);
	h.flags = (uint16_t)(h.flags | (a.is_authoritative ? DNS_FLAG_AA : 0) |
			     (a.is_truncated ? DNS_FLAG_TC : 0));
	h.ancount = a.ancount;
	h.nscount = a.nscount;
	h.arcount = a.arcount;
	if (a.is_truncated)
		server_count(&turn->stats->truncated, 1);
	return finish(q, turn, &w, &h, a.rcode, size);
}

/* Checks whether the client may transfer the zone, which goes to `q->zone`. Returns an RCODE. */
static uint16_t check_transfer(struct server_query *q, const struct server_turn *turn,
			       const struct server_peer *peer)
{
	const struct dns_tsig_key *key = server_request_key(&q->request);
	const struct server_zone *rules;

	q->zone = q->lookup.zone;
	if (q->zone == NULL || q->lookup.name_nbytes > 0) {
		refuse(q, DNS_RCODE_NOTAUTH, DNS_EDE_NOT_AUTHORITATIVE, "not a zone of this weftd");
		server_refuse(&q->request, turn, peer, GUARD_FOREIGN_ZONE);
		return DNS_RCODE_NOTAUTH;
	}
	rules = server_rules_zone(turn->rules, q->zone);
	if (!server_rules_may_transfer(rules, key, peer->address)) {
		refuse(q, DNS_RCODE_REFUSED, DNS_EDE_PROHIBITED,
		       "transfer not allowed to this key and address");
		server_refuse(&q->request, turn, peer, GUARD_TRANSFER);
		return DNS_RCODE_REFUSED;
	}
	return q->lookup.snapshot == NULL ? DNS_RCODE_SERVFAIL : DNS_RCODE_NOERROR;
}

static enum server_verdict answer_transfer(struct server_query *q, const struct server_turn *turn,
					   const struct server_peer *peer, uint8_t *out,
					   size_t size, size_t *length)
{
	uint16_t rcode;

	if (peer->transport == SERVER_UDP && q->request.question.type == DNS_TYPE_AXFR)
		rcode = refuse(q, DNS_RCODE_FORMERR, DNS_EDE_NOT_SUPPORTED, "AXFR needs TCP");
	else
		rcode = check_transfer(q, turn, peer);
	if (rcode != DNS_RCODE_NOERROR) {
		*length = server_query_short(q, turn, rcode, 0, out, size);
		return SERVER_ANSWER;
	}
	if (peer->transport != SERVER_UDP)
		return SERVER_TRANSFER;
	/* RFC 1995 section 2: by the SOA alone the client sees whether it must come by TCP. */
	q->request.question.type = DNS_TYPE_SOA;
	*length = answer_data(q, turn, peer, out, size);
	return SERVER_ANSWER;
}

/* Answers a request with opcode QUERY. */
static enum server_verdict answer_query(struct server_query *q, const struct server_turn *turn,
					const struct server_peer *peer, uint8_t *out, size_t size,
					size_t *length)
{
	uint16_t type = q->request.question.type;
	uint16_t rcode = DNS_RCODE_NOERROR;

	if (!q->request.has_question) {
		*length = server_query_short(q, turn, rcode, 0, out, size);
		return SERVER_ANSWER;
	}
	server_count_type(turn->stats, type);
	if (q->request.question.qclass == DNS_CLASS_CH) {
		*length = answer_chaos(q, turn, out, size);
		return SERVER_ANSWER;
	}
	if (q->has_lookup && q->lookup.zone != NULL)
		server_count(&turn->stats->zone[zone_number(q->lookup.zone)], 1);
	if (!q->has_lookup)
		rcode = refuse(q, DNS_RCODE_REFUSED, DNS_EDE_NOT_AUTHORITATIVE, "class not served");
	else if (type == DNS_TYPE_AXFR || type == DNS_TYPE_IXFR)
		return answer_transfer(q, turn, peer, out, size, length);
	else if (dns_type_is_meta(type) && type != DNS_TYPE_ANY)
		rcode = DNS_RCODE_NOTIMP;
	if (rcode != DNS_RCODE_NOERROR)
		*length = server_query_short(q, turn, rcode, 0, out, size);
	else
		*length = answer_data(q, turn, peer, out, size);
	return SERVER_ANSWER;
}

/* ---- UPDATE ---- */

/* RFC 2136 section 3.1, and whether the key may update the zone at all: what is refused here costs
 * the registrar nothing. The zone goes to `q->zone`. Returns an RCODE, and the reason of a refusal.
 */
static uint16_t check_update(struct server_query *q, const struct server_turn *turn,
			     enum guard_reason *reason)
{
	const struct dns_tsig_key *key = server_request_key(&q->request);
	const struct dns_question *section = &q->request.question;
	const struct server_zone *rules;
	int index = -1;

	*reason = GUARD_MALFORMED;
	if (section->type != DNS_TYPE_SOA)
		return refuse(q, DNS_RCODE_FORMERR, DNS_EDE_OTHER, "zone section: type is not SOA");
	if (section->qclass == DNS_CLASS_IN)
		index = zone_catalog_index(turn->rules->catalog, section->lower);
	*reason = GUARD_FOREIGN_ZONE;
	if (index < 0)
		return refuse(q, DNS_RCODE_NOTAUTH, DNS_EDE_NOT_AUTHORITATIVE,
			      "zone section: not a zone of this weftd");
	rules = &turn->rules->zones[index];
	q->zone = rules->zone;
	server_count(&turn->stats->zone[zone_number(q->zone)], 1);
	*reason = key == NULL ? GUARD_UNSIGNED : GUARD_NOT_PERMITTED;
	if (rules->policy == NULL ||
	    !update_policy_admits(rules->policy, key == NULL ? NULL : key->name))
		return refuse(q, DNS_RCODE_REFUSED, DNS_EDE_PROHIBITED,
			      key == NULL ? "updates of this zone must be signed with a key that "
					    "may update it"
					  : "this key may not update this zone");
	return zone_current(q->zone) == NULL ? DNS_RCODE_SERVFAIL : DNS_RCODE_NOERROR;
}

uint64_t server_query_ahead_s(const struct server_query *q, const struct server_turn *turn)
{
	uint64_t signed_s = q->request.response.tsig.time_signed_s;

	if (!server_request_is_signed(&q->request) || signed_s <= turn->responder.now_s)
		return 0;
	return signed_s;
}

/* A lease refresh that changes nothing is done by the worker, without the registrar. Returns false
 * if the update must go to the registrar: also if its time is to become durable
 * (ledger/ahead.h). */
static bool refresh_lease(struct server_query *q, const struct server_turn *turn,
			  struct ledger_lease_terms *granted)
{
	const struct dns_tsig_key *key = server_request_key(&q->request);
	const struct server_request *r = &q->request;

	if (!r->edns.has_lease || key == NULL || turn->registrar == NULL ||
	    server_query_ahead_s(q, turn) > 0)
		return false;
	q->print = registry_registrar_fingerprint(turn->registrar, r->msg,
						  server_request_unsigned_nbytes(r), key->name);
	if (!registry_registrar_refresh(turn->registrar, &q->print, q->zone,
					server_rules_zone(turn->rules, q->zone)->policy,
					turn->now_ms, granted))
		return false;
	server_query_grant(q, granted);
	return true;
}

/* Answers an update that was done before as it was answered then: a retransmission, or a replay. */
static enum server_verdict answer_repeated(struct server_query *q, const struct server_turn *turn,
					   const struct guard_replay_answer *before, uint8_t *out,
					   size_t size, size_t *length)
{
	server_count(&turn->stats->updates_repeated, 1);
	server_query_grant(q, &before->lease);
	dns_response_explain(&q->request.response, DNS_EDE_OTHER,
			     "this update came before: it is answered as then, and not done again");
	*length = server_query_short(q, turn, before->rcode, 0, out, size);
	return SERVER_ANSWER;
}

/* The first one will be answered. By TCP every request is. */
static enum server_verdict answer_in_hand(struct server_query *q, const struct server_turn *turn,
					  const struct server_peer *peer, uint8_t *out, size_t size,
					  size_t *length)
{
	server_count(&turn->stats->updates_repeated, 1);
	if (peer->transport == SERVER_UDP)
		return SERVER_DROP;
	refuse(q, DNS_RCODE_SERVFAIL, DNS_EDE_OTHER, "the same update is being done: try again");
	*length = server_query_short(q, turn, DNS_RCODE_SERVFAIL, 0, out, size);
	return SERVER_ANSWER;
}

static enum server_verdict answer_old(struct server_query *q, const struct server_turn *turn,
				      const struct server_peer *peer, uint8_t *out, size_t size,
				      size_t *length)
{
	server_count(&turn->stats->updates_old, 1);
	dns_tsig_refuse_time(&q->request.response.tsig);
	refuse(q, DNS_RCODE_NOTAUTH, DNS_EDE_PROHIBITED,
	       "TSIG: signed before what weftd remembers of this key: sign it again");
	server_refuse(&q->request, turn, peer, GUARD_REPLAYED);
	*length = server_query_short(q, turn, DNS_RCODE_NOTAUTH, 0, out, size);
	return SERVER_ANSWER;
}

/* An update that was signed is done once. */
static enum server_verdict take_update(struct server_query *q, const struct server_turn *turn,
				       const struct server_peer *peer, uint8_t *out, size_t size,
				       size_t *length)
{
	const struct dns_tsig *tsig = &q->request.response.tsig;
	bool is_remembered = server_request_is_signed(&q->request) && turn->replay != NULL;
	struct guard_replay_answer answer = {.rcode = DNS_RCODE_NOERROR};
	enum guard_replay_verdict replay = GUARD_REPLAY_NEW;

	if (is_remembered)
		replay = guard_replay_begin(turn->replay, tsig, turn->responder.now_s, &answer);
	switch (replay) {
	case GUARD_REPLAY_DONE:
		return answer_repeated(q, turn, &answer, out, size, length);
	case GUARD_REPLAY_IN_HAND:
		return answer_in_hand(q, turn, peer, out, size, length);
	case GUARD_REPLAY_OLD:
		return answer_old(q, turn, peer, out, size, length);
	case GUARD_REPLAY_NEW:
		break;
	}
	if (!refresh_lease(q, turn, &answer.lease))
		return SERVER_UPDATE;
	if (is_remembered)
		guard_replay_end(turn->replay, tsig, &answer);
	*length = server_query_short(q, turn, DNS_RCODE_NOERROR, 0, out, size);
	return SERVER_ANSWER;
}

/* ---- ending ---- */

/* Response rate limiting, asked before anything is written: a response is counted and signed once.
 * Returns true if the response may be sent. If not, writes the verdict: the client gets none, or an
 * empty response with TC, which invites it to come by TCP. */
static bool pass_limit(struct server_query *q, const struct server_turn *turn,
		       const struct server_peer *peer, uint8_t *out, size_t size, size_t *length,
		       enum server_verdict *verdict)
{
	struct guard_limit *l = turn->rules->limit;

	if (l == NULL || peer->transport != SERVER_UDP || q->request.is_cookie_valid)
		return true;
	switch (guard_limit_check(l, peer->address, turn->now_ms)) {
	case GUARD_LIMIT_SEND:
		return true;
	case GUARD_LIMIT_SLIP:
		server_count(&turn->stats->slipped, 1);
		*length = server_query_short(q, turn, DNS_RCODE_NOERROR, DNS_FLAG_TC, out, size);
		*verdict = SERVER_ANSWER;
		return false;
	default:
		server_count(&turn->stats->limited, 1);
		*verdict = SERVER_DROP;
		return false;
	}
}

/* Replaces an answer that amplifies its query, if its client has got many of them and may not be
 * the sender: by one with TC and no records, which is hardly longer than the query. Signed queries
 * are not forged. */
static void limit_large(struct server_query *q, const struct server_turn *turn,
			const struct server_peer *peer, uint8_t *out, size_t size, size_t *length)
{
	const struct server_rules *rules = turn->rules;

	if (*length <= q->request.nbytes * rules->options.rate_limit.large_factor ||
	    rules->large_limit == NULL || peer->transport != SERVER_UDP ||
	    q->request.is_cookie_valid || server_request_key(&q->request) != NULL ||
	    guard_limit_is_this_host(peer->address) ||
	    guard_limit_check(rules->large_limit, peer->address, turn->now_ms) == GUARD_LIMIT_SEND)
		return;
	server_count(&turn->stats->slipped, 1);
	*length = dns_response_short(&q->request.response, &turn->responder,
				     base_load16(out + 2) & 15, DNS_FLAG_TC, out, size);
}

static void count_request(const struct server_request *r, const struct server_turn *turn)
{
	server_count(&turn->stats->opcode[server_request_opcode(r)], 1);
	if (r->edns.is_present)
		server_count(&turn->stats->edns, 1);
}

enum server_verdict server_query_end(struct server_query *q, const struct server_turn *turn,
				     const struct server_peer *peer, uint8_t *out, size_t size,
				     size_t *length)
{
	struct server_request *r = &q->request;
	enum server_verdict verdict;
	enum guard_reason reason;

	server_count(&turn->stats->queries[peer->transport], 1);
	if (r->is_dropped) {
		server_count(&turn->stats->dropped, 1);
		return SERVER_DROP;
	}
	count_request(r, turn);
	if (r->edns.has_padding && server_peer_is_encrypted(peer))
		r->response.pad_block = DNS_EDNS_PAD_RESPONSE;
	server_request_check(r, turn, peer);
	if (r->response.tsig.status > DNS_TSIG_VERIFIED)
		server_refuse_signature(r, turn, peer);
	size = q->limit = response_limit(r, turn, peer, size);
	if (r->rcode == DNS_RCODE_NOERROR && server_request_opcode(r) == DNS_OPCODE_UPDATE) {
		r->rcode = check_update(q, turn, &reason);
		if (r->rcode == DNS_RCODE_NOERROR)
			return take_update(q, turn, peer, out, size, length);
		server_refuse(&q->request, turn, peer, reason);
	}
	if (!pass_limit(q, turn, peer, out, size, length, &verdict))
		return verdict;
	if (r->rcode == DNS_RCODE_NOERROR) {
		verdict = answer_query(q, turn, peer, out, size, length);
		if (verdict == SERVER_ANSWER)
			limit_large(q, turn, peer, out, size, length);
		return verdict;
	}
	*length = server_query_short(q, turn, r->rcode, 0, out, size);
	return SERVER_ANSWER;
}
