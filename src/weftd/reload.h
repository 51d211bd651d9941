/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/reload.h - a new configuration for a running weftd. Main thread, registered with RCU and
 * online. */
#pragma once

#include <stdbool.h>

struct hosting_zone;
struct weftd;

/* Has the file of the zone read, in the jobs' thread, by a job that runs weftd_jobs_load(). */
typedef void (*weftd_load_fn)(void *arg, struct weftd *d, struct hosting_zone *zone);

/* Reads the configuration again and applies it. Calls `load` with each configured zone; NULL: a job
 * of its own reads each file, and nobody waits for it. Returns false after logging the errors if
 * the configuration is invalid: the old one stays in force then. */
bool weftd_reload(struct weftd *d, weftd_load_fn load, void *arg);
