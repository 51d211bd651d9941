/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/record.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"

uint16_t fabric_record_tag(const struct fabric *f, uint16_t flags)
{
	uint8_t rdata[4 + FABRIC_PUBLIC_SIZE];
	uint32_t sum = 0;

	base_store16(rdata, flags);
	rdata[2] = FABRIC_KEY_PROTOCOL;
	rdata[3] = FABRIC_KEY_ALGORITHM;
	memcpy(rdata + 4, f->public_key, FABRIC_PUBLIC_SIZE);
	for (unsigned i = 0; i < sizeof(rdata); i += 2)
		sum += base_load16(rdata + i);
	return (uint16_t)(sum + (sum >> 16));
}

const char *fabric_record_public_to_text(char out[static FABRIC_PUBLIC_TEXT_MAX],
					 const struct fabric *f)
{
	return sodium_bin2base64(out, FABRIC_PUBLIC_TEXT_MAX, f->public_key, FABRIC_PUBLIC_SIZE,
				 sodium_base64_VARIANT_ORIGINAL);
}

const char *fabric_record_to_text(char out[static FABRIC_RECORD_TEXT_MAX], const struct fabric *f,
				  const char *type, uint16_t flags)
{
	char name[DNS_NAME_TEXT_MAX], key[FABRIC_PUBLIC_TEXT_MAX];

	dns_name_to_text(name, f->name);
	snprintf(out, FABRIC_RECORD_TEXT_MAX, "%s %d IN %s %u %d %d %s", name, FABRIC_RECORD_TTL,
		 type, flags, FABRIC_KEY_PROTOCOL, FABRIC_KEY_ALGORITHM,
		 fabric_record_public_to_text(key, f));
	return out;
}
