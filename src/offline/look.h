/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* offline/look.h - a store opened to be looked at while no weftd uses it. Room-private.
 *
 * Changes nothing on disk, also if the store is damaged. One thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct offline_look {
	const char *folder; /* borrowed */
	uint64_t key;	    /* of all checksums */
	uint64_t log_from;  /* the first commit that the log must hold */
	int worst;	    /* the first negative errno that offline_look_add got; 0: none */
	int lock_fd;
};

/* Opens the store at `folder`, unless a weftd uses it. Returns 0, after which offline_look_end is
 * owed, or a negative errno described in `error`: -EBUSY if a weftd uses the store. */
int offline_look_begin(struct offline_look *l, const char *folder, struct base_error *error);

void offline_look_end(struct offline_look *l);

/* Enters what a part of the store came to, 0 or a negative errno, in l->worst. */
void offline_look_add(struct offline_look *l, int ret);
