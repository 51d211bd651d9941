/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/secret.h - random octets, and the handling of octets that must stay secret.
 *
 * The door to libsodium for rooms that need no more of it than this. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Prepares the generator; to be called before any other function here, again at will, by several
 * threads at once if need be. Returns 0, or -EIO if the system has no source of randomness. */
int base_secret_start(void);

/* Fills `out` with `nbytes` random octets. */
void base_secret_random(void *out, size_t nbytes);

/* Overwrites `nbytes` octets with zero, in a way that the compiler does not leave out. */
void base_secret_wipe(void *bytes, size_t nbytes);

/* Octets of base64 text for `nbytes` octets, its NUL included. */
#define BASE_SECRET_BASE64_SIZE(nbytes) (((nbytes) + 2) / 3 * 4 + 1)

/* Writes `bytes` as base64 with padding (RFC 4648 section 4) and NUL to `out`, which has
 * BASE_SECRET_BASE64_SIZE(nbytes) octets. Takes a time that does not depend on the octets. */
void base_secret_to_base64(char *out, const uint8_t *bytes, size_t nbytes);

/* Reads `nchars` hexadecimal digits that must be exactly `nbytes` octets. Returns 0, or -EINVAL
 * with `out` undefined. Takes a time that does not depend on the digits. */
int base_secret_from_hex(uint8_t *out, size_t nbytes, const char *text, size_t nchars);
