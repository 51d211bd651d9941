/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/field_parse.h - fields of the types that DNSSEC and locators use, from text.
 *
 * Each function takes the tokens of one field and writes its octets, or makes `w` fail with the
 * reason. What fields a type has is in dns/type.h. No state; any thread. */
#pragma once

struct base_out;
struct text_words;

/* The numbers that may be written as a mnemonic. */
enum text_named {
	TEXT_NAMED_ALGORITHM,	/* 8 bits, of DNSSEC (RFC 4034 appendix A.1) */
	TEXT_NAMED_DIGEST,	/* 8 bits, of DS (RFC 4034 appendix A.2) */
	TEXT_NAMED_CERTIFICATE, /* 16 bits (RFC 4398 section 2.1) */
	TEXT_NAMED_FLAGS,	/* 16 bits, of KEY (RFC 2535 section 3.1.2 and 7.1) */
	TEXT_NAMED_PROTOCOL,	/* 8 bits, of KEY (RFC 2535 section 7.1) */
	TEXT_NAMED_SCHEME,	/* 8 bits, of DSYNC (RFC 9859 section 2.1) */
};

/* Takes a number or its mnemonic. */
void text_field_named(struct text_words *w, struct base_out *out, enum text_named named);

/* Takes the mnemonic of a type, TYPE123, or 123. */
void text_field_type(struct text_words *w, struct base_out *out);

/* Takes a time as YYYYMMDDHHmmSS, or as seconds since 1970 (RFC 4034 section 3.2). */
void text_field_time(struct text_words *w, struct base_out *out);

/* Takes hex, or "-" for no octets, and writes it after its length (RFC 5155 section 3.3). */
void text_field_salt(struct text_words *w, struct base_out *out);

/* Takes base32 in the extended hex alphabet without padding, and writes it after its length (RFC
 * 5155 section 3.3). */
void text_field_base32(struct text_words *w, struct base_out *out);

/* Takes all tokens that are left as types, and writes their bit map (RFC 4034 section 4.1.2). */
void text_field_bitmap(struct text_words *w, struct base_out *out);

/* Takes an address of 64 bits as four groups of hex digits with colons between (RFC 6742 section
 * 2.1.2). */
void text_field_locator(struct text_words *w, struct base_out *out);

/* Takes `nbytes` octets, two hex digits each, with hyphens between (RFC 7043 section 3.2). */
void text_field_eui(struct text_words *w, struct base_out *out, unsigned nbytes);

/* Takes all tokens that are left as prefixes, as in !1:192.0.2.0/24 (RFC 3123 section 5). */
void text_field_prefixes(struct text_words *w, struct base_out *out);
