/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dns/name.h"
#include "text/token.h"

enum { TOKEN_SHOWN = 64 }; /* characters of a token in a message */

void text_words_init(struct text_words *w, const struct text_entry *e, const uint8_t *origin,
		     size_t norigin)
{
	/* The text of the error is left as it is: most entries have none. */
	w->at = e->tokens;
	w->end = e->tokens + e->ntokens;
	w->origin = origin;
	w->norigin = norigin;
	w->last_line = e->ntokens > 0 ? w->end[-1].line : e->line;
	w->error.code = 0;
}

void text_words_fail(struct text_words *w, const struct text_token *t, const char *format, ...)
{
	char text[BASE_ERROR_TEXT_MAX];
	va_list args;

	w->at = w->end;
	if (text_words_has_failed(w))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (t == NULL)
		base_error_set_at(&w->error, -EBADMSG, (struct base_location){NULL, w->last_line},
				  "%s", text);
	else
		base_error_set_at(&w->error, -EBADMSG, (struct base_location){NULL, t->line},
				  "\"%.*s%s\" %s",
				  (int)(t->nchars > TOKEN_SHOWN ? TOKEN_SHOWN : t->nchars), t->text,
				  t->nchars > TOKEN_SHOWN ? "..." : "", text);
}

const struct text_token *text_words_take(struct text_words *w, const char *what)
{
	if (w->at < w->end)
		return w->at++;
	text_words_fail(w, NULL, "%s", what);
	return NULL;
}

/* The quick way for a name without escapes. Returns the length of the name, or 0 if it is not a
 * valid one. */
static size_t plain_name(uint8_t out[static DNS_NAME_MAX], const char *text, size_t nchars,
			 const uint8_t *origin, size_t norigin)
{
	size_t label = 0, n = 1; /* out[label] is the length octet of the present label */

	if (nchars >= DNS_NAME_MAX)
		return 0;
	for (size_t i = 0; i < nchars; i++) {
		if (text[i] != '.') {
			out[n++] = (uint8_t)text[i];
			continue;
		}
		if (n - label - 1 == 0 || n - label - 1 > DNS_LABEL_MAX)
			return 0;
		out[label] = (uint8_t)(n - label - 1);
		label = n++;
	}
	if (n - label - 1 == 0) {
		out[label] = 0;
		return n;
	}
	if (n - label - 1 > DNS_LABEL_MAX || n + norigin > DNS_NAME_MAX)
		return 0;
	out[label] = (uint8_t)(n - label - 1);
	memcpy(out + n, origin, norigin);
	return n + norigin;
}

size_t text_words_name(struct text_words *w, uint8_t out[static DNS_NAME_MAX])
{
	const struct text_token *t = text_words_take(w, "a name is missing");
	size_t n;

	if (t == NULL)
		return 0;
	if (t->nchars == 1 && t->text[0] == '@' && !t->is_quoted) {
		memcpy(out, w->origin, w->norigin);
		return w->norigin;
	}
	if (t->has_escape || (t->nchars == 1 && t->text[0] == '.'))
		n = dns_name_from_text(out, t->text, t->nchars, w->origin);
	else
		n = t->nchars == 0 ? 0 : plain_name(out, t->text, t->nchars, w->origin, w->norigin);
	if (n == 0)
		text_words_fail(w, t, "is not a domain name");
	return n;
}
