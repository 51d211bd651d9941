/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/item.h - leases as items of the store.
 *
 * A lease has up to two items in the store, both under its key. The item of the lease has content
 * and end, and is written when the content changes; it voids the item of the time. The item of the
 * time has the end alone, and is written after refreshes. An item without bytes voids the preceding
 * one of its kind. After a restart, of each kind the item that was written last is read last, but
 * an item of the time may be read before the item of the lease.
 *
 * These functions know bytes, not files. Only the registrar thread may call them, and main before
 * that thread runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ledger_lease;
struct ledger_leases;

enum {
	LEDGER_ITEM_TIME_SIZE = 16,
	LEDGER_ITEM_HEAD_MAX = 26 + 255, /* bytes of a lease's item before its records */
};

/* Returns how many bytes ledger_item_write writes for a lease that has a content. */
size_t ledger_item_size(const struct ledger_lease *lease);

/* Writes the item of a lease that has a content to `out`, which has room for ledger_item_size
 * bytes. Returns the number of bytes written. */
size_t ledger_item_write(const struct ledger_lease *lease, uint8_t *out);

/* Writes the item of the lease's time. */
void ledger_item_time_write(const struct ledger_lease *lease,
			    uint8_t out[static LEDGER_ITEM_TIME_SIZE]);

/* Reads the item of a lease with the key `key`: the lease gets the content in the item, or loses
 * its content if `nbytes` is 0. The lease is not scheduled, and its zone is not known yet. Returns
 * 0, -ENOMEM, or -EBADMSG if key or bytes are invalid. */
int ledger_item_read(struct ledger_leases *l, const uint8_t *key, size_t nkey, const uint8_t *bytes,
		     size_t nbytes);

/* Reads the item of a lease's time: sets the lease's end, or nothing if `nbytes` is 0. Returns 0,
 * -ENOMEM, or -EBADMSG if key or bytes are invalid. */
int ledger_item_time_read(struct ledger_leases *l, const uint8_t *key, size_t nkey,
			  const uint8_t *bytes, size_t nbytes);
