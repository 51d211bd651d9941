/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/token.h - the lexical part of zone files (RFC 1035 section 5.1): entries and their tokens.
 *
 * An entry is a line, or several lines joined by parentheses or by quotes. This file knows blanks,
 * comments, quotes, parentheses and escapes; it does not know what a token means. A quote ends a
 * word as a blank does. Tokens are views of the scanned text. No I/O; one entry belongs to one
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One word of an entry. */
struct text_token {
	const char *text; /* a view, without the quotes around it, escapes as written; no NUL */
	uint32_t nchars;
	uint32_t line;	 /* where it begins, from 1 */
	bool is_quoted;	 /* as a whole: "a b" */
	bool has_escape; /* it contains a backslash */
	bool is_joined;	 /* no blank before it: the second token of key="a b" */
};

/* An entry. All zero but for `line` at first; its memory is reused by the next scan. */
struct text_entry {
	struct text_token *tokens; /* `ntokens`; owned */
	uint32_t ntokens, capacity;
	bool is_blank;	   /* begins with a blank: its owner is that of the entry before */
	uint32_t line;	   /* of the rest of the text; the caller sets it once */
	const char *error; /* NULL, or a constant: the first error of the entry */
	uint32_t error_line;
};

enum text_scan {
	TEXT_SCAN_ENTRY,  /* an entry was scanned; it may have an error */
	TEXT_SCAN_MORE,	  /* the text ends within an entry: call again with more of it */
	TEXT_SCAN_END,	  /* only blanks and comments were left */
	TEXT_SCAN_MEMORY, /* out of memory */
};

/* Scans the next entry from `*at` on, and moves `*at` and e->line after it. The octet at `end` must
 * be readable and a newline; it is not part of the text. `is_last`: the file ends at `end`. The
 * tokens are valid as long as the text, until the next scan. On TEXT_SCAN_MORE neither `*at` nor
 * e->line moves past the start of the incomplete entry. */
enum text_scan text_entry_scan(struct text_entry *e, const char **at, const char *end,
			       bool is_last);

/* Frees the memory of an entry, which is all zero then. */
void text_entry_fini(struct text_entry *e);

/* Returns whether the token is unquoted and equals `text`, ignoring the case of letters. */
bool text_token_is(const struct text_token *t, const char *text);
