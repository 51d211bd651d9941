/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* history/event.h - one event that waits: the rdata of its TXT record, but for era and number,
 * which it gets when it is written. Also as a line of text, for the file. No state; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	HISTORY_TEXT_MAX = 246,	  /* bytes of `node`, `what`, `of` or `why`, with the NUL */
	HISTORY_RDATA_MAX = 2048, /* octets of a whole record's rdata */
	HISTORY_EVENT_TEXT_MAX = 4 * HISTORY_RDATA_MAX, /* characters of an event, with the NUL */
};

struct history_event {
	struct history_event *next; /* of those that wait */
	uint16_t nbytes;
	uint8_t strings[]; /* `t=`, `node=`, `what=`, and those of the others that are not empty */
};

/* What an event consists of; texts that are too long are cut, and are "" if there is none. */
struct history_event_parts {
	uint64_t time_ms; /* since 1970 */
	const char *node, *what, *of, *why;
};

/* Makes an event, which the caller frees by free(). Returns NULL without memory. */
struct history_event *history_event_new(const struct history_event_parts *parts);

/* Writes the rdata of its record. Returns its length. */
size_t history_event_rdata(uint8_t out[static HISTORY_RDATA_MAX], const struct history_event *e,
			   uint64_t era, uint64_t n);

/* Writes it as text: strings with spaces between them, octets that are not printable as \DDD. */
void history_event_to_text(char out[static HISTORY_EVENT_TEXT_MAX], const struct history_event *e);

/* Makes an event of its text. Returns NULL if that is not valid, or without memory. */
struct history_event *history_event_from_text(const char *text);
