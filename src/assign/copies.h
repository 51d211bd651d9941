/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* assign/copies.h - the declarations of a node's instances as files, one for each.
 *
 * A file is replaced as a whole, and contains a checksum: a crash leaves the old one or the new
 * one, and what a disk has damaged counts as none. After a loss of power, what was written last may
 * be missing, unless that was asked to be durable. It does not know which instances are assigned.
 * One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct assign_copies;

/* Opens a folder that exists. `report` gets what is wrong with files, once for each file and, of
 * writing, once until it succeeds. Returns 0, or a negative errno described in `error`. */
int assign_copies_open(struct assign_copies **out, const char *folder, base_report_fn report,
		       void *arg, struct base_error *error);

void assign_copies_close(struct assign_copies *c); /* NULL is fine */

/* Takes a copy that was found; the text is valid during the call. Returns 0 to keep it; or a
 * negative errno: the file is removed, which `error` explains unless that is -ENOMEM. */
typedef int (*assign_copy_fn)(void *arg, const uint8_t *name, const char *json, size_t nchars,
			      struct base_error *error);

/* Calls `found` for each copy, in no order; damaged files are reported and removed, and so are
 * those that a crash has left unfinished. Returns 0, or -ENOMEM. */
int assign_copies_load(struct assign_copies *c, assign_copy_fn found, void *arg);

/* Writes the copy of an instance. `is_durable`: waits until it would survive a loss of power.
 * Failures are reported: the old copy remains then. */
void assign_copies_save(struct assign_copies *c, const uint8_t *name, const char *json,
			bool is_durable);

/* Removes the copy of an instance, if there is one. */
void assign_copies_remove(struct assign_copies *c, const uint8_t *name);
