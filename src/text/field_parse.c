/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/field_parse.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "text/token.h"
#include "text/value.h"
#include "text/words.h"

/* ---- mnemonics ---- */

struct named {
	const char *text;
	uint16_t number;
};

static const struct named algorithms[] = {
	{"RSAMD5", 1},	     {"DH", 2},
	{"DSA", 3},	     {"ECC", 4},
	{"RSASHA1", 5},	     {"DSA-NSEC3-SHA1", 6},
	{"NSEC3DSA", 6},     {"RSASHA1-NSEC3-SHA1", 7},
	{"NSEC3RSASHA1", 7}, {"RSASHA256", 8},
	{"RSASHA512", 10},   {"ECC-GOST", 12},
	{"ECCGOST", 12},     {"ECDSAP256SHA256", 13},
	{"ECDSA256", 13},    {"ECDSAP384SHA384", 14},
	{"ECDSA384", 14},    {"ED25519", 15},
	{"ED448", 16},	     {"INDIRECT", 252},
	{"PRIVATEDNS", 253}, {"PRIVATEOID", 254},
	{NULL, 0},
};

static const struct named digests[] = {
	{"SHA-1", 1}, {"SHA1", 1},    {"SHA-256", 2}, {"SHA256", 2},
	{"GOST", 3},  {"SHA-384", 4}, {"SHA384", 4},  {NULL, 0},
};

static const struct named certificates[] = {
	{"PKIX", 1},   {"SPKI", 2},    {"PGP", 3},   {"IPKIX", 4}, {"ISPKI", 5}, {"IPGP", 6},
	{"ACPKIX", 7}, {"IACPKIX", 8}, {"URI", 253}, {"OID", 254}, {NULL, 0},
};

static const struct named flags[] = {
	{"NOCONF", 0x4000}, {"NOAUTH", 0x8000}, {"NOKEY", 0xc000}, {"ZONE", 0x0100},
	{"USER", 0},	    {"HOST", 0x0200},	{NULL, 0},
};

static const struct named protocols[] = {
	{"NONE", 0}, {"TLS", 1}, {"EMAIL", 2}, {"DNSSEC", 3}, {"IPSEC", 4}, {"ALL", 255}, {NULL, 0},
};

static const struct named schemes[] = {{"NOTIFY", 1}, {NULL, 0}};

static const struct {
	const struct named *names;
	unsigned nbytes;
	const char *what;
} kinds[] = {
	[TEXT_NAMED_ALGORITHM] = {algorithms, 1, "algorithm"},
	[TEXT_NAMED_DIGEST] = {digests, 1, "digest type"},
	[TEXT_NAMED_CERTIFICATE] = {certificates, 2, "certificate type"},
	[TEXT_NAMED_FLAGS] = {flags, 2, "flag"},
	[TEXT_NAMED_PROTOCOL] = {protocols, 1, "protocol"},
	[TEXT_NAMED_SCHEME] = {schemes, 1, "scheme"},
};

static bool named_number(uint32_t *v, const struct text_token *t, const struct named *names,
			 uint32_t most)
{
	if (text_value_parse_number(v, t->text, t->nchars, most))
		return true;
	for (; names->text != NULL; names++)
		if (text_token_is(t, names->text)) {
			*v = names->number;
			return true;
		}
	return false;
}

void text_field_named(struct text_words *w, struct base_out *out, enum text_named named)
{
	const struct text_token *t = text_words_take(w, "a number is missing");
	uint32_t most = kinds[named].nbytes == 1 ? UINT8_MAX : UINT16_MAX, v;

	if (t == NULL)
		return;
	if (t->is_quoted || !named_number(&v, t, kinds[named].names, most))
		text_words_fail(w, t, "is neither the name of a known %s nor a number from 0 to %u",
				kinds[named].what, most);
	else if (kinds[named].nbytes == 1)
		base_out_u8(out, (uint8_t)v);
	else
		base_out_u16(out, (uint16_t)v);
}

void text_field_type(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "a type is missing");
	uint32_t v;
	uint16_t type;

	if (t == NULL)
		return;
	if (text_value_parse_type(&type, t))
		base_out_u16(out, type);
	else if (!t->is_quoted && text_value_parse_number(&v, t->text, t->nchars, UINT16_MAX))
		base_out_u16(out, (uint16_t)v);
	else
		text_words_fail(w, t, "is not a type of records");
}

/* ---- times ---- */

static unsigned days_of(unsigned year, unsigned month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap ? 1u : 0u);
}

static unsigned digits(const char *text, unsigned nchars)
{
	uint32_t v = 0;

	text_value_parse_number(&v, text, nchars, UINT32_MAX);
	return v;
}

/* Reads YYYYMMDDHHmmSS, 14 digits, as seconds since 1970. Returns false if there is no such time,
 * or it does not fit in 32 bits. */
static bool time_read(uint32_t *seconds, const char *t)
{
	unsigned year = digits(t, 4), month = digits(t + 4, 2), day = digits(t + 6, 2),
		 hour = digits(t + 8, 2), minute = digits(t + 10, 2), second = digits(t + 12, 2);
	uint64_t ndays = 0;

	if (year < 1970 || year > 2106 || month < 1 || month > 12 || day < 1 ||
	    day > days_of(year, month) || hour > 23 || minute > 59 || second > 59)
		return false;
	for (unsigned y = 1970; y < year; y++)
		ndays += 337 + days_of(y, 2);
	for (unsigned m = 1; m < month; m++)
		ndays += days_of(year, m);
	ndays += day - 1;
	ndays = ndays * 86400 + hour * 3600 + minute * 60 + second;
	*seconds = (uint32_t)ndays;
	return ndays <= UINT32_MAX;
}

static bool are_digits(const struct text_token *t)
{
	for (uint32_t i = 0; i < t->nchars; i++)
		if (t->text[i] < '0' || t->text[i] > '9')
			return false;
	return !t->is_quoted;
}

void text_field_time(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "a time is missing");
	uint32_t v;

	if (t == NULL)
		return;
	if (are_digits(t) &&
	    (t->nchars == 14 ? time_read(&v, t->text)
			     : text_value_parse_number(&v, t->text, t->nchars, UINT32_MAX)))
		base_out_u32(out, v);
	else
		text_words_fail(w, t, "is not a time as YYYYMMDDHHmmSS or in seconds of 32 bits");
}

/* ---- digits of 4 and 5 bits ---- */

/* Returns the octet that the two hex digits at `text` make, or -1. */
static int hex_octet(const char *text)
{
	int high = text_value_hex_digit(text[0]), low = text_value_hex_digit(text[1]);

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

void text_field_salt(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "the salt is missing");
	uint8_t *length = base_out_take(out, 1);

	if (t == NULL || length == NULL)
		return;
	*length = 0;
	if (text_token_is(t, "-"))
		return;
	if (t->is_quoted || t->nchars == 0 || t->nchars % 2 != 0 || t->nchars > 2 * 255) {
		text_words_fail(w, t, "is not \"-\" or the hex of at most 255 octets");
		return;
	}
	for (uint32_t i = 0; i < t->nchars; i += 2) {
		int v = hex_octet(t->text + i);

		if (v < 0) {
			text_words_fail(w, t, "is not hex");
			return;
		}
		base_out_u8(out, (uint8_t)v);
	}
	*length = (uint8_t)(t->nchars / 2);
}

static int base32_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

void text_field_base32(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "the hash is missing");
	uint8_t *length = base_out_take(out, 1);
	uint32_t bits = 0, nbits = 0;

	if (t == NULL || length == NULL)
		return;
	for (uint32_t i = 0; i < t->nchars; i++) {
		int d = t->is_quoted ? -1 : base32_digit(t->text[i]);

		if (d < 0) {
			text_words_fail(w, t, "is not base32 in the extended hex alphabet");
			return;
		}
		bits = (bits << 5 | (uint32_t)d) & 0xfff;
		nbits += 5;
		if (nbits >= 8) {
			nbits -= 8;
			base_out_u8(out, (uint8_t)(bits >> nbits));
		}
	}
	/* A last digit without a bit of an octet is one too many, and unused bits are 0. */
	if (nbits >= 5 || (bits & ((1U << nbits) - 1)) != 0 || t->nchars > 255 * 8 / 5)
		text_words_fail(w, t, "is not the base32 of at most 255 octets");
	else
		*length = (uint8_t)(t->nchars * 5 / 8);
}

/* ---- bit maps ---- */

void text_field_bitmap(struct text_words *w, struct base_out *out)
{
	uint8_t bits[65536 / 8] = {0};

	while (w->at < w->end) {
		const struct text_token *t = text_words_take(w, "");
		uint16_t type;

		if (!text_value_parse_type(&type, t) || type == 0) {
			text_words_fail(w, t, "is not a type of records");
			return;
		}
		bits[type / 8] |= (uint8_t)(0x80 >> type % 8);
	}
	for (unsigned window = 0; window < 256; window++) {
		const uint8_t *first = bits + (size_t)window * 32;
		uint8_t n = 32;

		while (n > 0 && first[n - 1] == 0)
			n--;
		if (n == 0)
			continue;
		base_out_u8(out, (uint8_t)window);
		base_out_u8(out, n);
		base_out_bytes(out, first, n);
	}
}

/* ---- addresses ---- */

/* Reads one to four hex digits at t->text[*i], and moves *i after them. Returns -1 if there are
 * none, or more. */
static int group_read(const struct text_token *t, uint32_t *i)
{
	uint32_t first = *i;
	int v = 0, d;

	while (*i < t->nchars && *i - first < 4 && (d = text_value_hex_digit(t->text[*i])) >= 0) {
		v = v << 4 | d;
		*i += 1;
	}
	return *i == first ? -1 : v;
}

void text_field_locator(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "a locator is missing");
	uint32_t i = 0;

	if (t == NULL)
		return;
	for (int group = 0; group < 4; group++) {
		int v = t->is_quoted ? -1 : group_read(t, &i);
		bool ends = group == 3 ? i == t->nchars : i < t->nchars && t->text[i++] == ':';

		if (v < 0 || !ends) {
			text_words_fail(w, t, "is not four groups of hex digits");
			return;
		}
		base_out_u16(out, (uint16_t)v);
	}
}

void text_field_eui(struct text_words *w, struct base_out *out, unsigned nbytes)
{
	const struct text_token *t = text_words_take(w, "an address is missing");

	if (t == NULL)
		return;
	if (t->is_quoted || t->nchars != 3 * nbytes - 1) {
		text_words_fail(w, t, "is not an EUI-%u", 8 * nbytes);
		return;
	}
	for (unsigned i = 0; i < nbytes; i++) {
		const char *p = t->text + (size_t)3 * i;
		int v = hex_octet(p);

		if (v < 0 || (i + 1 < nbytes && p[2] != '-')) {
			text_words_fail(w, t, "is not an EUI-%u", 8 * nbytes);
			return;
		}
		base_out_u8(out, (uint8_t)v);
	}
}

/* Reads [!]FAMILY:ADDRESS/LENGTH into `item`, the octets of one prefix. Returns their number, or 0
 * if the text is none. */
static size_t prefix_read(uint8_t item[static 20], const struct text_token *t)
{
	bool is_negative = t->nchars > 0 && t->text[0] == '!';
	const char *at = t->text + is_negative, *end = t->text + t->nchars;
	const char *colon = memchr(at, ':', (size_t)(end - at)),
		   *slash = memchr(at, '/', (size_t)(end - at));
	char text[INET6_ADDRSTRLEN] = "";
	uint32_t family, length;
	size_t n;

	if (t->is_quoted || colon == NULL || slash == NULL || slash < colon ||
	    (size_t)(slash - colon) > sizeof(text) ||
	    !text_value_parse_number(&family, at, (size_t)(colon - at), UINT16_MAX) ||
	    (family != 1 && family != 2) ||
	    !text_value_parse_number(&length, slash + 1, (size_t)(end - slash - 1),
				     family == 1 ? 32 : 128))
		return 0;
	memcpy(text, colon + 1, (size_t)(slash - colon - 1));
	if (inet_pton(family == 1 ? AF_INET : AF_INET6, text, item + 4) != 1)
		return 0;
	for (n = family == 1 ? 4 : 16; n > 0 && item[3 + n] == 0;)
		n--;
	base_store16(item, (uint16_t)family);
	item[2] = (uint8_t)length;
	item[3] = (uint8_t)(n | (is_negative ? 0x80 : 0));
	return 4 + n;
}

void text_field_prefixes(struct text_words *w, struct base_out *out)
{
	while (w->at < w->end) {
		const struct text_token *t = text_words_take(w, "");
		uint8_t item[20];
		size_t n = prefix_read(item, t);

		if (n == 0) {
			text_words_fail(w, t,
					"is not a prefix as in 1:192.0.2.0/24 or 2:2001:db8::/32");
			return;
		}
		base_out_bytes(out, item, n);
	}
}
