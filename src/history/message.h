/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* history/message.h - the updates of a history. They have no lease, and are not sent here. No
 * state; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct history_content;

enum {
	HISTORY_MESSAGE_EVENTS_MAX = 128,   /* that are added by an update */
	HISTORY_MESSAGE_REMOVALS_MAX = 200, /* that are removed by an update */
};

/* An update, in memory from malloc. */
struct history_message {
	uint8_t *bytes;
	size_t nbytes;
	size_t nevents;	 /* the first ones of those that wait */
	size_t nremoved; /* the oldest ones of those in the zone */
};

/* Writes the update that adds the first `nevents` of those that wait, or as many as fit, if none of
 * their names is there yet, and removes the oldest `nremoved` of those in the zone. Returns 0 or
 * -ENOMEM. */
int history_message_write(struct history_message *out, const struct history_content *c,
			  const uint8_t *zone, size_t nevents, uint64_t nremoved);

/* Writes an update without changes, which succeeds if the first `nevents` of those that wait, or as
 * many as fit, are in the zone. Returns 0 or -ENOMEM. */
int history_message_write_question(struct history_message *out, const struct history_content *c,
				   const uint8_t *zone, size_t nevents);
