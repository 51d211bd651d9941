/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* unit/text/kit.h - rdata from text and back, for table tests. One thread. */
#pragma once

#include <stdint.h>

/* Parses `text` as rdata of `type`, with names below "z." if they have no final dot. Fails the test
 * unless the octets are those of `hex` and their text is `again`, which reads back the same;
 * `again` may be NULL: like `text`. */
void kit_reads(uint16_t type, const char *text, const char *hex, const char *again);

/* Fails the test unless `text` is refused with `error`; NULL: with any. */
void kit_fails(uint16_t type, const char *text, const char *error);
