/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/value.h - single values in zone files: numbers, TTLs, types, names, strings, addresses.
 *
 * Each function converts one value between its octets and its text; what values a record has, and
 * in which order, is not known here. Nothing that is written ends with NUL. Constant tables only;
 * any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_out;
struct text_token;

/* ---- text to value ---- */

/* Parses decimal digits, at most 10 of them. Returns false if the text is anything else, or the
 * number is above `most`. */
bool text_value_parse_number(uint32_t *out, const char *text, size_t nchars, uint32_t most);

/* Parses a TTL: seconds, or numbers with the units s, m, h, d and w as in 1h30m. Returns false if
 * the text is not a TTL, or the TTL is above `most` seconds. */
bool text_value_parse_ttl(uint32_t *ttl_s, const char *text, size_t nchars, uint32_t most);

/* Parses the mnemonic of a type, or TYPE123 (RFC 3597 section 5). Returns false if the token is not
 * a type, or is quoted. Gives the same types as dns_type_from_text, but is faster for common ones.
 */
bool text_value_parse_type(uint16_t *type, const struct text_token *t);

/* Returns the value of a hex digit, or -1. */
int text_value_hex_digit(char c);

/* Reads one octet of a string at text[*i], *i below `nchars`; resolves an escape (RFC 1035 section
 * 5.1), and moves *i after it. Returns the octet, or -1 if the escape is invalid. */
int text_value_parse_octet(const char *text, uint32_t nchars, uint32_t *i);

/* Base64 that comes in pieces; all zero at first. */
struct text_value_base64 {
	uint32_t bits, ndigits, npads;
};

/* Decodes a piece of base64 (RFC 4648 section 4) and writes its octets to `out`. Returns false if
 * the text is not base64. */
bool text_value_parse_base64(struct text_value_base64 *b, struct base_out *out, const char *text,
			     size_t nchars);

/* Returns whether the pieces are complete: padded, and with unused bits that are 0. */
bool text_value_ends_base64(const struct text_value_base64 *b);

/* Whether octets are a CAA tag: one or more ASCII letters and digits (RFC 8659 section 4.1). */
bool text_value_is_tag(const uint8_t *bytes, size_t nbytes);

/* ---- value to text ---- */

/* Writes `v` in decimal digits. */
void text_value_write_number(struct base_out *o, uint32_t v);

/* Writes an octet as \DDD (RFC 1035 section 5.1). */
void text_value_write_ddd(struct base_out *o, uint8_t c);

/* Writes a name with its final dot, escaped so that no zone file parser misreads it. */
void text_value_write_name(struct base_out *o, const uint8_t *name);

/* Writes octets as one quoted string. */
void text_value_write_string(struct base_out *o, const uint8_t *bytes, size_t nbytes);

/* Writes octets as lower-case hex digits without blanks. */
void text_value_write_hex(struct base_out *o, const uint8_t *bytes, size_t nbytes);

/* Writes octets in base64 with its padding (RFC 4648 section 4), without blanks. */
void text_value_write_base64(struct base_out *o, const uint8_t *bytes, size_t nbytes);

/* Writes the 4 octets at `a` as 192.0.2.1. */
void text_value_write_ipv4(struct base_out *o, const uint8_t *a);

/* Writes the 16 octets at `a` in the form of RFC 5952, but without embedded IPv4 addresses. */
void text_value_write_ipv6(struct base_out *o, const uint8_t *a);
