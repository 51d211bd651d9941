/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/svcb_write.h"

#include <string.h>

#include "base/buf.h"
#include "dns/svcb.h"
#include "text/svcb_key.h"
#include "text/value.h"

/* Whether a string of such octets needs no quotes, in any parser. */
static bool is_bare(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-_./:+", c) != NULL;
}

static bool are_bare(const uint8_t *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		if (bytes[i] == '\0' || !is_bare(bytes[i]))
			return false;
	return true;
}

/* Writes an ALPN ID: a comma or backslash of it is escaped for the list, and the backslash of that
 * once more for the character-string (RFC 9460 appendix A.1). */
static void alpn_id_write(struct base_out *o, const uint8_t *bytes, uint8_t nbytes)
{
	for (uint8_t i = 0; i < nbytes; i++) {
		if (bytes[i] == ',')
			base_out_bytes(o, "\\\\,", 3);
		else if (bytes[i] == '\\')
			base_out_bytes(o, "\\\\\\\\", 4);
		else if (bytes[i] == '"')
			base_out_bytes(o, "\\\"", 2);
		else if (bytes[i] < ' ' || bytes[i] > '~')
			text_value_write_ddd(o, bytes[i]);
		else
			base_out_u8(o, bytes[i]);
	}
}

/* Whether the IDs of a list, with the length octets before each, are bare. */
static bool alpn_is_bare(struct base_buf value)
{
	while (base_buf_left(&value) > 0) {
		uint8_t n = base_buf_u8(&value);
		const uint8_t *bytes = base_buf_take(&value, n);

		if (bytes == NULL || !are_bare(bytes, n))
			return false;
	}
	return true;
}

static void alpn_write(struct base_out *o, struct base_buf value)
{
	bool is_bare_list = alpn_is_bare(value);
	const char *separator = "";

	if (!is_bare_list)
		base_out_u8(o, '"');
	while (base_buf_left(&value) > 0) {
		uint8_t n = base_buf_u8(&value);
		const uint8_t *bytes = base_buf_take(&value, n);

		base_out_bytes(o, separator, strlen(separator));
		if (bytes != NULL)
			alpn_id_write(o, bytes, n);
		separator = ",";
	}
	if (!is_bare_list)
		base_out_u8(o, '"');
}

static void mandatory_write(struct base_out *o, struct base_buf value)
{
	const char *separator = "";

	while (base_buf_left(&value) > 0) {
		base_out_bytes(o, separator, strlen(separator));
		text_svcb_key_write(o, base_buf_u16(&value));
		separator = ",";
	}
}

static void hints_write(struct base_out *o, struct base_buf value, size_t nbytes)
{
	const char *separator = "";

	while (base_buf_left(&value) >= nbytes) {
		base_out_bytes(o, separator, strlen(separator));
		if (nbytes == 4)
			text_value_write_ipv4(o, base_buf_take(&value, nbytes));
		else
			text_value_write_ipv6(o, base_buf_take(&value, nbytes));
		separator = ",";
	}
}

static void octets_write(struct base_out *o, struct base_buf value)
{
	size_t n = base_buf_left(&value);
	const uint8_t *bytes = base_buf_take(&value, n);

	if (are_bare(bytes, n))
		base_out_bytes(o, bytes, n);
	else
		text_value_write_string(o, bytes, n);
}

static void param_write(struct base_out *o, uint16_t key, struct base_buf value)
{
	size_t n = base_buf_left(&value);

	/* Not every server takes an ech without a value; all take its number. */
	if (key == DNS_SVCB_ECH && n == 0)
		base_out_bytes(o, "key5", 4);
	else
		text_svcb_key_write(o, key);
	if (n == 0)
		return;
	base_out_u8(o, '=');
	switch (key) {
	case DNS_SVCB_MANDATORY:
		mandatory_write(o, value);
		return;
	case DNS_SVCB_ALPN:
		alpn_write(o, value);
		return;
	case DNS_SVCB_PORT:
		text_value_write_number(o, base_buf_u16(&value));
		return;
	case DNS_SVCB_IPV4HINT:
		hints_write(o, value, 4);
		return;
	case DNS_SVCB_ECH:
		text_value_write_base64(o, base_buf_take(&value, n), n);
		return;
	case DNS_SVCB_IPV6HINT:
		hints_write(o, value, 16);
		return;
	default:
		octets_write(o, value);
	}
}

void text_svcb_write(struct base_out *o, struct base_buf *b)
{
	const char *separator = "";

	/* Values that are malformed do not have the text of their keys. */
	if (dns_svcb_fault(*b) != NULL) {
		base_buf_fail(b);
		return;
	}
	while (base_buf_left(b) > 0) {
		uint16_t key = base_buf_u16(b);
		size_t n = base_buf_u16(b);

		base_out_bytes(o, separator, strlen(separator));
		param_write(o, key, base_buf_over(base_buf_take(b, n), n));
		separator = " ";
	}
}
