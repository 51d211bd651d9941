/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/scan.h - reading a log back: which of its records count. Room-private.
 *
 * The chain of the records (journal/record.h) alone decides. Changes nothing on disk. One thread.
 */
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

/* A record that counts. */
struct journal_found {
	struct journal_record record;
	struct journal_segment *segment;
	uint64_t offset; /* in the segment */
};

struct journal_scan {
	/* set by the caller */
	const char *folder; /* borrowed */
	uint64_t key;	    /* of the checksums */
	uint64_t log_from;  /* the first commit that the log must hold; 1: all */
	/* results */
	struct journal_segment **segments; /* all in the folder, by number */
	size_t nsegments;
	struct journal_found *found; /* in the order of commits */
	size_t nfound, capacity;
	uint8_t *bytes; /* of the segment or record read last */
	size_t nbytes;	/* allocated at `bytes` */
};

/* Reads the segments that the caller has put into s->segments (an array from malloc, which
 * journal_scan_fini frees with them). Returns as journal_scan_log, but does not ask what the log
 * must hold. */
int journal_scan_segments(struct journal_scan *s, struct base_error *error);

/* Reads the whole log. Returns 0, or a negative errno described in `error`, whose location is
 * s->folder: -EBADMSG if something is missing from the beginning or the middle of the log. The
 * records before the damage are in s->found also then. journal_scan_fini is owed either way. */
int journal_scan_log(struct journal_scan *s, struct base_error *error);

/* Reads a found record again, whole, to s->bytes. Returns 0 or a negative errno. */
int journal_scan_read(struct journal_scan *s, const struct journal_found *found);

/* Frees everything but the segments that the caller took, by writing NULL into s->segments. */
void journal_scan_fini(struct journal_scan *s);
