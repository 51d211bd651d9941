/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/tool.h - looking at a store that nobody is using, damaged or not: `weft store
 * check|export`.
 *
 * Changes nothing on disk. One thread. */
#pragma once

#include <stdint.h>
#include <stdio.h>

/* Examines everything in the store at `folder` and writes a report for people to `out`. 0 if all is
 * well, -EBADMSG if something is damaged, -EBUSY if a weftd uses the store, or another negative
 * errno; what is wrong is in the report. */
int journal_check(const char *folder, FILE *out);

/* Writes a zone as the store has it, as a zone file, to `out`: checkpoint and all changes since.
 * From a damaged store it writes what can be read, with comments that say what is missing, and
 * returns -EBADMSG. -ENOENT if the store has nothing of the zone. */
int journal_export(const char *folder, const uint8_t *zone, FILE *out);
