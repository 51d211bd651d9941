/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* updates.h - signed updates over UDP, and when the kernel received each reply.
 *
 * Update number N adds an instance to the service type of group N % ngroups, and removes the
 * instance that was added UPDATES_LIVE turns of that group before: one commit changes two names and
 * their type. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../load.h"
#include "sessions.h"

/* How many instances a type has at first. With UPDATES_LIVE updates that are committed together,
 * because the disk was slow, do not undo each other. */
enum { UPDATES_PRIMED = 4, UPDATES_LIVE = 100 };

struct updates {
	const struct sessions *sessions; /* names of types, number of groups */
	struct load keys;
	bool has_view;	/* the server derives the PTR records */
	uint32_t first; /* instance that update 0 adds: another one in each run */
	int fd;
	uint32_t next, most;
	uint64_t *replied_us; /* wall clock, by number; 0: not yet */
	uint32_t nreplied, nrefused;
};

/* Prepares for up to `most` updates. Returns 0, or -1 after a message. */
int updates_init(struct updates *u, const struct load_options *o, uint32_t most);
void updates_fini(struct updates *u);

/* Sends the next one. Returns its number. */
uint32_t updates_send(struct updates *u);

/* Takes the replies that have come. */
void updates_take(struct updates *u);
