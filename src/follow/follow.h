/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/follow.h - what all watches share: one client, and which servers it follows records at.
 *
 * A registry that is known with TLS pushes; else the servers that push are looked for (RFC 8765
 * section 6.1), then the registries themselves are tried without TLS, and what nobody pushes is
 * polled at the registries. When others are known than before, and the session is not with one of
 * them, it moves. It does not know what is followed. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/client.h"
#include "locate/locate.h"
#include "resolve/events.h"

struct follow;

/* Makes a follower without users. `events` and `l` are borrowed until the end; `l` NULL: the caller
 * gives the client its servers. Returns 0 or a negative errno. */
int follow_new(struct follow **out, struct resolve_events *events, struct locate *l);

/* Ends the sessions; users must be gone. Not from within `settle`. NULL is fine. */
void follow_free(struct follow *f);

/* A user of the client; all zero but for the first members. */
struct follow_user {
	/* Something has changed that the user was touched for, or its time has come. */
	void (*settle)(void *arg, uint64_t now_ms);
	/* The user was removed, and `settle` is over: its memory may be freed. */
	void (*end)(void *arg);
	void *arg;
	bool wants_turns; /* to be touched after anything has come from a server */
	/* private */
	struct follow_user *next, **link; /* of all, or of those to be ended */
	struct follow_user *next_dirty;
	uint64_t wake_ms;
	bool is_dirty, is_ended;
};

/* Adds a user, and looks for servers if it is the first one. */
void follow_add(struct follow *f, struct follow_user *u);

/* Removes a user: `settle` is not called any more, and `end` is, now or when all that are being
 * settled are. */
void follow_remove(struct follow *f, struct follow_user *u);

/* Has `settle` be called at the next turn. */
void follow_touch(struct follow *f, struct follow_user *u);

/* Has `settle` be called at a time, UINT64_MAX: not by time. To be called from `settle`. */
void follow_wake(struct follow *f, struct follow_user *u, uint64_t at_ms);

/* Returns the client, for subscriptions of users. */
struct client *follow_client(struct follow *f);

/* Also reports changes of the client's state: its own function is the follower's. */
void follow_on_state(struct follow *f, client_state_fn on_state, void *arg);

/* Has registries that are away be tried again each second, however long that takes, those that do
 * not push each minute, and what is polled be asked for each 5 seconds: for the agent of a node. To
 * be called before there are users. */
void follow_set_eager(struct follow *f);

/* Returns whether it is known that there are no registries. */
bool follow_has_none(const struct follow *f);
