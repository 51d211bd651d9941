/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* sequence.h - what fuzz_sequence.c is made of: signed updates read from the input, and a weftd
 * without sockets and files, which the target alone drives.
 *
 * The world has a zone with a service view, a reverse zone, four keys, the real request path, the
 * real registrar in its thread, a store in memory that survives a restart, and a clock that only
 * the input moves. Every function aborts the program when what it calls breaks its
 * contract. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	SEQUENCE_KEYS = 4,
	SEQUENCE_MESSAGE_MAX = 65535,
	SEQUENCE_ENOUGH = -1, /* memory for all allocations */
};

/* A message, signed; without octets none was made. */
struct sequence_message {
	size_t nbytes;
	uint8_t bytes[SEQUENCE_MESSAGE_MAX];
};

/* ---- sequence_message.c ---- */

/* The key of that number: "n1", "n2" and "n3" of nodes, and "admin", all below keys.lab.cloud. */
extern const uint8_t *const sequence_key_name[SEQUENCE_KEYS];

/* Reads a name from the input: most are in the zone, some in the reverse zone or outside. Returns
 * it in static memory, valid until the next call. */
const uint8_t *sequence_name(struct base_buf *in);

/* Makes an update from the input, signed at `now_s` (seconds since 1970). */
void sequence_message_make(struct sequence_message *m, struct base_buf *in, uint64_t now_s);

/* ---- sequence_world.c ---- */

/* Makes the world, as a first start does. */
void sequence_world_init(void);

/* Ends it. */
void sequence_world_fini(void);

/* Returns the wall clock, in seconds. */
uint64_t sequence_now_s(void);

/* Lets `ms` milliseconds pass, then has the registrar end what is due. */
void sequence_pass(uint64_t ms);

/* Hands over messages as a worker does, `n` of them before the registrar is waited for, and checks
 * the answers. The registrar's batch runs out of memory after `nallocations`, or not at all:
 * SEQUENCE_ENOUGH. */
void sequence_send(const struct sequence_message *m, unsigned n, int nallocations);

/* Fails the next commits with an error of the disk. */
void sequence_break_disk(bool is_broken);

/* Drains an instance or a node, or ends that, as `weft drain` and `weft node drain` do. */
void sequence_drain(const uint8_t *name, bool is_drained);

/* Ends the registrar, makes zones and registry anew from what the store has, and checks that they
 * are as before. */
void sequence_restart(void);

/* Checks what holds at all times: derived records are as the instances imply, each set fits an
 * answer and each name can be asked. */
void sequence_check(void);
