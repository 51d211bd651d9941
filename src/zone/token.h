/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/token.h - the lexical part of zone files (RFC 1035 section 5.1): entries and their tokens.
 *
 * An entry is a line, or several where parentheses join them. This file knows blanks, comments,
 * quotes, parentheses and escapes; it does not know what a token means. Tokens are views of the
 * text that was scanned. No I/O; one entry belongs to one thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct zone_token {
	const char *text; /* without the quotes around it, escapes as written */
	uint32_t nchars;
	uint32_t line;
	bool quoted;	 /* stood in quotes */
	bool has_escape; /* a backslash is in it */
	bool has_quote;	 /* not quoted as a whole, but in part: key="a b" */
};

struct zone_entry {
	struct zone_token *tokens;
	uint32_t ntokens, room;
	bool is_blank; /* begins with a blank: it continues the owner before */
	uint32_t
		line; /* where the text that is left begins; set by the caller for the first call */
	const char *wrong; /* NULL, or what was wrong first, and where */
	uint32_t wrong_line;
};

enum zone_scan {
	ZONE_SCAN_ENTRY,  /* an entry was read, maybe one with `wrong` */
	ZONE_SCAN_MORE,	  /* the text ends within an entry: call again with more of it */
	ZONE_SCAN_END,	  /* nothing but blanks and comments was left */
	ZONE_SCAN_MEMORY, /* memory is short */
};

/* Scans the next entry from `*at`, and steps over it. `end` must be readable and hold a newline,
 * which is not part of the text. With `is_last` nothing comes behind `end`. On ZONE_SCAN_MORE
 * neither `*at` nor e->line have moved past the start of the entry that is not whole. */
enum zone_scan zone_entry_scan(struct zone_entry *e, const char **at, const char *end,
			       bool is_last);

/* Gives the memory of an entry back. */
void zone_entry_fini(struct zone_entry *e);

/* Whether an unquoted token is just this text, ignoring the case of letters. */
bool zone_token_is(const struct zone_token *t, const char *text);
