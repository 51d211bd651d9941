/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/location.h"

#include <stdint.h>

#include "base/buf.h"
#include "text/token.h"
#include "text/value.h"
#include "text/words.h"

static const uint32_t equator = UINT32_C(1) << 31; /* also the prime meridian */

enum {
	SECOND = 1000, /* an angle is in thousandths of a second */
	MINUTE = 60 * SECOND,
	DEGREE = 60 * MINUTE,
	SEA_LEVEL = 10000000, /* an altitude is in centimeters above 100,000 m below the sea */
};

/* ---- from text ---- */

/* Reads a decimal number of at most `ndecimals` digits after the point, as an integer in units of
 * the last of them. Returns false if the text is something else, or above `most`. */
static bool decimal_read(int64_t *out, const char *text, size_t nchars, unsigned ndecimals,
			 int64_t most)
{
	unsigned ndigits = 0, nafter = 0;
	bool has_point = false;
	int64_t v = 0;

	for (size_t i = 0; i < nchars; i++) {
		if (text[i] == '.' && !has_point) {
			has_point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || nafter > ndecimals || v > most)
			return false;
		v = v * 10 + (text[i] - '0');
		ndigits++;
		nafter += has_point;
	}
	if (nafter > ndecimals)
		return false;
	for (; nafter < ndecimals && v <= most; nafter++)
		v *= 10;
	*out = v;
	return ndigits > 0 && v <= most;
}

/* A kind of angle. */
struct angle {
	const char *what, *positive, *negative;
	int64_t most; /* degrees */
};

static bool is_end(const struct text_token *t, const struct angle *a)
{
	return text_token_is(t, a->positive) || text_token_is(t, a->negative);
}

/* Takes degrees, minutes and seconds, the latter two optional, and the letter of a direction. */
static void angle_parse(struct text_words *w, struct base_out *out, const struct angle *a)
{
	static const struct {
		int64_t unit, most;
		unsigned ndecimals;
	} parts[] = {{DEGREE, 180, 0}, {MINUTE, 59, 0}, {1, MINUTE - 1, 3}};
	const struct text_token *t = text_words_take(w, "an angle is missing");
	int64_t angle = 0, v;

	for (unsigned i = 0; t != NULL && (i == 0 || !is_end(t, a)); i++) {
		if (i == 3 || t->is_quoted ||
		    !decimal_read(&v, t->text, t->nchars, parts[i].ndecimals, parts[i].most)) {
			text_words_fail(w, t, "is not a number of the %s, or too large", a->what);
			return;
		}
		angle += v * parts[i].unit;
		t = text_words_take(w, "the letter of a direction is missing");
	}
	if (t == NULL)
		return;
	if (angle > a->most * DEGREE)
		text_words_fail(w, NULL, "the %s is more than %d degrees", a->what, (int)a->most);
	else
		base_out_u32(out, text_token_is(t, a->positive) ? equator + (uint32_t)angle
								: equator - (uint32_t)angle);
}

/* Reads a length in meters, with "m" or without, in centimeters. */
static bool length_read(int64_t *out, const struct text_token *t, int64_t most)
{
	size_t n = t->nchars;

	n -= n > 1 && (t->text[n - 1] | 0x20) == 'm';
	return !t->is_quoted && decimal_read(out, t->text, n, 2, most);
}

static void altitude_parse(struct text_words *w, struct base_out *out)
{
	const struct text_token *t = text_words_take(w, "the altitude is missing");
	struct text_token rest;
	bool is_negative;
	int64_t v;

	if (t == NULL)
		return;
	is_negative = t->nchars > 1 && t->text[0] == '-';
	rest = *t;
	rest.text += is_negative;
	rest.nchars -= is_negative;
	if (length_read(&v, &rest, is_negative ? SEA_LEVEL : (int64_t)UINT32_MAX - SEA_LEVEL))
		base_out_u32(out, (uint32_t)(SEA_LEVEL + (is_negative ? -v : v)));
	else
		text_words_fail(w, t, "is not an altitude from -100000m to 42849672.95m");
}

/* Takes a length, if there is one, and writes it as one digit and a power of ten; the other digits
 * are dropped, as the format demands. */
static void precision_parse(struct text_words *w, uint8_t *out, uint8_t otherwise)
{
	const struct text_token *t = w->at;
	int64_t v;
	uint8_t power = 0;

	*out = otherwise;
	if (w->at == w->end)
		return;
	w->at++;
	if (!length_read(&v, t, INT64_C(9000000099))) {
		text_words_fail(w, t, "is not a length from 0m to 90000000m");
		return;
	}
	for (; v > 9; v /= 10)
		power++;
	*out = (uint8_t)(v << 4 | power);
}

void text_location_parse(struct text_words *w, struct base_out *out)
{
	static const struct angle latitude = {"latitude", "N", "S", 90};
	static const struct angle longitude = {"longitude", "E", "W", 180};
	uint8_t *head = base_out_take(out, 4);

	angle_parse(w, out, &latitude);
	angle_parse(w, out, &longitude);
	altitude_parse(w, out);
	if (head == NULL)
		return;
	/* The defaults are 1 m, 10 km and 10 m. */
	head[0] = 0;
	precision_parse(w, &head[1], 0x12);
	precision_parse(w, &head[2], 0x16);
	precision_parse(w, &head[3], 0x13);
}

/* ---- to text ---- */

/* Writes thousandths of a second as a decimal number. */
static void seconds_write(struct base_out *o, uint32_t v)
{
	text_value_write_number(o, v / SECOND);
	base_out_u8(o, '.');
	base_out_u8(o, (uint8_t)('0' + v / 100 % 10));
	base_out_u8(o, (uint8_t)('0' + v / 10 % 10));
	base_out_u8(o, (uint8_t)('0' + v % 10));
}

static void angle_write(struct base_out *o, uint32_t v, char positive, char negative)
{
	uint32_t angle = v >= equator ? v - equator : equator - v;

	text_value_write_number(o, angle / DEGREE);
	base_out_u8(o, ' ');
	text_value_write_number(o, angle / MINUTE % 60);
	base_out_u8(o, ' ');
	seconds_write(o, angle % MINUTE);
	base_out_u8(o, ' ');
	base_out_u8(o, (uint8_t)(v >= equator ? positive : negative));
	base_out_u8(o, ' ');
}

static void length_write(struct base_out *o, uint64_t centimeters)
{
	text_value_write_number(o, (uint32_t)(centimeters / 100));
	base_out_u8(o, '.');
	base_out_u8(o, (uint8_t)('0' + centimeters / 10 % 10));
	base_out_u8(o, (uint8_t)('0' + centimeters % 10));
	base_out_u8(o, 'm');
}

static void precision_write(struct base_out *o, uint8_t precision)
{
	uint64_t v = precision >> 4;

	for (unsigned i = 0; i < (precision & 15U); i++)
		v *= 10;
	base_out_u8(o, ' ');
	length_write(o, v);
}

void text_location_write(struct base_out *o, struct base_buf *b)
{
	uint8_t head[4];
	uint32_t latitude, longitude, altitude;

	for (unsigned i = 0; i < 4; i++)
		head[i] = base_buf_u8(b);
	latitude = base_buf_u32(b);
	longitude = base_buf_u32(b);
	altitude = base_buf_u32(b);
	if (b->has_failed || head[0] != 0) {
		base_buf_fail(b);
		return;
	}
	angle_write(o, latitude, 'N', 'S');
	angle_write(o, longitude, 'E', 'W');
	if (altitude < SEA_LEVEL)
		base_out_u8(o, '-');
	length_write(o, altitude < SEA_LEVEL ? SEA_LEVEL - altitude : altitude - SEA_LEVEL);
	for (unsigned i = 1; i < 4; i++)
		precision_write(o, head[i]);
}
