/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "archive/header.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_SHORT = 100, /* bytes of a name in a header */
	SIZE_AT = 124,
	SUM_AT = 148,
	KIND_AT = 156,
	SIZE_DIGITS = 11,
};

/* The largest size that eleven octal digits hold. */
static const uint64_t size_short = 077777777777;

/* The sum of all bytes, with blanks for the sum itself. */
static unsigned sum_of(const uint8_t *block)
{
	unsigned sum = 8 * ' ';

	for (size_t i = 0; i < ARCHIVE_BLOCK; i++)
		if (i < SUM_AT || i >= SUM_AT + 8)
			sum += block[i];
	return sum;
}

/* Writes a block. What it has no room for is cut: an extended header replaces it. */
static void block_write(uint8_t *block, const char *name, uint64_t nbytes, uint64_t time_s,
			char kind)
{
	char *text = (char *)block;

	memset(block, 0, ARCHIVE_BLOCK);
	memcpy(text, name, strnlen(name, NAME_SHORT));
	strcpy(text + 100, "0000600");
	strcpy(text + 108, "0000000");
	strcpy(text + 116, "0000000");
	snprintf(text + SIZE_AT, 12, "%0*" PRIo64, SIZE_DIGITS,
		 nbytes > size_short ? 0 : nbytes);
	snprintf(text + 136, 12, "%0*" PRIo64, SIZE_DIGITS, time_s > size_short ? 0 : time_s);
	text[KIND_AT] = kind;
	memcpy(text + 257, "ustar\00000", 8);
	snprintf(text + SUM_AT, 8, "%06o", sum_of(block));
	text[SUM_AT + 7] = ' ';
}

/* Writes one line of an extended header, which begins with its own length. Returns that. */
static size_t line_write(char *out, size_t size, const char *key, const char *value)
{
	size_t bare = strlen(key) + strlen(value) + 3, n = bare + 1;
	char digits[24];

	while (bare + (size_t)snprintf(digits, sizeof(digits), "%zu", n) != n)
		n = bare + strlen(digits);
	assert(n < size);
	return (size_t)snprintf(out, size, "%zu %s=%s\n", n, key, value);
}

size_t archive_header_write(const struct archive_header *h,
			    uint8_t out[static ARCHIVE_HEADER_MAX])
{
	char lines[2 * ARCHIVE_BLOCK] = "", number[24];
	size_t n = 0, at = 0;

	if (strlen(h->name) > NAME_SHORT)
		n = line_write(lines, sizeof(lines), "path", h->name);
	if (h->nbytes > size_short) {
		snprintf(number, sizeof(number), "%" PRIu64, h->nbytes);
		n += line_write(lines + n, sizeof(lines) - n, "size", number);
	}
	if (n > 0) {
		block_write(out, "extended", n, h->time_s, 'x');
		at = ARCHIVE_BLOCK + n + archive_header_padding(n);
		memset(out + ARCHIVE_BLOCK, 0, at - ARCHIVE_BLOCK);
		memcpy(out + ARCHIVE_BLOCK, lines, n);
	}
	block_write(out + at, h->name, h->nbytes, h->time_s, '0');
	return at + ARCHIVE_BLOCK;
}

/* Reads octal digits, which end with a blank or a NUL. */
static bool octal_parse(const uint8_t *field, size_t nfield, uint64_t *out)
{
	size_t i = 0;

	*out = 0;
	while (i < nfield && field[i] >= '0' && field[i] <= '7')
		*out = *out * 8 + (uint64_t)(field[i++] - '0');
	return i > 0 && (i == nfield || field[i] == 0 || field[i] == ' ');
}

enum archive_header_kind archive_header_parse(struct archive_header *h,
					      const uint8_t block[static ARCHIVE_BLOCK])
{
	uint64_t sum;

	if (block[0] == 0 && memcmp(block, block + 1, ARCHIVE_BLOCK - 1) == 0)
		return ARCHIVE_HEADER_END;
	*h = (struct archive_header){.nbytes = 0};
	if (!octal_parse(block + SUM_AT, 8, &sum) || sum != sum_of(block) ||
	    !octal_parse(block + SIZE_AT, 12, &h->nbytes) ||
	    !octal_parse(block + 136, 12, &h->time_s))
		return ARCHIVE_HEADER_INVALID;
	memcpy(h->name, block, NAME_SHORT);
	if (block[KIND_AT] == 'x')
		return ARCHIVE_HEADER_EXTENDED;
	return block[KIND_AT] == '0' ? ARCHIVE_HEADER_FILE : ARCHIVE_HEADER_INVALID;
}

static bool value_take(struct archive_header *h, const char *key, const char *value)
{
	char *end;

	if (strcmp(key, "path") == 0)
		return snprintf(h->name, sizeof(h->name), "%s", value) < (int)sizeof(h->name);
	if (strcmp(key, "size") != 0)
		return false;
	errno = 0;
	h->nbytes = strtoull(value, &end, 10);
	return errno == 0 && *end == '\0' && *value != '\0';
}

bool archive_header_extend(struct archive_header *h, const char *content, size_t nbytes)
{
	char lines[2 * ARCHIVE_BLOCK], *line = lines, *save = NULL;

	if (nbytes >= sizeof(lines) || memchr(content, '\0', nbytes) != NULL)
		return false;
	memcpy(lines, content, nbytes);
	lines[nbytes] = '\0';
	for (line = strtok_r(lines, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *key = strchr(line, ' '), *value = key == NULL ? NULL : strchr(key, '=');

		if (value == NULL)
			return false;
		*value++ = '\0';
		if (!value_take(h, key + 1, value))
			return false;
	}
	return true;
}
