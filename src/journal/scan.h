/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/scan.h - reading a log back: which of its records count. Room-private.
 *
 * Changes nothing on disk. Records form a chain (journal/record.h), and that alone decides. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/record.h"
#include "journal/segment.h"

/* Ends the description of damage. */
#define JOURNAL_ADVICE                                                                             \
	"nothing was changed: restore the folder from a copy, or see with `weft store check` and " \
	"`weft store export` what is left"

/* A record that counts, and where it is. */
struct journal_found {
	struct journal_record record;
	struct journal_segment *segment;
	uint64_t offset;
};

struct journal_scan {
	const char *folder; /* set by the caller */
	uint64_t key;	    /* set by the caller */
	uint64_t log_from;  /* set by the caller: the first commit that must be there; 1 for all */
	struct journal_segment **segments; /* all there are, rising */
	size_t nsegments;
	struct journal_found *found; /* in order of commits */
	size_t nfound, capacity;
	uint8_t *bytes; /* of the segment or record read last */
	size_t nbytes;
};

/* Reads the whole log. 0, or a negative errno described in `error`: -EBADMSG if something is
 * missing from the middle or the beginning; what was found before that can be used. To be ended
 * with journal_scan_fini either way. */
int journal_scan_log(struct journal_scan *s, struct base_error *error);

/* Reads a record again, whole, to s->bytes. 0 or a negative errno. */
int journal_scan_read(struct journal_scan *s, const struct journal_found *found);

/* Gives back everything, but not the segments that the caller took out of s->segments (by putting
 * NULL there). */
void journal_scan_fini(struct journal_scan *s);
