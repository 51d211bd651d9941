/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/foreign.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/token.h"
#include "text/value.h"
#include "text/words.h"

/* ldns splits a line into buffers of 64 KiB; a longer line would be truncated. */
enum { LINE_MAX_CHARS = 60000 };

/* The types that only ldns converts, in order of number. WKS, NSAP and ATMA are not among them,
 * because ldns accepts invalid values of them: they have the form of RFC 3597 only. */
static const uint16_t types[] = {
	DNS_TYPE_SIG,	     DNS_TYPE_KEY,   DNS_TYPE_LOC,   DNS_TYPE_CERT,    DNS_TYPE_APL,
	DNS_TYPE_DS,	     DNS_TYPE_RRSIG, DNS_TYPE_NSEC,  DNS_TYPE_DNSKEY,  DNS_TYPE_NSEC3,
	DNS_TYPE_NSEC3PARAM, DNS_TYPE_HIP,   DNS_TYPE_CDS,   DNS_TYPE_CDNSKEY, DNS_TYPE_CSYNC,
	DNS_TYPE_ZONEMD,     DNS_TYPE_SVCB,  DNS_TYPE_HTTPS, DNS_TYPE_NID,     DNS_TYPE_L32,
	DNS_TYPE_L64,	     DNS_TYPE_EUI48, DNS_TYPE_EUI64, DNS_TYPE_TA,      DNS_TYPE_DLV,
};

bool text_foreign_has(uint16_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i] == type)
			return true;
	return false;
}

static bool is_harmless(uint8_t c)
{
	return c > ' ' && c <= '~' && strchr("();\"", c) == NULL;
}

static bool is_ddd(const char *p, size_t left)
{
	unsigned v = 0;

	if (left < 3)
		return false;
	for (int i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(p[i] - '0');
	}
	return v <= 255;
}

/* Writes the octets of a token in a form that no lexer misreads. Returns false if an escape is
 * invalid. */
static bool token_write(struct base_out *o, const struct text_token *t)
{
	for (uint32_t i = 0; i < t->nchars; i++) {
		uint8_t c = (uint8_t)t->text[i];

		if (c == '"' && t->has_quote) { /* key="value" */
			base_out_u8(o, c);
			continue;
		}
		if (c != '\\') {
			if (is_harmless(c))
				base_out_u8(o, c);
			else
				text_value_write_ddd(o, c);
			continue;
		}
		if (++i == t->nchars)
			return false;
		c = (uint8_t)t->text[i];
		if (c >= '0' && c <= '9') {
			if (!is_ddd(t->text + i, t->nchars - i))
				return false;
			base_out_u8(o, '\\');
			base_out_u8(o, c);
		} else if (is_harmless(c)) {
			base_out_u8(o, '\\');
			base_out_u8(o, c);
		} else {
			text_value_write_ddd(o, c);
		}
	}
	return true;
}

/* Writes ". 0 IN TYPE RDATA" with NUL. */
static bool line_write(struct base_out *o, struct text_words *w, uint16_t type)
{
	char mnemonic[DNS_TYPE_TEXT_MAX];

	base_out_bytes(o, ". 0 IN ", 7);
	dns_type_to_text(mnemonic, type);
	base_out_bytes(o, mnemonic, strlen(mnemonic));
	while (w->at < w->end) {
		const struct text_token *t = text_words_take(w, "");

		base_out_u8(o, ' ');
		if (t->is_quoted)
			base_out_u8(o, '"');
		if (!token_write(o, t)) {
			text_words_fail(w, t, "has an escape that is not \\DDD");
			return false;
		}
		if (t->is_quoted)
			base_out_u8(o, '"');
	}
	base_out_u8(o, '\0');
	if (o->is_full)
		text_words_fail(
			w, NULL,
			"too long as text of this type: write it as \\# LENGTH HEX (RFC 3597)");
	return !o->is_full;
}

/* ldns takes an unknown mnemonic in a bitmap for TYPE0, so the mnemonics are checked before. */
static void check_bitmap(struct text_words *w, uint32_t nbefore)
{
	uint16_t type;

	const struct text_token *t = w->end - w->at > nbefore ? w->at + nbefore : w->end;

	for (; t < w->end; t++)
		if (!text_value_parse_type(&type, t) || type == 0) {
			text_words_fail(w, t, "is not a type of records");
			return;
		}
}

/* An angle of a LOC record. */
struct angle {
	const char *what, *ends[2];
	double most; /* degrees */
};

/* Checks degrees, minutes and seconds up to one of a->ends. Returns the token after that. */
static const struct text_token *check_angle(struct text_words *w, const struct text_token *t,
					    const struct angle *a)
{
	double angle = 0, unit = 1;

	for (; t < w->end && !text_token_is(t, a->ends[0]) && !text_token_is(t, a->ends[1]); t++) {
		double part = strtod(t->text, NULL);

		if (unit < 1 && part >= 60)
			text_words_fail(w, t, "is 60 or more");
		angle += part * unit;
		unit /= 60;
	}
	if (angle > a->most)
		text_words_fail(w, NULL, "the %s is more than %.0f degrees", a->what, a->most);
	return t < w->end ? t + 1 : t;
}

/* ldns accepts any angle. After the longitude's E or W there are at most altitude, size and two
 * precisions (RFC 1876 section 3); ldns ignores more. */
static void check_location(struct text_words *w)
{
	static const struct angle latitude = {"latitude", {"N", "S"}, 90};
	static const struct angle longitude = {"longitude", {"E", "W"}, 180};
	const struct text_token *t = check_angle(w, w->at, &latitude);

	t = check_angle(w, t, &longitude);
	if (w->end - t > 4)
		text_words_fail(w, t + 4, "is more than the record has");
}

/* Returns the value after `key` in a token like port=80 or port="80"; NULL if the token has another
 * key. */
static const char *value_of(const struct text_token *t, const char *key, size_t *nchars)
{
	size_t nkey = strlen(key);
	const char *value = t->text + nkey;

	if (t->nchars < nkey || memcmp(t->text, key, nkey) != 0)
		return NULL;
	*nchars = t->nchars - nkey;
	if (*nchars >= 2 && value[0] == '"') {
		value++;
		*nchars -= 2;
	}
	return value;
}

/* ldns takes a port modulo 65536, and writes beyond its buffer for an address of 46 characters. */
static void check_params(struct text_words *w)
{
	uint32_t port;

	for (const struct text_token *t = w->at; t < w->end; t++) {
		const char *value;
		size_t n, run = 0;

		if ((value = value_of(t, "port=", &n)) != NULL &&
		    (n > 5 || !text_value_parse_ttl(&port, value, n, UINT16_MAX)))
			text_words_fail(w, t, "is not a port from 0 to 65535");
		if ((value = value_of(t, "ipv6hint=", &n)) == NULL)
			continue;
		for (size_t i = 0; i < n; i++) {
			run = value[i] == ',' ? 0 : run + 1;
			if (run >= INET6_ADDRSTRLEN)
				text_words_fail(w, t, "is not a list of IPv6 addresses");
		}
	}
}

/* Checks for text that ldns would accept with another meaning. */
static void check_tokens(struct text_words *w, uint16_t type)
{
	switch (type) {
	case DNS_TYPE_NSEC:
		check_bitmap(w, 1);
		return;
	case DNS_TYPE_NSEC3:
		check_bitmap(w, 5);
		return;
	case DNS_TYPE_CSYNC:
		check_bitmap(w, 2);
		return;
	case DNS_TYPE_LOC:
		check_location(w);
		return;
	case DNS_TYPE_SVCB:
	case DNS_TYPE_HTTPS:
		check_params(w);
		return;
	default:
		return;
	}
}

/* What was found in the parameters of a service; `listed` are the keys in `mandatory`. */
struct params {
	struct base_buf listed;
	bool has_alpn, has_no_default_alpn;
};

/* Returns what is wrong with the value of one parameter, or NULL (RFC 9460 sections 7 and 8). */
static const char *param_check(struct params *p, unsigned key, struct base_buf value)
{
	size_t n = base_buf_left(&value);

	switch (key) {
	case 0:
		p->listed = value;
		return n == 0 || n % 2 != 0 ? "mandatory lists no keys" : NULL;
	case 1:
		p->has_alpn = true;
		return n == 0 ? "alpn has no value" : NULL;
	case 2:
		p->has_no_default_alpn = true;
		return n != 0 ? "no-default-alpn has a value" : NULL;
	case 3:
		return n != 2 ? "port has no value" : NULL;
	case 4:
		return n == 0 || n % 4 != 0 ? "ipv4hint has no address" : NULL;
	case 5:
		return n == 0 ? "ech has no value" : NULL;
	case 6:
		return n == 0 || n % 16 != 0 ? "ipv6hint has no address" : NULL;
	default:
		return NULL;
	}
}

static bool params_have(struct base_buf b, unsigned key)
{
	while (base_buf_left(&b) > 0) {
		unsigned found = base_buf_u16(&b);

		base_buf_take(&b, base_buf_u16(&b));
		if (found == key)
			return true;
	}
	return false;
}

/* Checks that the keys in `mandatory`, which ldns has sorted, are present, and that `mandatory` is
 * not one of them. Returns what is wrong, or NULL. */
static const char *mandatory_check(struct base_buf listed, struct base_buf params)
{
	unsigned before = 0;

	while (base_buf_left(&listed) > 0) {
		unsigned key = base_buf_u16(&listed);

		if (key <= before)
			return "mandatory lists itself";
		if (!params_have(params, key))
			return "a mandatory key is missing";
		before = key;
	}
	return NULL;
}

/* Checks the parameters of valid rdata (RFC 9460 section 2.4.3). In alias mode they have no
 * meaning. Returns what is wrong, or NULL. */
static const char *service_check(const uint8_t *rdata, size_t nbytes)
{
	struct base_buf b = base_buf_over(rdata, nbytes), params;
	struct params p = {.listed = base_buf_over(rdata, 0)};
	const char *error = NULL;

	if (base_buf_u16(&b) == 0)
		return NULL;
	dns_name_skip(&b);
	params = b;
	while (base_buf_left(&b) > 0 && error == NULL) {
		unsigned key = base_buf_u16(&b);
		size_t n = base_buf_u16(&b);

		error = param_check(&p, key, base_buf_over(base_buf_take(&b, n), n));
	}
	if (error == NULL)
		error = mandatory_check(p.listed, params);
	if (error == NULL && p.has_no_default_alpn && !p.has_alpn)
		error = "no-default-alpn without alpn";
	return error;
}

/* Returns what is wrong with the octets that ldns made, or NULL. */
static const char *data_check(uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	if (!dns_rdata_is_valid(type, rdata, nbytes))
		return "the data is incomplete or malformed";
	return type == DNS_TYPE_SVCB || type == DNS_TYPE_HTTPS ? service_check(rdata, nbytes)
							       : NULL;
}

static void rr_write(struct base_out *out, const ldns_rr *rr)
{
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		base_out_bytes(out, ldns_rdf_data(ldns_rr_rdf(rr, i)),
			       ldns_rdf_size(ldns_rr_rdf(rr, i)));
}

static ldns_rdf *name_rdf(const uint8_t *name, size_t nbytes)
{
	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, nbytes, name);
}

void text_foreign_parse(struct text_words *w, uint16_t type, struct base_out *out)
{
	char *line = malloc(LINE_MAX_CHARS);
	ldns_rdf *origin = name_rdf(w->origin, w->norigin);
	struct base_out o = base_out_over(line, line == NULL ? 0 : LINE_MAX_CHARS);
	ldns_rr *rr = NULL;

	check_tokens(w, type);
	if (line == NULL || origin == NULL) {
		text_words_fail(w, NULL, "out of memory");
	} else if (!text_words_has_failed(w) && line_write(&o, w, type)) {
		ldns_status status = ldns_rr_new_frm_str(&rr, line, 0, origin, NULL);
		const char *error;

		if (status != LDNS_STATUS_OK) {
			text_words_fail(w, NULL, "%s", ldns_get_errorstr_by_id(status));
		} else {
			rr_write(out, rr);
			error = out->is_full ? NULL
					     : data_check(type, out->start, base_out_nbytes(out));
			if (error != NULL)
				text_words_fail(w, NULL, "%s", error);
		}
	}
	ldns_rr_free(rr);
	ldns_rdf_deep_free(origin);
	free(line);
}

/* Makes a record in wire form, with the root as its owner. The caller frees it. */
static uint8_t *wire_of(uint16_t type, const uint8_t *rdata, size_t nbytes, size_t *nwire)
{
	uint8_t *wire = malloc(11 + nbytes);
	struct base_out o = base_out_over(wire, wire == NULL ? 0 : 11 + nbytes);

	base_out_u8(&o, 0);
	base_out_u16(&o, type);
	base_out_u16(&o, DNS_CLASS_IN);
	base_out_u32(&o, 0);
	base_out_u16(&o, (uint16_t)nbytes);
	base_out_bytes(&o, rdata, nbytes);
	*nwire = base_out_nbytes(&o);
	return wire;
}

bool text_foreign_write(struct base_out *o, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	size_t nwire, at = 0;
	uint8_t *wire = NULL;
	ldns_rr *rr = NULL;
	bool is_written = false;

	if (!dns_rdata_is_valid(type, rdata, nbytes))
		return false;
	wire = wire_of(type, rdata, nbytes, &nwire);
	if (wire != NULL &&
	    ldns_wire2rr(&rr, wire, nwire, &at, LDNS_SECTION_ANSWER) == LDNS_STATUS_OK &&
	    at == nwire && ldns_rr_rd_count(rr) > 0) {
		ldns_buffer *text = ldns_buffer_new(4096);

		is_written = text != NULL;
		for (size_t i = 0; i < ldns_rr_rd_count(rr) && is_written; i++) {
			if (i > 0)
				ldns_buffer_printf(text, " ");
			is_written =
				ldns_rdf2buffer_str(text, ldns_rr_rdf(rr, i)) == LDNS_STATUS_OK;
		}
		if (is_written)
			base_out_bytes(o, ldns_buffer_begin(text), ldns_buffer_position(text));
		ldns_buffer_free(text);
	}
	ldns_rr_free(rr);
	free(wire);
	return is_written;
}
