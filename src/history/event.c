/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/event.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STRINGS_MAX = HISTORY_RDATA_MAX - 2 * 32, /* octets of an event: without era and number */
	STRING_MAX = 255,			  /* octets of a string of a TXT record */
};

/* Adds "KEY=VALUE" to strings of `n` octets. Returns how many there are then. */
static size_t pair_add(uint8_t *out, size_t n, const char *key, const char *value)
{
	char text[STRING_MAX + 1];
	int length = snprintf(text, sizeof(text), "%s=%.*s", key, HISTORY_TEXT_MAX - 1, value);
	size_t ntext = (size_t)length < STRING_MAX ? (size_t)length : STRING_MAX;

	out[n] = (uint8_t)ntext;
	memcpy(out + n + 1, text, ntext);
	return n + 1 + ntext;
}

static size_t number_add(uint8_t *out, size_t n, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return pair_add(out, n, key, text);
}

static struct history_event *event_of(const uint8_t *strings, size_t n)
{
	struct history_event *e = malloc(sizeof(*e) + n);

	if (e == NULL)
		return NULL;
	e->next = NULL;
	e->nbytes = (uint16_t)n;
	memcpy(e->strings, strings, n);
	return e;
}

struct history_event *history_event_new(const struct history_event_parts *p)
{
	const char *const more[][2] = {{"what", p->what}, {"of", p->of}, {"why", p->why}};
	uint8_t strings[STRINGS_MAX];
	char time[32];
	size_t n;

	snprintf(time, sizeof(time), "%" PRIu64 ".%03u", p->time_ms / 1000,
		 (unsigned)(p->time_ms % 1000));
	n = pair_add(strings, 0, "t", time);
	n = pair_add(strings, n, "node", p->node);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i][1][0] != '\0')
			n = pair_add(strings, n, more[i][0], more[i][1]);
	return event_of(strings, n);
}

size_t history_event_rdata(uint8_t out[static HISTORY_RDATA_MAX], const struct history_event *e,
			   uint64_t era, uint64_t n)
{
	size_t nbytes = number_add(out, number_add(out, 0, "era", era), "n", n);

	memcpy(out + nbytes, e->strings, e->nbytes);
	return nbytes + e->nbytes;
}

/* ---- as text ---- */

static bool is_plain(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '\\';
}

void history_event_to_text(char out[static HISTORY_EVENT_TEXT_MAX], const struct history_event *e)
{
	size_t at = 0;

	for (size_t i = 0; i < e->nbytes; i += 1u + e->strings[i]) {
		if (i > 0)
			out[at++] = ' ';
		for (size_t j = 1; j <= e->strings[i]; j++) {
			uint8_t c = e->strings[i + j];

			if (is_plain(c))
				out[at++] = (char)c;
			else
				at += (size_t)sprintf(out + at, "\\%03u", c);
		}
	}
	out[at] = '\0';
}

/* Reads one character, which may be escaped. Returns how long it is, or 0 if it is not valid. */
static size_t char_parse(const char *text, uint8_t *out)
{
	unsigned value = 0;

	*out = (uint8_t)text[0];
	if (text[0] != '\\')
		return is_plain(*out);
	for (unsigned i = 1; i <= 3; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*out = (uint8_t)value;
	return value <= 255 ? 4 : 0;
}

/* Reads one word as a string. Returns how long the word is, or 0 if it is not valid. */
static size_t word_parse(const char *text, uint8_t out[static STRING_MAX + 1])
{
	size_t at = 0, length = 0, n;

	while (text[at] != '\0' && text[at] != ' ') {
		if (length == STRING_MAX)
			return 0;
		n = char_parse(text + at, &out[1 + length++]);
		if (n == 0)
			return 0;
		at += n;
	}
	out[0] = (uint8_t)length;
	return at;
}

struct history_event *history_event_from_text(const char *text)
{
	uint8_t strings[STRINGS_MAX], one[STRING_MAX + 1];
	size_t n = 0;

	for (;; text++) {
		size_t length = word_parse(text, one);

		if (length == 0 || n + 1 + one[0] > sizeof(strings))
			return NULL;
		memcpy(strings + n, one, 1u + one[0]);
		n += 1u + one[0];
		text += length;
		if (*text == '\0')
			return event_of(strings, n);
	}
}
