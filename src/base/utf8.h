/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/utf8.h - characters of UTF-8 (RFC 3629) in octets that may be anything. No state; any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns the number of octets of the character that begins at `at`, of which `left` octets, at
 * least one, are there; 0 if it is cut or malformed: overlong forms, surrogates and what is above
 * U+10FFFF are malformed. */
size_t base_utf8_character(const uint8_t *at, size_t left);

/* Returns whether the character at `at`, for which base_utf8_character is not 0, is a control
 * character: C0, DEL or C1. */
bool base_utf8_is_control(const uint8_t *at);
