/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/rdata_text.h - rdata as presentation text, in and out, for every type.
 *
 * The common types are converted here by a table of forms; SVCB, DNSKEY, LOC and the like go
 * through ldns (text/foreign.h); any type is taken in the form of RFC 3597, and written so if
 * nothing better is sure to read back. No I/O, no state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/token.h"

enum {
	/* Room that the text of any record fits into: a TXT of 65535 octets, each escaped, with two
	   long names. */
	TEXT_RECORD_MAX = 4 * 65535 + 4 * 1025,
	TEXT_ERROR_MAX = 160, /* room for any complaint */
};

/* Tokens being read. Like base_buf it remembers its first failure, and then gives nothing any more.
 */
struct text_words {
	const struct text_token *at, *end;
	const uint8_t *origin; /* completes names without a final dot */
	size_t norigin;
	const struct text_token *wrong_at; /* NULL if nothing was there to be wrong */
	char wrong[TEXT_ERROR_MAX];	   /* empty: all was well so far */
};

/* Takes the next token; NULL and failed with `what` ("no TTL") if there is none. */
const struct text_token *text_words_take(struct text_words *w, const char *what);

/* Fails with what is wrong with token `t`. Only the first failure is kept. */
void text_words_fail(struct text_words *w, const struct text_token *t, const char *wrong);

static inline bool text_words_is_bad(const struct text_words *w)
{
	return w->wrong[0] != '\0';
}

/* Reads a name to `out`, completed with the origin; "@" is the origin itself. Returns its length,
 * or 0 with `w` failed. */
size_t text_words_name(struct text_words *w, uint8_t out[static 255]);

/* Parses a TTL: seconds, or numbers with units as in 1h30m. Returns false if it is none, or above
 * `most`. */
bool text_ttl_parse(uint32_t *ttl, const char *text, size_t nchars, uint32_t most);

/* Parses the mnemonic of a type, or TYPE123. Faster than dns_type_from_text for what is common. */
bool text_type_parse(uint16_t *type, const struct text_token *t);

/* Reads all the tokens that are left as rdata of `type` and writes it to `out`; what was written is
 * valid (dns_rdata_is_valid). On any failure `w` says what is wrong. */
void text_rdata_parse(struct text_words *w, uint16_t type, struct base_out *out);

/* Writes rdata as text that text_rdata_parse reads back to the same octets. */
void text_rdata_write(struct base_out *o, uint16_t type, const uint8_t *rdata, size_t nbytes);

/* Writes a name as text with its final dot; no NUL. */
void text_name_write(struct base_out *o, const uint8_t *name);

/* Writes an octet as \DDD (RFC 1035 section 5.1). */
void text_ddd_write(struct base_out *o, uint8_t c);

/* Writes `v` in decimal digits. */
void text_number_write(struct base_out *o, uint32_t v);
