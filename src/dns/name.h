/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/name.h - domain names (RFC 1035 section 3.1, RFC 4343).
 *
 * Everywhere in weft a name that is not inside a packet is an uncompressed wire name: length octets
 * and labels up to the empty root label, at most 255 octets. It contains its own end, so a
 * `const uint8_t *` is enough to pass one; such a name must come from this file, where names are
 * checked. Case is kept; comparisons ignore the case of ASCII letters. It does not know zones. No
 * I/O, no state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	DNS_NAME_MAX = 255,	  /* octets of a wire name, root label included */
	DNS_LABEL_MAX = 63,	  /* octets of a label, its length octet not counted */
	DNS_LABELS_MAX = 127,	  /* labels of a name, the root not counted */
	DNS_NAME_TEXT_MAX = 1025, /* room for any name as text, with its NUL */
};

/* The lower case of every octet; only that of A to Z differs from the octet (RFC 4343). */
extern const uint8_t dns_lower[256];

/* Reads a name, which may be compressed, from the message of `b` (b->start is the message's first
 * octet) and writes it uncompressed, case kept, to `out`. A compression pointer must point strictly
 * backward. Moves `b` to the octet after the name. Returns the length written, or 0 with `b`
 * failed.
 */
size_t dns_name_parse(struct base_buf *b, uint8_t out[static DNS_NAME_MAX]);

/* Moves `b` to the octet after a name, which may be compressed; pointers are not followed. `b`
 * fails if the name is cut short. */
void dns_name_skip(struct base_buf *b);

/* Returns whether the `nbytes` at `bytes` are exactly one uncompressed name. */
bool dns_name_is_valid(const uint8_t *bytes, size_t nbytes);

/* Returns the length in octets, root label included. */
size_t dns_name_nbytes(const uint8_t *name);

/* Returns the number of labels, the root not counted. */
unsigned dns_name_labels(const uint8_t *name);

/* Copies `name` in lower case to `out`, which may be `name` itself. Returns the length. */
size_t dns_name_lower(uint8_t out[static DNS_NAME_MAX], const uint8_t *name);

/* Returns whether two names are the same, ignoring case. */
bool dns_name_equal(const uint8_t *a, const uint8_t *b);

/* Returns whether `name` is `ancestor`, or a name below it. */
bool dns_name_is_under(const uint8_t *name, const uint8_t *ancestor);

/* Writes the number of labels that `name` has before `ancestor` to `nlabels`. Returns false, with
 * `nlabels` 0, if `name` is neither `ancestor` nor below it: never subtract lengths of names that
 * this function has not compared. */
bool dns_name_relative(const uint8_t *name, const uint8_t *ancestor, unsigned *nlabels);

/* Returns whether the labels of `first` are the first labels of `name`, in any case: `n1` is the
 * beginning of `n1.nodes.lab.cloud`. */
bool dns_name_begins(const uint8_t *name, const uint8_t *first);

/* Compares two names in canonical order (RFC 4034 section 6.1). Returns a negative number, 0 or a
 * positive one as `a` sorts before, is equal to or sorts after `b`. */
int dns_name_compare(const uint8_t *a, const uint8_t *b);

/* Returns `name` without its first `labels` labels: a view into `name`, which must have that many.
 */
const uint8_t *dns_name_strip(const uint8_t *name, unsigned labels);

/* Returns whether the first label is "*" (RFC 4592). */
static inline bool dns_name_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

/* Parses presentation format (RFC 1035 section 5.1: \. and \DDD escapes). A name without a final
 * dot is completed with `origin`; NULL means the root. Returns the length written, or 0 if the text
 * is not a name. */
size_t dns_name_from_text(uint8_t out[static DNS_NAME_MAX], const char *text, size_t nchars,
			  const uint8_t *origin);

/* Writes presentation format, with final dot and NUL, to `out`: for people; text/value.h escapes
 * more. Returns the number of characters, NUL not counted. */
size_t dns_name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name);

/* Writes the first `nlabels` labels of a name, which must have that many, likewise, but without a
 * final dot; none of them as ".". Returns the number of characters. */
size_t dns_name_labels_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name,
			       unsigned nlabels);

/* Writes the labels in the first `prefix_nbytes` octets of `prefix`, which do not contain the root,
 * and then `suffix` to `out`. Returns the length, or 0 if it exceeds DNS_NAME_MAX. */
size_t dns_name_join(uint8_t out[static DNS_NAME_MAX], const uint8_t *prefix, size_t prefix_nbytes,
		     const uint8_t *suffix);
