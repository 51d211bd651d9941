/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/reload.h - an edited zone file is merged into its zone.
 *
 * Takes the difference between the baseline (hosting/baseline.h) and the file, and hands it to the
 * registrar, which applies it to whatever the zone has become by updates, in one commit. What is
 * merged how: hosting/merge.h. In main before the service starts, later in the jobs' thread
 * (hosting/jobs.h); the thread is registered with RCU and offline. */
#pragma once

#include "base/error.h"

struct hosting_prepared; /* a file that was read, and what is to be merged of it */
struct hosting_zone;
struct registry_registrar;
struct store;
struct zone_limits;

enum hosting_reload_when {
	HOSTING_RELOAD_IF_CHANGED, /* only if a file differs from what was last merged */
	HOSTING_RELOAD_ALWAYS,
};

enum { HOSTING_RELOAD_FIRST = 2 }; /* the zone has its first version */

/* Merges the zone file at the path `file` into the zone and makes it the baseline. Errors of the
 * file, and records that a CNAME bars, are reported to `on_report` with `arg`. Returns 1 if the
 * zone has changed, 0 if it has not, or a negative errno: then the zone is as it was, unless
 * h->must_adopt is set: then it is merged and the next call has to adopt the baseline. A zone
 * without a version gets its first (hosting_restore_first): HOSTING_RELOAD_FIRST is returned, and
 * its leases and service view are to be resumed. What a merge has changed is in h->changes. */
int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file,
		   enum hosting_reload_when when, base_report_fn on_report, void *arg);

/* Reads the zone file at the path `file` under these limits, if it differs from what was last
 * merged: for a reload of several zones, which merges all files or none. Nothing changes but
 * h->is_stale. Returns 0 with `out`, which is the caller's, or NULL there if nothing differs; or a
 * negative errno after reporting errors of the file. */
int hosting_reload_prepare(struct hosting_prepared **out, struct hosting_zone *h,
			   struct store *store, const char *file, const struct zone_limits *limits,
			   base_report_fn on_report, void *arg);

/* Merges what was prepared from `file`, which may be NULL; it moves in. If the zone was merged
 * since, or has no version, the file is read again. Returns as hosting_reload. */
int hosting_reload_commit(struct hosting_zone *h, struct store *store,
			  struct registry_registrar *registrar, const char *file,
			  struct hosting_prepared *take, base_report_fn on_report, void *arg);

/* Frees what was prepared and is not merged. NULL is fine. */
void hosting_prepared_free(struct hosting_prepared *p);
