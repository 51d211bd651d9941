/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/shown.h - the instances that a watch has reported, and the reporting of what differs.
 *
 * What is in the set is what the watch's owner knows: an instance enters and leaves it together
 * with its event. It does not know where instances come from. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "follow/event.h"

/* Bounds of what is shown: others are not, until they change when there is room again. A server
 * that lies may have many SRV records share one large TXT, of which each instance has a copy. */
enum {
	FOLLOW_SHOWN_MAX = 10000,
	FOLLOW_SHOWN_NBYTES_MAX = 64 << 20,
};

/* The place of one instance; all zero: none was reported. */
struct follow_shown_slot {
	struct find_instance *instance;
	size_t at; /* in the set */
};

/* All zero but for `on_event` and `arg`. */
struct follow_shown {
	follow_watch_fn on_event;
	void *arg;
	bool is_over; /* the watch has ended: nothing is reported any more */
	struct find_instance **all;
	struct follow_shown_slot **slots; /* of these */
	size_t n, size;
	size_t nbytes; /* of the instances */
};

/* Releases all instances, without a report. */
void follow_shown_fini(struct follow_shown *s);

/* Reports the instance of the slot as it is now, if that differs from how it was reported: it has
 * `parts` and these addresses, with the port of `parts`. One for which there is no room is gone.
 * Returns 0, or -ENOMEM with nothing reported. The watch may be over then, but the set is still
 * there. */
int follow_shown_set(struct follow_shown *s, struct follow_shown_slot *slot,
		     const struct find_parts *parts, const struct sockaddr_storage *addresses,
		     size_t naddresses);

/* Reports that the instance is gone, if it was reported. */
void follow_shown_remove(struct follow_shown *s, struct follow_shown_slot *slot);

/* Reports an event without an instance. */
void follow_shown_send(struct follow_shown *s, enum follow_watch_event event);
