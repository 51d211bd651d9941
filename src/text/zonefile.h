/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/zonefile.h - the reader of zone files (RFC 1035 section 5).
 *
 * Parses a file, with its $INCLUDE files, and passes each record to a function. It does not know
 * the zone: whether the records are consistent is checked by text/check.h. Any thread, one file at
 * a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/location.h"
#include "dns/record.h"

struct stat;

/* Takes one record, borrowed during the call. Returns 0 to go on, or a negative errno, which ends
 * the reading. */
typedef int (*text_record_fn)(void *arg, const struct dns_record *record);

/* Is called for each file that is opened, $INCLUDE files too. `path` and `st` are valid during the
 * call.
 */
typedef void (*text_opened_fn)(void *arg, const char *path, const struct stat *st);

/* How a file is read; borrowed during text_zonefile_read. */
struct text_reader {
	const uint8_t
		*origin;     /* the zone's name: the first $ORIGIN. Records outside it are errors */
	unsigned errors_max; /* reading stops after this number of errors; 0 means 20 */
	text_record_fn on_record;
	base_report_fn on_report; /* for errors; there are no warnings */
	text_opened_fn on_opened; /* may be NULL */
	void *arg;		  /* for all three functions */

	/* NULL, or where the reader writes the location of a record before each on_record. */
	struct base_location *location;
};

enum {
	TEXT_TTL_MAX = INT32_MAX, /* seconds (RFC 2181 section 8) */
	TEXT_INCLUDE_DEPTH = 16,  /* files that may be open within each other */
};

/* Reads the zone file at `path`. All errors up to errors_max are reported, not only the first; the
 * records between them are passed on. Returns 0; -EBADMSG if any line was invalid; another negative
 * errno if a file could not be read (which is reported, too), or what on_record returned. */
int text_zonefile_read(const char *path, const struct text_reader *reader);
