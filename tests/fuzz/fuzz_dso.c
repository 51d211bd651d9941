/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Messages of DNS Stateful Operations, as the server and the client read them. A valid message is
 * its header and its TLVs and nothing else: written again from what was parsed, it is the same; and
 * it can be padded. A fault is reported for the rest, and never two. */

#include <stdlib.h>
#include <string.h>

#include "dns/dso.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 65535 };

static const uint16_t types[] = {DNS_DSO_KEEPALIVE, DNS_DSO_RETRY_DELAY, DNS_DSO_PADDING,
				 DNS_DSO_SUBSCRIBE, DNS_DSO_PUSH,	 DNS_DSO_UNSUBSCRIBE,
				 DNS_DSO_RECONFIRM};

/* Copies a TLV, and reads its fields as its receiver does. */
static void copy_tlv(struct base_out *o, const struct dns_dso_tlv *tlv)
{
	struct base_buf data = tlv->data;
	struct dns_dso_timeouts timeouts;
	size_t nbytes = base_buf_left(&data), offset = dns_dso_tlv_begin(o, tlv->type);
	uint32_t delay_ms;

	require(dns_dso_keepalive_parse(tlv, &timeouts) == (nbytes == 8));
	require(dns_dso_retry_delay_parse(tlv, &delay_ms) == (nbytes == 4));
	base_out_bytes(o, base_buf_take(&data, nbytes), nbytes);
	dns_dso_tlv_end(o, offset);
}

/* The first TLV of each type after the first is the one that is found. */
static void check_find(const struct dns_dso *m)
{
	struct dns_dso_tlv tlv, found;

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct base_buf rest = m->rest;
		bool has = false;

		while (!has && dns_dso_next(&rest, &tlv))
			has = tlv.type == types[i];
		require(dns_dso_find(m, types[i], &found) == has);
		require(!has || (found.data.at == tlv.data.at && found.type == types[i]));
		require(types[i] != DNS_DSO_PADDING || m->is_padded == has);
	}
}

static void check_same(const struct dns_dso *m, const uint8_t *msg, size_t nbytes)
{
	static uint8_t bytes[ROOM];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct base_buf rest = m->rest;
	struct dns_dso_tlv tlv;

	if (m->is_response)
		dns_dso_response_write(&o, m->id, m->rcode);
	else
		dns_dso_header_write(&o, m->id, m->rcode);
	if (m->has_tlv)
		copy_tlv(&o, &m->primary);
	while (m->has_tlv && dns_dso_next(&rest, &tlv))
		copy_tlv(&o, &tlv);
	require(!rest.has_failed && !o.is_full && base_out_nbytes(&o) == nbytes);
	/* The bits between opcode and RCODE are not kept. */
	require(memcmp(bytes, msg, 2) == 0 && bytes[2] == (msg[2] & 0xf8) &&
		bytes[3] == (msg[3] & 0x0f));
	require(memcmp(bytes + 4, msg + 4, nbytes - 4) == 0);
}

static void check_padded(const uint8_t *msg, size_t nbytes, size_t block, size_t room)
{
	static uint8_t bytes[ROOM];
	struct base_out o = base_out_over(bytes, room);
	struct dns_dso m;

	base_out_bytes(&o, msg, nbytes);
	dns_dso_pad(&o, block);
	require(!o.is_full && dns_dso_parse(bytes, base_out_nbytes(&o), &m) == DNS_DSO_VALID);
	if (base_out_nbytes(&o) == nbytes)
		require(room - nbytes < DNS_DSO_TLV_SIZE);
	else
		require(base_out_nbytes(&o) % block == 0 || base_out_left(&o) == 0);
	require(memcmp(bytes, msg, nbytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_dso m;
	enum dns_dso_fault fault;

	if (size > ROOM)
		return 0;
	fault = dns_dso_parse(data, size, &m);
	require((fault == DNS_DSO_SHORT) == (size < DNS_HEADER_SIZE));
	if (fault == DNS_DSO_SHORT)
		return 0;
	require(m.id == base_load16(data) && m.is_response == (data[2] >> 7));
	if (fault != DNS_DSO_VALID)
		return 0;
	require(m.has_tlv || m.is_response);
	check_find(&m);
	if ((data[2] >> 3 & 15) != DNS_OPCODE_DSO)
		return 0;
	check_same(&m, data, size);
	check_padded(data, size, DNS_DSO_PAD_REQUEST, ROOM);
	check_padded(data, size, DNS_DSO_PAD_RESPONSE, ROOM);
	check_padded(data, size, DNS_DSO_PAD_RESPONSE, size + size % 7);
	return 0;
}
