/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { ESCAPED = 4 }; /* characters of \DDD */

/* Returns whether a character of three octets changes where others are shown: marks and overrides
 * of direction, separators of lines and paragraphs. */
static bool is_direction(const uint8_t *at)
{
	return at[0] == 0xe2 && ((at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f ||
						    (at[2] >= 0xa8 && at[2] <= 0xae))) ||
				 (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

size_t cli_text_character(const uint8_t *at, size_t left)
{
	size_t n = base_utf8_character(at, left);

	return n == 0 || base_utf8_is_control(at) || (n == 3 && is_direction(at)) ? 0 : n;
}

bool cli_text_is_shown(const void *octets, size_t nbytes)
{
	const uint8_t *at = octets;

	for (size_t n; nbytes > 0; at += n, nbytes -= n) {
		n = cli_text_character(at, nbytes);
		if (n == 0)
			return false;
	}
	return true;
}

void cli_text_write(struct base_out *o, const void *octets, size_t nbytes)
{
	const uint8_t *from = octets;

	for (size_t at = 0; at < nbytes;) {
		size_t n = cli_text_character(from + at, nbytes - at);
		char escaped[ESCAPED + 1];

		if (n > 0 && from[at] != '\\') {
			base_out_bytes(o, from + at, n);
			at += n;
			continue;
		}
		snprintf(escaped, sizeof(escaped), "\\%03u", from[at]);
		base_out_bytes(o, escaped, ESCAPED);
		at++;
	}
}

char *cli_text_escape(const void *octets, size_t nbytes)
{
	char *text = malloc(ESCAPED * nbytes + 1), *shorter;
	struct base_out o;

	if (text == NULL)
		return NULL;
	o = base_out_over(text, ESCAPED * nbytes);
	cli_text_write(&o, octets, nbytes);
	*o.at = '\0';
	shorter = realloc(text, base_out_nbytes(&o) + 1);
	return shorter != NULL ? shorter : text;
}

void cli_text_print(FILE *out, const char *text)
{
	char *escaped = cli_text_escape(text, strlen(text));

	fputs(escaped != NULL ? escaped : "?", out);
	free(escaped);
}

json_t *cli_text_to_json(const void *octets, size_t nbytes)
{
	char *text = cli_text_escape(octets, nbytes);
	json_t *value = text != NULL ? json_string(text) : NULL;

	free(text);
	return value;
}

/* ---- columns ---- */

/* Ranges of characters that take no column, or two (Unicode Standard Annex #11). */
static const struct {
	uint32_t from, to;
	size_t width;
} ranges[] = {
	{0x300, 0x36f, 0},   {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x200b, 0x200f, 0},
	{0x20d0, 0x20ff, 0}, {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},
	{0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},
	{0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

/* Returns the columns of the character of `n` octets. */
static size_t character_width(const uint8_t *at, size_t n)
{
	static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t character = n > 0 ? at[0] & masks[n] : 0;

	for (size_t i = 1; i < n; i++)
		character = character << 6 | (at[i] & 0x3f);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (character >= ranges[i].from && character <= ranges[i].to)
			return ranges[i].width;
	return 1;
}

size_t cli_text_fit(const char *text, size_t width)
{
	const uint8_t *from = (const uint8_t *)text;
	size_t left = strlen(text), at = 0, sum = 0;

	while (at < left) {
		size_t n = cli_text_character(from + at, left - at);

		sum += character_width(from + at, n);
		if (sum > width)
			break;
		at += n > 0 ? n : 1;
	}
	return at;
}

size_t cli_text_width(const char *text)
{
	const uint8_t *from = (const uint8_t *)text;
	size_t left = strlen(text), width = 0;

	for (size_t n, at = 0; at<left; at += n> 0 ? n : 1) {
		n = cli_text_character(from + at, left - at);
		width += character_width(from + at, n);
	}
	return width;
}
