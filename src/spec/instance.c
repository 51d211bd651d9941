/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/instance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dnssd/fabric_name.h"

void spec_instance_label(char out[static SPEC_INSTANCE_MAX], const struct spec_service *s,
			 uint32_t number)
{
	snprintf(out, SPEC_INSTANCE_MAX, "%s-%" PRIu32, s->name, number);
}

size_t spec_instance_name(uint8_t out[static DNS_NAME_MAX], const struct spec_service *s,
			  uint32_t number, const uint8_t *zone)
{
	char label[SPEC_INSTANCE_MAX];

	spec_instance_label(label, s, number);
	return dnssd_fabric_name_instance(out, label, s->type, zone);
}

/* Whether the first octets of a label, which must have as many, are the text. */
static bool begins_with(const uint8_t *label, const char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		if (dns_lower[label[1 + i]] != dns_lower[(uint8_t)text[i]])
			return false;
	return true;
}

uint32_t spec_instance_number(const uint8_t *label, const char *name)
{
	size_t nchars = strlen(name), n = label[0];
	uint32_t number = 0;

	/* A dash and one to nine digits, the first not 0. */
	if (n < nchars + 2 || n > nchars + 10 || label[1 + nchars] != '-' ||
	    label[2 + nchars] == '0' || !begins_with(label, name))
		return 0;
	for (size_t i = 2 + nchars; i <= n; i++) {
		if (label[i] < '0' || label[i] > '9')
			return 0;
		number = number * 10 + (uint32_t)(label[i] - '0');
	}
	return number;
}

bool spec_instance_is_of(const uint8_t *label, const char *name)
{
	return spec_instance_number(label, name) != 0 ||
	       (label[0] == strlen(name) && begins_with(label, name));
}
