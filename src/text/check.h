/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/check.h - checks whether the records of a zone file are consistent with each other.
 *
 * The check takes the records while they are read, and stores only the rare ones that rules are
 * about (SOA, NS, CNAME, DNAME); when the zone is built, it looks at them in the zone. A zone
 * without aliases, delegations, SRVs and MXs costs one comparison a record. The check knows files
 * only as locations in its reports, and the zone only through the functions it is given. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/location.h"
#include "dns/record.h"

struct text_check;

/* Starts the check of the zone `origin`, a name that is borrowed until text_check_free. `on_report`
 * is called with `arg` for each problem: an error means that the zone should not be served, a
 * warning that somebody should look. `file`, which is copied, is the location of problems whose
 * line is not known. Returns the check, which the caller frees, or NULL when out of memory. */
struct text_check *text_check_new(const uint8_t *origin, const char *file, base_report_fn on_report,
				  void *arg);
/* Frees the check. `c` may be NULL. */
void text_check_free(struct text_check *c);

/* Takes one record of the zone, which was read at `location`; both are copied as far as needed.
 * Returns 0 or -ENOMEM. */
int text_check_record(struct text_check *c, const struct dns_record *record,
		      const struct base_location *location);

/* The functions by which the check looks at the finished zone; `arg` is their first argument. */
struct text_check_reader {
	/* Returns whether there is an RRset of `type` at `owner`, without wildcards and aliases;
	 * `type` 0 stands for any type. */
	bool (*has)(void *arg, const uint8_t *owner, uint16_t type);

	/* Gets the next record of a walk over the whole zone in canonical order of owners; a view
	 * until the next call. Returns false at the end. Only called if the zone has aliases or
	 * delegations, which are checked against the names next to them, or SRVs or MXs. */
	bool (*next)(void *arg, struct dns_record *record);
	void *arg;
};

/* What of a zone file was read. */
enum text_check_extent {
	TEXT_CHECK_WHOLE, /* all of it */
	TEXT_CHECK_PART,  /* some lines are invalid: what is missing is not an error of its own */
};

/* Checks the records together. Returns the number of errors reported since text_check_new; a zone
 * with warnings only may be served. */
unsigned text_check_finish(struct text_check *c, const struct text_check_reader *reader,
			   enum text_check_extent extent);
