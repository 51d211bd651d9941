/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/field_write.h - fields of the types that DNSSEC and locators use, as text.
 *
 * Each function takes the octets of one field from `b` and writes what text/field_parse.h reads
 * back. `b` fails if its octets are not such a field. No state; any thread. */
#pragma once

struct base_buf;
struct base_out;

/* Writes a type's mnemonic, or TYPE123. */
void text_field_write_type(struct base_out *o, struct base_buf *b);

/* Writes seconds since 1970 as YYYYMMDDHHmmSS. */
void text_field_write_time(struct base_out *o, struct base_buf *b);

/* Writes octets after their length in hex, or "-". */
void text_field_write_salt(struct base_out *o, struct base_buf *b);

/* Writes octets after their length in base32. */
void text_field_write_base32(struct base_out *o, struct base_buf *b);

/* Writes the types of a bit map, with blanks between. */
void text_field_write_bitmap(struct base_out *o, struct base_buf *b);

/* Writes four groups of hex digits. */
void text_field_write_locator(struct base_out *o, struct base_buf *b);

/* Writes `nbytes` octets in hex, with hyphens between. */
void text_field_write_eui(struct base_out *o, struct base_buf *b, unsigned nbytes);

/* Writes prefixes, with blanks between. `b` fails if there is not one: an empty list has no
 * text. */
void text_field_write_prefixes(struct base_out *o, struct base_buf *b);
