/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/kept.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "history/event.h"
#include "history/file.h"
#include "registrant/clocks.h"

void history_kept_report(const struct history_kept *k, enum base_log_level level, int code,
			 const char *text)
{
	struct base_error error;

	if (k->report == NULL)
		return;
	base_error_set(&error, code, "%s", text);
	k->report(k->report_arg, level, &error);
}

/* Takes what came of writing to the file, and writes it anew where that is due. */
static void file_care(struct history_kept *k, int ret)
{
	char text[512];

	if (history_file_is_due(k->file))
		ret = history_file_write(k->file, &k->content);
	if (ret == 0) {
		k->is_file_bad = false;
		return;
	}
	if (ret == -EAGAIN || k->is_file_bad)
		return;
	k->is_file_bad = true;
	snprintf(text, sizeof(text), "%.300s: %s: events that wait are in memory only",
		 history_file_path(k->file), strerror(-ret));
	history_kept_report(k, BASE_LOG_ERROR, ret, text);
}

void history_kept_begin(struct history_kept *k, uint64_t least)
{
	uint64_t now = k->clocks->wall_ms(k->clocks->arg);

	history_content_begin(&k->content, now > least ? now : least);
	file_care(k, history_file_write(k->file, &k->content));
}

int history_kept_open(struct history_kept *k, const char *folder, struct base_error *error)
{
	bool is_damaged = false;
	char text[512];
	int ret;

	history_content_init(&k->content);
	ret = history_file_open(&k->file, folder, &k->content, &is_damaged, error);
	if (ret < 0)
		return ret;
	if (is_damaged) {
		snprintf(text, sizeof(text),
			 "%.400s is damaged: events that waited to be sent may be lost",
			 history_file_path(k->file));
		history_kept_report(k, BASE_LOG_WARNING, -EBADMSG, text);
	}
	if (k->content.nspans == 0)
		history_kept_begin(k, 1);
	else if (is_damaged)
		file_care(k, history_file_write(k->file, &k->content));
	return 0;
}

void history_kept_close(struct history_kept *k)
{
	history_file_close(k->file);
	history_content_fini(&k->content);
}

/* Adds an event. One that cannot be added is not counted. */
static int event_add(struct history_kept *k, const struct history_event_parts *parts)
{
	struct history_event *e;
	uint64_t n;

	if (k->content.nwaiting >= HISTORY_WAITING_MOST)
		return -ENOSPC;
	e = history_event_new(parts);
	if (e == NULL)
		return -ENOMEM;
	n = history_content_add(&k->content, e);
	file_care(k, history_file_add(k->file, n, e));
	return 0;
}

int history_kept_add(struct history_kept *k, const struct history_event_parts *parts)
{
	int ret = event_add(k, parts);

	if (ret < 0) {
		k->ndropped++;
		k->nuncounted++;
	}
	return ret;
}

void history_kept_count_dropped(struct history_kept *k)
{
	char why[64];
	const struct history_event_parts parts = {
		.time_ms = k->clocks->wall_ms(k->clocks->arg),
		.node = k->node,
		.what = "dropped",
		.of = "",
		.why = why,
	};

	snprintf(why, sizeof(why), "%" PRIu64 " events: too many waited", k->nuncounted);
	if (k->nuncounted > 0 && event_add(k, &parts) == 0)
		k->nuncounted = 0;
}

/* Notes that the oldest `n` events are not in the zone any more. */
static void note_removed(struct history_kept *k, uint64_t n)
{
	struct history_content *c = &k->content;

	for (unsigned i = 0; i < c->nspans && n > 0; i++) {
		const struct history_span *s = &c->spans[i];
		uint64_t nthere = s->last + 1 - s->first, first;

		if (nthere == 0)
			continue;
		first = s->first + (n < nthere ? n : nthere);
		n -= first - s->first;
		history_content_removed(c, s->era, first);
		file_care(k, history_file_removed(k->file, s->era, first));
	}
}

void history_kept_done(struct history_kept *k, size_t nevents, uint64_t nremoved)
{
	note_removed(k, nremoved);
	if (nevents == 0)
		return;
	history_content_done(&k->content, nevents);
	file_care(k, history_file_done(k->file, history_content_era(&k->content)->last));
}
