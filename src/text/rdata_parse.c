/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/rdata_parse.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "dns/content.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/field_parse.h"
#include "text/foreign.h"
#include "text/location.h"
#include "text/svcb_parse.h"
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

/* Writes the octets of a token with its escapes resolved; more than `most` are an error. */
static void string_octets(struct text_words *w, const struct text_token *t, struct base_out *out,
			  size_t most)
{
	uint8_t *first = out->at;

	if (!t->has_escape) {
		base_out_bytes(out, t->text, t->nchars);
	} else {
		for (uint32_t i = 0; i < t->nchars;) {
			int c = text_value_parse_octet(t->text, t->nchars, &i);

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

/* Takes all tokens that are left as hex, with blanks anywhere. */
static void hex_field(struct text_words *w, struct base_out *out)
{
	int high = -1;

	while (w->at < w->end) {
		const struct text_token *t = text_words_take(w, "");

		for (uint32_t i = 0; i < t->nchars || t->is_quoted; i++) {
			int d = t->is_quoted ? -1 : text_value_hex_digit(t->text[i]);

			if (d < 0) {
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

/* Takes all tokens that are left as base64, with blanks anywhere. */
static void base64_field(struct text_words *w, struct base_out *out)
{
	struct text_value_base64 b = {0};

	while (w->at < w->end) {
		const struct text_token *t = text_words_take(w, "");

		if (t->is_quoted || !text_value_parse_base64(&b, out, t->text, t->nchars)) {
			text_words_fail(w, t, "is not base64");
			return;
		}
	}
	if (!text_value_ends_base64(&b))
		text_words_fail(w, NULL, "the base64 is cut short");
}

/* Takes a gateway of IPSECKEY, or a relay of AMTRELAY, by its type. */
static void typed_address_field(struct text_words *w, struct base_out *out, unsigned type)
{
	const struct text_token *t;

	switch (type) {
	case 0:
		t = text_words_take(w, "the \".\" that means no address is missing");
		if (t != NULL && (t->nchars != 1 || t->text[0] != '.'))
			text_words_fail(w, t, "is not the \".\" that means no address");
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
		text_words_fail(w, NULL, "the type of the address is not known");
	}
}

/* The type of the gateway is in the octet before the algorithm. */
static void gateway_field(struct text_words *w, struct base_out *out)
{
	if (!text_words_has_failed(w) && base_out_nbytes(out) >= 3)
		typed_address_field(w, out, out->start[1]);
}

/* RFC 8777 section 4.3.1: a bit, the type of the relay, and the relay. */
static void relay_field(struct text_words *w, struct base_out *out)
{
	uint8_t *discovery = out->at;

	number_field(w, out, 1);
	number_field(w, out, 1);
	if (text_words_has_failed(w) || out->is_full)
		return;
	if (discovery[0] > 1 || discovery[1] > 127) {
		text_words_fail(w, NULL, "discovery is not 0 or 1, or the type is above 127");
		return;
	}
	discovery[0] = (uint8_t)(discovery[0] << 7 | discovery[1]);
	out->at--;
	typed_address_field(w, out, discovery[0] & 0x7f);
}

static void rest_field(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "a string is missing");

	if (t != NULL)
		string_octets(w, t, out, DNS_RDATA_MAX);
}

/* The fields that one function parses, by their letters (dns/type.h). */
static void (*const parse_field['z' + 1])(struct text_words *w, struct base_out *out) = {
	['n'] = name_field,	     ['p'] = period_field,	['s'] = string_field,
	['k'] = tag_field,	     ['x'] = hex_field,		['e'] = base64_field,
	['g'] = gateway_field,	     ['R'] = relay_field,	['q'] = rest_field,
	['T'] = text_field_type,     ['i'] = text_field_time,	['S'] = text_field_salt,
	['B'] = text_field_base32,   ['b'] = text_field_bitmap, ['w'] = text_field_locator,
	['P'] = text_field_prefixes, ['v'] = text_svcb_parse,	['L'] = text_location_parse,
};

/* Parses a field whose function is given more than the words. */
static void special_field(struct text_words *w, struct base_out *out, char field)
{
	switch (field) {
	case 'a':
		address_field(w, out, AF_INET);
		return;
	case 'A':
		address_field(w, out, AF_INET6);
		return;
	case '1':
	case '2':
	case '4':
		number_field(w, out, (unsigned)(field - '0'));
		return;
	case 'y':
		text_field_named(w, out, TEXT_NAMED_ALGORITHM);
		return;
	case 'D':
		text_field_named(w, out, TEXT_NAMED_DIGEST);
		return;
	case 'F':
		text_field_named(w, out, TEXT_NAMED_FLAGS);
		return;
	case 'j':
		text_field_named(w, out, TEXT_NAMED_PROTOCOL);
		return;
	case 'C':
		text_field_named(w, out, TEXT_NAMED_CERTIFICATE);
		return;
	case 'N':
		text_field_named(w, out, TEXT_NAMED_SCHEME);
		return;
	case 'm':
		text_field_eui(w, out, 6);
		return;
	case 'M':
		text_field_eui(w, out, 8);
		return;
	default:
		do
			string_field(w, out);
		while (w->at < w->end);
	}
}

static void field_parse(struct text_words *w, struct base_out *out, char field)
{
	if (parse_field[(unsigned char)field] != NULL)
		parse_field[(unsigned char)field](w, out);
	else
		special_field(w, out, field);
}

/* Parses \# LENGTH HEX... (RFC 3597 section 5). The caller has seen the \#. */
static void opaque_parse(struct text_words *w, struct base_out *out)
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
}

static bool is_opaque(const struct text_words *w)
{
	return w->at < w->end && !w->at->is_quoted && w->at->nchars == 2 &&
	       memcmp(w->at->text, "\\#", 2) == 0;
}

/* The fields of our own forms are laid out as their type. Octets and what ldns made may be not. */
static const char *fault_of(uint16_t type, const struct base_out *out, bool is_ours,
			    bool was_opaque)
{
	size_t nbytes = base_out_nbytes(out);
	const char *fault = is_ours ? dns_content_fault(type, out->start, nbytes)
				    : dns_rdata_fault(type, out->start, nbytes);

	return was_opaque && fault == dns_rdata_malformed
		       ? "these octets are not valid data of the type"
		       : fault;
}

void text_rdata_parse(struct text_words *w, uint16_t type, struct base_out *out)
{
	const struct dns_type_info *info = dns_type_info(type);
	bool was_opaque = is_opaque(w);
	bool is_ours = !was_opaque && info != NULL && info->text != NULL;
	const char *fault;

	if (was_opaque) {
		opaque_parse(w, out);
	} else if (is_ours) {
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
	fault = text_words_has_failed(w) ? NULL : fault_of(type, out, is_ours, was_opaque);
	if (fault != NULL)
		text_words_fail(w, NULL, "%s", fault);
}
