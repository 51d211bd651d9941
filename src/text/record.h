/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/record.h - one record as a line of a zone file.
 *
 * The line is: fully qualified owner, TTL, IN, type, rdata, with tabs between. Unknown types, and
 * anything that a text parser might misread, are written in the form of RFC 3597, so a line always
 * reads back as the same record. Any thread. */
#pragma once

#include <stdio.h>

#include "dns/record.h"
#include "text/rdata_write.h"

struct base_out;

enum {
	TEXT_RECORD_MAX = TEXT_RDATA_MAX + 3 * 1025
}; /* room that the line of any record fits into */

/* Writes the record's line with its newline to memory, without allocation for types that ldns is
 * not needed for. With too little room `o` becomes full and holds part of the line. */
void text_record_write(struct base_out *o, const struct dns_record *record);

/* Writes the record's line to `f`. Returns 0, or -EIO (also when out of memory for a long record).
 */
int text_record_write_file(FILE *f, const struct dns_record *record);
