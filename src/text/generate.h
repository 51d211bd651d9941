/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/generate.h - the arithmetic of $GENERATE, as BIND has it: ranges, and templates with $ and
 * ${offset,width,base}.
 *
 * Text in, text out; it knows no records. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The records that one $GENERATE may make: more is taken for a mistake. */
enum { TEXT_GENERATE_MAX = 1 << 24 };

struct text_generate {
	uint32_t start, stop, step; /* start <= stop, step > 0 */
};

/* Parses START-STOP or START-STOP/STEP. Returns false if it is neither, or makes too many. */
bool text_generate_parse(struct text_generate *g, const char *text, size_t nchars);

/* Writes `text` to `o` with each $ replaced as `value` says. Returns false if the template is
 * malformed or makes a negative number; too little room makes `o` full. */
bool text_generate_write(struct base_out *o, const char *text, size_t nchars, uint32_t value);
