/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/format.h - the file `format` of a store: the version of everything in the folder, and the
 * key of all checksums. Room-private.
 *
 * The file is written once, when a store is made. No state, any thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

/* Reads the file in `folder` and writes the store's key to `key`. Returns 0, or a negative errno
 * described in `error`, whose location is `folder` (borrowed): -ENOENT without a file, -EPROTO if a
 * newer version of weft wrote it, -EBADMSG if it is damaged. */
int journal_format_read(const char *folder, uint64_t *key, struct base_error *error);

/* Like journal_format_read, but makes the file of a new store, with a random key, if `folder` has
 * none. Log segments without the file mean that it was lost: -EBADMSG. */
int journal_format_read_or_make(const char *folder, uint64_t *key, struct base_error *error);
