/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/words.h - a cursor over the tokens of one entry.
 *
 * Like base_buf it remembers its first failure: after one, no tokens are left, so a parser reads
 * its fields in a straight line and asks once at the end. It knows names, which an origin
 * completes, but no types of records. It borrows tokens and origin. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "text/token.h"

/* The cursor. */
struct text_words {
	const struct text_token *at, *end; /* the next token; after the last */
	const uint8_t *origin;		   /* completes names without a final dot */
	size_t norigin;
	uint32_t last_line;	 /* of the entry's last token */
	struct base_error error; /* code 0: no failure so far. Its location has no file */
};

/* Starts at the first token of `e`, which is borrowed with the name `origin` of `norigin` octets.
 */
void text_words_init(struct text_words *w, const struct text_entry *e, const uint8_t *origin,
		     size_t norigin);

/* Takes the next token. Returns NULL, and `w` fails with `what` ("the type is missing"), if none is
 * left. */
const struct text_token *text_words_take(struct text_words *w, const char *what);

/* Fails with -EBADMSG. The sentence is the text, after the token `t` in quotes unless `t` is NULL:
 * "10.0.0.300" is not an IPv4 address. The line is that of the token, or of the entry's last token.
 * Only the first failure is kept. */
void text_words_fail(struct text_words *w, const struct text_token *t, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Returns whether a function has failed; w->error has the reason then. */
static inline bool text_words_has_failed(const struct text_words *w)
{
	return w->error.code != 0;
}

/* Takes a name, completes it with the origin and writes it to `out`; "@" is the origin itself.
 * Returns its length, or 0 with `w` failed. */
size_t text_words_name(struct text_words *w, uint8_t out[static 255]);
