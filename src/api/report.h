/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/report.h - instances that could not be reached, reported to the registry in the background.
 *
 * Reports are sent only if the context has a key and wants it, at most one for an instance in a
 * minute, and at most API_REPORTS_MAX in a minute. What becomes of them nobody waits for. One
 * thread. */
#pragma once

#include "api/context.h"
#include "find/instance.h"

enum { API_REPORTS_MAX = 64, API_REPORT_MS = 60000 };

void api_report_failure(struct weft *w, const struct find_instance *i, const char *why);
