/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/rename.h"

#include <stdio.h>
#include <string.h>

bool registrant_rename(struct registrant_service *s)
{
	const uint8_t *first = s->settings->name;
	uint8_t label[1 + DNS_LABEL_MAX];
	char number[16];
	size_t nnumber, n = first[0];

	if (s->number >= REGISTRANT_RENAMES_MAX)
		return false;
	s->number = s->number == 0 ? 2 : s->number + 1;
	nnumber = (size_t)snprintf(number, sizeof(number), " (%u)", s->number);
	if (n + nnumber > DNS_LABEL_MAX)
		n = DNS_LABEL_MAX - nnumber;
	/* A character of UTF-8 is not cut. */
	while (n > 0 && n < first[0] && (first[1 + n] & 0xc0) == 0x80)
		n--;
	label[0] = (uint8_t)(n + nnumber);
	memcpy(label + 1, first + 1, n);
	memcpy(label + 1 + n, number, nnumber);
	return dns_name_join(s->name, label, label[0] + 1u, dns_name_strip(first, 1)) > 0;
}
