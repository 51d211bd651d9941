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

struct hosting_zone;
struct registry_registrar;
struct store;

enum hosting_reload_when {
	HOSTING_RELOAD_IF_CHANGED, /* only if a file differs from what was last merged */
	HOSTING_RELOAD_ALWAYS,
};

/* Merges the zone file at the path `file` into the zone and makes it the baseline; a zone without a
 * version gets its first (hosting_restore_first), for which leases and service view are to be
 * resumed then. Errors of the
 * file, and records that a CNAME bars, are reported to `on_report` with `arg`. Returns 1 if the
 * zone has changed, 0 if it has not, or a negative errno: then the zone is as it was, unless
 * h->must_adopt is set: then it is merged and the next call has to adopt the baseline. */
int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file,
		   enum hosting_reload_when when, base_report_fn on_report, void *arg);
