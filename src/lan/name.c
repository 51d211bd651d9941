/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/name.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { NUMBER_MAX = 16 }; /* characters of " (4294967295)", with the NUL */

static const uint8_t local[] = "\5local";

bool lan_name_move(uint8_t out[static DNS_NAME_MAX], const uint8_t *source, const uint8_t *from,
		   const uint8_t *to)
{
	unsigned nlabels;

	if (!dns_name_relative(source, from, &nlabels))
		return false;
	return dns_name_join(out, source, (size_t)(dns_name_strip(source, nlabels) - source), to) >
	       0;
}

const uint8_t *lan_name_local(void)
{
	return local;
}

/* Avahi's library takes "\." and "\\" and "\DDD", and a name without final dot. */
void lan_name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name)
{
	char *o = out;

	for (; *name != 0; name += *name + 1) {
		if (o > out)
			*o++ = '.';
		for (unsigned i = 1; i <= *name; i++) {
			uint8_t c = name[i];

			if (c == '.' || c == '\\')
				*o++ = '\\';
			if (c >= ' ' && c < 0x7f)
				*o++ = (char)c;
			else
				o += sprintf(o, "\\%03u", c);
		}
	}
	*o = '\0';
}

/* Returns how many of the first `most` octets of a label are whole characters of UTF-8. In text
 * that is not UTF-8, characters are octets. */
static size_t whole_characters(const uint8_t *label, size_t most)
{
	size_t n = most;

	if (most >= label[0])
		return label[0];
	if (!lan_name_is_text(label))
		return most;
	while (n > 0 && (label[1 + n] & 0xc0) == 0x80)
		n--;
	return n;
}

static bool alternative(uint8_t out[static DNS_NAME_MAX], const uint8_t *name, const char *suffix)
{
	size_t nsuffix = strlen(suffix), n = whole_characters(name, DNS_LABEL_MAX - nsuffix);
	uint8_t label[1 + DNS_LABEL_MAX];

	label[0] = (uint8_t)(n + nsuffix);
	memcpy(label + 1, name + 1, n);
	memcpy(label + 1 + n, suffix, nsuffix);
	return name[0] != 0 &&
	       dns_name_join(out, label, 1 + (size_t)label[0], dns_name_strip(name, 1)) > 0;
}

bool lan_name_alternative(uint8_t out[static DNS_NAME_MAX], const uint8_t *name, unsigned number)
{
	char suffix[NUMBER_MAX];

	snprintf(suffix, sizeof(suffix), " (%u)", number);
	return alternative(out, name, suffix);
}

bool lan_name_alternative_host(uint8_t out[static DNS_NAME_MAX], const uint8_t *name,
			       unsigned number)
{
	char suffix[NUMBER_MAX];

	snprintf(suffix, sizeof(suffix), "-%u", number);
	return alternative(out, name, suffix);
}

bool lan_name_is_text(const uint8_t *label)
{
	const uint8_t *p = label + 1, *end = p + label[0];

	while (p < end) {
		size_t n = base_utf8_character(p, (size_t)(end - p));

		if (n == 0 || base_utf8_is_control(p))
			return false;
		p += n;
	}
	return true;
}
