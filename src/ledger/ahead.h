/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/ahead.h - which keys have signed updates ahead of our clock, and the latest of these
 * times.
 *
 * The memory that recognizes repeated updates does not outlive weftd. After a start it is enough to
 * refuse what was signed up to the second of the last commit, but for the keys of hosts whose clock
 * is fast: their updates were done before their time had come. So that time becomes durable with
 * the update. It knows no update. Changes belong to the batch. Only the registrar thread may touch
 * it, and main before that runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "undo/table.h"

struct ledger_ahead {
	struct undo_table table; /* by key; content: a uint64_t, seconds since 1970 */
};

enum { LEDGER_AHEAD_ITEM_SIZE = 8 };

/* Makes an empty table. Returns 0 or -ENOMEM. */
int ledger_ahead_init(struct ledger_ahead *a, uint64_t seed);

/* Frees what the table holds. */
void ledger_ahead_fini(struct ledger_ahead *a);

/* Notes that an update signed by `key` (wire name) at `signed_s` is done. Returns 0 or -ENOMEM. */
int ledger_ahead_note(struct ledger_ahead *a, const uint8_t *key, uint64_t signed_s);

/* Returns the key of an entry of the table, a wire name, and the time. */
const uint8_t *ledger_ahead_key(const struct undo_entry *e);
uint64_t ledger_ahead_signed_s(const struct undo_entry *e);

/* Reads an item of the store, whose key is that of the entry. Returns 0, -ENOMEM, or -EBADMSG if
 * key or bytes are invalid. */
int ledger_ahead_read(struct ledger_ahead *a, const uint8_t *key, size_t nkey, const uint8_t *bytes,
		      size_t nbytes);
