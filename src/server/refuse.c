/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/refuse.h"

#include <stdio.h>
#include <string.h>

#include "dns/type.h"
#include "server/request.h"
#include "server/turn.h"
#include "update/update.h"

static const char *request_text(const struct server_request *r)
{
	if (server_request_opcode(r) == DNS_OPCODE_UPDATE)
		return "update";
	if (r->has_question && r->question.type == DNS_TYPE_AXFR)
		return "axfr";
	return r->has_question && r->question.type == DNS_TYPE_IXFR ? "ixfr" : "query";
}

/* Returns whether the client has the key: the MAC of its request was valid. */
static bool is_proved(const struct dns_tsig *t)
{
	return t->status == DNS_TSIG_VERIFIED ||
	       (t->status == DNS_TSIG_NOTAUTH &&
		(t->error == DNS_TSIG_BADTIME || t->refusal == DNS_TSIG_PAST));
}

static void note(const struct server_request *r, const struct server_turn *turn,
		 const struct server_peer *peer, enum guard_reason reason, const char *why,
		 bool must_log)
{
	const struct dns_tsig *tsig = &r->response.tsig;
	const struct dns_tsig_key *key = server_request_key(r);
	uint64_t now_s = turn->responder.now_s;
	struct guard_refusal refusal = {.reason = reason, .request = request_text(r)};

	server_count(&turn->stats->refused[reason], 1);
	refusal.is_proved = key != NULL || is_proved(tsig);
	if (turn->refusals == NULL || !guard_gate_take(turn->gate, refusal.is_proved, now_s))
		return;
	if (key != NULL)
		memcpy(refusal.key, key->name, key->name_nbytes);
	else if (tsig->status == DNS_TSIG_NOTAUTH)
		dns_name_lower(refusal.key, tsig->owner);
	/* An update outlives the packet that question.name points into. */
	if (r->has_question)
		memcpy(refusal.zone, r->question.lower, r->question.nbytes);
	base_address_to_text(refusal.client, peer->address);
	snprintf(refusal.why, sizeof(refusal.why), "%s", why);
	guard_refusals_add(turn->refusals, &refusal, must_log, now_s);
}

void server_refuse(const struct server_request *r, const struct server_turn *turn,
		   const struct server_peer *peer, enum guard_reason reason)
{
	note(r, turn, peer, reason, r->response.ede_text, true);
}

/* ---- signatures ---- */

static enum guard_reason reason_of_badkey(const struct dns_tsig *t)
{
	if (t->refusal == DNS_TSIG_REVOKED)
		return GUARD_REVOKED_KEY;
	if (t->refusal == DNS_TSIG_PAST)
		return GUARD_OUTDATED_KEY;
	return t->is_known_name ? GUARD_WRONG_ALGORITHM : GUARD_UNKNOWN_KEY;
}

static enum guard_reason reason_of_tsig(const struct dns_tsig *t)
{
	if (t->status == DNS_TSIG_FORMERR)
		return GUARD_MALFORMED_TSIG;
	switch (t->error) {
	case DNS_TSIG_BADKEY:
		return reason_of_badkey(t);
	case DNS_TSIG_BADTIME:
		return GUARD_BAD_TIME;
	case DNS_TSIG_BADTRUNC:
		return GUARD_SHORT_MAC;
	default:
		return GUARD_BAD_MAC;
	}
}

void server_refuse_signature(const struct server_request *r, const struct server_turn *turn,
			     const struct server_peer *peer)
{
	server_refuse(r, turn, peer, reason_of_tsig(&r->response.tsig));
}

/* ---- updates ---- */

static enum guard_reason reason_of_result(const struct update_result *result)
{
	static const enum guard_reason of_bound[UPDATE_BOUNDS] = {
		[UPDATE_BOUND_NONE] = GUARD_POLICY,
		[UPDATE_BOUND_SIZE] = GUARD_SIZE,
		[UPDATE_BOUND_QUOTA] = GUARD_QUOTA,
		[UPDATE_BOUND_WORK] = GUARD_WORK,
	};

	switch (result->rcode) {
	case DNS_RCODE_NOERROR:
		return GUARD_NOT_REFUSED;
	case DNS_RCODE_REFUSED:
		return of_bound[result->bound];
	case DNS_RCODE_SERVFAIL:
		return GUARD_NOT_STORED;
	case DNS_RCODE_YXDOMAIN:
	case DNS_RCODE_YXRRSET:
	case DNS_RCODE_NXDOMAIN:
	case DNS_RCODE_NXRRSET:
		/* As update/fail.c names the section. */
		return strncmp(result->text, "prerequisite", 12) == 0 ? GUARD_PREREQUISITE
								      : GUARD_CONFLICT;
	default:
		return GUARD_MALFORMED;
	}
}

void server_refuse_result(const struct server_request *r, const struct server_turn *turn,
			  const struct server_peer *peer, const struct update_result *result)
{
	enum guard_reason reason = reason_of_result(result);

	if (reason != GUARD_NOT_REFUSED)
		note(r, turn, peer, reason, result->text, false);
}
