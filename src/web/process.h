/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* web/process.h - the metrics of this process that Prometheus' libraries give every program:
 * process_*. Reads /proc/self. One thread at a time. */
#pragma once

#include "web/page.h"

/* Writes the families; `started_s` is when the process started, in seconds since 1970. What /proc
 * does not have is left out. */
void web_process_write(struct web_page *p, uint64_t started_s);
