/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/generate.h - $GENERATE, as BIND has it: a range of numbers, and a line with $ and
 * ${offset,width,base} in it.
 *
 * Tokens in, text out; it knows no records. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_out;
struct text_token;

/* Records that one $GENERATE may make; more are taken for a mistake. */
enum { TEXT_GENERATE_MAX = 1 << 24 };

/* A $GENERATE directive. Its tokens are borrowed. */
struct text_generate {
	uint32_t start, stop, step;	     /* start <= stop, step > 0 */
	const struct text_token *owner;	     /* template of the owner name */
	const struct text_token *more, *end; /* TTL, class, type; templates of the rdata */
};

/* Parses START-STOP or START-STOP/STEP into start, stop and step. Returns false if the text is
 * neither, or makes more than TEXT_GENERATE_MAX records. */
bool text_generate_parse(struct text_generate *g, const char *text, size_t nchars);

/* Writes the line of the record number `value`, with its newline. Returns false if a template is
 * malformed or makes a negative number; with too little room `o` becomes full. */
bool text_generate_write(struct base_out *o, const struct text_generate *g, uint32_t value);
