/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/foreign.h"

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

bool text_foreign_has(uint16_t type)
{
	return type == DNS_TYPE_HIP;
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

/* RFC 8005 section 6. ldns takes the algorithm modulo 256, and makes up a digit if their number is
 * odd. */
static void check_host_identity(struct text_words *w)
{
	const struct text_token *algorithm = w->at, *hit = w->at + 1;
	uint32_t v;

	if (w->end - w->at < 3) {
		text_words_fail(w, NULL, "algorithm, HIT or public key is missing");
		return;
	}
	for (const struct text_token *t = w->at; t < w->end; t++)
		if (t->is_quoted) {
			text_words_fail(w, t, "is quoted");
			return;
		}
	if (!text_value_parse_number(&v, algorithm->text, algorithm->nchars, UINT8_MAX))
		text_words_fail(w, algorithm, "is not a number from 0 to 255");
	if (hit->nchars % 2 != 0 || hit->nchars > 2 * 255)
		text_words_fail(w, hit, "is not the hex of at most 255 octets");
	for (uint32_t i = 0; i < hit->nchars; i++)
		if (text_value_hex_digit(hit->text[i]) < 0)
			text_words_fail(w, hit, "is not hex");
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

	check_host_identity(w);
	if (line == NULL || origin == NULL) {
		text_words_fail(w, NULL, "out of memory");
	} else if (!text_words_has_failed(w) && line_write(&o, w, type)) {
		ldns_status status = ldns_rr_new_frm_str(&rr, line, 0, origin, NULL);

		if (status != LDNS_STATUS_OK)
			text_words_fail(w, NULL, "%s", ldns_get_errorstr_by_id(status));
		else
			rr_write(out, rr);
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
