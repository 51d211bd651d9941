/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/value.h"

#include <string.h>

#include "base/buf.h"
#include "dns/type.h"
#include "text/token.h"

/* Whether all of the text is a number up to `most`. */
bool text_value_parse_number(uint32_t *out, const char *text, size_t nchars, uint32_t most)
{
	uint64_t v = 0;

	if (nchars == 0 || nchars > 10)
		return false;
	for (size_t i = 0; i < nchars; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(text[i] - '0');
	}
	*out = (uint32_t)v;
	return v <= most;
}

static uint32_t unit_seconds(char c)
{
	switch (c | 0x20) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

bool text_value_parse_ttl(uint32_t *ttl, const char *text, size_t nchars, uint32_t most)
{
	uint64_t sum = 0;

	if (text_value_parse_number(ttl, text, nchars, most))
		return true;
	for (size_t i = 0; i < nchars; i++) {
		size_t first = i;
		uint32_t v;

		while (i < nchars && text[i] >= '0' && text[i] <= '9')
			i++;
		if (i == nchars || unit_seconds(text[i]) == 0 ||
		    !text_value_parse_number(&v, text + first, i - first, UINT32_MAX))
			return false;
		sum += (uint64_t)v * unit_seconds(text[i]);
		if (sum > most)
			return false;
	}
	*ttl = (uint32_t)sum;
	return nchars > 0;
}

/* Packs up to eight letters into one number, with upper and lower case alike. */
static uint64_t packed(const char *text, size_t nchars)
{
	uint64_t v = 0;

	for (size_t i = 0; i < nchars; i++)
		v = v << 8 | ((uint8_t)text[i] & 0xdf);
	return v;
}

bool text_value_parse_type(uint16_t *type, const struct text_token *t)
{
	static const struct {
		uint64_t key;
		uint16_t type;
	} common[] = {
		{'A', DNS_TYPE_A},
		{'A' << 24 | 'A' << 16 | 'A' << 8 | 'A', DNS_TYPE_AAAA},
		{'S' << 16 | 'R' << 8 | 'V', DNS_TYPE_SRV},
		{'T' << 16 | 'X' << 8 | 'T', DNS_TYPE_TXT},
		{'P' << 16 | 'T' << 8 | 'R', DNS_TYPE_PTR},
		{'N' << 8 | 'S', DNS_TYPE_NS},
		{'M' << 8 | 'X', DNS_TYPE_MX},
	};

	if (t->is_quoted || t->nchars == 0)
		return false;
	if (t->nchars <= 4) {
		uint64_t key = packed(t->text, t->nchars);

		for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
			if (common[i].key == key) {
				*type = common[i].type;
				return true;
			}
	}
	return dns_type_from_text(type, t->text, t->nchars);
}

int text_value_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int text_value_parse_octet(const char *text, uint32_t nchars, uint32_t *i)
{
	const char *p = text + *i;
	uint32_t left = nchars - *i, v;

	if (*p != '\\' || left < 2) {
		*i += 1;
		return (uint8_t)*p;
	}
	if (p[1] < '0' || p[1] > '9') {
		*i += 2;
		return (uint8_t)p[1];
	}
	*i += 4;
	return left >= 4 && text_value_parse_number(&v, p + 1, 3, 255) ? (int)v : -1;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool text_value_parse_base64(struct text_value_base64 *b, struct base_out *out, const char *text,
			     size_t nchars)
{
	for (size_t i = 0; i < nchars; i++) {
		int d = text[i] == '=' ? 0 : base64_digit(text[i]);

		b->npads += text[i] == '=';
		if (d < 0 || b->npads > 2 || (b->npads > 0 && text[i] != '='))
			return false;
		b->bits = b->bits << 6 | (uint32_t)d;
		if (++b->ndigits % 4 != 0)
			continue;
		for (uint32_t k = 0; k < 3 - b->npads; k++)
			base_out_u8(out, (uint8_t)(b->bits >> (16 - 8 * k)));
	}
	return true;
}

bool text_value_ends_base64(const struct text_value_base64 *b)
{
	return b->ndigits % 4 == 0 &&
	       (b->npads == 0 || (b->bits & ((1U << 8 * b->npads) - 1)) == 0);
}

static bool is_letter_or_digit(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9');
}

bool text_value_is_tag(const uint8_t *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		if (!is_letter_or_digit(bytes[i]))
			return false;
	return nbytes > 0;
}

void text_value_write_number(struct base_out *o, uint32_t v)
{
	char digits[10];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	base_out_bytes(o, digits + n, sizeof(digits) - n);
}

void text_value_write_ddd(struct base_out *o, uint8_t c)
{
	uint8_t ddd[4] = {'\\', (uint8_t)('0' + c / 100), (uint8_t)('0' + c / 10 % 10),
			  (uint8_t)('0' + c % 10)};

	base_out_bytes(o, ddd, 4);
}

/* Writes one octet of a name or string: unchanged, after a backslash if it is one of `special`, or
 * as \DDD. */
static void octet_write(struct base_out *o, uint8_t c, const char *special)
{
	if (c < ' ' || c > '~') {
		text_value_write_ddd(o, c);
		return;
	}
	if (strchr(special, c) != NULL)
		base_out_u8(o, '\\');
	base_out_u8(o, c);
}

/* Letters, digits, hyphen and underscore: nearly all octets in practice, never special to a parser.
 */
static bool is_plain(uint8_t c)
{
	return is_letter_or_digit(c) || c == '-' || c == '_';
}

void text_value_write_name(struct base_out *o, const uint8_t *name)
{
	if (*name == 0)
		base_out_u8(o, '.');
	for (; *name != 0; name += *name + 1) {
		for (uint8_t i = 1; i <= *name; i++) {
			if (is_plain(name[i]))
				base_out_u8(o, name[i]);
			else if (name[i] == ' ')
				base_out_bytes(o, "\\032", 4);
			else
				octet_write(o, name[i], ".\\\"();@$");
		}
		base_out_u8(o, '.');
	}
}

void text_value_write_string(struct base_out *o, const uint8_t *bytes, size_t nbytes)
{
	base_out_u8(o, '"');
	for (size_t i = 0; i < nbytes; i++) {
		if (is_plain(bytes[i]))
			base_out_u8(o, bytes[i]);
		else
			octet_write(o, bytes[i], "\"\\");
	}
	base_out_u8(o, '"');
}

void text_value_write_hex(struct base_out *o, const uint8_t *bytes, size_t nbytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < nbytes; i++) {
		base_out_u8(o, (uint8_t)digits[bytes[i] >> 4]);
		base_out_u8(o, (uint8_t)digits[bytes[i] & 15]);
	}
}

void text_value_write_base64(struct base_out *o, const uint8_t *bytes, size_t nbytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < nbytes; i += 3) {
		size_t left = nbytes - i;
		uint32_t bits = (uint32_t)bytes[i] << 16 |
				(left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				(left > 2 ? bytes[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			base_out_u8(o, k > left ? '=' : (uint8_t)digits[bits >> (18 - 6 * k) & 63]);
	}
}

void text_value_write_ipv4(struct base_out *o, const uint8_t *a)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			base_out_u8(o, '.');
		text_value_write_number(o, a[i]);
	}
}

static void group_write(struct base_out *o, uint16_t v)
{
	bool is_started = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned d = v >> shift & 15;

		is_started |= d != 0 || shift == 0;
		if (is_started)
			base_out_u8(o, (uint8_t) "0123456789abcdef"[d]);
	}
}

/* RFC 5952 section 4.2: the first longest run of two or more zero groups becomes "::". */
void text_value_write_ipv6(struct base_out *o, const uint8_t *a)
{
	int best = 8, nbest = 1;

	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && base_load16(a + 2 * (i + n)) == 0)
			n++;
		if (n > nbest) {
			best = i;
			nbest = n;
		}
		i += n;
	}
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			base_out_bytes(o, "::", 2);
			i += nbest - 1;
			continue;
		}
		if (i > 0 && i != best + nbest)
			base_out_u8(o, ':');
		group_write(o, base_load16(a + 2 * i));
	}
}
