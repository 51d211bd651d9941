/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/look.h - a store opened to be looked at while no weftd uses it. Room-private.
 *
 * Changes nothing on disk, also if the store is damaged. One thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct journal_look {
	const char *folder; /* borrowed */
	uint64_t key;	    /* of all checksums */
	uint64_t log_from;  /* the first commit that the log must hold */
	int worst;	    /* the first negative errno that journal_look_add got; 0: none */
	int lock_fd;
};

/* Opens the store at `folder`, unless a weftd uses it. Returns 0, after which journal_look_end is
 * owed, or a negative errno described in `error`: -EBUSY if a weftd uses the store. */
int journal_look_begin(struct journal_look *l, const char *folder, struct base_error *error);

void journal_look_end(struct journal_look *l);

/* Enters what a part of the store came to, 0 or a negative errno, in l->worst. */
void journal_look_add(struct journal_look *l, int ret);
