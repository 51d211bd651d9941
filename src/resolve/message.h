/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/message.h - queries, and the reading of answers to them (RFC 1035, RFC 6891).
 *
 * An answer is a view of the packet. It knows what belongs to a question, not which server was
 * asked. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/msg.h"

enum {
	RESOLVE_MESSAGE_QUERY_MAX = DNS_HEADER_SIZE + DNS_NAME_MAX + 4 + 11, /* bytes of a query */
	RESOLVE_MESSAGE_UDP_MAX = 1232, /* bytes of a datagram that we take */
};

/* Writes a query for the name with recursion desired, and an OPT record, to `out`. Returns its
 * length. */
size_t resolve_message_query(uint8_t out[static RESOLVE_MESSAGE_QUERY_MAX], uint16_t id,
			     const uint8_t *name, uint16_t type);

/* Likewise without an OPT record, for servers that refuse one (RFC 6891 section 7). */
size_t resolve_message_query_plain(uint8_t out[static RESOLVE_MESSAGE_QUERY_MAX], uint16_t id,
				   const uint8_t *name, uint16_t type);

/* The answer to a query. */
struct resolve_answer {
	uint8_t rcode;
	bool is_authoritative, is_truncated;
	unsigned nanswer, nauthority, nadditional; /* records left in each section */
	struct base_buf at;			   /* at the next record */
};

/* The section of a record. */
enum resolve_section { RESOLVE_ANSWER, RESOLVE_AUTHORITY, RESOLVE_ADDITIONAL };

/* Returns whether the message is an answer to the query with this id and question, which `a` then
 * describes: a view of the message. */
bool resolve_message_parse(struct resolve_answer *a, const uint8_t *msg, size_t nbytes, uint16_t id,
			   const uint8_t *name, uint16_t type);

/* One record of an answer, of class IN. */
struct resolve_answer_record {
	enum resolve_section section;
	uint8_t owner[DNS_NAME_MAX];
	uint16_t type;
	uint32_t ttl; /* at most 2^31 - 1 (RFC 2181 section 8) */
	uint16_t nbytes;
	uint8_t rdata[DNS_MSG_MAX]; /* laid out (dns/rdata.h) and uncompressed */
};

/* Reads the next record; those that are not of class IN, or that are malformed in themselves, are
 * passed over. Returns false at the end, or where the message is malformed. */
bool resolve_message_next(struct resolve_answer *a, struct resolve_answer_record *record);
