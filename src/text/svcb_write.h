/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/svcb_write.h - the parameters of SVCB and HTTPS records as text (RFC 9460 section 2.1).
 *
 * No state; any thread. */
#pragma once

struct base_buf;
struct base_out;

/* Writes the parameters that are left in `b`, with blanks between. What text_svcb_parse reads back
 * is the same; `b` fails if its octets are not parameters. */
void text_svcb_write(struct base_out *o, struct base_buf *b);
