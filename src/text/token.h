/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/token.h - the lexical part of zone files (RFC 1035 section 5.1): entries and their tokens.
 *
 * An entry is a line, or several where parentheses join them. This file knows blanks, comments,
 * quotes, parentheses and escapes; it does not know what a token means. Tokens are views of the
 * text that was scanned. No I/O; one entry belongs to one thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct text_token {
	const char *text; /* without the quotes around it, escapes as written */
	uint32_t nchars;
	uint32_t line;
	bool is_quoted;	 /* stood in quotes */
	bool has_escape; /* a backslash is in it */
	bool has_quote;	 /* not quoted as a whole, but in part: key="a b" */
};

struct text_entry {
	struct text_token *tokens;
	uint32_t ntokens, capacity;
	bool is_blank; /* begins with a blank: it continues the owner before */
	uint32_t
		line; /* where the text that is left begins; set by the caller for the first call */
	const char *error; /* NULL, or what was wrong first, and where */
	uint32_t error_line;
};

enum text_scan {
	TEXT_SCAN_ENTRY,  /* an entry was read, maybe one with `wrong` */
	TEXT_SCAN_MORE,	  /* the text ends within an entry: call again with more of it */
	TEXT_SCAN_END,	  /* nothing but blanks and comments was left */
	TEXT_SCAN_MEMORY, /* memory is short */
};

/* Scans the next entry from `*at`, and steps over it. `end` must be readable and hold a newline,
 * which is not part of the text. With `is_last` nothing comes behind `end`. On TEXT_SCAN_MORE
 * neither `*at` nor e->line have moved past the start of the entry that is not whole. */
enum text_scan text_entry_scan(struct text_entry *e, const char **at, const char *end,
			       bool is_last);

/* Gives the memory of an entry back. */
void text_entry_fini(struct text_entry *e);

/* Whether an unquoted token is just this text, ignoring the case of letters. */
bool text_token_is(const struct text_token *t, const char *text);
