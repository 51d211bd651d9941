/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* sessions.h - many DSO sessions with subscriptions (RFC 8490, RFC 8765), in one epoll.
 *
 * The sessions open some at a time: each connects, sends a Keepalive, and subscribes to its group's
 * service type, then to names of its own. What is pushed is reported change by change. Their own
 * names never change. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "stream.h"

enum session_state {
	SESSION_CLOSED,
	SESSION_CONNECTING,
	SESSION_ESTABLISHING, /* the Keepalive is sent */
	SESSION_SUBSCRIBING,
	SESSION_READY,
	SESSION_FAILED,
};

struct session {
	struct stream stream;
	uint32_t number;
	uint8_t state; /* enum session_state */
	uint16_t asked, granted;
	uint8_t *held; /* the part of a message that has come */
	uint32_t nheld;
};

/* An instance that a PUSH message adds to the type that a session subscribes to, or removes. */
struct session_change {
	const struct session *session;
	uint32_t instance;
	bool is_added;
};

struct sessions {
	struct stream_target target;
	const uint8_t *zone; /* wire name */
	unsigned nsubscriptions, ngroups, window;
	bool is_any; /* subscribe to any type of records, not only PTR */
	void (*on_change)(void *arg, const struct session_change *c);
	void *arg;

	int epoll;
	struct session *all;
	unsigned n, next, nready, nfailed, nopening;
	uint64_t pushes, octets, refused, resumed, retry_delays, unknown;
	uint32_t inactivity_ms, keepalive_ms; /* as the server dictated last */
};

/* Prepares `n` sessions, none of which is open. Returns 0, or -1 after a message. */
int sessions_init(struct sessions *all, unsigned n);
void sessions_fini(struct sessions *all);

/* Opens all, `window` at a time, until each is ready or has failed, or `limit_s` is over. */
void sessions_open(struct sessions *all, double limit_s);

/* Handles what the sockets have, waiting up to `wait_ms` for the first event. Returns whether
 * `extra`, a descriptor that the caller has added to the epoll without data, is readable. */
bool sessions_turn(struct sessions *all, int wait_ms);

/* Writes the name of a group's service type. Returns its length. */
size_t sessions_type(const struct sessions *all, unsigned group, uint8_t out[DNS_NAME_MAX]);

/* Closes one session; its number of failures grows. */
void session_fail(struct sessions *all, struct session *s);
