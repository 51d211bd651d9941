/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum kind { WORD = 0, BLANK, NEWLINE, COMMENT, OPEN, CLOSE, QUOTE, ESCAPE, NOTHING };

/* A carriage return is a blank, so that CRLF ends a line like LF. */
static const uint8_t kinds[256] = {
	[0] = NOTHING,	 [' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK, ['\n'] = NEWLINE,
	[';'] = COMMENT, ['('] = OPEN,	[')'] = CLOSE,	['"'] = QUOTE,	['\\'] = ESCAPE,
};

struct scan {
	struct text_entry *e;
	const char *end;
	uint32_t line, open_line;
	uint32_t depth; /* of open parentheses */
};

static enum kind kind_at(const char *p)
{
	return kinds[(uint8_t)*p];
}

/* Only the first error is kept: the others may follow from it. */
static void fail(struct scan *s, uint32_t line, const char *error)
{
	if (s->e->error != NULL)
		return;
	s->e->error = error;
	s->e->error_line = line;
}

static struct text_token *token_add(struct text_entry *e)
{
	if (e->ntokens == e->capacity) {
		uint32_t capacity = e->capacity == 0 ? 64 : e->capacity * 2;
		struct text_token *grown = realloc(e->tokens, capacity * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		e->tokens = grown;
		e->capacity = capacity;
	}
	return &e->tokens[e->ntokens++];
}

/* Returns the position after the backslash at `p` and the character that it escapes, but never
 * beyond the end of the line or the text. */
static const char *skip_escape(struct scan *s, const char *p)
{
	p++;
	if (p == s->end || *p == '\n' || *p == '\r') {
		fail(s, s->line, "a backslash at the end of the line");
		return p;
	}
	if (*p == '\0')
		fail(s, s->line, "a NUL in the file");
	return p + 1;
}

/* Returns the position of the closing quote of the quoted text that begins at `p`, or of the end of
 * the text if there is no closing quote. A newline is an octet like others (RFC 1035 section 5.1).
 */
static const char *skip_quoted(struct scan *s, const char *p, struct text_token *t)
{
	for (;;) {
		switch (kind_at(p)) {
		case QUOTE:
			return p;
		case NEWLINE:
			if (p == s->end) {
				fail(s, t->line, "a quoted string without its closing quote");
				return p;
			}
			s->line++;
			p++;
			break;
		case NOTHING:
			fail(s, s->line, "a NUL in the file");
			p++;
			break;
		case ESCAPE:
			t->has_escape = true;
			p = skip_escape(s, p);
			break;
		default:
			p++;
		}
	}
}

static const char *scan_quoted(struct scan *s, const char *p, struct text_token *t)
{
	t->is_quoted = true;
	t->text = ++p;
	p = skip_quoted(s, p, t);
	t->nchars = (uint32_t)(p - t->text);
	return kind_at(p) == QUOTE ? p + 1 : p;
}

static const char *scan_word(struct scan *s, const char *p, struct text_token *t)
{
	t->text = p;
	for (;;) {
		while (kind_at(p) == WORD)
			p++;
		if (kind_at(p) != ESCAPE)
			break;
		t->has_escape = true;
		p = skip_escape(s, p);
	}
	t->nchars = (uint32_t)(p - t->text);
	return p;
}

/* Handles a character between tokens that is not a blank, and returns the position after it.
 * Returns NULL at the end of the entry: a newline outside parentheses is not consumed. */
static const char *scan_mark(struct scan *s, const char *p)
{
	switch (kind_at(p)) {
	case NEWLINE:
		if (p == s->end || s->depth == 0)
			return NULL;
		s->line++;
		break;
	case COMMENT:
		return memchr(p, '\n', (size_t)(s->end - p) + 1);
	case OPEN:
		if (s->depth++ == 0)
			s->open_line = s->line;
		break;
	case CLOSE:
		if (s->depth == 0)
			fail(s, s->line, "a closing parenthesis without an opening one");
		else
			s->depth--;
		break;
	default:
		fail(s, s->line, "a NUL in the file");
	}
	return p + 1;
}

/* Scans up to the newline that ends the entry, or to the end of the text. Returns that position, or
 * NULL when out of memory. */
static const char *scan_tokens(struct scan *s, const char *p)
{
	const char *token_end = NULL;

	for (;;) {
		enum kind kind = kind_at(p);
		const char *next;

		if (kind == BLANK) {
			p++;
			continue;
		}
		if (kind == WORD || kind == QUOTE || kind == ESCAPE) {
			struct text_token *t = token_add(s->e);

			if (t == NULL)
				return NULL;
			*t = (struct text_token){.line = s->line, .is_joined = p == token_end};
			p = kind == QUOTE ? scan_quoted(s, p, t) : scan_word(s, p, t);
			token_end = p;
			continue;
		}
		next = scan_mark(s, p);
		if (next == NULL)
			return p;
		p = next;
	}
}

static void entry_clear(struct text_entry *e, const char *at)
{
	e->ntokens = 0;
	e->error = NULL;
	e->is_blank = kind_at(at) == BLANK;
}

enum text_scan text_entry_scan(struct text_entry *e, const char **at, const char *end, bool is_last)
{
	while (*at < end) {
		struct scan s = {.e = e, .end = end, .line = e->line};
		const char *p;

		entry_clear(e, *at);
		p = scan_tokens(&s, *at);
		if (p == NULL)
			return TEXT_SCAN_MEMORY;
		if (p == end && !is_last)
			return TEXT_SCAN_MORE;
		if (s.depth > 0)
			fail(&s, s.open_line, "a parenthesis that is not closed");
		*at = p == end ? end : p + 1;
		e->line = s.line + (p != end);
		if (e->ntokens > 0 || e->error != NULL)
			return TEXT_SCAN_ENTRY;
	}
	return is_last ? TEXT_SCAN_END : TEXT_SCAN_MORE;
}

void text_entry_fini(struct text_entry *e)
{
	free(e->tokens);
	*e = (struct text_entry){0};
}

bool text_token_is(const struct text_token *t, const char *text)
{
	return !t->is_quoted && t->nchars == strlen(text) &&
	       strncasecmp(t->text, text, t->nchars) == 0;
}
