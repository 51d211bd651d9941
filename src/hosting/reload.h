/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/reload.h - an edited zone file is merged into its zone.
 *
 * Takes the difference between the baseline (hosting/baseline.h) and the file, and hands it to the
 * registrar, which applies it to whatever the zone has become by updates. In main before the
 * service starts, later in the jobs' thread (hosting/jobs.h); the thread is registered with RCU and
 * offline. */
#pragma once

#include "hosting/load.h"

struct hosting_zone;
struct registry_registrar;
struct store;

enum hosting_reload_when {
	HOSTING_RELOAD_IF_CHANGED, /* only if a file differs from what was last merged */
	HOSTING_RELOAD_ALWAYS,
};

/* Merges the zone file `file` if it has changed, or in any case if `is_forced`: the difference
 * between what was last merged and the file as it is is applied as one changeset, the serial moves
 * on. Returns 1 if the zone has changed, 0 if not, or a negative errno with the zone as it was (or
 * merged, if it is the base of the next merge that cannot be put in place). */
int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file,
		   enum hosting_reload_when when, base_report_fn on_report, void *arg);
