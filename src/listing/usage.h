/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* listing/usage.h - copies of what keys have registered, for the command that shows it.
 *
 * As a listing of leases (listing/leases.h) it is made by the registrar's thread, a part of a
 * long table at a time, and then read by the thread that owns it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "ledger/usage.h"

/* What one key has in one zone. */
struct listing_used {
	uint8_t zone[DNS_NAME_MAX], key[DNS_NAME_MAX];
	struct ledger_amounts amounts;
};

/* All zero is valid and empty. */
struct listing_usage {
	struct listing_used *items;
	size_t count, capacity;
	size_t bucket, mask; /* where the walk goes on, in a table of which size */
};

/* Frees what the copy holds and empties it. */
void listing_usage_fini(struct listing_usage *u);

/* Adds what the keys in the next `most` buckets of the table have, or of them only `key` (wire
 * name, not NULL). In the registrar's thread. Returns 1 if there are more, 0 if there are not, or
 * -ENOMEM. If the table has grown since the last call, the walk begins again. */
int listing_usage_walk(struct listing_usage *u, const struct ledger_usages *usages,
		       const uint8_t *key, size_t most);
