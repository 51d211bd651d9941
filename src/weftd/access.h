/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/access.h - whether the user that weftd runs as may use all that the configuration names:
 * its own files, as a reload reads them again, zone files, the folders of the store and of the
 * control socket, the log. Each finding comes with the command that mends it. Main thread, before
 * others start. */
#pragma once

#include "base/error.h"

struct process_privileges;
struct settings;

/* What of it is looked at. */
enum weftd_access_what {
	WEFTD_ACCESS_ALL,
	WEFTD_ACCESS_CONFIG, /* the files of the configuration, after they could not be read */
};

/* Reports, as errors, what the user may not use. Returns the number of findings without which weftd
 * cannot start, or -1 after reporting that the user could not be tried; `others`, unless NULL, is
 * set to the number of those with which it can. */
int weftd_access_check(const struct settings *config, const struct process_privileges *p,
		       enum weftd_access_what what, unsigned *others, base_report_fn report,
		       void *arg);
