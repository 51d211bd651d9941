/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/svcb_key.h - the names of SvcParamKeys (RFC 9460 section 14.3.2).
 *
 * It knows no values. A constant table; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_out;

/* Parses a name, or key123 without leading zeros. Returns false if the text is neither. `is_named`
 * is set to whether it is a name: then the value has the form of that key, otherwise it is octets.
 */
bool text_svcb_key_parse(uint16_t *key, bool *is_named, const char *text, size_t nchars);

/* Writes the name of a key that other servers know by its name, or key123. */
void text_svcb_key_write(struct base_out *o, uint16_t key);
