/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/overwrite.h - writes a small file in place.
 *
 * To make a file, and to rename it, may wait for the disk; to write over one does not. A kill does
 * not tear a write of a few kilobytes, but a power failure may: so the bytes end with a checksum,
 * and what a reader finds after that is what remains of a longer file. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Writes over what is in the file, which is made, with mode 0600, if it is absent, and ends it
 * after the bytes; if `is_durable`, they are on the disk afterwards. Returns 0 or a negative errno:
 * then the file may have some of the bytes. */
int base_overwrite(const char *path, const char *bytes, size_t nbytes, bool is_durable);
