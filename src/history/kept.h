/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* history/kept.h - the content of a history, and the file that outlives the program: each change is
 * made to both.
 *
 * A file that cannot be written costs what waits when the program ends, no more: that is reported
 * once, and the content goes on in memory. It numbers events, but does not send them. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "history/content.h"

struct history_event_parts;
struct history_file;
struct registrant_clocks;

enum { HISTORY_WAITING_MOST = 10000 }; /* events; later ones are dropped */

struct history_kept {
	/* set before it is opened; borrowed */
	const struct registrant_clocks *clocks;
	const char *node;      /* whose events they are */
	base_report_fn report; /* or NULL */
	void *report_arg;

	struct history_content content;
	struct history_file *file;
	bool is_file_bad;	       /* reported */
	uint64_t ndropped, nuncounted; /* in all; those that no event counts yet */
};

/* Reads the file of `folder`, and begins an era if it has none. Returns 0, or a negative errno with
 * `error` filled in and nothing to close. */
int history_kept_open(struct history_kept *k, const char *folder, struct base_error *error);

/* Closes the file, and frees the content. */
void history_kept_close(struct history_kept *k);

/* Reports what an operator should know. */
void history_kept_report(const struct history_kept *k, enum base_log_level level, int code,
			 const char *text);

/* Begins an era, whose number is at least `least`: what waits is numbered anew in it. */
void history_kept_begin(struct history_kept *k, uint64_t least);

/* Adds an event to those that wait. Returns 0; or, when it is dropped, and counted, -ENOSPC or
 * -ENOMEM. */
int history_kept_add(struct history_kept *k, const struct history_event_parts *parts);

/* Adds an event that counts those that were dropped, if there are any, and room. */
void history_kept_count_dropped(struct history_kept *k);

/* Notes that the first `nevents` of those that waited are in the zone, and that the oldest
 * `nremoved` are not any more. */
void history_kept_done(struct history_kept *k, size_t nevents, uint64_t nremoved);
