/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/name.h - domain names (RFC 1035 section 3.1, RFC 4343).
 *
 * Everywhere in weft a name that is not inside a packet is an uncompressed wire name: length octets
 * and labels up to the empty root label, at most 255 octets. It carries its own end, so a
 * `const uint8_t *` is enough to pass one; such a pointer must come from this file, which is where
 * names are checked. Case is kept; comparing ignores the case of ASCII letters. No I/O, no state,
 * any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	DNS_NAME_MAX = 255, /* octets of a wire name, root label included */
	DNS_LABEL_MAX = 63,
	DNS_LABELS_MAX = 127,	  /* labels without the root */
	DNS_NAME_TEXT_MAX = 1025, /* room for any name as text, with its NUL */
};

/* Lower case of every octet; only A to Z change (RFC 4343). */
extern const uint8_t dns_lower[256];

/* Reads a name, which may be compressed, from the message under `b` (b->start is the message's
 * first octet) and writes it uncompressed, case kept, to `out`. A pointer must point strictly
 * backward. Returns the length written, or 0 with `b` failed. */
size_t dns_name_parse(struct base_buf *b, uint8_t out[static DNS_NAME_MAX]);

/* Steps over a name, which may be compressed, without following pointers. */
void dns_name_skip(struct base_buf *b);

/* Whether the `nbytes` at `bytes` are exactly one uncompressed name. */
bool dns_name_is_valid(const uint8_t *bytes, size_t nbytes);

/* Length in octets, root label included. */
size_t dns_name_nbytes(const uint8_t *name);

/* Number of labels, the root not counted. */
unsigned dns_name_labels(const uint8_t *name);

/* Copies `name` in lower case to `out`; both may be the same. Returns the length. */
size_t dns_name_lower(uint8_t out[static DNS_NAME_MAX], const uint8_t *name);

/* Whether two names are the same but for case. */
bool dns_name_equal(const uint8_t *a, const uint8_t *b);

/* Whether `name` is `ancestor` or below it. */
bool dns_name_is_under(const uint8_t *name, const uint8_t *ancestor);

/* Order of names in a zone (RFC 4034 section 6.1): negative, 0 or positive. */
int dns_name_compare(const uint8_t *a, const uint8_t *b);

/* The part of `name` without its first `labels` labels: a view into it. `labels` must not exceed
 * the labels it has. */
const uint8_t *dns_name_strip(const uint8_t *name, unsigned labels);

static inline bool dns_name_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

/* Parses presentation format (RFC 1035 section 5.1: \. and \DDD escapes). A name without a final
 * dot is completed with `origin`; NULL means the root. Returns the length written, or 0 if the text
 * is not a name. */
size_t dns_name_from_text(uint8_t out[static DNS_NAME_MAX], const char *text, size_t nchars,
			  const uint8_t *origin);

/* Writes presentation format, with final dot and NUL, to `out`. Returns the characters written, NUL
 * not counted. */
size_t dns_name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name);

/* Joins the labels of `prefix` (root dropped) and `suffix`. Returns the length, or 0 if longer than
 * a name may be. */
size_t dns_name_join(uint8_t out[static DNS_NAME_MAX], const uint8_t *prefix, size_t prefix_nbytes,
		     const uint8_t *suffix);
