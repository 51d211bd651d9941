/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/content.h - what the fields of rdata must contain, by type: lengths of digests, kinds of
 * gateways, expressions, parameters.
 *
 * It does not know how long the fields are: the layout (dns/type.h) was checked before. A table of
 * one small function for each type that has such rules. No state; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Checks rdata whose layout is valid and whose names are uncompressed against the rules of its
 * type. Returns what is wrong, a constant, or NULL: most types have no rules. */
const char *dns_content_fault(uint16_t type, const uint8_t *rdata, size_t nbytes);
