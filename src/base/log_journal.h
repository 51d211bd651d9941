/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log_journal.h - lines of the log as entries of systemd's journal, with fields.
 *
 * An entry is one datagram (https://systemd.io/JOURNAL_NATIVE_PROTOCOL). It has the line as
 * MESSAGE, its level as PRIORITY, and what an operator searches by as fields of their own:
 * WEFT_SUBJECT, WEFT_EVENT, WEFT_ZONE, WEFT_KEY, WEFT_CLIENT, WEFT_NAME, WEFT_RESULT, WEFT_REASON.
 * Only base/log_out.c knows this unit; its thread rules are those of writing the log. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { BASE_LOG_ENTRY_MAX = 12288 }; /* bytes of the entry of the longest line */

/* Connects to the journal's socket. Returns a descriptor, or a negative errno. */
int base_log_journal_connect(void);

/* Writes the entry of a line to `out`: `line` begins with its level as `<6>` and has no newline.
 * Returns the entry's length. */
size_t base_log_journal_entry(char out[static BASE_LOG_ENTRY_MAX], const char *line, size_t nchars);
