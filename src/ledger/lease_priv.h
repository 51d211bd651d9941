/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/lease_priv.h - the inside of leases, shared by the files about them: lease.c keeps them
 * by time, lease_grant.c has updates make and move them, lease_note.c writes them down. */
#pragma once

#include "base/buf.h"
#include "ledger/lease.h"

static inline const struct ledger_lease_content *ledger_lease_said(const struct ledger_lease *lease)
{
	return lease->entry.content;
}

static inline struct base_buf ledger_lease_records(const struct ledger_lease_content *c)
{
	return c == NULL ? base_buf_over(NULL, 0) : base_buf_over(c->bytes + c->nholder, c->nbytes);
}

static inline uint64_t ledger_lease_expires(const struct ledger_lease *lease)
{
	return atomic_load_explicit(&lease->expires_ms, memory_order_acquire);
}

/* A hash that is the same for what compares as the same record. */
uint64_t ledger_lease_hash(const struct ledger_leases *l, const uint8_t *owner, uint16_t type,
			   const uint8_t *rdata, size_t nbytes);

/* The lease of that key, made without content if there is none. NULL when memory is short. */
struct ledger_lease *ledger_lease_take(struct ledger_leases *l, const struct undo_key *key,
				       struct zone *zone);

/* Lets it end then. 0 or -ENOMEM. */
int ledger_lease_set_time(struct ledger_leases *l, struct ledger_lease *lease, uint64_t expires_ms,
			  uint64_t now_ms);

/* Its time is to be written down with the next tick, or no more. The first: 0 or -ENOMEM. */
int ledger_lease_mark(struct ledger_leases *l, struct ledger_lease *lease);
void ledger_lease_unmark(struct ledger_leases *l, struct ledger_lease *lease);

/* A content; `key` NULL: nobody holds it. NULL when memory is short. */
struct ledger_lease_content *ledger_lease_content_new(const uint8_t *key, uint32_t granted_s,
						      const uint8_t *records, size_t nbytes,
						      uint32_t nrecords);
