/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/message.h - the changes of a plan as UPDATE messages, and those that take them back.
 *
 * A message has as many changes as fit. Its prerequisites are that each RRset it changes, and what
 * the plan depends on, is as it was read. Where these do not fit, as with a declaration of 60 KiB,
 * and in the first message of a plan that relies on what is not there, the prerequisite is the
 * zone's SOA record: nothing in the zone has changed at all. It signs and sends nothing. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "declare/plan.h"

struct declare_message {
	uint8_t *bytes; /* from malloc */
	size_t nbytes;
	size_t first, count; /* the changes in it */
	bool has_serial;     /* it requires the SOA record of the plan's atlas */
};

/* Writes a message with changes of the plan from `first` on, which there must be. `room` octets are
 * left for a signature. Returns 0; -EMSGSIZE if not even one change fits, or -ENOMEM. */
int declare_message_write(struct declare_message *out, const struct declare_plan *p, size_t first,
			  size_t room);

/* Writes a message that takes back what `m`, of this plan, has changed, if that is as `m` has left
 * it. Returns as declare_message_write does. */
int declare_message_undo(struct declare_message *out, const struct declare_plan *p,
			 const struct declare_message *m, size_t room);

/* Frees the octets. */
void declare_message_fini(struct declare_message *m);
