/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/lease.h"

#include <stddef.h>

const struct ledger_content *ledger_lease_content(const struct ledger_lease *lease)
{
	return lease->entry.content;
}

uint64_t ledger_lease_expires(const struct ledger_lease *lease)
{
	return atomic_load_explicit(&lease->expires_ms, memory_order_acquire);
}

bool ledger_lease_seize(struct ledger_lease *lease, uint64_t expires_ms)
{
	if (!atomic_compare_exchange_strong_explicit(&lease->expires_ms, &expires_ms,
						     LEDGER_LEASE_ENDED, memory_order_acq_rel,
						     memory_order_relaxed))
		return false;
	lease->seized_ms = expires_ms;
	return true;
}

void ledger_lease_revive(struct ledger_lease *lease)
{
	if (ledger_lease_expires(lease) == LEDGER_LEASE_ENDED)
		atomic_store_explicit(&lease->expires_ms, lease->seized_ms, memory_order_release);
}
