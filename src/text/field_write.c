/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/field_write.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "dns/type.h"
#include "text/value.h"

static void type_write(struct base_out *o, uint16_t type)
{
	char text[DNS_TYPE_TEXT_MAX];

	dns_type_to_text(text, type);
	base_out_bytes(o, text, strlen(text));
}

void text_field_write_type(struct base_out *o, struct base_buf *b)
{
	type_write(o, base_buf_u16(b));
}

void text_field_write_time(struct base_out *o, struct base_buf *b)
{
	time_t seconds = (time_t)base_buf_u32(b);
	struct tm tm;
	char text[32];

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm) == 0)
		base_buf_fail(b);
	else
		base_out_bytes(o, text, strlen(text));
}

void text_field_write_salt(struct base_out *o, struct base_buf *b)
{
	uint8_t n = base_buf_u8(b);
	const uint8_t *bytes = base_buf_take(b, n);

	if (bytes == NULL)
		return;
	if (n == 0)
		base_out_u8(o, '-');
	text_value_write_hex(o, bytes, n);
}

void text_field_write_base32(struct base_out *o, struct base_buf *b)
{
	uint8_t n = base_buf_u8(b);
	const uint8_t *bytes = base_buf_take(b, n);
	uint32_t bits = 0, nbits = 0;

	if (n == 0)
		base_buf_fail(b);
	if (bytes == NULL || n == 0)
		return;
	for (uint8_t i = 0; i < n; i++) {
		bits = (bits << 8 | bytes[i]) & 0xffff;
		for (nbits += 8; nbits >= 5; nbits -= 5)
			base_out_u8(
				o,
				(uint8_t) "0123456789abcdefghijklmnopqrstuv"[bits >> (nbits - 5) &
									     31]);
	}
	if (nbits > 0)
		base_out_u8(o,
			    (uint8_t) "0123456789abcdefghijklmnopqrstuv"[bits << (5 - nbits) & 31]);
}

void text_field_write_bitmap(struct base_out *o, struct base_buf *b)
{
	const char *separator = "";

	while (base_buf_left(b) > 0) {
		unsigned window = base_buf_u8(b), n = base_buf_u8(b);
		const uint8_t *bits = base_buf_take(b, n);

		for (unsigned i = 0; bits != NULL && i < n * 8; i++) {
			if ((bits[i / 8] & 0x80 >> i % 8) == 0)
				continue;
			if (window == 0 && i == 0) { /* no type has the number 0 */
				base_buf_fail(b);
				return;
			}
			base_out_bytes(o, separator, strlen(separator));
			type_write(o, (uint16_t)(window << 8 | i));
			separator = " ";
		}
	}
}

void text_field_write_locator(struct base_out *o, struct base_buf *b)
{
	for (int group = 0; group < 4; group++) {
		const uint8_t *p = base_buf_take(b, 2);

		if (p == NULL)
			return;
		if (group > 0)
			base_out_u8(o, ':');
		text_value_write_hex(o, p, 2);
	}
}

void text_field_write_eui(struct base_out *o, struct base_buf *b, unsigned nbytes)
{
	const uint8_t *p = base_buf_take(b, nbytes);

	for (unsigned i = 0; p != NULL && i < nbytes; i++) {
		if (i > 0)
			base_out_u8(o, '-');
		text_value_write_hex(o, p + i, 1);
	}
}

/* Writes one prefix; `b` fails if its family has no text. */
static void prefix_write(struct base_out *o, struct base_buf *b)
{
	uint16_t family = base_buf_u16(b);
	uint8_t length = base_buf_u8(b), n = base_buf_u8(b);
	const uint8_t *p = base_buf_take(b, n & 0x7f);
	uint8_t address[16] = {0};

	if (p == NULL || (family != 1 && family != 2) || (n & 0x7f) > (family == 1 ? 4 : 16)) {
		base_buf_fail(b);
		return;
	}
	memcpy(address, p, n & 0x7f);
	if (n & 0x80)
		base_out_u8(o, '!');
	text_value_write_number(o, family);
	base_out_u8(o, ':');
	if (family == 1)
		text_value_write_ipv4(o, address);
	else
		text_value_write_ipv6(o, address);
	base_out_u8(o, '/');
	text_value_write_number(o, length);
}

void text_field_write_prefixes(struct base_out *o, struct base_buf *b)
{
	if (base_buf_left(b) == 0) {
		base_buf_fail(b);
		return;
	}
	prefix_write(o, b);
	while (base_buf_left(b) > 0) {
		base_out_u8(o, ' ');
		prefix_write(o, b);
	}
}
