/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Answers to a client's query, of which the input is the message: records are read up to its end,
 * and each one has an owner, rdata of its type and a TTL that the caller need not check again. The
 * first byte decides which query is asked; its id and question are put into the message, or else
 * hardly any would be an answer. */

#include <stdlib.h>
#include <string.h>

#include "client/records.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "resolve/message.h"
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_ROOM = 70000 };

static const uint8_t name[] = "\5_http\4_tcp\3lab\5cloud";
static const uint16_t types[] = {DNS_TYPE_PTR, DNS_TYPE_SRV, DNS_TYPE_TXT,
				 DNS_TYPE_A,   DNS_TYPE_SOA, DNS_TYPE_ANY};

static void on_change(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
		      const uint8_t *rdata, uint16_t nbytes)
{
	(void)arg;
	(void)change;
	require(ttl <= UINT32_C(0x7fffffff));
	require(dns_rdata_is_laid_out(type, rdata, nbytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t msg[MESSAGE_ROOM];
	static struct resolve_answer_record r;
	uint8_t query[RESOLVE_MESSAGE_QUERY_MAX];
	struct client_records records;
	struct resolve_answer answer;
	unsigned nrecords = 0;
	uint16_t type;
	size_t nquery;

	if (size < 1 + DNS_HEADER_SIZE || size > MESSAGE_ROOM - RESOLVE_MESSAGE_QUERY_MAX)
		return 0;
	type = types[data[0] % (sizeof(types) / sizeof(*types))];
	nquery = resolve_message_query(query, 0x1234, name, type);
	require(nquery <= sizeof(query));
	nquery -= 11; /* without the OPT */
	memcpy(msg, data + 1, DNS_HEADER_SIZE);
	if (data[0] < 0x80) {
		memcpy(msg, query, 2);
		memcpy(msg + 4, query + 4, 2);
		msg[2] = (uint8_t)((msg[2] & 0x87) | 0x80);
	}
	memcpy(msg + DNS_HEADER_SIZE, query + DNS_HEADER_SIZE, nquery - DNS_HEADER_SIZE);
	memcpy(msg + nquery, data + 1 + DNS_HEADER_SIZE, size - 1 - DNS_HEADER_SIZE);
	if (!resolve_message_parse(&answer, msg, nquery + size - 1 - DNS_HEADER_SIZE, 0x1234, name,
				   type))
		return 0;
	client_records_init(&records);
	while (resolve_message_next(&answer, &r)) {
		require(r.section <= RESOLVE_ADDITIONAL);
		require(dns_name_is_valid(r.owner, dns_name_nbytes(r.owner)));
		require(client_records_add(&records, r.type, r.ttl, CLIENT_TTL_IS_SET, r.rdata,
					   r.nbytes) == 0);
		nrecords++;
	}
	require(records.npresent <= nrecords);
	client_records_flush(&records, on_change, NULL);
	client_records_fini(&records);
	return 0;
}
