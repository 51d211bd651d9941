/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/dso.h"

#include "dns/type.h"

enum { FLAGS = DNS_OPCODE_DSO << 11 };

/* ---- types ---- */

static const struct {
	uint16_t type;
	uint16_t uses;
} types[] = {
	{DNS_DSO_KEEPALIVE,
	 DNS_DSO_CLIENT_REQUEST | DNS_DSO_CLIENT_RESPONSE | DNS_DSO_SERVER_UNIDIRECTIONAL},
	{DNS_DSO_RETRY_DELAY, DNS_DSO_CLIENT_RESPONSE_ADDITIONAL | DNS_DSO_SERVER_UNIDIRECTIONAL |
				      DNS_DSO_SERVER_RESPONSE_ADDITIONAL},
	{DNS_DSO_PADDING, DNS_DSO_CLIENT_ADDITIONAL | DNS_DSO_CLIENT_RESPONSE_ADDITIONAL |
				  DNS_DSO_SERVER_ADDITIONAL | DNS_DSO_SERVER_RESPONSE_ADDITIONAL},
	{DNS_DSO_SUBSCRIBE, DNS_DSO_CLIENT_REQUEST},
	{DNS_DSO_PUSH, DNS_DSO_SERVER_UNIDIRECTIONAL},
	{DNS_DSO_UNSUBSCRIBE, DNS_DSO_CLIENT_UNIDIRECTIONAL},
	{DNS_DSO_RECONFIRM, DNS_DSO_CLIENT_UNIDIRECTIONAL},
};

unsigned dns_dso_uses(uint16_t type)
{
	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].type == type)
			return types[i].uses;
	return 0;
}

/* ---- reading ---- */

bool dns_dso_next(struct base_buf *tlvs, struct dns_dso_tlv *tlv)
{
	uint16_t nbytes;

	if (base_buf_left(tlvs) == 0)
		return false;
	tlv->type = base_buf_u16(tlvs);
	nbytes = base_buf_u16(tlvs);
	tlv->data = *tlvs;
	base_buf_take(tlvs, nbytes);
	tlv->data.end = tlvs->at;
	return !tlvs->has_failed;
}

enum dns_dso_fault dns_dso_parse(const uint8_t *msg, size_t nbytes, struct dns_dso *m)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_dso_tlv tlv;

	if (b.has_failed)
		return DNS_DSO_SHORT;
	*m = (struct dns_dso){
		.id = h.id,
		.is_response = (h.flags & DNS_FLAG_QR) != 0,
		.rcode = h.flags & DNS_FLAG_RCODE,
	};
	if ((h.qdcount | h.ancount | h.nscount | h.arcount) != 0)
		return DNS_DSO_COUNTS;
	m->has_tlv = dns_dso_next(&b, &m->primary);
	m->rest = b;
	while (dns_dso_next(&b, &tlv))
		m->is_padded |= tlv.type == DNS_DSO_PADDING;
	if (b.has_failed)
		return DNS_DSO_CUT;
	return m->has_tlv || m->is_response ? DNS_DSO_VALID : DNS_DSO_NO_TLV;
}

bool dns_dso_find(const struct dns_dso *m, uint16_t type, struct dns_dso_tlv *tlv)
{
	struct base_buf rest = m->rest;

	while (dns_dso_next(&rest, tlv))
		if (tlv->type == type)
			return true;
	return false;
}

bool dns_dso_keepalive_parse(const struct dns_dso_tlv *tlv, struct dns_dso_timeouts *timeouts)
{
	struct base_buf data = tlv->data;

	if (base_buf_left(&data) != 8)
		return false;
	timeouts->inactivity_ms = base_buf_u32(&data);
	timeouts->keepalive_ms = base_buf_u32(&data);
	return true;
}

bool dns_dso_retry_delay_parse(const struct dns_dso_tlv *tlv, uint32_t *delay_ms)
{
	struct base_buf data = tlv->data;

	if (base_buf_left(&data) != 4)
		return false;
	*delay_ms = base_buf_u32(&data);
	return true;
}

/* ---- writing ---- */

static void header_write(struct base_out *o, uint16_t id, uint16_t flags)
{
	base_out_u16(o, id);
	base_out_u16(o, flags);
	base_out_u64(o, 0); /* the four counts */
}

void dns_dso_header_write(struct base_out *o, uint16_t id, uint8_t rcode)
{
	header_write(o, id, (uint16_t)(FLAGS | (rcode & DNS_FLAG_RCODE)));
}

void dns_dso_response_write(struct base_out *o, uint16_t id, uint8_t rcode)
{
	header_write(o, id, (uint16_t)(DNS_FLAG_QR | FLAGS | (rcode & DNS_FLAG_RCODE)));
}

size_t dns_dso_tlv_begin(struct base_out *o, uint16_t type)
{
	size_t offset = base_out_nbytes(o);

	base_out_u16(o, type);
	base_out_u16(o, 0);
	return offset;
}

void dns_dso_tlv_end(struct base_out *o, size_t offset)
{
	size_t nbytes = base_out_nbytes(o) - offset;

	if (!o->is_full)
		base_store16(o->start + offset + 2, (uint16_t)(nbytes - DNS_DSO_TLV_SIZE));
}

void dns_dso_keepalive_write(struct base_out *o, const struct dns_dso_timeouts *timeouts)
{
	base_out_u16(o, DNS_DSO_KEEPALIVE);
	base_out_u16(o, 8);
	base_out_u32(o, timeouts->inactivity_ms);
	base_out_u32(o, timeouts->keepalive_ms);
}

void dns_dso_retry_delay_write(struct base_out *o, uint32_t delay_ms)
{
	base_out_u16(o, DNS_DSO_RETRY_DELAY);
	base_out_u16(o, 4);
	base_out_u32(o, delay_ms);
}

void dns_dso_pad(struct base_out *o, size_t block)
{
	size_t length = base_out_nbytes(o) + DNS_DSO_TLV_SIZE;
	size_t npadding = (block - length % block) % block;
	uint8_t *bytes;

	if (o->is_full || base_out_left(o) < DNS_DSO_TLV_SIZE)
		return;
	if (npadding > base_out_left(o) - DNS_DSO_TLV_SIZE)
		npadding = base_out_left(o) - DNS_DSO_TLV_SIZE;
	base_out_u16(o, DNS_DSO_PADDING);
	base_out_u16(o, (uint16_t)npadding);
	bytes = base_out_take(o, npadding);
	if (bytes != NULL && npadding > 0)
		memset(bytes, 0, npadding);
}
