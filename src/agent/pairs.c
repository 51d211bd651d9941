/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/pairs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { STRING_MAX = 255 };

void agent_pairs_add(struct agent_pairs *p, const char *key, const char *value)
{
	size_t nkey = strlen(key), nvalue = strlen(value);
	uint8_t *at = p->bytes + p->nbytes;

	if (nkey + 1 > STRING_MAX)
		return;
	if (nvalue > STRING_MAX - nkey - 1)
		nvalue = STRING_MAX - nkey - 1;
	if (sizeof(p->bytes) - p->nbytes < 1 + nkey + 1 + nvalue)
		return;
	*at++ = (uint8_t)(nkey + 1 + nvalue);
	memcpy(at, key, nkey);
	at[nkey] = '=';
	memcpy(at + nkey + 1, value, nvalue);
	p->nbytes += 1 + nkey + 1 + nvalue;
}

void agent_pairs_add_number(struct agent_pairs *p, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	agent_pairs_add(p, key, text);
}
