/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/load.h - a zone file becomes the first version of a zone.
 *
 * Reads the file and those that it includes, checks the records one by one and as a whole
 * (text/check.h), and publishes them. A load knows no store and no registry. Any thread that is
 * registered with RCU and online, before the zone is served. */
#pragma once

#include "base/error.h"

struct hosting_files;
struct zone;

/* Reads the zone file into the empty `zone`, checks it, and publishes the first version. 0,
 * -EBADMSG if the file is wrong (all of it told to `on_problem`), or another negative errno.
 * `files` may be NULL. */
int hosting_load(struct zone *zone, const char *file, struct hosting_files *files,
		 base_report_fn on_report, void *arg);
