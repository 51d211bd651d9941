/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/report.h - reports of clients that could not reach an instance: TXT records at
 * `_suspect.INSTANCE`, one of each key, with a short lease (weft-services(7)).
 *
 * When as many keys as the zone's rule asks for have reported an instance within the rule's time,
 * it becomes suspect. It stays so until its owner registers it again, even if the reports end
 * earlier; that also ends the reports. An instance without a lease, whose owner has no reason to
 * register it again, is suspect no longer than its last report lasts. What is done with suspects is
 * the service view's business (view/view.h). All functions work within a pass through the view that
 * has a rule; only the registrar thread may call them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_update_record;
struct ledger;
struct view_pass;

/* Keys of which the leases of one name can tell the reports apart (LEDGER_LEASE_LAST). */
enum { UPDATE_REPORTS_MAX = 8 };

/* What an update section adds. */
struct update_report_kinds {
	bool has_reports, has_others;
};

/* Returns what the records of an update section add. */
struct update_report_kinds
update_report_look(const uint8_t *zone, const struct dns_update_record *records, size_t nrecords);

/* Removes what `key` (NULL: unsigned) has reported earlier of each instance that the update
 * reports, as far as the update does not report the same again. To be called before the update's
 * leases are made. Returns the number of records removed, -ECANCELED if the pass's budget is spent,
 * or -ENOMEM. */
int update_report_replace(struct ledger *g, struct view_pass *p,
			  const struct dns_update_record *records, size_t nrecords,
			  const uint8_t *key);

/* Makes instances suspect that have been reported often enough by `now_ms` (lease clock), and
 * clears those that their owners have registered again. To be called after the update's leases are
 * made. Returns 0 or -ENOMEM. */
int update_report_finish(struct ledger *g, struct view_pass *p,
			 const struct dns_update_record *records, size_t nrecords, uint64_t now_ms);

/* Clears an instance without a lease when its last report has ended or was taken back; `name` is
 * the name of a report, or another, for which nothing is done. Returns 0 or -ENOMEM. */
int update_report_ended(struct ledger *g, struct view_pass *p, const uint8_t *name);
