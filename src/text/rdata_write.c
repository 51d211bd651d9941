/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/rdata_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/field_write.h"
#include "text/foreign.h"
#include "text/location.h"
#include "text/rdata_parse.h"
#include "text/svcb_write.h"
#include "text/token.h"
#include "text/value.h"
#include "text/words.h"

enum { USUAL_CHARS = 4096 }; /* room that the text of nearly all rdata fits into */

static void opaque_write(struct base_out *o, const uint8_t *rdata, size_t nbytes)
{
	base_out_bytes(o, "\\# ", 3);
	text_value_write_number(o, (uint32_t)nbytes);
	if (nbytes > 0)
		base_out_u8(o, ' ');
	text_value_write_hex(o, rdata, nbytes);
}

static void tag_write(struct base_out *o, struct base_buf *b)
{
	uint8_t n = base_buf_u8(b);
	const uint8_t *tag = base_buf_take(b, n);

	if (tag != NULL && text_value_is_tag(tag, n))
		base_out_bytes(o, tag, n);
	else
		base_buf_fail(b);
}

static void strings_write(struct base_out *o, struct base_buf *b, bool is_list)
{
	do {
		uint8_t n = base_buf_u8(b);
		const uint8_t *bytes = base_buf_take(b, n);

		if (bytes == NULL)
			return;
		text_value_write_string(o, bytes, n);
		if (!is_list || base_buf_left(b) == 0)
			return;
		base_out_u8(o, ' ');
	} while (true);
}

/* Writes a name; `b` fails if its octets are not a name, or a compressed one. */
static void name_write(struct base_out *o, struct base_buf *b)
{
	uint8_t name[DNS_NAME_MAX];
	const uint8_t *first = b->at;
	size_t n = dns_name_parse(b, name);

	if (n != (size_t)(b->at - first))
		base_buf_fail(b);
	else if (n > 0)
		text_value_write_name(o, name);
}

static void typed_address_write(struct base_out *o, struct base_buf *b, unsigned type)
{
	const uint8_t *p;

	switch (type) {
	case 0:
		base_out_u8(o, '.');
		return;
	case 1:
		if ((p = base_buf_take(b, 4)) != NULL)
			text_value_write_ipv4(o, p);
		return;
	case 2:
		if ((p = base_buf_take(b, 16)) != NULL)
			text_value_write_ipv6(o, p);
		return;
	case 3:
		name_write(o, b);
		return;
	default:
		base_buf_fail(b);
	}
}

static void relay_write(struct base_out *o, struct base_buf *b)
{
	uint8_t type = base_buf_u8(b);

	text_value_write_number(o, type >> 7);
	base_out_u8(o, ' ');
	text_value_write_number(o, type & 0x7f);
	base_out_u8(o, ' ');
	typed_address_write(o, b, type & 0x7f);
}

/* Writes one field; `b` fails if its octets are not such a field, or one that the form cannot
 * express. */
/* The fields that one function writes, by their letters (dns/type.h). */
static void (*const write_field['z' + 1])(struct base_out *o, struct base_buf *b) = {
	['n'] = name_write,
	['k'] = tag_write,
	['R'] = relay_write,
	['T'] = text_field_write_type,
	['i'] = text_field_write_time,
	['S'] = text_field_write_salt,
	['B'] = text_field_write_base32,
	['b'] = text_field_write_bitmap,
	['w'] = text_field_write_locator,
	['P'] = text_field_write_prefixes,
	['v'] = text_svcb_write,
	['L'] = text_location_write,
};

/* Writes a field of a number, or returns false if it is of another kind. */
static bool number_write(struct base_out *o, struct base_buf *b, char field)
{
	switch (field) {
	case '1':
	case 'y':
	case 'D':
	case 'N':
	case 'j':
		text_value_write_number(o, base_buf_u8(b));
		return true;
	case '2':
	case 'C':
	case 'F':
		text_value_write_number(o, base_buf_u16(b));
		return true;
	case '4':
	case 'p':
		text_value_write_number(o, base_buf_u32(b));
		return true;
	default:
		return false;
	}
}

/* Writes a field whose function is given more than its octets. */
static void special_write(struct base_out *o, struct base_buf *b, char field)
{
	size_t left = base_buf_left(b);
	const uint8_t *p;

	switch (field) {
	case 'a':
		if ((p = base_buf_take(b, 4)) != NULL)
			text_value_write_ipv4(o, p);
		return;
	case 'A':
		if ((p = base_buf_take(b, 16)) != NULL)
			text_value_write_ipv6(o, p);
		return;
	case 's':
	case 't':
		strings_write(o, b, field == 't');
		return;
	case 'q':
		text_value_write_string(o, base_buf_take(b, left), left);
		return;
	case 'e':
		text_value_write_base64(o, base_buf_take(b, left), left);
		return;
	case 'g':
		typed_address_write(o, b, b->start[1]);
		return;
	case 'm':
		text_field_write_eui(o, b, 6);
		return;
	case 'M':
		text_field_write_eui(o, b, 8);
		return;
	default:
		text_value_write_hex(o, base_buf_take(b, left), left);
	}
}

static void field_write(struct base_out *o, struct base_buf *b, char field)
{
	if (write_field[(unsigned char)field] != NULL)
		write_field[(unsigned char)field](o, b);
	else if (!number_write(o, b, field))
		special_write(o, b, field);
}

static bool fields_write(struct base_out *o, const char *fields, const uint8_t *rdata,
			 size_t nbytes)
{
	struct base_buf b = base_buf_over(rdata, nbytes);
	const char *separator = "";

	for (; *fields != '\0' && !b.has_failed; fields++) {
		/* Empty hex or base64 cannot be written as a token. */
		if ((*fields == 'x' || *fields == 'e') && base_buf_left(&b) == 0)
			return false;
		/* Lists may be empty. */
		if ((*fields == 'b' || *fields == 'v') && base_buf_left(&b) == 0)
			continue;
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
		    e.error == NULL) {
			struct text_words w;

			text_words_init(&w, &e, (const uint8_t *)"", 1);
			text_rdata_parse(&w, type, &out);
			same = !text_words_has_failed(&w) && base_out_nbytes(&out) == nbytes &&
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
	const struct dns_type_info *info = dns_type_info(type);
	uint8_t *first = o->at;

	if (o->is_full)
		return;
	if (info != NULL && info->text != NULL ? fields_write(o, info->text, rdata, nbytes)
					       : foreign_write(o, type, rdata, nbytes))
		return;
	o->at = first;
	o->is_full = false;
	opaque_write(o, rdata, nbytes);
}

static void cut_copy(char *out, size_t nchars, const struct base_out *o)
{
	size_t n = base_out_nbytes(o);

	if (n > nchars - 1)
		n = nchars - 1;
	memcpy(out, o->start, n);
	out[n] = '\0';
}

void text_rdata_to_text(char *out, size_t nchars, uint16_t type, const uint8_t *rdata,
			size_t nbytes)
{
	char usual[USUAL_CHARS], *room;
	struct base_out o = base_out_over(usual, sizeof(usual));

	if (nchars == 0)
		return;
	text_rdata_write(&o, type, rdata, nbytes);
	if (!o.is_full) {
		cut_copy(out, nchars, &o);
		return;
	}
	room = malloc(TEXT_RDATA_MAX);
	if (room != NULL) {
		o = base_out_over(room, TEXT_RDATA_MAX);
		text_rdata_write(&o, type, rdata, nbytes);
	}
	cut_copy(out, nchars, &o);
	free(room);
}
