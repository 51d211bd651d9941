/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/pairs.h - the rdata of a TXT record of `key=value` strings (RFC 6763 section 6), which is
 * being written. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { AGENT_PAIRS_MAX = 8192 };

struct agent_pairs {
	size_t nbytes;
	uint8_t bytes[AGENT_PAIRS_MAX];
};

/* Adds a pair. A value that is too long for a string of 255 octets is cut; a pair for which there
 * is no room is left out. */
void agent_pairs_add(struct agent_pairs *p, const char *key, const char *value);
void agent_pairs_add_number(struct agent_pairs *p, const char *key, uint64_t number);
