/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/message.h - a message that several sessions send: its bytes exist once, already framed.
 *
 * It does not know its content or its senders. A message belongs to one thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct push_message {
	unsigned nusers;
	size_t nbytes;	   /* of `bytes` */
	uint64_t since_us; /* exact steady clock: when the change was committed; 0: not
			      measured */
	uint8_t bytes[];   /* the length (RFC 1035 section 4.2.2), then the message */
};

/* Makes a message of `nbytes`, at most DNS_MSG_MAX, which are copied. The caller is its first user.
 * Returns NULL when memory is short. */
struct push_message *push_message_new(const uint8_t *msg, size_t nbytes);

/* Adds a user of the message. Returns the message. */
struct push_message *push_message_acquire(struct push_message *m);

/* Removes a user; the last one frees the message. NULL is fine. */
void push_message_release(struct push_message *m);
