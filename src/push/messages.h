/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/messages.h - what is pushed at once: PUSH messages (RFC 8765 section 6.3.1) that a session
 * sends one after the other, written once for all sessions that get them.
 *
 * It does not know who gets them. It never changes once it is written; its users are counted. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct push_message;

struct push_messages {
	struct push_message **item;
	size_t count, capacity;
	size_t nbytes; /* of all, with their lengths */
	unsigned nusers;
};

/* Makes an empty list with one user. Returns NULL if memory is short. */
struct push_messages *push_messages_new(void);

/* Appends a message of `nbytes`, which are copied. Returns 0 or -ENOMEM. */
int push_messages_add(struct push_messages *m, const uint8_t *msg, size_t nbytes);

/* Adds a user. Returns `m`. */
static inline struct push_messages *push_messages_acquire(struct push_messages *m)
{
	m->nusers++;
	return m;
}

/* Removes a user; the last one frees the list. NULL is fine. */
void push_messages_release(struct push_messages *m);
