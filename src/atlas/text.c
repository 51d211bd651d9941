/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "atlas/text.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dnssd/txt.h"

const char *atlas_text_copy(struct base_arena *arena, const void *octets, size_t n)
{
	char *text;

	if (n > 0 && memchr(octets, '\0', n) != NULL)
		return NULL;
	text = base_arena_alloc(arena, n + 1);
	if (text == NULL)
		return NULL;
	memcpy(text, octets, n);
	text[n] = '\0';
	return text;
}

int atlas_text_key(const char **out, struct base_arena *arena, const struct dns_record *txt,
		   const char *key)
{
	const uint8_t *value;
	size_t n;

	*out = NULL;
	if (txt == NULL)
		return 0;
	value = dnssd_txt_find(txt->rdata, txt->nbytes, key, &n);
	if (value == NULL || (n > 0 && memchr(value, '\0', n) != NULL))
		return 0;
	*out = atlas_text_copy(arena, value, n);
	return *out == NULL ? -ENOMEM : 0;
}

/* Reads digits up to another character or the end. Returns false without one, or with more than 64
 * bits. */
static bool digits_read(struct base_buf *b, uint64_t *out)
{
	const uint8_t *start = b->at;

	*out = 0;
	while (base_buf_left(b) > 0 && *b->at >= '0' && *b->at <= '9') {
		unsigned digit = base_buf_u8(b) - (unsigned)'0';

		if (*out > (UINT64_MAX - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	return b->at > start;
}

static struct base_buf value_of(const struct dns_record *txt, const char *key)
{
	size_t n = 0;
	const uint8_t *value =
		txt == NULL ? NULL : dnssd_txt_find(txt->rdata, txt->nbytes, key, &n);

	return base_buf_over(value, n);
}

uint64_t atlas_text_number(const struct dns_record *txt, const char *key)
{
	struct base_buf b = value_of(txt, key);
	uint64_t number;

	return digits_read(&b, &number) && base_buf_left(&b) == 0 ? number : 0;
}

uint64_t atlas_text_time_ms(const struct dns_record *txt, const char *key)
{
	struct base_buf b = value_of(txt, key);
	uint64_t s, ms = 0, unit = 100;

	if (!digits_read(&b, &s) || s > UINT64_MAX / 1000 - 1)
		return 0;
	if (base_buf_left(&b) == 0)
		return s * 1000;
	if (base_buf_u8(&b) != '.')
		return 0;
	for (; base_buf_left(&b) > 0; unit /= 10) {
		uint8_t c = base_buf_u8(&b);

		if (c < '0' || c > '9')
			return 0;
		ms += unit * (uint64_t)(c - '0');
	}
	return s * 1000 + ms;
}

const char *atlas_text_label(struct base_arena *arena, const uint8_t *label)
{
	return atlas_text_copy(arena, label + 1, label[0]);
}

const char *atlas_text_labels(struct base_arena *arena, const uint8_t *name, unsigned nlabels)
{
	char text[DNS_NAME_TEXT_MAX];
	size_t nchars = dns_name_labels_to_text(text, name, nlabels);

	return atlas_text_copy(arena, text, nchars);
}

const uint8_t *atlas_text_instance(struct base_arena *arena, const char *text, const uint8_t *zone)
{
	uint8_t name[DNS_NAME_MAX];
	size_t nchars = strlen(text), n = dns_name_from_text(name, text, nchars, NULL);

	if (n == 0)
		return NULL;
	if (!dns_name_is_under(name, zone))
		n = nchars > 0 && text[nchars - 1] == '.'
			    ? 0
			    : dns_name_from_text(name, text, nchars, zone);
	return n == 0 ? NULL : base_arena_copy(arena, name, n);
}
