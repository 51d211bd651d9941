/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/rdata.h - JSON as the rdata of a TXT record, cut into strings of 255 octets: that of
 * `_spec`, `_schemas` and `_rules` records. It does not know what the text means. No state; any
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { SPEC_RDATA_MAX = 65535 };

/* Returns how many octets the rdata for a text of `nchars` has; 0 if they exceed SPEC_RDATA_MAX. */
size_t spec_rdata_nbytes(size_t nchars);

/* Writes the rdata for a text to `out`, of `size` octets. Returns its length, or 0 if it does not
 * fit. */
size_t spec_rdata_write(uint8_t *out, size_t size, const char *text, size_t nchars);

/* Writes the text in rdata to `out`, of `size` characters, which `nbytes` + 1 are enough for, with
 * a NUL. Returns 0 with its length in `nchars`; or -EBADMSG with `error` filled in if the rdata is
 * not that of a TXT record, or has a zero octet in its text, or the text does not fit. */
int spec_rdata_read(char *out, size_t size, size_t *nchars, const uint8_t *rdata, size_t nbytes,
		    struct base_error *error);
