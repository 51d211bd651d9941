/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/edns.h"

#include <string.h>

#include "dns/type.h"

enum { FLAG_DO = 0x8000 };

/* RFC 9664 section 4: 4 or 8 octets. Returns false for any other length. */
static bool lease(struct dns_edns *e, const uint8_t *bytes, uint16_t nbytes)
{
	if (nbytes != 4 && nbytes != 8)
		return false;
	e->has_lease = true;
	e->has_key_lease = nbytes == 8;
	e->lease_s = e->key_lease_s = base_load32(bytes);
	if (nbytes == 8)
		e->key_lease_s = base_load32(bytes + 4);
	return true;
}

/* RFC 8914 section 2. Only the first counts; one without code is passed over. */
static bool extended_error(struct dns_edns *e, const uint8_t *bytes, uint16_t nbytes)
{
	if (e->has_ede || nbytes < 2)
		return true;
	e->has_ede = true;
	e->ede = base_load16(bytes);
	e->ede_text = bytes + 2;
	e->nede_text = (uint16_t)(nbytes - 2);
	return true;
}

/* Reads one option. Returns false if the option is malformed. */
static bool option(struct dns_edns *e, uint16_t code, const uint8_t *bytes, uint16_t nbytes)
{
	switch (code) {
	case DNS_OPTION_UPDATE_LEASE:
		return lease(e, bytes, nbytes);
	case DNS_OPTION_NSID:
		e->wants_nsid = true;
		return true;
	case DNS_OPTION_COOKIE:
		if (e->has_cookie) /* only the first counts (RFC 7873 section 5.2) */
			return true;
		e->has_cookie = true;
		e->cookie = bytes;
		e->ncookie = nbytes;
		return true;
	case DNS_OPTION_TCP_KEEPALIVE:
		e->has_keepalive = true;
		return true;
	case DNS_OPTION_PADDING:
		e->has_padding = true;
		return true;
	case DNS_OPTION_EDE:
		return extended_error(e, bytes, nbytes);
	default:
		return true;
	}
}

void dns_edns_parse(struct base_buf *b, struct dns_edns *e)
{
	struct base_buf options;
	const uint8_t *bytes;
	uint16_t length;

	*e = (struct dns_edns){.is_present = true};
	e->payload = base_buf_u16(b);
	e->rcode_high = base_buf_u8(b);
	e->version = base_buf_u8(b);
	e->is_do = base_buf_u16(b) & FLAG_DO;
	length = base_buf_u16(b);
	bytes = base_buf_take(b, length);
	/* The options of another version are unknown; the answer is BADVERS (RFC 6891
	 * section 6.1.3). */
	if (bytes == NULL || e->version > 0)
		return;
	options = base_buf_over(bytes, length);
	while (base_buf_left(&options) > 0) {
		uint16_t code = base_buf_u16(&options), nbytes = base_buf_u16(&options);

		bytes = base_buf_take(&options, nbytes);
		if (options.has_failed || !option(e, code, bytes, nbytes)) {
			base_buf_fail(b);
			return;
		}
	}
}

static size_t ede_nbytes(const struct dns_edns_reply *r)
{
	if (r->ede < 0)
		return 0;
	return 6 + (r->ede_text == NULL ? 0 : strlen(r->ede_text));
}

static size_t lease_nbytes(const struct dns_edns_reply *r)
{
	return !r->has_lease ? 0 : r->has_key_lease ? 12 : 8;
}

size_t dns_edns_nbytes(const struct dns_edns_reply *r)
{
	return DNS_EDNS_OPT_SIZE + (r->cookie != NULL ? 4u + 24u : 0) +
	       (r->nsid != NULL ? 4 + strlen(r->nsid) : 0) + (r->keepalive >= 0 ? 6u : 0) +
	       lease_nbytes(r) + ede_nbytes(r) + r->padding;
}

static void option_write(struct base_out *o, uint16_t code, const void *bytes, size_t nbytes)
{
	base_out_u16(o, code);
	base_out_u16(o, (uint16_t)nbytes);
	base_out_bytes(o, bytes, nbytes);
}

static void padding_write(struct base_out *o, uint16_t nbytes)
{
	uint8_t *padding;

	base_out_u16(o, DNS_OPTION_PADDING);
	base_out_u16(o, (uint16_t)(nbytes - 4));
	padding = base_out_take(o, nbytes - 4u);
	if (padding != NULL)
		memset(padding, 0, nbytes - 4u);
}

void dns_edns_write(struct base_out *o, const struct dns_edns_reply *r)
{
	size_t length = dns_edns_nbytes(r) - DNS_EDNS_OPT_SIZE;

	base_out_u8(o, 0);
	base_out_u16(o, DNS_TYPE_OPT);
	base_out_u16(o, r->payload);
	base_out_u8(o, (uint8_t)(r->rcode >> 4));
	base_out_u8(o, 0);
	base_out_u16(o, r->is_do ? FLAG_DO : 0);
	base_out_u16(o, (uint16_t)length);
	if (r->cookie != NULL)
		option_write(o, DNS_OPTION_COOKIE, r->cookie, 24);
	if (r->nsid != NULL)
		option_write(o, DNS_OPTION_NSID, r->nsid, strlen(r->nsid));
	if (r->keepalive >= 0) {
		base_out_u16(o, DNS_OPTION_TCP_KEEPALIVE);
		base_out_u16(o, 2);
		base_out_u16(o, (uint16_t)r->keepalive);
	}
	if (r->has_lease) {
		base_out_u16(o, DNS_OPTION_UPDATE_LEASE);
		base_out_u16(o, (uint16_t)(lease_nbytes(r) - 4));
		base_out_u32(o, r->lease_s);
		if (r->has_key_lease)
			base_out_u32(o, r->key_lease_s);
	}
	if (r->ede >= 0) {
		base_out_u16(o, DNS_OPTION_EDE);
		base_out_u16(o, (uint16_t)(ede_nbytes(r) - 4));
		base_out_u16(o, (uint16_t)r->ede);
		base_out_bytes(o, r->ede_text, ede_nbytes(r) - 6);
	}
	if (r->padding > 0)
		padding_write(o, r->padding);
}
