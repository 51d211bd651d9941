/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/rdata_parse.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/foreign.h"
#include "text/value.h"
#include "text/words.h"

static void number_field(struct text_words *w, struct base_out *out, unsigned nbytes)
{
	const struct text_token *t = text_words_take(w, "a number is missing");
	uint32_t most = nbytes == 4 ? UINT32_MAX : (1U << 8 * nbytes) - 1, v;

	if (t == NULL)
		return;
	if (t->is_quoted || !text_value_parse_number(&v, t->text, t->nchars, most)) {
		text_words_fail(w, t,
				nbytes == 4 ? "is not a number of 32 bits"
					    : "is not a number from 0 to %u",
				most);
		return;
	}
	for (unsigned shift = 8 * nbytes; shift > 0; shift -= 8)
		base_out_u8(out, (uint8_t)(v >> (shift - 8)));
}

static void period_field(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "a time is missing");
	uint32_t v;

	if (t == NULL)
		return;
	if (t->is_quoted || !text_value_parse_ttl(&v, t->text, t->nchars, UINT32_MAX))
		text_words_fail(w, t, "is not a time in seconds, or with units as in 1h30m");
	else
		base_out_u32(out, v);
}

static void address_field(struct text_words *w, struct base_out *out, int family)
{
	const struct text_token *t = text_words_take(w, "an address is missing");
	char text[INET6_ADDRSTRLEN];
	uint8_t address[16];

	if (t == NULL)
		return;
	if (t->nchars < sizeof(text)) {
		memcpy(text, t->text, t->nchars);
		text[t->nchars] = '\0';
		if (inet_pton(family, text, address) == 1) {
			base_out_bytes(out, address, family == AF_INET ? 4 : 16);
			return;
		}
	}
	text_words_fail(w, t, "is not an %s address", family == AF_INET ? "IPv4" : "IPv6");
}

static void name_field(struct text_words *w, struct base_out *out)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = text_words_name(w, name);

	base_out_bytes(out, name, n);
}

/* Reads one octet of a string at t->text[*i], resolves an escape (RFC 1035 section 5.1), and moves
 * *i after it. Returns -1 if the escape is invalid. */
static int string_octet(const struct text_token *t, uint32_t *i)
{
	const char *p = t->text + *i;
	uint32_t left = t->nchars - *i, v;

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

/* Writes the octets of a token with its escapes resolved; more than `most` are an error. */
static void string_octets(struct text_words *w, const struct text_token *t, struct base_out *out,
			  size_t most)
{
	uint8_t *first = out->at;

	if (t->has_quote) {
		text_words_fail(w, t, "has a quote in the middle");
		return;
	}
	if (!t->has_escape) {
		base_out_bytes(out, t->text, t->nchars);
	} else {
		for (uint32_t i = 0; i < t->nchars;) {
			int c = string_octet(t, &i);

			if (c < 0) {
				text_words_fail(w, t, "has an escape that is not \\DDD");
				return;
			}
			base_out_u8(out, (uint8_t)c);
		}
	}
	if ((size_t)(out->at - first) > most)
		text_words_fail(w, t, "is longer than 255 octets");
}

static void string_field(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "a string is missing");
	uint8_t *length = base_out_take(out, 1);

	if (t == NULL || length == NULL)
		return;
	string_octets(w, t, out, 255);
	if (!text_words_has_failed(w))
		*length = (uint8_t)(out->at - length - 1);
}

static void tag_field(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = w->at;
	uint8_t *first = out->at;

	string_field(w, out);
	if (text_words_has_failed(w) || out->is_full)
		return;
	if (!text_value_is_tag(first + 1, *first))
		text_words_fail(w, t, "is not a tag of letters and digits");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes all tokens that are left as hex, with blanks anywhere. */
static void hex_field(struct text_words *w, struct base_out *out)
{
	int high = -1;

	while (w->at < w->end) {
		const struct text_token *t = text_words_take(w, "");

		for (uint32_t i = 0; i < t->nchars; i++) {
			int d = hex_digit(t->text[i]);

			if (d < 0 || t->is_quoted) {
				text_words_fail(w, t, "is not hex");
				return;
			}
			if (high >= 0)
				base_out_u8(out, (uint8_t)(high << 4 | d));
			high = high >= 0 ? -1 : d;
		}
	}
	if (high >= 0)
		text_words_fail(w, NULL, "an odd number of hex digits");
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

/* Takes all tokens that are left as base64 (RFC 4648 section 4), with blanks anywhere; unused bits
 * must be 0. */
static void base64_field(struct text_words *w, struct base_out *out)
{
	uint32_t bits = 0, ndigits = 0, npads = 0;

	while (w->at < w->end) {
		const struct text_token *t = text_words_take(w, "");

		for (uint32_t i = 0; i < t->nchars; i++) {
			int d = t->text[i] == '=' ? 0 : base64_digit(t->text[i]);

			npads += t->text[i] == '=';
			if (d < 0 || t->is_quoted || npads > 2 ||
			    (npads > 0 && t->text[i] != '=')) {
				text_words_fail(w, t, "is not base64");
				return;
			}
			bits = bits << 6 | (uint32_t)d;
			if (++ndigits % 4 != 0)
				continue;
			for (uint32_t k = 0; k < 3 - npads; k++)
				base_out_u8(out, (uint8_t)(bits >> (16 - 8 * k)));
		}
	}
	if (ndigits % 4 != 0 || (npads > 0 && (bits & ((1U << 8 * npads) - 1)) != 0))
		text_words_fail(w, NULL, "the base64 is cut short");
}

/* The kind of the gateway is in the octet before the algorithm. */
static void gateway_field(struct text_words *w, struct base_out *out)
{
	const struct text_token *t;

	if (text_words_has_failed(w) || base_out_nbytes(out) < 3)
		return;
	switch (out->start[1]) {
	case 0:
		t = text_words_take(w, "the gateway is missing");
		if (t != NULL && (t->nchars != 1 || t->text[0] != '.'))
			text_words_fail(w, t, "is not the \".\" that means no gateway");
		return;
	case 1:
		address_field(w, out, AF_INET);
		return;
	case 2:
		address_field(w, out, AF_INET6);
		return;
	case 3:
		name_field(w, out);
		return;
	default:
		text_words_fail(w, NULL, "the type of the gateway is not known");
	}
}

static void field_parse(struct text_words *w, struct base_out *out, char field)
{
	const struct text_token *t;

	switch (field) {
	case 'a':
		address_field(w, out, AF_INET);
		return;
	case 'A':
		address_field(w, out, AF_INET6);
		return;
	case 'n':
		name_field(w, out);
		return;
	case '1':
	case '2':
	case '4':
		number_field(w, out, (unsigned)(field - '0'));
		return;
	case 'p':
		period_field(w, out);
		return;
	case 's':
		string_field(w, out);
		return;
	case 'k':
		tag_field(w, out);
		return;
	case 'x':
		hex_field(w, out);
		return;
	case 'e':
		base64_field(w, out);
		return;
	case 'g':
		gateway_field(w, out);
		return;
	case 'q':
		t = text_words_take(w, "a string is missing");
		if (t != NULL)
			string_octets(w, t, out, DNS_RDATA_MAX);
		return;
	default:
		do
			string_field(w, out);
		while (w->at < w->end);
	}
}

/* Parses \# LENGTH HEX... (RFC 3597 section 5). The caller has seen the \#. */
static void opaque_parse(struct text_words *w, uint16_t type, struct base_out *out)
{
	const struct text_token *t;
	uint32_t length;

	w->at++;
	t = text_words_take(w, "the length after \\# is missing");
	if (t == NULL)
		return;
	if (!text_value_parse_number(&length, t->text, t->nchars, DNS_RDATA_MAX)) {
		text_words_fail(w, t, "is not a length from 0 to 65535");
		return;
	}
	hex_field(w, out);
	if (text_words_has_failed(w) || out->is_full)
		return;
	if (base_out_nbytes(out) != length)
		text_words_fail(w, t, "is not the number of octets that follow");
	else if (!dns_rdata_is_valid(type, out->start, length))
		text_words_fail(w, NULL, "these octets are not valid data of the type");
}

static bool is_opaque(const struct text_words *w)
{
	return w->at < w->end && !w->at->is_quoted && w->at->nchars == 2 &&
	       memcmp(w->at->text, "\\#", 2) == 0;
}

void text_rdata_parse(struct text_words *w, uint16_t type, struct base_out *out)
{
	const struct dns_type_info *info = dns_type_info(type);

	if (is_opaque(w)) {
		opaque_parse(w, type, out);
	} else if (info != NULL && info->text != NULL) {
		for (const char *fields = info->text; *fields != '\0'; fields++)
			field_parse(w, out, *fields);
	} else if (text_foreign_has(type)) {
		text_foreign_parse(w, type, out);
	} else {
		text_words_fail(w, NULL,
				"data of this type is written as \\# LENGTH HEX (RFC 3597)");
	}
	if (w->at < w->end)
		text_words_fail(w, w->at, "is more than the record has");
	if (out->is_full)
		text_words_fail(w, NULL, "the data is longer than 65535 octets");
}
