/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "locate/exchange.h"

struct locate_ask {
	struct locate_exchange *exchange;
	locate_ask_fn done;
	void *arg;
	struct resolve_answer answer;
	uint16_t ids[LOCATE_ATTEMPTS_MAX];
	uint16_t type;
	bool has_refusal;
	/* Attempts, one bit each: without EDNS, and those whose next message is to be so. */
	uint8_t plain, wants_plain;
	uint8_t name[DNS_NAME_MAX];
};

static ssize_t ask_write(void *arg, unsigned attempt, uint16_t id, uint8_t *out, size_t size)
{
	struct locate_ask *a = arg;
	uint8_t bit = (uint8_t)(1u << attempt);
	bool is_plain = a->wants_plain & bit;

	if (size < RESOLVE_MESSAGE_QUERY_MAX)
		return -EMSGSIZE;
	a->ids[attempt] = id;
	a->plain = (uint8_t)(is_plain ? a->plain | bit : a->plain & ~bit);
	a->wants_plain &= (uint8_t)~bit;
	return (ssize_t)(is_plain ? resolve_message_query_plain(out, id, a->name, a->type)
				  : resolve_message_query(out, id, a->name, a->type));
}

/* Returns whether all records that the header counts are there. */
static bool is_whole(const struct resolve_answer *a)
{
	struct base_buf b = a->at;

	for (unsigned n = a->nanswer + a->nauthority + a->nadditional; n > 0 && !b.has_failed; n--)
		dns_rr_skip(&b);
	return !b.has_failed;
}

static enum locate_verdict ask_read(void *arg, unsigned attempt, const uint8_t *msg, size_t nbytes,
				    uint64_t now_ms)
{
	struct locate_ask *a = arg;
	uint8_t bit = (uint8_t)(1u << attempt);

	(void)now_ms;
	if (!resolve_message_parse(&a->answer, msg, nbytes, a->ids[attempt], a->name, a->type))
		return LOCATE_IGNORED;
	/* A server that does not know EDNS (RFC 6891 section 7). */
	if (a->answer.rcode == DNS_RCODE_FORMERR && !(a->plain & bit)) {
		a->wants_plain |= bit;
		return LOCATE_AGAIN;
	}
	a->has_refusal |= a->answer.rcode == DNS_RCODE_REFUSED;
	if (a->answer.rcode != DNS_RCODE_NOERROR && a->answer.rcode != DNS_RCODE_NXDOMAIN)
		return LOCATE_NEXT;
	if (a->answer.is_truncated)
		return LOCATE_OVER_TCP;
	return is_whole(&a->answer) ? LOCATE_DONE : LOCATE_IGNORED;
}

/* The message that ask_read has read is valid still. */
static void ask_done(void *arg, int error, uint64_t now_ms)
{
	struct locate_ask *a = arg;

	a->done(a->arg, error == 0 ? &a->answer : NULL, error, locate_exchange_why(a->exchange),
		now_ms);
}

static const struct locate_exchange_calls calls = {ask_write, ask_read, ask_done};

int locate_ask_new(struct locate_ask **out, struct locate *l, const uint8_t *name, uint16_t type,
		   uint64_t deadline_ms, locate_ask_fn done, void *arg)
{
	const struct locate_exchange_options options = {
		.deadline_ms = deadline_ms,
		.is_large = type == DNS_TYPE_ANY, /* refused over UDP (RFC 8482) */
		.size = RESOLVE_MESSAGE_QUERY_MAX,
	};
	struct locate_ask *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return -ENOMEM;
	a->done = done;
	a->arg = arg;
	a->type = type;
	memcpy(a->name, name, dns_name_nbytes(name));
	if (locate_exchange_new(&a->exchange, l, &options, &calls, a) < 0) {
		free(a);
		return -ENOMEM;
	}
	*out = a;
	return 0;
}

bool locate_ask_was_refused(const struct locate_ask *a)
{
	return locate_exchange_was_refused(a->exchange);
}

bool locate_ask_has_refusal(const struct locate_ask *a)
{
	return a->has_refusal;
}

void locate_ask_free(struct locate_ask *a)
{
	if (a == NULL)
		return;
	locate_exchange_free(a->exchange);
	free(a);
}
