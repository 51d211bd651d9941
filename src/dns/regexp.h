/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/regexp.h - the substitution expression of NAPTR records (RFC 3402 section 3.2).
 *
 * It checks such an expression, and never applies one. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns whether the `nbytes` at `text` are a substitution expression: delimiter, extended regular
 * expression (POSIX), delimiter, replacement, delimiter, flags. Back-references of the replacement
 * must be to groups that the expression has. */
bool dns_regexp_is_valid(const uint8_t *text, size_t nbytes);
