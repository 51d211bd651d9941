/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* web/process.h - the metrics of this process that Prometheus' libraries give every program:
 * process_*. Reads /proc/self. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "web/page.h"

/* Reads the virtual and the resident memory of the process, in bytes. Returns whether /proc has
 * them. Any thread. */
bool web_process_memory(uint64_t *virtual, uint64_t *resident);

/* Writes the families; `started_s` is when the process started, in seconds since 1970. What /proc
 * does not have is left out. */
void web_process_write(struct web_page *p, uint64_t started_s);
