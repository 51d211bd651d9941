/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/load.h - a zone file becomes the first version of a zone.
 *
 * Reads the file and those that it includes (text/zonefile.h), checks the records one by one and as
 * a whole (text/check.h), and publishes them. A load knows no store and no registry. Any thread, on
 * a zone that no other thread can reach. */
#pragma once

#include "base/error.h"

struct hosting_files;
struct zone;

/* Reads the zone file at the path `file` into `zone`, which has no version, and publishes the
 * first. What is wrong in the file is reported, all of it and not only the first error, to
 * `on_report` with `arg`. Adds the files that were read to `files`, which may be NULL. Returns 0,
 * -EBADMSG if the file has errors or cannot be read, or -ENOMEM: then `zone` still has no
 * version. */
int hosting_load(struct zone *zone, const char *file, struct hosting_files *files,
		 base_report_fn on_report, void *arg);
