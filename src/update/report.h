/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/report.h - reports of clients that could not reach an instance: TXT records at
 * `_suspect.INSTANCE`, one of each key, with a short lease.
 *
 * When as many keys as the zone's rule says have reported within its time, the instance is suspect.
 * It is so until its owner says it again, whether the reports last so long or not; they go then. An
 * instance without a lease, whose owner has no reason to say it again, is suspect no longer than
 * its last report lasts. What becomes of suspects is the service view's (view/view.h).
 * Between its begin and derive; only the registrar thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Leases of a name tell that many keys apart (LEDGER_LEASE_LAST). */
enum { UPDATE_REPORTS_MAX = 8 };

struct registry_ledger;
struct dns_update_record;
struct zone_draft;

/* Whether the update reports, and whether it adds nothing else. */
struct update_report_kinds {
	bool has_reports, has_others;
};
struct update_report_kinds
update_report_look(const uint8_t *zone, const struct dns_update_record *records, size_t nrecords);

/* Before the leases of an update that reports: each takes the place of what its key has reported of
 * the instance before. How many records went, or -ENOMEM. */
int update_report_replace(struct registry_ledger *g, struct zone_draft *draft,
			  const struct dns_update_record *records, size_t nrecords,
			  const uint8_t *key);

/* After them: makes suspect who was reported often enough, and clears who was said again. 0 or
 * -ENOMEM. */
int update_report_finish(struct registry_ledger *g, struct zone_draft *draft,
			 const struct dns_update_record *records, size_t nrecords, uint64_t now_ms);

/* A report of that name has ended, or was taken back: if it was the last of an instance without
 * lease, that is clear. 0 or -ENOMEM. */
int update_report_ended(struct registry_ledger *g, struct zone_draft *draft, const uint8_t *name);
