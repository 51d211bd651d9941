/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/svcb_key.h"

#include <string.h>

#include "base/buf.h"
#include "dns/svcb.h"
#include "text/value.h"

static const char *const names[] = {
	[DNS_SVCB_MANDATORY] = "mandatory",
	[DNS_SVCB_ALPN] = "alpn",
	[DNS_SVCB_NO_DEFAULT_ALPN] = "no-default-alpn",
	[DNS_SVCB_PORT] = "port",
	[DNS_SVCB_IPV4HINT] = "ipv4hint",
	[DNS_SVCB_ECH] = "ech",
	[DNS_SVCB_IPV6HINT] = "ipv6hint",
	[DNS_SVCB_DOHPATH] = "dohpath",
	[DNS_SVCB_OHTTP] = "ohttp",
};

enum {
	NNAMES = sizeof(names) / sizeof(*names),
	NWRITTEN = DNS_SVCB_IPV6HINT + 1, /* those of RFC 9460; other servers may lack the rest */
};

bool text_svcb_key_parse(uint16_t *key, bool *is_named, const char *text, size_t nchars)
{
	uint32_t v;

	for (uint16_t i = 0; i < NNAMES; i++)
		if (strlen(names[i]) == nchars && memcmp(names[i], text, nchars) == 0) {
			*key = i;
			*is_named = true;
			return true;
		}
	if (nchars < 4 || memcmp(text, "key", 3) != 0 || (nchars > 4 && text[3] == '0') ||
	    !text_value_parse_number(&v, text + 3, nchars - 3, UINT16_MAX))
		return false;
	*key = (uint16_t)v;
	*is_named = false;
	return true;
}

void text_svcb_key_write(struct base_out *o, uint16_t key)
{
	if (key < NWRITTEN) {
		base_out_bytes(o, names[key], strlen(names[key]));
		return;
	}
	base_out_bytes(o, "key", 3);
	text_value_write_number(o, key);
}
