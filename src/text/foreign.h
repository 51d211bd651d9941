/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/foreign.h - the door of ldns: text of HIP records, parsed and written.
 *
 * ldns parses text only after it was made harmless: one line, single blanks, every octet that its
 * lexer could misread written as \DDD, and short enough for its buffers. Its result is checked
 * against the type's layout (dns/type.h). No other file knows ldns. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_out;
struct text_words;

/* Returns whether text of this type is left to ldns: that of HIP is. Of other types ldns takes
 * numbers modulo their width, and more that is invalid. */
bool text_foreign_has(uint16_t type);

/* Takes all tokens that are left as rdata of `type` and writes it to `out`, which must be empty. On
 * failure `w` contains the reason. */
void text_foreign_parse(struct text_words *w, uint16_t type, struct base_out *out);

/* Writes rdata as text. Returns false with nothing written if ldns cannot do it. The caller must
 * check that the text reads back as the same rdata. */
bool text_foreign_write(struct base_out *o, uint16_t type, const uint8_t *rdata, size_t nbytes);
