/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/zonefile.h - zone files (RFC 1035 section 5), read.
 *
 * Reads a file into records and hands each to a function. It knows no zone:
 * what the records mean together is text/check.h's. Tokens are text/token.h's, rdata is
 * text/rdata_parse.h's. Any thread, one file at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/location.h"
#include "dns/record.h"

struct stat;

/* Takes one record, a view good during the call. Returns 0 to go on, or a negative errno, which
 * ends the reading. */
typedef int (*text_record_fn)(void *arg, const struct dns_record *record);

/* Told of each file that is opened, $INCLUDE files too; may be NULL. */
typedef void (*text_opened_fn)(void *arg, const char *path, const struct stat *st);

struct text_reader {
	const uint8_t
		*origin; /* the zone's name: first $ORIGIN, and records outside it are an error */
	unsigned errors_max; /* stop after so many errors; 0 means 20 */
	text_record_fn on_record;
	base_report_fn on_report; /* told of errors only, no warnings */
	text_opened_fn on_opened;
	void *arg;
	struct base_location
		*location; /* NULL, or set before each on_record to where the record begins */
};

enum {
	TEXT_TTL_MAX = INT32_MAX, /* RFC 2181 section 8 */
	TEXT_INCLUDE_DEPTH = 16,  /* files that may be open within each other */
};

/* Reads the zone file at `path`. All errors up to errors_max are reported, not only the first.
 * Returns 0, -EBADMSG if any line was wrong, or another negative errno (file not readable: also
 * reported; what on_record returned). */
int text_zonefile_read(const char *path, const struct text_reader *reader);
