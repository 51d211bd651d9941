/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "locate/exchange_priv.h"
#include "locate/locate_priv.h"

enum {
	AGAIN_MAX = 3, /* times that a candidate asks for another message */

	/* Times without an answer after which a candidate is asked again. */
	RETRY_UNKNOWN_MS = 500,
	RETRY_MIN_MS = 100,
	RETRY_STREAM_MS = 2000,
	RETRY_UPDATE_MS = 1000,
	RETRY_MAX_MS = 4000,

	SILENCE_UPDATE_MS = 1000,
	CONNECT_RTTS = 3, /* that connecting takes, TLS included */
};

void locate_exchange_candidate_over(struct locate_exchange *x, struct locate_exchange_candidate *c,
				    const char *reason)
{
	locate_exchange_attempts_end(x, c, 0);
	c->state = LOCATE_CANDIDATE_OVER;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
}

void locate_exchange_candidate_failed(struct locate_exchange *x,
				      struct locate_exchange_candidate *c, int error,
				      const char *reason, uint64_t now_ms)
{
	bool is_ours =
		error == -ENOMEM || error == -ENOBUFS || error == -EMFILE || error == -ENFILE;

	c->is_untrusted = error == -EPROTO && c->transport == LOCATE_TLS;
	locate_exchange_candidate_over(x, c, reason);
	if (!is_ours) /* else the registry cannot help it */
		locate_failed(x->locate, &c->endpoint, now_ms);
}

/* Returns after how long without an answer the candidate is asked again. */
static uint64_t retry_of(const struct locate_exchange *x, const struct locate_exchange_candidate *c)
{
	uint64_t ms = RETRY_UNKNOWN_MS;

	if (c->rtt_us != 0)
		ms = UINT64_C(4) * c->rtt_us / 1000;
	if (ms < RETRY_MIN_MS)
		ms = RETRY_MIN_MS;
	if (x->options.is_update && ms < RETRY_UPDATE_MS)
		ms = RETRY_UPDATE_MS;
	if (c->is_stream && ms < RETRY_STREAM_MS)
		ms = RETRY_STREAM_MS;
	for (unsigned i = 1; i < c->nattempts && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

static uint64_t silence_of(const struct locate_exchange *x,
			   const struct locate_exchange_candidate *c)
{
	uint64_t ms = locate_known_silence_ms(c->rtt_us);

	if (c->is_stream)
		ms += (uint64_t)CONNECT_RTTS * c->rtt_us / 1000;
	if (x->options.is_update && ms < SILENCE_UPDATE_MS)
		ms = SILENCE_UPDATE_MS;
	return ms;
}

void locate_exchange_candidate_ask(struct locate_exchange *x, struct locate_exchange_candidate *c,
				   uint64_t now_ms)
{
	int ret;

	c->nattempts++;
	if (c->state == LOCATE_CANDIDATE_UNTRIED)
		c->silent_ms = now_ms + silence_of(x, c);
	c->state = LOCATE_CANDIDATE_IN_FLIGHT;
	c->retry_ms = now_ms + retry_of(x, c);
	ret = locate_exchange_attempt_begin(x, c, now_ms);
	if (ret < 0)
		locate_exchange_candidate_failed(x, c, ret, strerror(-ret), now_ms);
}

/* Ends the attempts at a candidate over TCP or TLS that were silent for too long: their connection
 * may be dead. */
static void silent_end(struct locate_exchange *x, const struct locate_exchange_candidate *c)
{
	for (size_t i = 0; c->is_stream && i < LOCATE_ATTEMPTS_MAX; i++)
		if (x->attempts[i].candidate == c)
			locate_exchange_attempt_end(&x->attempts[i], true);
}

void locate_exchange_candidate_ask_again(struct locate_exchange *x,
					 struct locate_exchange_candidate *c, uint64_t now_ms)
{
	silent_end(x, c);
	locate_exchange_candidate_ask(x, c, now_ms);
}

void locate_exchange_candidate_renew(struct locate_exchange_attempt *a, uint64_t now_ms)
{
	struct locate_exchange *x = a->exchange;
	struct locate_exchange_candidate *c = a->candidate;
	int ret = 0;

	c->silent_ms = now_ms + silence_of(x, c);
	if (++c->nagain > AGAIN_MAX)
		locate_exchange_candidate_over(x, c, "refuses every form of the request");
	else
		ret = locate_exchange_attempt_renew(a, now_ms);
	if (ret < 0)
		locate_exchange_candidate_failed(x, c, ret, strerror(-ret), now_ms);
}

void locate_exchange_candidate_over_tcp(struct locate_exchange_attempt *a, uint64_t now_ms)
{
	struct locate_exchange *x = a->exchange;
	struct locate_exchange_candidate *c = a->candidate;

	if (c->is_stream) {
		locate_exchange_candidate_over(x, c, "the answer is truncated over TCP");
		return;
	}
	locate_exchange_attempts_end(x, c, 0);
	c->is_stream = true;
	c->nattempts = 0;
	c->state = LOCATE_CANDIDATE_UNTRIED;
	locate_exchange_candidate_ask(x, c, now_ms);
}

void locate_exchange_candidate_lost(struct locate_exchange_attempt *a, int error, const char *why,
				    uint64_t now_ms)
{
	struct locate_exchange *x = a->exchange;
	struct locate_exchange_candidate *c = a->candidate;

	locate_exchange_attempt_end(a, false);
	/* A server may close an idle connection just when it is used again (RFC 7766 section
	 * 6.2.4): that is not a failure. */
	if (a->call.is_reused && error != -EPROTO && c->nagain++ < AGAIN_MAX)
		locate_exchange_candidate_ask(x, c, now_ms);
	else
		locate_exchange_candidate_failed(x, c, error, why, now_ms);
}

void locate_exchange_candidate_explain(const struct locate_exchange_candidate *c, char *out,
				       size_t size)
{
	char at[BASE_ADDRESS_TEXT_MAX], ignored[48] = "";
	const char *reason = c->state == LOCATE_CANDIDATE_IN_FLIGHT ? "no answer" : c->reason;

	base_address_to_text(at, (const struct sockaddr *)&c->endpoint.address);
	if (c->nignored > 0)
		snprintf(ignored, sizeof(ignored), " (%u invalid answers ignored)", c->nignored);
	snprintf(out, size, "%s: %s%s", at, reason, ignored);
}
