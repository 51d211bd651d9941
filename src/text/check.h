/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/check.h - whether the records of a zone file make sense together.
 *
 * Takes the records as they are read, keeping only the rare ones that rules are about (SOA, NS,
 * CNAME, DNAME); when the zone is built, it looks at what became of them. A zone without aliases
 * and delegations costs one comparison a record. It knows files only as places to name, and the
 * zone only through the functions it is given. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/location.h"
#include "dns/record.h"

struct text_check;

/* Starts the check of the zone `origin`, which is borrowed. `file` is named where no better place
 * is known. NULL when memory is short. */
struct text_check *text_check_new(const uint8_t *origin, const char *file, base_report_fn on_report,
				  void *arg);
void text_check_free(struct text_check *c);

/* Takes one record that was read at `location`. 0 or -ENOMEM. */
int text_check_record(struct text_check *c, const struct dns_record *record,
		      const struct base_location *location);

/* How the check looks at the finished zone. */
struct text_check_reader {
	/* Whether there is an RRset of `type` at `owner`; no wildcards, no aliases followed. */
	bool (*has)(void *arg, const uint8_t *owner, uint16_t type);

	/* The next record of a walk over the whole zone in canonical order of owners; false at the
	 * end. Only called if there are aliases or delegations, whose neighbours must be looked at.
	 */
	bool (*next)(void *arg, struct dns_record *record);
	void *arg;
};

/* Looks at the zone as a whole, and returns the number of errors that were told in all. Zones with
 * no more than warnings may be served. */
unsigned text_check_finish(struct text_check *c, const struct text_check_reader *reader);
