/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* history/sender.h - has the events that wait written into the zone, and those that are too many
 * removed.
 *
 * It decides when an update is sent, what is in it, and what its answer means. What there is to
 * send it finds in history/kept.h, to which it reports what came of it. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/timer.h"

struct history_kept;
struct registrant;
struct registrant_update;
struct resolve_events;

/* Called once when nothing waits, or at the deadline. */
typedef void (*history_sender_flushed_fn)(void *arg, bool is_all, uint64_t now_ms);

/* All is borrowed until the end. */
struct history_sender_settings {
	struct resolve_events *events;
	struct registrant *registrant;
	struct history_kept *kept;
	const uint8_t *zone;
};

/* What the timer is for. */
enum history_sender_next { HISTORY_SENDER_GATHERS, HISTORY_SENDER_SENDS };

struct history_sender {
	struct resolve_events *events;
	struct registrant *registrant;
	struct history_kept *kept;
	const uint8_t *zone;
	uint32_t keep; /* events in the zone */

	struct resolve_timer due;
	enum history_sender_next next;
	struct registrant_update *update; /* under way */
	uint64_t sent_ms;		  /* when that began */
	size_t nevents, nremoved;	  /* in it */
	size_t nmost;			  /* events of the next one */
	bool is_question;		  /* the next one, or the one under way, is one */
	bool is_hurried;
	bool is_refused;		 /* reported */
	unsigned nmaking_way;		 /* updates that are to add no more than they remove */
	unsigned nfailures, ncollisions; /* in a row */

	/* the end */
	struct resolve_timer flush;
	history_sender_flushed_fn on_flushed; /* or NULL */
	void *flushed_arg;
};

/* Makes a sender that does nothing before history_sender_set_keep. */
void history_sender_init(struct history_sender *s, const struct history_sender_settings *settings);

/* Ends waiting for what is under way. */
void history_sender_fini(struct history_sender *s);

/* Has what is to be done begin, unless it is under way, or is tried again later. */
void history_sender_wake(struct history_sender *s);

/* Has what waits be sent now, because registries answer again. */
void history_sender_hurry(struct history_sender *s);

/* Sets how many events are kept in the zone, and begins. */
void history_sender_set_keep(struct history_sender *s, uint32_t keep);

/* Sets what is called when nothing waits or at the deadline; NULL ends waiting. */
void history_sender_flush(struct history_sender *s, uint64_t deadline_ms,
			  history_sender_flushed_fn done, void *arg);
