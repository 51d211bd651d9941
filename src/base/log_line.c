/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_line.h"

#include <string.h>

void base_log_line_head(const char *line, size_t nchars, struct base_log_part *subject,
			struct base_log_part *event)
{
	const char *end = line + nchars, *colon = memchr(line, ':', nchars), *at = line, *blank;

	*subject = *event = (struct base_log_part){line, 0};
	if (colon != NULL && end - colon >= 2 && colon[1] == ' ') {
		subject->nchars = (size_t)(colon - line);
		at = colon + 2;
	}
	blank = memchr(at, ' ', (size_t)(end - at));
	*event = (struct base_log_part){at, (size_t)((blank == NULL ? end : blank) - at)};
}

/* Returns the end of the word that begins at `at`: the next blank outside of quotes. */
static const char *word_end(const char *at, const char *end)
{
	bool is_quoted = false;

	for (; at < end && (is_quoted || *at != ' '); at++) {
		if (*at == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && *at == '\\' && at + 1 < end)
			at++;
	}
	return at;
}

bool base_log_line_next(const char *line, size_t nchars, size_t *at, struct base_log_part *key,
			struct base_log_part *value)
{
	const char *end = line + nchars;

	while (*at < nchars) {
		const char *word = line + *at, *next = word_end(word, end);
		const char *equals = memchr(word, '=', (size_t)(next - word));

		*at = (size_t)(next - line) + (next < end);
		if (equals == NULL)
			continue;
		*key = (struct base_log_part){word, (size_t)(equals - word)};
		*value = (struct base_log_part){equals + 1, (size_t)(next - equals - 1)};
		return true;
	}
	return false;
}

bool base_log_line_find(const char *line, size_t nchars, const char *key,
			struct base_log_part *value)
{
	struct base_log_part name;
	size_t at = 0;

	while (base_log_line_next(line, nchars, &at, &name, value))
		if (name.nchars == strlen(key) && memcmp(name.text, key, name.nchars) == 0)
			return true;
	return false;
}

size_t base_log_line_unquote(char *out, size_t size, const struct base_log_part *value)
{
	const char *at = value->text, *end = at + value->nchars;
	bool is_quoted = at < end && *at == '"';
	size_t n = 0;

	for (at += is_quoted; at < end && n + 1 < size && !(is_quoted && *at == '"'); at++) {
		if (is_quoted && *at == '\\' && at + 1 < end)
			at++;
		out[n++] = *at;
	}
	out[n] = '\0';
	return n;
}
