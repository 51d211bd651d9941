/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/path.h - the names of the files in the folder of a store. Room-private.
 *
 *	format			version and key
 *	lock			held by the weftd that uses the store
 *	log-NUMBER		a segment of the log
 *	notes.checkpoint	the items
 *	ZONE.checkpoint		the records of a zone as of some commit
 *	ZONE.base		the baseline of a zone
 *	ZONE.base-next		a prepared baseline
 *	*.new			a file being written, renamed when it is complete
 *
 * Knows names, opens nothing. No state, any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { JOURNAL_PATH_MAX = 4096 }; /* bytes of a path, NUL included */

/* Writes the path of the file `name` in `folder`. */
void journal_path_of(char out[static JOURNAL_PATH_MAX], const char *folder, const char *name);

/* Writes the path of a zone's file (`zone` in wire form, any case): its name, a dot, `suffix`. Two
 * zones never share a file, and no zone has a file with one of the other names above. */
void journal_path_of_zone(char out[static JOURNAL_PATH_MAX], const char *folder,
			  const uint8_t *zone, const char *suffix);

/* Returns whether `file` is a name that is longer than `suffix` and ends with it. */
bool journal_path_has_suffix(const char *file, const char *suffix);
