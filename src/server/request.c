/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/request.h"

#include <netinet/in.h>
#include <string.h>

#include "dns/cookie.h"
#include "dns/type.h"
#include "fabric/cache.h"
#include "fabric/revoked.h"
#include "server/rules.h"
#include "server/turn.h"

/* ---- parsing ---- */

/* Returns the error of the message as such, or NOERROR. */
static uint16_t parse_message(struct server_request *r, struct base_buf *b)
{
	unsigned opcode = server_request_opcode(r);

	if (opcode != DNS_OPCODE_QUERY && opcode != DNS_OPCODE_UPDATE)
		return DNS_RCODE_NOTIMP;
	if (r->header.qdcount == 1)
		r->has_question = dns_question_parse(b, &r->question);
	if (r->header.qdcount > 1 || b->has_failed ||
	    !dns_msg_scan(b, &r->header, &r->edns, &r->tsig_offset))
		return DNS_RCODE_FORMERR;
	if (r->edns.is_present && r->edns.version > 0)
		return DNS_RCODE_BADVERS;
	/* A query without question may be made to learn a cookie (RFC 7873 section 5.4). */
	if (r->header.qdcount == 0 && (opcode != DNS_OPCODE_QUERY || !r->edns.has_cookie))
		return DNS_RCODE_FORMERR;
	if (opcode == DNS_OPCODE_QUERY &&
	    (r->header.ancount > 0 || (r->header.nscount > 0 && r->question.type != DNS_TYPE_IXFR)))
		return DNS_RCODE_FORMERR;
	return DNS_RCODE_NOERROR;
}

void server_request_parse(struct server_request *r)
{
	struct base_buf b = base_buf_over(r->msg, r->nbytes);

	r->header = dns_header_parse(&b);
	/* RFC 8906 section 3: everything else must get an answer. */
	r->is_dropped = b.has_failed || (r->header.flags & DNS_FLAG_QR);
	if (r->is_dropped)
		return;
	r->edns = (struct dns_edns){.is_present = false};
	r->tsig_offset = 0;
	r->has_question = r->is_cookie_valid = false;
	r->peer_key = NULL;
	r->rcode = parse_message(r, &b);
	dns_response_init(&r->response, &r->header, r->has_question ? &r->question : NULL,
			  &r->edns);
}

/* ---- the cookie ---- */

static void check_cookie(struct server_request *r, const struct server_turn *turn,
			 const struct server_peer *peer)
{
	const struct dns_cookie_secrets *secrets = &turn->rules->cookies;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer->address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer->address;
	bool is_v4 = peer->address->sa_family == AF_INET;
	const void *address = is_v4 ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;
	uint64_t now_s = turn->responder.now_s;
	enum dns_cookie_status status;

	if (secrets->count == 0)
		return;
	status = dns_cookie_check(secrets, r->edns.cookie, r->edns.ncookie, address, is_v4 ? 4 : 16,
				  now_s);
	if (status == DNS_COOKIE_MALFORMED) {
		r->rcode = DNS_RCODE_FORMERR;
		return;
	}
	r->response.has_cookie = true;
	r->is_cookie_valid = status == DNS_COOKIE_VALID || status == DNS_COOKIE_RENEW;
	server_count(r->is_cookie_valid ? &turn->stats->cookies_good : &turn->stats->cookies_bad,
		     1);
	if (status == DNS_COOKIE_VALID)
		memcpy(r->response.cookie, r->edns.cookie, sizeof(r->response.cookie));
	else
		dns_cookie_make(r->response.cookie, secrets, r->edns.cookie, address,
				is_v4 ? 4 : 16, now_s);
}

/* ---- the signature ---- */

struct key_search {
	const struct server_turn *turn;
};

/* A literal key is the only one of its name; any other name may be that of a fabric's key. */
static const struct dns_tsig_key *key_find(void *arg, struct dns_tsig_search *search)
{
	const struct server_turn *turn = ((struct key_search *)arg)->turn;
	const struct dns_tsig_key *key =
		server_rules_key(turn->rules, search->name, search->nbytes);

	if (key != NULL)
		return search->attempt == 0 ? key : NULL;
	return fabric_cache_find(turn->keys, turn->rules->ring, turn->revoked, search,
				 turn->responder.now_s);
}

/* RFC 8945 section 5.2. Returns the error to answer with, or NOERROR. */
static uint16_t verify(struct server_request *r, const struct server_turn *turn)
{
	struct dns_tsig *tsig = &r->response.tsig;
	struct key_search search = {turn};
	char text[DNS_TSIG_EXPLAIN_MAX];

	dns_tsig_verify(tsig, r->msg, r->nbytes, r->tsig_offset, key_find, &search,
			turn->responder.now_s);
	if (tsig->status == DNS_TSIG_VERIFIED) {
		fabric_cache_add(turn->keys, tsig->key);
		r->old_epoch = fabric_cache_use(turn->keys, tsig->key, turn->responder.now_s);
		if (r->old_epoch > 0)
			server_count(&turn->stats->tsig_old_epoch, 1);
		server_count(&turn->stats->tsig_good, 1);
		return DNS_RCODE_NOERROR;
	}
	server_count(&turn->stats->tsig_bad, 1);
	dns_response_explain(&r->response, DNS_EDE_PROHIBITED,
			     dns_tsig_explain(tsig, text, sizeof(text)));
	return tsig->status == DNS_TSIG_NOTAUTH ? DNS_RCODE_NOTAUTH : DNS_RCODE_FORMERR;
}

const struct dns_tsig_key *server_peer_key(const struct server_peer *peer,
					   const struct server_turn *turn)
{
	const struct dns_tsig_key *key = peer->key;

	if (key == NULL || turn->responder.now_s >= peer->key_until_s ||
	    fabric_revoked_find(turn->revoked, key->name, key->name_nbytes) != NULL)
		return NULL;
	return key;
}

void server_request_check(struct server_request *r, const struct server_turn *turn,
			  const struct server_peer *peer)
{
	if (r->edns.has_cookie && r->rcode == DNS_RCODE_NOERROR)
		check_cookie(r, turn, peer);
	if (r->tsig_offset > 0 && r->rcode == DNS_RCODE_NOERROR)
		r->rcode = verify(r, turn);
	else if (r->tsig_offset == 0)
		r->peer_key = server_peer_key(peer, turn);
}

const struct dns_tsig_key *server_request_key(const struct server_request *r)
{
	return server_request_is_signed(r) ? r->response.tsig.key : r->peer_key;
}
