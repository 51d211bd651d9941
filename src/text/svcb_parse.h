/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/svcb_parse.h - the parameters of SVCB and HTTPS records from text (RFC 9460 section 2.1 and
 * appendix A).
 *
 * No state; any thread. */
#pragma once

struct base_out;
struct text_words;

/* Takes all tokens that are left as parameters, in any order, and writes them in the order of their
 * keys. Keys that are given by number have octets as their value. What depends on several
 * parameters is checked by dns_svcb_fault. */
void text_svcb_parse(struct text_words *w, struct base_out *out);
