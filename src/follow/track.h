/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/track.h - the subscriptions of a watch, and which of them are not known yet.
 *
 * A track is known once its records were reported, pushed or polled, since follow_tracks_doubt. It
 * does not look at records. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/client.h"

/* One subscription. */
struct follow_track {
	struct client_subscription *subscription;
	struct follow_track *next, **link;	   /* of all */
	struct follow_track *next_new, **link_new; /* of those not known yet; NULL: it is known */
};

/* All of a watch; all zero but for `client`. */
struct follow_tracks {
	struct client *client;
	struct follow_track *first, *first_new;
};

/* Subscribes to the records at a name as client_subscribe. Returns 0 or -ENOMEM. */
int follow_track_begin(struct follow_tracks *all, struct follow_track *t, const uint8_t *name,
		       const uint16_t *types, unsigned ntypes, client_event_fn on_event, void *arg);

/* Ends the subscription; fine if it was not begun. */
void follow_track_end(struct follow_tracks *all, struct follow_track *t);

/* Returns how far the records can be relied on. */
enum client_known follow_track_known(const struct follow_tracks *all, const struct follow_track *t);

/* Has the records asked for again: the track is not known until that is done. */
void follow_track_refresh(struct follow_tracks *all, struct follow_track *t);

/* Returns whether all are known, or, except for `root`, refused by servers that are there. Costs no
 * more than the number of those that have become known since the last call. */
bool follow_tracks_are_known(struct follow_tracks *all, const struct follow_track *root);

/* No server has answered: none is known until it was reported anew. */
void follow_tracks_doubt(struct follow_tracks *all);
