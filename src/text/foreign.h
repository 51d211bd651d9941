/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/foreign.h - the door of ldns: text of the less common types, in and out.
 *
 * ldns reads text for us only after it was made harmless: one line, single blanks, every octet that
 * its lexer could stumble over written as \DDD, and short enough for its buffers. What it makes of
 * it is checked against our own knowledge of the type. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_out;
struct text_words;

/* Whether ldns is asked about this type at all. */
bool text_foreign_has(uint16_t type);

/* Reads the tokens that are left as rdata of `type` and writes it to `out`. On failure `w` says
 * what is wrong. */
void text_foreign_parse(struct text_words *w, uint16_t type, struct base_out *out);

/* Writes rdata as text. Returns false with nothing written if ldns cannot. The text may still read
 * back as something else: the caller looks. */
bool text_foreign_write(struct base_out *o, uint16_t type, const uint8_t *rdata, size_t nbytes);
