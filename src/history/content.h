/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* history/content.h - what a history consists of: which events are in the zone, by eras, and the
 * events that wait. It neither sends nor saves anything. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/event.h"

enum { HISTORY_SPANS_MAX = 8 }; /* eras, of which only the last one grows */

/* The events of an era that are in the zone: from `first` to `last`; one less: none. */
struct history_span {
	uint64_t era, first, last;
};

/* All zero but for `last`: empty. */
struct history_content {
	struct history_span spans[HISTORY_SPANS_MAX]; /* the present era is the last one */
	unsigned nspans;
	struct history_event *first, **last; /* those that wait: they follow those in the zone */
	size_t nwaiting;
};

void history_content_init(struct history_content *c);

/* Frees the events that wait. */
void history_content_fini(struct history_content *c);

/* Begins an era; events that wait will be of it. If there are too many eras, the oldest one is
 * forgotten. */
void history_content_begin(struct history_content *c, uint64_t era);

/* Returns the present era; one must have begun. */
static inline struct history_span *history_content_era(struct history_content *c)
{
	return &c->spans[c->nspans - 1];
}

/* Adds an event, which it takes, to those that wait. Returns its number. */
uint64_t history_content_add(struct history_content *c, struct history_event *take);

/* Notes that the first `n` events that wait are in the zone. */
void history_content_done(struct history_content *c, uint64_t n);

/* Notes that an era has no events before `first` any more. Returns false if it has no such. */
bool history_content_removed(struct history_content *c, uint64_t era, uint64_t first);

/* Returns how many events are in the zone. */
uint64_t history_content_nthere(const struct history_content *c);
