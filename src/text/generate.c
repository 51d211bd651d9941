/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/generate.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "text/token.h"

enum { WIDTH_MAX = 255 }; /* characters of a number: a name is not longer */

/* Text that is parsed character by character. */
struct cursor {
	const char *at, *end;
};

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* Reads a number of at most 2^31 - 1. */
static bool number(struct cursor *c, uint32_t *out)
{
	const char *first = c->at;
	uint64_t v = 0;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && v <= INT32_MAX)
		v = v * 10 + (uint64_t)(*c->at++ - '0');
	*out = (uint32_t)v;
	return c->at > first && v <= INT32_MAX;
}

bool text_generate_parse(struct text_generate *g, const char *text, size_t nchars)
{
	struct cursor c = {.at = text, .end = text + nchars};

	g->step = 1;
	if (!number(&c, &g->start) || !take(&c, '-') || !number(&c, &g->stop))
		return false;
	if (take(&c, '/') && !number(&c, &g->step))
		return false;
	return c.at == c.end && g->start <= g->stop && g->step > 0 &&
	       (g->stop - g->start) / g->step < TEXT_GENERATE_MAX;
}

/* The content of ${...}. */
struct form {
	int64_t offset;
	uint32_t width;
	char base;
};

static bool form_parse(struct cursor *c, struct form *f)
{
	uint32_t offset;
	bool is_negative = take(c, '-');

	if (!number(c, &offset))
		return false;
	f->offset = is_negative ? -(int64_t)offset : (int64_t)offset;
	if (take(c, ',')) {
		if (!number(c, &f->width) || f->width > WIDTH_MAX)
			return false;
		if (take(c, ',')) {
			if (c->at == c->end || *c->at == '\0' || strchr("doxXnN", *c->at) == NULL)
				return false;
			f->base = *c->at++;
		}
	}
	return take(c, '}');
}

/* Writes the nibbles of `v` from the lowest on, with dots between, as in names below ip6.arpa.
 * `width` counts the dots. */
static void write_nibbles(struct base_out *o, uint32_t v, uint32_t width, const char *digits)
{
	do {
		base_out_u8(o, (uint8_t)digits[v & 15]);
		v >>= 4;
		width -= width > 0;
		if (width > 0 || v != 0) {
			base_out_u8(o, '.');
			width -= width > 0;
		}
	} while (v != 0 || width > 0);
}

static void write_number(struct base_out *o, const struct form *f, uint32_t v)
{
	char text[WIDTH_MAX + 1];
	int n;

	if (f->base == 'n' || f->base == 'N') {
		write_nibbles(o, v, f->width,
			      f->base == 'n' ? "0123456789abcdef" : "0123456789ABCDEF");
		return;
	}
	if (f->base == 'o')
		n = snprintf(text, sizeof(text), "%0*o", (int)f->width, v);
	else if (f->base == 'x')
		n = snprintf(text, sizeof(text), "%0*x", (int)f->width, v);
	else if (f->base == 'X')
		n = snprintf(text, sizeof(text), "%0*X", (int)f->width, v);
	else
		n = snprintf(text, sizeof(text), "%0*u", (int)f->width, v);
	base_out_bytes(o, text, (size_t)n);
}

/* Writes the value of a $, which `c` is after. */
static bool write_value(struct base_out *o, struct cursor *c, uint32_t value)
{
	struct form f = {.base = 'd'};
	int64_t v;

	if (take(c, '$')) { /* the old way to escape a $ */
		base_out_u8(o, '$');
		return true;
	}
	if (take(c, '{') && !form_parse(c, &f))
		return false;
	v = (int64_t)value + f.offset;
	if (v < 0 || v > UINT32_MAX)
		return false;
	write_number(o, &f, (uint32_t)v);
	return true;
}

/* Writes `text` with each $ replaced by its value for the number `value`. */
static bool text_write(struct base_out *o, const char *text, size_t nchars, uint32_t value)
{
	struct cursor c = {.at = text, .end = text + nchars};

	while (c.at < c.end) {
		if (take(&c, '$')) {
			if (!write_value(o, &c, value))
				return false;
		} else if (*c.at == '\\' && c.end - c.at >= 2) {
			/* An escape is copied unchanged, but \$ becomes $. */
			if (c.at[1] != '$')
				base_out_u8(o, '\\');
			base_out_u8(o, (uint8_t)c.at[1]);
			c.at += 2;
		} else {
			base_out_u8(o, (uint8_t)*c.at++);
		}
	}
	return true;
}

/* Writes a template; `is_unquoted` takes its quotes away, and then \" is a quote of the rdata. */
static bool template_write(struct base_out *o, const struct text_token *t, bool is_unquoted,
			   uint32_t value)
{
	uint32_t first = 0;
	bool ok = true;

	if (t->is_quoted && !is_unquoted)
		base_out_u8(o, '"');
	for (uint32_t i = 0; is_unquoted && i + 1 < t->nchars; i++) {
		if (t->text[i] != '\\')
			continue;
		if (t->text[i + 1] == '"') {
			ok &= text_write(o, t->text + first, i - first, value);
			first = i + 1;
		}
		i++;
	}
	ok &= text_write(o, t->text + first, t->nchars - first, value);
	if (t->is_quoted && !is_unquoted)
		base_out_u8(o, '"');
	return ok;
}

/* Returns the first token after the type, before which there are at most a TTL and a class. */
static const struct text_token *rdata_of(const struct text_generate *g)
{
	const struct text_token *t = g->more;

	while (t < g->end &&
	       (text_token_is(t, "IN") || text_token_is(t, "CLASS1") ||
		(!t->is_quoted && t->nchars > 0 && *t->text >= '0' && *t->text <= '9')))
		t++;
	return t < g->end ? t + 1 : t;
}

/* BIND has one token of rdata, which may be quoted as a whole: "10 mail$". Several tokens keep
 * their quotes. */
bool text_generate_write(struct base_out *o, const struct text_generate *g, uint32_t value)
{
	const struct text_token *rdata = rdata_of(g);
	bool ok = template_write(o, g->owner, false, value);

	for (const struct text_token *t = g->more; t < g->end; t++) {
		if (!t->is_joined)
			base_out_u8(o, ' ');
		ok &= template_write(o, t, t == rdata && t == g->end - 1, value);
	}
	base_out_u8(o, '\n');
	return ok;
}
