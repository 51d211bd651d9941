/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/rdata_parse.h - rdata from presentation text, for every type.
 *
 * Types with a text form in dns/type.h are converted here; HIP goes through ldns (text/foreign.h);
 * every type is also taken in the form of RFC 3597. What is read is checked by the rules of its
 * type (dns/content.h). No I/O, no state; any thread. */
#pragma once

#include <stdint.h>

struct base_out;
struct text_words;

/* Takes all tokens that are left as rdata of `type` and writes it to `out`, which must be empty and
 * have room for DNS_RDATA_MAX octets. What is written is valid (dns_rdata_is_valid). On failure `w`
 * has the reason, and what `out` holds is undefined. */
void text_rdata_parse(struct text_words *w, uint16_t type, struct base_out *out);
