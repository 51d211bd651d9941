/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dnssd/txt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

static const char *const state_texts[DNSSD_STATES] = {
	[DNSSD_UP] = "up",	     [DNSSD_STARTING] = "starting", [DNSSD_DRAINING] = "draining",
	[DNSSD_FAILED] = "failed",   [DNSSD_ASSIGNED] = "assigned", [DNSSD_PREPARING] = "preparing",
	[DNSSD_STOPPED] = "stopped",
};

/* Whether a character-string of `n` octets is `key=...`, or `key` alone, a key without value. Case
 * is ignored (RFC 6763 section 6.4). */
static bool is_key(const uint8_t *string, size_t n, const char *key)
{
	size_t nkey = strlen(key);

	return n >= nkey && (n == nkey || string[nkey] == '=') &&
	       strncasecmp((const char *)string, key, nkey) == 0;
}

const uint8_t *dnssd_txt_find(const uint8_t *rdata, size_t nbytes, const char *key, size_t *nvalue)
{
	size_t nkey = strlen(key);

	for (size_t at = 0; at < nbytes; at += 1 + (size_t)rdata[at]) {
		size_t n = rdata[at];

		if (at + 1 + n > nbytes)
			return NULL;
		if (!is_key(rdata + at + 1, n, key))
			continue;
		if (n == nkey)
			return NULL;
		*nvalue = n - nkey - 1;
		return rdata + at + 2 + nkey;
	}
	return NULL;
}

enum dnssd_state dnssd_txt_state(const uint8_t *value, size_t nvalue)
{
	for (unsigned i = 0; value != NULL && i < DNSSD_STATES; i++)
		if (strlen(state_texts[i]) == nvalue &&
		    strncasecmp(state_texts[i], (const char *)value, nvalue) == 0)
			return (enum dnssd_state)i;
	return DNSSD_UP;
}

const char *dnssd_state_text(enum dnssd_state state)
{
	return state_texts[state];
}

bool dnssd_state_has_clients(enum dnssd_state state)
{
	return state == DNSSD_UP || state == DNSSD_DRAINING;
}

size_t dnssd_txt_set(uint8_t *out, size_t size, const uint8_t *rdata, size_t nbytes,
		     const char *key, const char *value)
{
	struct base_out o = base_out_over(out, size);
	char pair[UINT8_MAX + 1];
	int npair = snprintf(pair, sizeof(pair), "%s=%s", key, value);
	bool is_set = false;

	for (size_t at = 0; at < nbytes; at += 1 + (size_t)rdata[at]) {
		size_t n = rdata[at];
		bool has_key;

		if (at + 1 + n > nbytes)
			break;
		has_key = is_key(rdata + at + 1, n, key);
		/* The first pair counts; an empty string is not a pair. */
		if (n == 0 || (has_key && is_set))
			continue;
		base_out_u8(&o, has_key ? (uint8_t)npair : (uint8_t)n);
		base_out_bytes(&o, has_key ? (const void *)pair : rdata + at + 1,
			       has_key ? (size_t)npair : n);
		is_set |= has_key;
	}
	if (!is_set) {
		base_out_u8(&o, (uint8_t)npair);
		base_out_bytes(&o, pair, (size_t)npair);
	}
	return o.is_full ? 0 : base_out_nbytes(&o);
}
