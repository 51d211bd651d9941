/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/rdata_write.h - rdata as presentation text, for every type.
 *
 * Types with a text form in dns/type.h are converted here, others by ldns (text/foreign.h).
 * Whatever would not read back as the same octets is written in the form of RFC 3597. No I/O, no
 * state; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct base_out;

enum { TEXT_RDATA_MAX = 4 * 65535 + 1025 }; /* room that the text of any rdata fits into */

/* Writes rdata as text that text_rdata_parse reads back to the same octets. With too little room
 * `o` becomes full. */
void text_rdata_write(struct base_out *o, uint16_t type, const uint8_t *rdata, size_t nbytes);

/* Writes rdata as text to `out`, cut to `nchars` with its NUL. Allocates if the text is long; what
 * does not fit into memory is cut, too. For logs and tools. */
void text_rdata_to_text(char *out, size_t nchars, uint16_t type, const uint8_t *rdata,
			size_t nbytes);
