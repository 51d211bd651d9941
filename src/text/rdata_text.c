/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/rdata_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/foreign.h"

/* The presentation form of a type (dns/type.h), NULL if it has none of ours. */
static const char *form_of(uint16_t type)
{
	const struct dns_type_info *info = dns_type_info(type);

	return info == NULL ? NULL : info->text;
}

/* ---- Text to octets ------------------------------------------------------------------------- */

void text_words_fail(struct text_words *w, const struct text_token *t, const char *wrong)
{
	if (!text_words_is_bad(w)) {
		w->wrong_at = t;
		snprintf(w->wrong, sizeof(w->wrong), "%s", wrong);
	}
	w->at = w->end;
}

const struct text_token *text_words_take(struct text_words *w, const char *what)
{
	if (w->at < w->end)
		return w->at++;
	text_words_fail(w, NULL, what);
	return NULL;
}

/* A name without escapes, the plain case made quick. Returns its length, or 0 if it is no such
 * name. */
static size_t plain_name(uint8_t out[static DNS_NAME_MAX], const char *text, size_t nchars,
			 const uint8_t *origin, size_t norigin)
{
	size_t label = 0, n = 1; /* out[label] is the length octet being filled */

	if (nchars >= DNS_NAME_MAX)
		return 0;
	for (size_t i = 0; i < nchars; i++) {
		if (text[i] != '.') {
			out[n++] = (uint8_t)text[i];
			continue;
		}
		if (n - label - 1 == 0 || n - label - 1 > DNS_LABEL_MAX)
			return 0;
		out[label] = (uint8_t)(n - label - 1);
		label = n++;
	}
	if (n - label - 1 == 0) {
		out[label] = 0;
		return n;
	}
	if (n - label - 1 > DNS_LABEL_MAX || n + norigin > DNS_NAME_MAX)
		return 0;
	out[label] = (uint8_t)(n - label - 1);
	memcpy(out + n, origin, norigin);
	return n + norigin;
}

size_t text_words_name(struct text_words *w, uint8_t out[static DNS_NAME_MAX])
{
	const struct text_token *t = text_words_take(w, "a name is missing");
	size_t n;

	if (t == NULL)
		return 0;
	if (t->nchars == 1 && t->text[0] == '@' && !t->is_quoted) {
		memcpy(out, w->origin, w->norigin);
		return w->norigin;
	}
	if (t->has_quote)
		n = 0;
	else if (t->has_escape || (t->nchars == 1 && t->text[0] == '.'))
		n = dns_name_from_text(out, t->text, t->nchars, w->origin);
	else
		n = t->nchars == 0 ? 0 : plain_name(out, t->text, t->nchars, w->origin, w->norigin);
	if (n == 0)
		text_words_fail(w, t, "is not a domain name");
	return n;
}

/* Whether all of the text is a number up to `most`. */
static bool number_parse(uint32_t *out, const char *text, size_t nchars, uint32_t most)
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

bool text_ttl_parse(uint32_t *ttl, const char *text, size_t nchars, uint32_t most)
{
	uint64_t sum = 0;

	if (number_parse(ttl, text, nchars, most))
		return true;
	for (size_t i = 0; i < nchars; i++) {
		size_t first = i;
		uint32_t v;

		while (i < nchars && text[i] >= '0' && text[i] <= '9')
			i++;
		if (i == nchars || unit_seconds(text[i]) == 0 ||
		    !number_parse(&v, text + first, i - first, UINT32_MAX))
			return false;
		sum += (uint64_t)v * unit_seconds(text[i]);
		if (sum > most)
			return false;
	}
	*ttl = (uint32_t)sum;
	return nchars > 0;
}

/* Up to eight letters as one number, capitals and small ones alike. */
static uint64_t packed(const char *text, size_t nchars)
{
	uint64_t v = 0;

	for (size_t i = 0; i < nchars; i++)
		v = v << 8 | ((uint8_t)text[i] & 0xdf);
	return v;
}

bool text_type_parse(uint16_t *type, const struct text_token *t)
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

static void number_field(struct text_words *w, struct base_out *out, unsigned nbytes)
{
	const struct text_token *t = text_words_take(w, "a number is missing");
	uint32_t most = nbytes == 4 ? UINT32_MAX : (1U << 8 * nbytes) - 1, v;

	if (t == NULL)
		return;
	if (t->is_quoted || !number_parse(&v, t->text, t->nchars, most)) {
		text_words_fail(w, t,
				nbytes == 1   ? "is not a number from 0 to 255"
				: nbytes == 2 ? "is not a number from 0 to 65535"
					      : "is not a number of 32 bits");
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
	if (t->is_quoted || !text_ttl_parse(&v, t->text, t->nchars, UINT32_MAX))
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
	text_words_fail(w, t,
			family == AF_INET ? "is not an IPv4 address" : "is not an IPv6 address");
}

static void name_field(struct text_words *w, struct base_out *out)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = text_words_name(w, name);

	base_out_bytes(out, name, n);
}

/* Reads one octet of a string at t->text[*i], resolving an escape (RFC 1035 section 5.1). Returns
 * -1 on a bad escape. */
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
	return left >= 4 && number_parse(&v, p + 1, 3, 255) ? (int)v : -1;
}

/* Writes the octets that a token stands for; at most `most`. */
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
	if (!text_words_is_bad(w))
		*length = (uint8_t)(out->at - length - 1);
}

static void tag_field(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = w->at;
	uint8_t *first = out->at;

	string_field(w, out);
	if (text_words_is_bad(w) || out->is_full)
		return;
	if (*first == 0)
		text_words_fail(w, t, "is not a tag of letters and digits");
	for (const uint8_t *p = first + 1; p < out->at; p++)
		if (!((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') && !(*p >= '0' && *p <= '9'))
			text_words_fail(w, t, "is not a tag of letters and digits");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All tokens that are left are hex, with blanks anywhere. */
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

/* All tokens that are left are base 64 (RFC 4648 section 4), with blanks anywhere; bits that do not
 * count must be 0. */
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
				text_words_fail(w, t, "is not base 64");
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
		text_words_fail(w, NULL, "the base 64 is cut short");
}

/* The octet before the algorithm tells what the gateway is. */
static void gateway_field(struct text_words *w, struct base_out *out)
{
	const struct text_token *t;

	if (text_words_is_bad(w) || base_out_nbytes(out) < 3)
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

/* RFC 3597 section 5: \# LENGTH HEX..., with \# and the length already seen to be there. */
static void opaque_parse(struct text_words *w, uint16_t type, struct base_out *out)
{
	const struct text_token *t;
	uint32_t length;

	w->at++;
	t = text_words_take(w, "the length behind \\# is missing");
	if (t == NULL)
		return;
	if (!number_parse(&length, t->text, t->nchars, DNS_RDATA_MAX)) {
		text_words_fail(w, t, "is not a length from 0 to 65535");
		return;
	}
	hex_field(w, out);
	if (text_words_is_bad(w) || out->is_full)
		return;
	if (base_out_nbytes(out) != length)
		text_words_fail(w, t, "is not the number of octets that follow");
	else if (!dns_rdata_is_valid(type, out->start, length))
		text_words_fail(w, NULL, "these octets are no data of the type");
}

static bool is_opaque(const struct text_words *w)
{
	return w->at < w->end && !w->at->is_quoted && w->at->nchars == 2 &&
	       memcmp(w->at->text, "\\#", 2) == 0;
}

void text_rdata_parse(struct text_words *w, uint16_t type, struct base_out *out)
{
	const char *fields;

	if (is_opaque(w)) {
		opaque_parse(w, type, out);
	} else if ((fields = form_of(type)) != NULL) {
		for (; *fields != '\0'; fields++)
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

/* ---- Octets to text ------------------------------------------------------------------------- */

void text_ddd_write(struct base_out *o, uint8_t c)
{
	uint8_t ddd[4] = {'\\', (uint8_t)('0' + c / 100), (uint8_t)('0' + c / 10 % 10),
			  (uint8_t)('0' + c % 10)};

	base_out_bytes(o, ddd, 4);
}

/* Writes one octet of a name or string: as it is, behind a backslash if it is one of `special`, or
 * as \DDD. */
static void octet_write(struct base_out *o, uint8_t c, const char *special)
{
	if (c < ' ' || c > '~') {
		text_ddd_write(o, c);
		return;
	}
	if (strchr(special, c) != NULL)
		base_out_u8(o, '\\');
	base_out_u8(o, c);
}

/* Letters, digits, hyphen and underscore: what nearly every octet is, and what no parser mistakes.
 */
static bool is_plain(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

void text_name_write(struct base_out *o, const uint8_t *name)
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

void text_number_write(struct base_out *o, uint32_t v)
{
	char digits[10];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	base_out_bytes(o, digits + n, sizeof(digits) - n);
}

static void hex_write(struct base_out *o, const uint8_t *bytes, size_t nbytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < nbytes; i++) {
		base_out_u8(o, (uint8_t)digits[bytes[i] >> 4]);
		base_out_u8(o, (uint8_t)digits[bytes[i] & 15]);
	}
}

static void opaque_write(struct base_out *o, const uint8_t *rdata, size_t nbytes)
{
	base_out_bytes(o, "\\# ", 3);
	text_number_write(o, (uint32_t)nbytes);
	if (nbytes > 0)
		base_out_u8(o, ' ');
	hex_write(o, rdata, nbytes);
}

static void string_write(struct base_out *o, const uint8_t *bytes, size_t nbytes)
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

static void ipv4_write(struct base_out *o, const uint8_t *a)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			base_out_u8(o, '.');
		text_number_write(o, a[i]);
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

/* RFC 5952 section 4.2: the longest run of two or more zero groups becomes "::". */
static void ipv6_write(struct base_out *o, const uint8_t *a)
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

static void tag_write(struct base_out *o, struct base_buf *b)
{
	uint8_t n = base_buf_u8(b);
	const uint8_t *tag = base_buf_take(b, n);

	if (n == 0)
		base_buf_fail(b);
	for (uint8_t i = 0; i < n && tag != NULL; i++) {
		if (!is_plain(tag[i]) || tag[i] == '-' || tag[i] == '_')
			base_buf_fail(b);
		base_out_u8(o, tag[i]);
	}
}

static void strings_write(struct base_out *o, struct base_buf *b, bool is_list)
{
	do {
		uint8_t n = base_buf_u8(b);
		const uint8_t *bytes = base_buf_take(b, n);

		if (bytes == NULL)
			return;
		string_write(o, bytes, n);
		if (!is_list || base_buf_left(b) == 0)
			return;
		base_out_u8(o, ' ');
	} while (true);
}

/* Writes a name; `b` fails if there is none, or a compressed one. */
static void name_write(struct base_out *o, struct base_buf *b)
{
	uint8_t name[DNS_NAME_MAX];
	const uint8_t *first = b->at;
	size_t n = dns_name_parse(b, name);

	if (n != (size_t)(b->at - first))
		base_buf_fail(b);
	else if (n > 0)
		text_name_write(o, name);
}

static void base64_write(struct base_out *o, const uint8_t *bytes, size_t nbytes)
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

static void gateway_write(struct base_out *o, struct base_buf *b)
{
	const uint8_t *p;

	switch (b->start[1]) {
	case 0:
		base_out_u8(o, '.');
		return;
	case 1:
		if ((p = base_buf_take(b, 4)) != NULL)
			ipv4_write(o, p);
		return;
	case 2:
		if ((p = base_buf_take(b, 16)) != NULL)
			ipv6_write(o, p);
		return;
	case 3:
		name_write(o, b);
		return;
	default:
		base_buf_fail(b);
	}
}

/* Writes one field; `b` fails if the octets are none, or none that text can say. */
static void field_write(struct base_out *o, struct base_buf *b, char field)
{
	size_t left = base_buf_left(b);
	const uint8_t *p;

	switch (field) {
	case 'a':
		if ((p = base_buf_take(b, 4)) != NULL)
			ipv4_write(o, p);
		return;
	case 'A':
		if ((p = base_buf_take(b, 16)) != NULL)
			ipv6_write(o, p);
		return;
	case 'n':
		name_write(o, b);
		return;
	case '1':
		text_number_write(o, base_buf_u8(b));
		return;
	case '2':
		text_number_write(o, base_buf_u16(b));
		return;
	case '4':
	case 'p':
		text_number_write(o, base_buf_u32(b));
		return;
	case 's':
		strings_write(o, b, false);
		return;
	case 't':
		strings_write(o, b, true);
		return;
	case 'k':
		tag_write(o, b);
		return;
	case 'q':
		string_write(o, base_buf_take(b, left), left);
		return;
	case 'e':
		base64_write(o, base_buf_take(b, left), left);
		return;
	case 'g':
		gateway_write(o, b);
		return;
	default:
		hex_write(o, base_buf_take(b, left), left);
	}
}

static bool fields_write(struct base_out *o, const char *fields, const uint8_t *rdata,
			 size_t nbytes)
{
	struct base_buf b = base_buf_over(rdata, nbytes);
	const char *separator = "";

	for (; *fields != '\0' && !b.has_failed; fields++) {
		/* Hex and base 64 may be empty, which no token says. */
		if ((*fields == 'x' || *fields == 'e') && base_buf_left(&b) == 0)
			return false;
		base_out_bytes(o, separator, strlen(separator));
		field_write(o, &b, *fields);
		separator = " ";
	}
	return !b.has_failed && base_buf_left(&b) == 0;
}

/* Whether text that ldns wrote reads back as the rdata that it came from. */
static bool reads_back(const uint8_t *text, size_t nchars, uint16_t type, const uint8_t *rdata,
		       size_t nbytes)
{
	char *copy = malloc(nchars + 1);
	uint8_t *again = malloc(DNS_RDATA_MAX);
	struct text_entry e = {0};
	bool same = false;

	if (copy != NULL && again != NULL) {
		struct base_out out = base_out_over(again, DNS_RDATA_MAX);
		const char *at = copy;

		memcpy(copy, text, nchars);
		copy[nchars] = '\n';
		if (text_entry_scan(&e, &at, copy + nchars, true) == TEXT_SCAN_ENTRY &&
		    e.wrong == NULL) {
			struct text_words w = {.at = e.tokens,
					       .end = e.tokens + e.ntokens,
					       .origin = (const uint8_t *)"",
					       .norigin = 1};

			text_rdata_parse(&w, type, &out);
			same = !text_words_is_bad(&w) && base_out_nbytes(&out) == nbytes &&
			       memcmp(again, rdata, nbytes) == 0;
		}
	}
	text_entry_fini(&e);
	free(again);
	free(copy);
	return same;
}

static bool foreign_write(struct base_out *o, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	uint8_t *first = o->at;

	return text_foreign_has(type) && text_foreign_write(o, type, rdata, nbytes) &&
	       (o->is_full || reads_back(first, (size_t)(o->at - first), type, rdata, nbytes));
}

void text_rdata_write(struct base_out *o, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	const char *fields = form_of(type);
	uint8_t *first = o->at;

	if (o->is_full)
		return;
	if (fields != NULL ? fields_write(o, fields, rdata, nbytes)
			   : foreign_write(o, type, rdata, nbytes))
		return;
	o->at = first;
	o->is_full = false;
	opaque_write(o, rdata, nbytes);
}
