/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "mdns/marker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dnssd/txt.h"

static const char key[] = "weft-bridge";

enum {
	KEY_NBYTES = sizeof(key) - 1,
	ID_DIGITS = 8,
	/* of the value: a pair has at most 255 octets, and a `=` */
	VALUE_MAX = UINT8_MAX - KEY_NBYTES - 1,
};

size_t mdns_marker_write(uint8_t *out, size_t size, const uint8_t *txt, size_t nbytes,
			 const uint8_t *zone, mdns_id id)
{
	char text[DNS_NAME_TEXT_MAX], value[VALUE_MAX + 1];
	int n;

	dns_name_to_text(text, zone);
	n = snprintf(value, sizeof(value), "%s/%0*" PRIx32, text, ID_DIGITS, id);
	return n > VALUE_MAX ? 0 : dnssd_txt_set(out, size, txt, nbytes, key, value);
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads ID, one to eight hexadecimal digits. */
static bool id_parse(const uint8_t *text, size_t nchars, mdns_id *id)
{
	mdns_id value = 0;

	if (nchars == 0 || nchars > ID_DIGITS)
		return false;
	for (size_t i = 0; i < nchars; i++) {
		if (digit(text[i]) < 0)
			return false;
		value = value << 4 | (mdns_id)digit(text[i]);
	}
	*id = value;
	return true;
}

/* Reads ZONE/ID. A zone's name may have a slash, so that the last one counts. */
static bool value_parse(const uint8_t *value, size_t n, uint8_t zone[static DNS_NAME_MAX],
			mdns_id *id)
{
	const uint8_t *slash = memrchr(value, '/', n);
	size_t nzone = slash == NULL ? 0 : (size_t)(slash - value);

	return nzone > 0 && id_parse(slash + 1, n - nzone - 1, id) &&
	       dns_name_from_text(zone, (const char *)value, nzone, NULL) > 0;
}

/* Finds the first string that has the key, with a value or without. Returns NULL if there is
 * none; `n` is the length of what follows the key. */
static const uint8_t *find(const uint8_t *txt, size_t nbytes, size_t *n)
{
	for (size_t at = 0; at < nbytes; at += 1 + (size_t)txt[at]) {
		const uint8_t *string = txt + at + 1;
		size_t nstring = txt[at];

		if (at + 1 + nstring > nbytes)
			return NULL;
		if (nstring < KEY_NBYTES ||
		    strncasecmp((const char *)string, key, KEY_NBYTES) != 0 ||
		    (nstring > KEY_NBYTES && string[KEY_NBYTES] != '='))
			continue;
		*n = nstring - KEY_NBYTES;
		return string + KEY_NBYTES;
	}
	return NULL;
}

bool mdns_marker_read(const uint8_t *txt, size_t nbytes, uint8_t zone[static DNS_NAME_MAX],
		      mdns_id *id)
{
	size_t n;
	const uint8_t *value = find(txt, nbytes, &n);

	if (value == NULL)
		return false;
	if (n == 0 || !value_parse(value + 1, n - 1, zone, id)) {
		zone[0] = 0;
		*id = 0;
	}
	return true;
}
